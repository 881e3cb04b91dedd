"""The tasks of the temporary start command."""
# ruff: noqa: PLC0415 - rooms are imported inside the bodies so that listing the tasks stays fast

from __future__ import annotations

from interlocking.console.report import Report
from interlocking.tasks.edge import Suite, suite_task

_ENVIRONMENT = "The Railway environment. Default: the setting, production."
_CONFIRM = "The environment's name, instead of typing it; needed where Railway deploys by itself."


@suite_task(
    help={
        "via": "start-command (the setting's default) or pre-deploy, which is safer: it runs once, before any traffic.",
        "via_file": "Write it into railway.toml; needs neither the CLI nor the network.",
        "via_service": "Write it into the service's live configuration; Railway deploys that by itself.",
        "environment": _ENVIRONMENT,
        "confirm": _CONFIRM,
    }
)
def temporary_start_command(
    suite: Suite,
    via: str = "",
    *,
    via_file: bool = False,
    via_service: bool = False,
    environment: str = "",
    confirm: str = "",
    dry_run: bool = False,
) -> Report:
    """Let the next deployment migrate first.

    Puts the migration in front of the start command, where Railway reads it
    on this day, and says where and why. A start command runs in every replica
    and at every restart; --via pre-deploy runs once, so prefer it. It is held
    until deploy.revert-start-command.
    Example: invoke deploy.temporary-start-command --via-file
    """
    from interlocking.tasks import overriding

    return overriding.make(
        suite,
        via=via,
        via_file=via_file,
        via_service=via_service,
        environment=environment,
        confirm=confirm,
        dry_run=dry_run,
    )


@suite_task(
    recovers="no",
    help={
        "accept": "Where it was edited meanwhile: keep that, and forget the original.",
        "confirm": _CONFIRM,
    },
)
def revert_start_command(suite: Suite, *, accept: bool = False, confirm: str = "", dry_run: bool = False) -> Report:
    """Put the original start command back.

    A file gets its exact bytes, mode and time again. What was edited
    meanwhile is never overwritten: the difference is shown, exit 5.
    """
    from interlocking.tasks import overriding

    return overriding.revert(suite, accept=accept, confirm=confirm, dry_run=dry_run)


TASKS = (temporary_start_command, revert_start_command)
