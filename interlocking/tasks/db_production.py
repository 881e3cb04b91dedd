"""The tasks on an environment's database: prod-status, -current, -history, -upgrade, -downgrade, -stamp, -backup."""
# ruff: noqa: PLC0415 - rooms are imported inside the bodies so that listing the tasks stays fast

from __future__ import annotations

from interlocking.console.report import Report
from interlocking.tasks.edge import Suite, suite_task

_WHERE = {
    "environment": "Which one. Default: the setting, production.",
    "via": "The way to the database: auto, tunnel, public, run, ssh, inside.",
}
_CHANGE = {
    **_WHERE,
    "confirm": "The environment's name, instead of typing it.",
    "yes": "Not enough here: the environment's name is asked for.",
    "backup": "The restore point: auto, dump, snapshot, both, none.",
    "watch": "Seconds to watch log and health afterwards.",
}


@suite_task(help=_WHERE)
def prod_status(suite: Suite, environment: str = "", via: str = "auto") -> Report:
    """Show where production's database stands.

    Read-only. Says which way it went, and why.
    """
    from interlocking.tasks import production_reading

    return production_reading.status(suite, environment=environment, via=via)


@suite_task(help=_WHERE)
def prod_current(suite: Suite, environment: str = "", via: str = "auto") -> Report:
    """Show the revision of production's database.

    Read-only. Example: invoke db.prod-current --environment staging
    """
    from interlocking.tasks import production_reading

    return production_reading.current(suite, environment=environment, via=via)


@suite_task(help=_WHERE)
def prod_history(suite: Suite, environment: str = "", via: str = "auto") -> Report:
    """List what production has, and what it lacks.

    Read-only. Example: invoke db.prod-history --via public
    """
    from interlocking.tasks import production_reading

    return production_reading.history(suite, environment=environment, via=via)


@suite_task(
    help={
        **_CHANGE,
        "revision": "Where to: an id, the beginning of one, +1, heads.",
        "when_quiet": "Wait for a quiet moment first: few transactions, none open for long.",
    }
)
def prod_upgrade(
    suite: Suite,
    *,
    revision: str = "heads",
    environment: str = "",
    via: str = "auto",
    confirm: str = "",
    backup: str = "auto",
    watch: str = "30",
    when_quiet: bool = False,
    dry_run: bool = False,
    yes: bool = False,  # noqa: ARG001 - accepted, and never enough
) -> Report:
    """Apply pending revisions to production.

    While traffic flows. Checks first, takes a restore point, runs
    through the guard, verifies, and watches. Asks for the environment's
    name. Example:
    invoke db.prod-upgrade --confirm production
    """
    from interlocking.tasks import production_moving

    request = production_moving.Request(
        "upgrade", revision, environment, via, confirm, backup, production_moving.parse_watch(watch)
    )
    return production_moving.move(suite, request, when_quiet=when_quiet, dry_run=dry_run)


@suite_task(help={**_CHANGE, "revision": "Where to: an id, -1, base. Required."})
def prod_downgrade(
    suite: Suite,
    *,
    revision: str = "",
    environment: str = "",
    via: str = "auto",
    confirm: str = "",
    backup: str = "auto",
    watch: str = "30",
    dry_run: bool = False,
    yes: bool = False,  # noqa: ARG001 - accepted, and never enough
) -> Report:
    """Undo revisions on production.

    Shows first what is lost. Example:
    invoke db.prod-downgrade -r 20250608_add_chat_message
    """
    from interlocking.tasks import production_moving

    request = production_moving.Request(
        "downgrade", revision, environment, via, confirm, backup, production_moving.parse_watch(watch)
    )
    return production_moving.move(suite, request, when_quiet=False, dry_run=dry_run)


@suite_task(
    help={
        **_WHERE,
        **{name: _CHANGE[name] for name in ("confirm", "yes")},
        "revision": "The revision to set: an id, head. Without: says where an unstamped database stands.",
    }
)
def prod_stamp(
    suite: Suite,
    *,
    revision: str = "",
    environment: str = "",
    via: str = "auto",
    confirm: str = "",
    dry_run: bool = False,
    yes: bool = False,  # noqa: ARG001 - accepted, and never enough
) -> Report:
    """Set production's revision, running nothing.

    Shows first which revisions that skips. Example:
    invoke db.prod-stamp -r head
    """
    from interlocking.tasks import production_moving

    return production_moving.stamp(suite, revision, environment=environment, via=via, confirm=confirm, dry_run=dry_run)


@suite_task(
    help={
        **_WHERE,
        "kind": "auto, dump (verified, on this machine), snapshot (of the volume, on Railway), both.",
        "keep": "Prune the dumps afterwards: 10, 30d or 10,30d.",
    }
)
def prod_backup(
    suite: Suite, *, environment: str = "", via: str = "auto", kind: str = "auto", keep: str = "", dry_run: bool = False
) -> Report:
    """Take a restore point of production.

    Changes nothing there. Example: invoke db.prod-backup --kind both
    """
    from interlocking.tasks import production_moving

    return production_moving.backup(suite, environment=environment, via=via, kind=kind, keep=keep, dry_run=dry_run)


TASKS = (prod_status, prod_current, prod_history, prod_upgrade, prod_downgrade, prod_stamp, prod_backup)
