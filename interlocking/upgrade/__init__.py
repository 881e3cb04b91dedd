"""Running migrations on a live database.

This package imports nothing by itself: what runs inside `env.py` must stay as light as Alembic.
"""
