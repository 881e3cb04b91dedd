"""The tasks of a release: plan, with-migrations, rehearse."""
# ruff: noqa: PLC0415 - rooms are imported inside the bodies so that listing the tasks stays fast

from __future__ import annotations

from interlocking.console.report import Report
from interlocking.tasks.edge import Suite, suite_task

_RELEASE = {
    "environment": "Which one. Default: the setting, production.",
    "via": "The way to the database: auto, tunnel, public, run, ssh, inside.",
    "override": "start-command (runs in every replica) or pre-deploy (once, before traffic: safer). Default: setting.",
    "via_file": "Change the command in railway.toml. Default: wherever Railway reads it.",
    "via_service": "Change the command in the service's live configuration.",
    "backup": "The restore point: auto, dump, snapshot, both, none.",
    "redeploy": "Deploy once more without the temporary command, which the running deployment keeps otherwise.",
}


@suite_task(help=_RELEASE)
def plan(
    suite: Suite,
    *,
    environment: str = "",
    via: str = "auto",
    override: str = "",
    via_file: bool = False,
    via_service: bool = False,
    backup: str = "auto",
    redeploy: bool = False,
) -> Report:
    """Show what a release would do, step by step.

    Read-only: pending revisions, restore point, commands, and what takes each
    step back. Example: invoke deploy.plan --environment staging
    """
    from interlocking.tasks import releasing

    request = releasing.Request(environment, via, override, backup, via_file, via_service, redeploy)
    return releasing.plan(suite, request)


@suite_task(
    name="with-migrations",
    help={
        **_RELEASE,
        "confirm": "The environment's name, instead of typing it.",
        "yes": "Not enough here: the environment's name is asked for.",
        "watch": "Seconds to watch log and health afterwards.",
    },
)
def with_migrations(
    suite: Suite,
    *,
    environment: str = "",
    via: str = "auto",
    override: str = "",
    via_file: bool = False,
    via_service: bool = False,
    backup: str = "auto",
    confirm: str = "",
    watch: str = "30",
    redeploy: bool = False,
    dry_run: bool = False,
    yes: bool = False,  # noqa: ARG001 - accepted, and never enough
) -> Report:
    """Release code together with its migrations.

    Checks, restore point, temporary command, deploy, proof that the database
    is at head, and the original command back, whatever happens in between.
    Example: invoke deploy.with-migrations --confirm production
    """
    from interlocking.tasks import releasing
    from interlocking.tasks.production_moving import parse_watch

    request = releasing.Request(
        environment, via, override, backup, via_file, via_service, redeploy, watch=parse_watch(watch)
    )
    return releasing.release(suite, request, confirm=confirm, dry_run=dry_run)


@suite_task(help={"keep": "Leave the trees, the logs and Local Railway's state where they are."})
def rehearse(suite: Suite, *, keep: bool = False) -> Report:
    """Rehearse a release on Local Railway.

    The release before serves, under traffic; then deploy.with-migrations runs
    for real, on real processes and PostgreSQL. Counts what clients
    would notice. Needs neither Railway nor network.
    """
    from interlocking.tasks import releasing

    return releasing.rehearse(suite, keep=keep)


TASKS = (plan, with_migrations, rehearse)
