"""The child process that runs the functions of revisions against a database that only takes notes.

A process of its own, because a revision may loop for ever, print, eat memory or call `os._exit`; none of that can
reach the task. Everything here runs in it alone.
"""
