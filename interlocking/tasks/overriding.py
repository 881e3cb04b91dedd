"""The work of `deploy.temporary-start-command` and `deploy.revert-start-command`."""

from __future__ import annotations

from interlocking.change import Change
from interlocking.console.overriding import (
    applied_report,
    held_already_report,
    migrates_already_report,
    reverted_report,
)
from interlocking.console.report import Report
from interlocking.environment import Project
from interlocking.errors import StoppedError, UsageError
from interlocking.plan import Plan, Step
from interlocking.railway.cli import RailwayCli
from interlocking.railway.discovery import find_services
from interlocking.railway.settings import railway_settings
from interlocking.railway.verdicts import Verdict
from interlocking.railway.waiting import wait_for
from interlocking.release.commands import KINDS, Kind
from interlocking.release.doors import Door
from interlocking.release.overrides import Overrides, Reverted
from interlocking.release.planning import Wish
from interlocking.release.recovery import recover
from interlocking.release.which_door import DoorWish
from interlocking.tasks.asking import open_railway
from interlocking.tasks.edge import Suite

_MAKE, _REVERT = "deploy.temporary-start-command", "deploy.revert-start-command"


def make(
    suite: Suite, *, via: str, via_file: bool, via_service: bool, environment: str, confirm: str, dry_run: bool
) -> Report:
    """Put a temporary command in place and leave it to a person to revert.

    Raises:
        InterlockingError: it cannot be made; nothing was changed, or the original is back.
    """
    overrides = overrides_of(suite)
    wish = wish_from(suite, via=via, via_file=via_file, via_service=via_service, environment=environment)
    held = next((each for each in overrides.journal.changes() if _is_it(each, wish)), None)
    if held is not None:
        return held_already_report(held)
    overrides.require_none()  # what another task has put there would look like a command that migrates by itself
    planned = overrides.plan(wish)
    if planned.nothing_to_do:
        return migrates_already_report(planned)
    if dry_run:
        return suite.console.plan(planned.plan)
    _ask(suite, planned.plan, deploys=planned.door.deploys, environment=wish.environment, confirm=confirm)
    applied = overrides.apply(planned, task=_MAKE, hold=True)
    verdict = _verdict(overrides, planned.door, applied.deployment, left="the temporary command")
    return applied_report(planned, applied, verdict)


def revert(suite: Suite, *, accept: bool, confirm: str, dry_run: bool) -> Report:
    """Put the original back.

    Raises:
        IncompleteError: it was edited meanwhile; the difference is shown.
        UnavailableError: another process is at work, or Railway cannot be reached.
    """
    overrides = overrides_of(suite)
    changes = overrides.journal.changes()
    plan = _revert_plan(suite, overrides, changes, accept=accept)
    if dry_run:
        return suite.console.plan(plan)
    reverted: list[tuple[Reverted, Verdict | None]] = []
    for change in changes:
        door = overrides.door(change)
        _ask(suite, plan, deploys=door.deploys, environment=change.subject["environment"], confirm=confirm)
        done = overrides.revert(change, task=_REVERT, accept=accept)
        reverted.append((done, _verdict(overrides, door, done.deployment, left="the original command")))
    return reverted_report(reverted)


def overrides_of(suite: Suite, project: Project | None = None) -> Overrides:
    """Return the temporary commands of the project.

    Args:
        suite: this run.
        project: while `suite.project` is only being made.
    """
    of = project or suite.project
    return Overrides(of, lambda name: open_railway(suite, name, project=of), suite.redact)


def recover_first(suite: Suite, project: Project, task: str, *, touch: bool) -> None:
    """Put back what a dead task left, before any work of this one.

    Args:
        suite: this run.
        project: its settings, which are only being made.
        task: what was typed.
        touch: whether anything may be put back; otherwise it is only told.
    """
    recover(overrides_of(suite, project), task, suite.console.progress, touch=touch)


def wish_of(suite: Suite, kind: Kind | None = None, *, asked: DoorWish = "auto", environment: str = "") -> Wish:
    """Return what the settings wish for, and the command line above them.

    Args:
        suite: this run.
        kind: which command; None: the setting's.
        asked: where.
        environment: name; empty: the setting's.
    """
    settings = railway_settings(suite.project)
    return Wish(
        environment=environment or settings.environment,
        service=_backend,
        kind=kind or settings.override,
        asked=asked,
        setting=settings.override_door,
    )


def wish_from(suite: Suite, *, via: str, via_file: bool, via_service: bool, environment: str) -> Wish:
    """Return what was typed, above what the settings wish for.

    Args:
        suite: this run.
        via: which command; empty: the setting's.
        via_file: in `railway.toml`.
        via_service: in the service's configuration.
        environment: name; empty: the setting's.

    Raises:
        UsageError: there is no such command, or both places were named.
    """
    if via and via not in KINDS:
        raise UsageError(
            f"--via {via} is no kind of temporary command",
            code="unknown-override",
            next=f"one of: {', '.join(f'--via {kind}' for kind in KINDS)}",
        )
    if via_file and via_service:
        raise UsageError(
            "--via-file and --via-service contradict each other", code="several-doors", next="give one, or none"
        )
    asked: DoorWish = "file" if via_file else "service" if via_service else "auto"
    kind = next((each for each in KINDS if each == via), None)
    return wish_of(suite, kind, asked=asked, environment=environment)


def _backend(railway: RailwayCli) -> tuple[str, str]:
    backend = find_services(railway).backend
    return backend.id, backend.name


def _is_it(change: Change, wish: Wish) -> bool:
    same_door = wish.asked in ("auto", change.subject["door"])
    same_place = change.subject["environment"] == wish.environment and change.subject["kind"] == wish.kind
    return change.state == "held" and same_door and same_place


def _ask(suite: Suite, plan: Plan, *, deploys: bool, environment: str, confirm: str) -> None:
    """Have the environment named before anything is deployed; a file of this folder is not worth a question."""
    if deploys:
        suite.console.confirm_named(plan, name=environment, given=confirm)
    else:
        suite.console.show_plan(plan)


def _revert_plan(suite: Suite, overrides: Overrides, changes: tuple[Change, ...], *, accept: bool) -> Plan:
    steps: list[Step] = []
    for change in changes:
        door = overrides.door(change)
        kept = (overrides.journal.changed(change), overrides.journal.original(change).data)
        before, after = (door.command(data) for data in kept)
        what = "keep what was edited there, else put back the original" if accept else "put back the original"
        steps.append(Step(f"{what} in {door.target}", f"- {before}\n+ {after or '(none)'}"))
        if door.deploys:
            steps.append(Step("Railway deploys that change by itself; wait for the verdict"))
    return Plan("revert of the temporary command", str(suite.project.root), tuple(steps))


def _verdict(overrides: Overrides, door: Door, deployment: str, *, left: str) -> Verdict | None:
    """Wait for what Railway deploys by itself; whoever stops the waiting is told what stands there."""
    if not deployment:
        return None
    place = door.subject
    try:
        return wait_for(overrides.railway(place["environment"]), place["service"], deployment)
    except StoppedError as error:
        raise StoppedError(
            error.signal_number,
            f"{error.message} while Railway deploys {deployment}",
            why=f"{left} stands in {door.target}, and Railway goes on deploying it",
            next="invoke deploy.status",
        ) from error
