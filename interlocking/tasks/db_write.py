"""The tasks that write revisions or move the database: migrate, upgrade, downgrade, stamp, merge."""
# ruff: noqa: PLC0415 - rooms are imported inside the bodies so that listing the tasks stays fast

from __future__ import annotations

from interlocking.console.report import Report
from interlocking.tasks.edge import Suite, suite_task


@suite_task(
    help={
        "message": "What the revision does; becomes its name. Needed unless --dry-run.",
        "empty": "Write a revision without operations, to fill in by hand.",
    }
)
def migrate(suite: Suite, message: str = "", *, empty: bool = False, dry_run: bool = False) -> Report:
    """Write a revision from model changes.

    Its id and its file are named YYYYMMDD_slug. Refuses when the database is
    not at head. Nothing changed: says so and writes no file.
    Example: invoke db.migrate -m "companion"
    """
    from interlocking.tasks import writing

    return writing.migrate(suite, message=message, empty=empty, dry_run=dry_run)


@suite_task(
    help={
        "revision": "Where to: an id, the beginning of one, +1, head. Default: heads.",
        "sql": "Print the SQL instead of running it.",
    }
)
def upgrade(
    suite: Suite, revision: str = "heads", *, sql: bool = False, dry_run: bool = False, yes: bool = False
) -> Report:
    """Apply pending revisions.

    Prints the command that undoes it. A database that is not on this machine
    is asked about first. Example: invoke db.upgrade -r +1
    """
    from interlocking.tasks import moving

    return moving.move(suite, "upgrade", revision, sql=sql, dry_run=dry_run, yes=yes)


@suite_task(
    help={
        "revision": "Where to: an id, -2, base. Default: -1, one step.",
        "sql": "Print the SQL instead of running it.",
    }
)
def downgrade(
    suite: Suite, revision: str = "-1", *, sql: bool = False, dry_run: bool = False, yes: bool = False
) -> Report:
    """Undo the last revision; more only if named.

    What the revision added is dropped with the rows in it.
    Example: invoke db.downgrade -r 20250608_add_chat_message
    """
    from interlocking.tasks import moving

    return moving.move(suite, "downgrade", revision, sql=sql, dry_run=dry_run, yes=yes)


@suite_task(help={"revision": "The revision to set: an id, head, base. Without: see below."})
def stamp(suite: Suite, revision: str = "", *, dry_run: bool = False, yes: bool = False) -> Report:
    """Set the revision without running anything.

    Shows first which revisions that skips. Example: invoke db.stamp -r head
    Without -r a database that has tables and no recorded revision is compared
    with what the revisions make, and only read: which one does it stand at?
    """
    from interlocking.tasks import moving

    return moving.stamp(suite, revision, dry_run=dry_run, yes=yes)


@suite_task(help={"message": "What is joined. Default: the names of the heads."})
def merge(suite: Suite, message: str = "", *, dry_run: bool = False) -> Report:
    """Join several heads with one empty revision.

    Touches no database. Example: invoke db.merge -m "chat and badges"
    """
    from interlocking.tasks import writing

    return writing.merge(suite, message=message, dry_run=dry_run)


TASKS = (migrate, upgrade, downgrade, stamp, merge)
