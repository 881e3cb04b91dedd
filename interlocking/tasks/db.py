"""The `db` namespace: this machine's database, the one of `DATABASE_URL`."""

from __future__ import annotations

from invoke.collection import Collection

from interlocking.tasks import db_backup, db_production, db_prove, db_read, db_review, db_server, db_verify, db_write

_MODULES = (db_server, db_read, db_review, db_verify, db_write, db_prove, db_backup, db_production)


def collection() -> Collection:
    """Return the namespace; its default task is `db.status`, which only reads."""
    namespace = Collection("db")
    for module in _MODULES:
        for each in module.TASKS:
            namespace.add_task(each, default=each is db_read.status)
    return namespace
