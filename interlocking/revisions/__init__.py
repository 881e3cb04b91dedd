"""The files in `migrations/versions`: what they say, how they hang together, how a new one is named.

Nothing here imports Alembic or the files themselves. `directory` is the door; every other module is pure.
"""
