"""The child process that loads the project and Alembic: everything here runs in it alone.

A process of its own, because a project's imports, an `env.py` and a revision may print, keep
connections, change the logging or call `os._exit`; none of that can reach the task.
"""
