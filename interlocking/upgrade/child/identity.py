"""The proof that env.py connected to the database that is meant."""

from __future__ import annotations

from sqlalchemy import Connection

from interlocking.errors import RefusedError
from interlocking.postgres.connect import DatabaseIdentity, identity
from interlocking.redaction import mask_url
from interlocking.upgrade.running.standing import from_message
from interlocking.upgrade.running.target import Target


def prove(connection: Connection, target: Target) -> None:
    """Compare what env.py connected to with what is meant, and leave the connection as it was.

    Raises:
        RefusedError: it is another database; names both.
    """
    found = _measured(connection)
    if not found.is_same_database(from_message(target.identity)):
        raise _elsewhere(connection, found, target)


def _measured(connection: Connection) -> DatabaseIdentity:
    """Ask through the driver, below SQLAlchemy: it must not see a transaction that env.py did not begin.

    One would turn `context.begin_transaction()` and `autocommit_block()` into nothing.
    """
    raw = connection.connection.dbapi_connection
    if raw is None:
        raise RuntimeError("env.py closed the connection that it gave to Alembic")
    try:
        return identity(raw)  # type: ignore[arg-type]  # psycopg 3 has the same cursors
    finally:
        if not connection.in_transaction():
            raw.rollback()


def _elsewhere(connection: Connection, found: DatabaseIdentity, target: Target) -> RefusedError:
    url = mask_url(connection.engine.url.render_as_string(hide_password=True))
    setting = "the application's configuration" if target.app else "env.py"
    return RefusedError(
        f"env.py connects to {url} (database {found.database}), not to {target.masked_url}",
        code="other-database",
        why=f"{setting} carries a database URL of its own, so another database than the intended one would change",
        next=(
            "let the application read DATABASE_URL from the environment"
            if target.app
            else 'let env.py use config.get_main_option("sqlalchemy.url"), or read DATABASE_URL from the environment'
        ),
    )
