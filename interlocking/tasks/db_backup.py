"""The tasks about backups: backup, backups, restore."""
# ruff: noqa: PLC0415 - rooms are imported inside the bodies so that listing the tasks stays fast

from __future__ import annotations

from interlocking.console.report import Report
from interlocking.tasks.edge import Suite, suite_task

_KEEP = "How many to keep of each database (10), or for how long (30d), or both (10,30d); the newest always stays."


@suite_task(help={"keep": f"{_KEEP} Default: all."})
def backup(suite: Suite, keep: str = "", *, dry_run: bool = False) -> Report:
    """Take a verified backup of the target.

    One snapshot through pg_dump, its checksum and content verified before it
    counts. Example: invoke db.backup --keep 10
    """
    from interlocking.tasks import backing_up

    return backing_up.backup(suite, keep=keep, dry_run=dry_run)


@suite_task(help={"keep": f"Delete the others. {_KEEP}"})
def backups(suite: Suite, keep: str = "", *, dry_run: bool = False, yes: bool = False) -> Report:
    """List the backups, or prune them.

    Example: invoke db.backups --keep 10,30d
    """
    from interlocking.tasks import backing_up

    return backing_up.prune(suite, keep=keep, dry_run=dry_run, yes=yes) if keep else backing_up.listing(suite)


@suite_task(
    help={
        "backup": "Which one: its name in db.backups. Default: the newest.",
        "target": "Name of a local database to put it into; `scratch` makes a new one. Default: that of DATABASE_URL.",
        "confirm": "Name of the database whose tables are replaced, instead of typing it.",
    }
)
def restore(suite: Suite, backup: str = "", target: str = "", confirm: str = "", *, dry_run: bool = False) -> Report:
    """Put a backup into a local database.

    It is restored beside the database and takes its place when it is
    complete. One that has tables is replaced only after its name was typed.
    Example: invoke db.restore --target scratch
    """
    from interlocking.tasks import backing_up

    return backing_up.restore(suite, name=backup, target=target, confirm=confirm, dry_run=dry_run)


TASKS = (backup, backups, restore)
