"""The mark of an environment, inside the database itself: a mixed-up URL is caught, also through a tunnel.

It stands in the comment of the database, after whatever else stands there. A dump does not take it along
(pg_dump writes it only with --create), nor does CREATE DATABASE ... TEMPLATE: a copy of production is none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from interlocking.errors import RefusedError

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 - a class, whatever its name says

_MARK = re.compile(r"\s*\[interlocking environment: (?P<name>[^\]\n]+)\]")
_COMMENT = """
SELECT coalesce(pg_catalog.shobj_description(oid, 'pg_database'), '')
FROM pg_catalog.pg_database WHERE datname = current_database()
"""


def read_mark(connection: Connection) -> str:
    """Return the environment that a database is marked as; empty when it is not marked."""
    found = _MARK.search(_comment(connection))
    return found["name"] if found else ""


def write_mark(connection: Connection, environment: str) -> bool:
    """Mark a database as that of an environment.

    Args:
        connection: in autocommit mode.
        environment: its name on the platform.

    Returns:
        Whether it was marked: only the owner of a database may comment on it.
    """
    from psycopg2 import errors, sql  # noqa: PLC0415 - heavy

    comment = f"{_MARK.sub('', _comment(connection))} [interlocking environment: {environment}]".lstrip()
    statement = sql.SQL("COMMENT ON DATABASE {} IS {}").format(
        sql.Identifier(connection.info.dbname), sql.Literal(comment)
    )
    with connection.cursor() as cursor:
        try:
            cursor.execute(statement)
        except errors.InsufficientPrivilege:
            return False
    return True


def require_mark(mark: str, environment: str) -> None:
    """Refuse a database that is marked as another environment's.

    Raises:
        RefusedError: code `wrong-environment`.
    """
    if mark not in ("", environment):
        raise RefusedError(
            f"this database is marked as {mark}, and {environment} was meant",
            code="wrong-environment",
            why="a URL or variable leads to another environment's database; nothing was changed",
            next=f"correct the variables of {environment}, or say --environment {mark}",
        )


def _comment(connection: Connection) -> str:
    with connection.cursor() as cursor:
        cursor.execute(_COMMENT)
        (comment,) = cursor.fetchone() or ("",)
    return str(comment)
