"""A connection beside the migration's own: same server, same role, another transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg2

from interlocking.errors import UsageError
from interlocking.postgres.session import Session

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SETTINGS = ("search_path", "role")


def open_beside(connection: Connection, *, application_name: str, autocommit: bool = True) -> Session:
    """Open a second connection to where `connection` leads.

    It speaks to the very server that the first one reached, whatever the engine's pool or creator do, as the same
    role and with the same search path.

    Args:
        connection: SQLAlchemy's, through psycopg2.
        application_name: how it is found in `pg_stat_activity`.
        autocommit: whether each statement is a transaction of its own.

    Raises:
        UsageError: another driver is in use.
        psycopg2.OperationalError: the server takes no second connection.
    """
    session: Session = psycopg2.connect(**_parameters(connection, application_name), connection_factory=Session)
    session.autocommit = True
    settings = connection.exec_driver_sql(
        "SELECT " + ", ".join(f"current_setting('{name}')" for name in _SETTINGS)
    ).one()
    with session.cursor() as cursor:
        for name, value in zip(_SETTINGS, settings, strict=True):
            cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
    session.autocommit = autocommit
    return session


def _parameters(connection: Connection, application_name: str) -> dict[str, Any]:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg2.extensions.connection):
        raise UsageError(
            f"the migrations run through {type(driver).__module__.partition('.')[0]}, not psycopg2",
            code="other-driver",
            why="a second connection is opened with the parameters of the first",
            next="use a URL that begins with postgresql+psycopg2:// in env.py",
        )
    info = driver.info
    own = {"host": info.host, "port": info.port, "password": info.password, "application_name": application_name}
    return {**info.dsn_parameters, **{name: value for name, value in own.items() if value}}
