"""Waiting for what the platform does by itself: a deployment's verdict, a snapshot.

The ids are ours throughout: `service status` looks at the latest deployment, `logs` at the last success, and the
first row of a list may be somebody else's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from interlocking.errors import IncompleteError, InterlockingError, UnavailableError
from interlocking.plan import Event
from interlocking.railway.cli import LogKind, RailwayCli
from interlocking.railway.results import LogLine, VolumeBackup, service_named
from interlocking.railway.verdicts import Verdict, Watch

_LOG_LINES = 40
_TELL_EVERY_S = 30.0
_PASSING = frozenset({"railway-unreachable", "railway-rate-limit", "timeout"})


def wait_for(cli: RailwayCli, service: str, deployment_id: str, *, deadline: float | None = None) -> Verdict:
    """Watch one deployment until there is a verdict; a bad one is returned, not raised.

    Args:
        cli: where it is.
        service: whose it is.
        deployment_id: the only one that is looked at.
        deadline: seconds to wait; the setting's when None.

    Raises:
        UnavailableError: the login was revoked meanwhile, or the like; a network that comes back is waited for.
    """
    settings = cli.settings
    watch = Watch(settings.deadline if deadline is None else deadline, settings.settle)
    begun = time.monotonic()
    told = _Teller(cli)
    while True:
        status = _look(cli, service, deployment_id, watch.status)
        elapsed = time.monotonic() - begun
        outcome = watch.observe(status, elapsed)
        if outcome is not None:
            return _explained(cli, service, Verdict(outcome, deployment_id, watch.status, elapsed))
        told.tell(watch.status, elapsed)
        time.sleep(watch.pause(settings.poll, elapsed))


def take_backup(cli: RailwayCli, service: str, name: str, *, deadline: float | None = None) -> VolumeBackup:
    """Take a snapshot of a database's volume, and wait until it is listed.

    Args:
        cli: where.
        service: the database's.
        name: what it is called.
        deadline: seconds to wait; the setting's when None.

    Raises:
        UnavailableError: it cannot be taken: no volume, or the login may not.
        IncompleteError: it was begun, and is not listed yet.
    """
    before = {backup.id for backup in cli.backups(service)}
    cli.begin_backup(service, name)
    limit = cli.settings.deadline if deadline is None else deadline
    made = _poll(lambda: _new_backup(cli, service, before, name), limit, cli.settings.poll)
    if made is None:
        raise IncompleteError(
            f"the snapshot {name!r} was begun {limit:g} s ago and is not there yet",
            code="backup-pending",
            why="Railway makes it in its own time",
            next=f"railway postgres pitr backup list --service {service} --environment {cli.environment}",
        )
    return made


def log_tail(cli: RailwayCli, service: str, deployment_id: str, kind: LogKind) -> tuple[LogLine, ...]:
    """Return the last lines of a log, or nothing when they cannot be had: they explain a failure, and are none."""
    try:
        return cli.logs(service, deployment_id, kind=kind, lines=_LOG_LINES)
    except InterlockingError:
        return ()


class _Teller:
    """Says where a long wait is: when the status changes, and every half minute."""

    def __init__(self, cli: RailwayCli) -> None:
        self._tell = cli.progress
        self._status = ""
        self._told_at = 0.0

    def tell(self, status: str, elapsed: float) -> None:
        if status == self._status and elapsed - self._told_at < _TELL_EVERY_S:
            return
        self._status, self._told_at = status, elapsed
        words = "waits for approval in the dashboard" if status == "NEEDS_APPROVAL" else status or "not listed yet"
        self._tell(Event("note", f"{words}, {elapsed:.0f} s"))


def _look(cli: RailwayCli, service: str, deployment_id: str, last: str) -> str | None:
    """Return the deployment's status; the last one when Railway cannot be asked just now."""
    try:
        listed = cli.deployments(service)
    except UnavailableError as error:
        if error.code not in _PASSING:
            raise
        return last
    return next((each.status for each in listed if each.id == deployment_id), None)


def _explained(cli: RailwayCli, service: str, bare: Verdict) -> Verdict:
    """Return a bad verdict with what serves instead, and the logs when they tell why."""
    if bare.ok:
        return bare
    found = service_named(cli.services(), service)
    serving = found.deployment_id if found else ""
    explains = bare.outcome in ("failed", "crashed")
    return replace(
        bare,
        serving=serving if serving != bare.deployment_id else "",
        build_log=log_tail(cli, service, bare.deployment_id, "build") if explains else (),
        deploy_log=log_tail(cli, service, bare.deployment_id, "deploy") if explains else (),
    )


def _new_backup(cli: RailwayCli, service: str, before: set[str], name: str) -> VolumeBackup | None:
    new = [backup for backup in cli.backups(service) if backup.id not in before]
    return next((backup for backup in new if backup.name == name), new[0] if new else None)


def _poll(look: Callable[[], VolumeBackup | None], limit: float, pause: float) -> VolumeBackup | None:
    begun = time.monotonic()
    while (found := look()) is None and time.monotonic() - begun < limit:
        time.sleep(pause)
    return found
