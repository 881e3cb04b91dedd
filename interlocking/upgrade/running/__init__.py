"""Alembic in a process of its own, each command on a database that is proven to be the one meant."""
