"""From a wish to a planned override: what is read, where it is written, which steps that makes. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from interlocking.change import Copy
from interlocking.environment import Project, today
from interlocking.errors import InterlockingError, UsageError
from interlocking.plan import Plan, Step
from interlocking.railway.cli import RailwayCli
from interlocking.railway.config_file import find_config_file, find_iac_file
from interlocking.release.commands import Kind, migrate_command, migrates, with_migration, words
from interlocking.release.doors import Door
from interlocking.release.file_door import FileDoor
from interlocking.release.service_door import ServiceDoor
from interlocking.release.which_door import Choice, DoorWish, Evidence, needs_configuration, which_door

_ALL = 1000  # the most that the CLI lists
REVERT = "invoke deploy.revert-start-command"


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for.

    Args:
        environment: the name of the environment.
        service: finds id and name of the service that migrates.
        kind: which command is changed.
        asked: where, from the command line.
        setting: where, from the settings.
    """

    environment: str
    service: Callable[[RailwayCli], tuple[str, str]]
    kind: Kind = "start-command"
    asked: DoorWish = "auto"
    setting: DoorWish = "auto"


@dataclass(frozen=True, slots=True)
class PlannedOverride:
    """An override that could be made now.

    Args:
        kind: which command.
        door: where.
        choice: why there.
        original: what stands there.
        changed: what shall stand there.
        before: the command as it is; empty when there is none.
        after: the command as it shall be; the same where it migrates already.
    """

    kind: Kind
    door: Door
    choice: Choice
    original: Copy
    changed: bytes
    before: str
    after: str

    @property
    def nothing_to_do(self) -> bool:
        """Whether the command migrates already; it is not wrapped twice."""
        return self.before == self.after

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is done, and what takes it back."""
        if self.nothing_to_do:
            return ()
        title = f"set the temporary {words(self.kind)} in {self.door.target}, because {self.choice.why}"
        doubt = f"\nbut {self.choice.doubt}" if self.choice.doubt else ""
        detail = f"- {self.before or '(none)'}\n+ {self.after}{doubt}"
        made = Step(title, detail, REVERT)
        deployed = Step(
            "Railway deploys that change by itself; wait for the verdict", undo=f"{REVERT} deploys once more"
        )
        return (made, deployed) if self.door.deploys else (made,)

    @property
    def plan(self) -> Plan:
        """The plan of `deploy.temporary-start-command`."""
        return Plan(f"temporary {words(self.kind)}", self.door.target, self.steps)


def plan_override(project: Project, wish: Wish, railway: Callable[[], RailwayCli]) -> PlannedOverride:
    """Read what is needed to decide, and decide.

    Args:
        project: whose command.
        wish: what was asked for.
        railway: opens the CLI; only called where the file is not enough.

    Raises:
        UsageError: there is no start command to put the migration in front of, or it cannot be read.
        UnavailableError: Railway is needed and cannot be reached; the remedy says how to do without.
    """
    evidence = _evidence(project, wish, railway)
    choice = which_door(evidence)
    door = _door(project, wish, evidence, choice, railway)
    original = door.read()
    if original is None:
        raise UsageError(f"{door.target} is not there", code="config-file-missing", next="use --via-service")
    before = door.command(original.data)
    _require_command(wish, choice, before)
    shell = not (project.root / "Dockerfile").is_file()
    after = before if migrates(before) else with_migration(before, migrate_command(project), wish.kind, shell=shell)
    return PlannedOverride(wish.kind, door, choice, original, door.with_command(original.data, after), before, after)


def _evidence(project: Project, wish: Wish, railway: Callable[[], RailwayCli]) -> Evidence:
    file, infrastructure = find_config_file(project.root), find_iac_file(project.root)
    evidence = Evidence(
        today=today(project.variables),
        file=_name(project, file),
        infrastructure=_name(project, infrastructure),
        asked=wish.asked,
        setting=wish.setting,
    )
    if not needs_configuration(evidence):
        return evidence
    try:
        return _with_live_evidence(evidence, wish, railway())
    except InterlockingError as error:
        hint = f"or --via-file, if you know that Railway reads {evidence.file} for this service"
        error.next = f"{error.next}\n{hint}".lstrip()
        raise


def _with_live_evidence(evidence: Evidence, wish: Wish, cli: RailwayCli) -> Evidence:
    service = wish.service(cli)[0]
    named = cli.configuration()[service].config_file
    return replace(evidence, config_file=named, first_deployed=_first_deployed(cli, service) if named else None)


def _first_deployed(cli: RailwayCli, service: str) -> date | None:
    """Return the day of the oldest deployment, where the list reaches back to it."""
    listed = cli.deployments(service, limit=_ALL)
    if not 0 < len(listed) < _ALL:
        return None
    try:
        return date.fromisoformat(listed[-1].created_at[:10])
    except ValueError:  # this version of the CLI says it in another way
        return None


def _door(project: Project, wish: Wish, evidence: Evidence, choice: Choice, railway: Callable[[], RailwayCli]) -> Door:
    if choice.door == "file":
        name = (evidence.config_file or "").lstrip("/") or evidence.file or "railway.toml"
        return FileDoor(project.root, name, wish.environment, wish.kind)
    cli = railway()
    identity, name = wish.service(cli)
    return ServiceDoor(cli, identity, name, wish.kind)


def door_of(project: Project, subject: Mapping[str, str], railway: Callable[[str], RailwayCli]) -> Door:
    """Find the place again that the journal speaks of.

    Args:
        project: whose journal.
        subject: as the door had it.
        railway: opens the CLI for an environment.
    """
    kind: Kind = "pre-deploy" if subject["kind"] == "pre-deploy" else "start-command"
    if subject["door"] == "file":
        return FileDoor(project.root, subject["file"], subject["environment"], kind)
    cli = railway(subject["environment"])
    return ServiceDoor(cli, subject["service"], subject["name"], kind)


def _require_command(wish: Wish, choice: Choice, before: str) -> None:
    if before or wish.kind == "pre-deploy":
        return
    where = "the service's configuration" if choice.door == "service" else "the file"
    raise UsageError(
        f"{where} has no start command to put the migration in front of",
        code="no-start-command",
        why="Railway finds one by itself then, and a temporary one would take its place without doing what it does",
        next="name it first: startCommand under [deploy] in railway.toml, or in the service's settings;\n"
        "or migrate before the start: the same command with --via pre-deploy",
    )


def _name(project: Project, path: Path | None) -> str:
    return path.relative_to(project.root).as_posix() if path else ""
