"""A database with tables that the revisions would make, and no revision recorded: an older application made them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from interlocking.errors import RefusedError
from interlocking.upgrade.audit.tables import OWN_TABLES, progress_name
from interlocking.upgrade.made_tables import MadeTable, made_tables

_MOST_NAMED = 5
_RELATIONS = """
    SELECT n.nspname::text, c.relname::text, n.nspname = current_schema()
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^(pg_|information_schema$)'
"""
_TABLES = """
    SELECT EXISTS (
        SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema$)' AND c.relname <> ALL(%s)
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    )
"""


def tables_in_the_way(cursor: Any, files: Iterable[tuple[str, Path]]) -> list[MadeTable]:  # noqa: ANN401 - any driver's
    """Return the tables that revisions would make, and that exist.

    Args:
        cursor: of a connection whose search path is the one of the upgrade.
        files: id and file of each revision in the order in which they would run.
    """
    existing = _existing(cursor)
    return [each for each in made_tables(files) if (each.schema, each.name) in existing] if existing else []


def _existing(cursor: Any) -> set[tuple[str | None, str]]:  # noqa: ANN401 - any driver's
    """Return schema and name of every relation; without schema those of the first one of the search path."""
    cursor.execute(_RELATIONS)
    found: set[tuple[str | None, str]] = set()
    for schema, name, is_first in cursor.fetchall():
        found |= {(schema, name), (None, name)} if is_first else {(schema, name)}
    return found


def unstamped(found: Sequence[MadeTable]) -> RefusedError:
    """The refusal where only the database can be asked: in production the revisions cannot be tried elsewhere.

    Args:
        found: the tables that are in the way.
    """
    return RefusedError(
        f"no revision is recorded in this database, but it has {named(found)}, which {found[0].revision} would make",
        code="unstamped-database",
        why="an older application or create_all() made that: running the revisions would end in"
        ' "already exists"; nothing was changed',
        next="where the whole suite is installed, with the URL of this database: invoke db.stamp. It only reads, and"
        " says at which revision the database stands. Record that one here: flask db stamp REVISION",
    )


def holds_tables(cursor: Any, *, besides: str) -> bool:  # noqa: ANN401 - any driver's
    """Return whether a database has tables that are neither the guard's, nor an extension's, nor the version table.

    Args:
        cursor: of the database.
        besides: the name of the version table.
    """
    cursor.execute(_TABLES, ([besides, progress_name(besides), *OWN_TABLES],))
    (found,) = cursor.fetchone()
    return bool(found)


def named(tables: Sequence[MadeTable]) -> str:
    """Return the first few names, and how many more there are."""
    names = ", ".join(each.shown for each in tables[:_MOST_NAMED])
    more = len(tables) - _MOST_NAMED
    return f"{names} and {more} more" if more > 0 else names
