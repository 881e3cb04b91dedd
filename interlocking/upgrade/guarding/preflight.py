"""What is looked at before anything runs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext, RevisionStep, StampStep
from alembic.script.revision import ResolutionError
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from interlocking.errors import RefusedError
from interlocking.rewriting import RECORD, half_written
from interlocking.upgrade.unstamped import tables_in_the_way, unstamped

Planner = Callable[[tuple[str, ...], MigrationContext], Iterable[RevisionStep | StampStep]]
"""Alembic's function that says what is to do, named after its command: `upgrade`, `downgrade`, `do_stamp`."""


def planner_of(context: MigrationContext) -> Planner:
    """Return the planner of the command, without what a task of the suite has wrapped around it."""
    planner: Planner = inspect.unwrap(context.opts["fn"])
    return planner


def unknown_heads(context: MigrationContext, heads: Sequence[str]) -> list[str]:
    """Return the revisions of the version table that no file has."""
    return [head for head in heads if not _is_known(context, head)]


def _is_known(context: MigrationContext, head: str) -> bool:
    if context.script is None:
        return False
    try:
        found = context.script.get_revision(head)
    except CommandError as error:
        if isinstance(error.__cause__, ResolutionError):
            return False
        raise  # the files do not hang together
    return found is not None and found.revision == head  # not merely a prefix of a name


def older_than_database(unknown: Sequence[str]) -> RefusedError:
    """The code was rolled back, and the database was not."""
    return RefusedError(
        f"the database is at {', '.join(unknown)}, which these files do not know",
        code="code-older-than-database",
        why="other code has migrated it: newer than this, or from another branch; nothing was changed",
        next="deploy the code that has the revision, or let that code undo it: flask db downgrade"
        " (a start command may go on without: INTERLOCKING_GUARD_TOLERATE_NEWER_DATABASE=true)",
    )


def require_whole_files(folder: Path) -> None:
    """Refuse revision files of which an interrupted fix has written some and others not.

    Args:
        folder: of the ini file; the suite keeps its record in `.interlocking` there, or in a folder above.

    Raises:
        RefusedError: there are such files.
        IncompleteError: whether there are cannot be known.
    """
    homes = (each / ".interlocking" for each in (folder, *folder.parents))
    home = next((each for each in homes if each.is_dir()), None)
    files = half_written(home) if home else ()
    if home and files:
        raise RefusedError(
            f"invoke db.review --fix has written only {', '.join(each.name for each in files)}",
            code="fix-unfinished",
            why="it was interrupted, or is writing just now: these files are no history yet; nothing was run",
            next="invoke db.upgrade, which puts them back first"
            f" (without Invoke: put {files[0].parent} back from version control, then delete {home / RECORD})",
        )


def require_one_database(options: dict[str, Any]) -> None:
    """Refuse an env.py that migrates several databases.

    Raises:
        RefusedError: it is Flask-Migrate's or Alembic's template for several.
    """
    if is_for_several_databases(options):
        raise _several_databases()


def is_for_several_databases(options: Mapping[str, Any]) -> bool:
    """Return whether the options for `context.configure` are those of the multidb templates: they rename the token."""
    return bool(options.get("upgrade_token", "upgrades") != "upgrades")


def require_plain_functions(steps: Sequence[object]) -> None:
    """Refuse revisions whose functions take the name of a database.

    Raises:
        RefusedError: they were written by the template for several databases.
    """
    for step in steps:
        if isinstance(step, RevisionStep) and "engine_name" in inspect.signature(step.migration_fn).parameters:
            raise _several_databases()


def require_stamped(connection: Connection, steps: Sequence[object]) -> None:
    """Refuse to run the first revision into tables that exist; leaves no transaction behind.

    Raises:
        RefusedError: no revision is recorded, and the database has what the steps would make.
    """
    files = [(each.revision.revision, Path(each.revision.path)) for each in steps if isinstance(each, RevisionStep)]
    raw: Any = connection.connection.dbapi_connection
    with raw.cursor() as cursor:
        found = tables_in_the_way(cursor, files)
    raw.rollback()
    if found:
        raise unstamped(found)


def _several_databases() -> RefusedError:
    return RefusedError(
        "migrating several databases at once (the multidb template) is not supported by the guard",
        code="several-databases",
        why="one lock, one version table and one transaction cannot cover two databases",
        next="give each database a migrations folder of its own, or leave the guard out of this env.py",
    )
