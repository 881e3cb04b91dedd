"""What `doctor` and `railway.check` ask about Railway's configuration file and temporary commands; needs no network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from interlocking.change import Change
from interlocking.checks import Check
from interlocking.environment import Project, today
from interlocking.errors import InterlockingError
from interlocking.journal import Journal
from interlocking.railway.config_file import CUTOFF, config_file_standing, find_config_file, read_config_file
from interlocking.railway.toml_rewrite import value_at
from interlocking.release.commands import migrates
from interlocking.release.planning import REVERT
from interlocking.release.recovery import described

_GET_READY = "invoke railway.migrate-config"


def railway_questions(project: Project) -> list[Check]:
    """Return the answers of `doctor`."""
    try:
        changes = Journal(project.home).changes()
    except InterlockingError as error:
        return [config_file_check(project), Check("override", "fail", error.message, error.next)]
    return [config_file_check(project), _start_command(project, changes), _override(changes)]


def config_file_check(project: Project) -> Check:
    """Say whether Railway will still read the configuration files, and for how long."""
    now = today(project.variables)
    standing = config_file_standing(project.root, today=now)
    if standing.path is None:
        return Check("railway.toml", "skip", "there is none: the service's own settings count")
    names = " and ".join(path.relative_to(project.root).as_posix() for path in _config_files(project))
    if not standing.read:
        said = f"{names}: {standing.reason}"
        return Check("railway.toml", "warn" if now >= CUTOFF else "ok", said, _GET_READY if now >= CUTOFF else "")
    left = (CUTOFF - now).days
    said = f"{names}: Railway stops reading such files on {CUTOFF}, in {left} {'day' if left == 1 else 'days'}"
    return Check("railway.toml", "warn", said, _GET_READY)


def _config_files(project: Project) -> list[Path]:
    folders = [project.root, *([project.root / project.settings.frontend] if project.settings.frontend else [])]
    return [path for folder in folders if (path := find_config_file(folder))]


def _start_command(project: Project, changes: tuple[Change, ...]) -> Check:
    """Look for a start command that migrates on every deployment, and was not asked to for a while only."""
    path = find_config_file(project.root)
    if path is None:
        return Check("start command", "skip", "there is no railway.toml")
    if any(change.subject.get("file") == path.name for change in changes):
        return Check("start command", "skip", "is a temporary one")
    try:
        found = [place for place, command in _start_commands(read_config_file(path)) if migrates(command)]
    except InterlockingError as error:
        return Check("start command", "fail", error.message, error.next)
    return _judged("start command", f"{', '.join(found)} of {path.name}" if found else "")


def always_migrates(name: str, command: str) -> Check:
    """Judge a start command that nobody asked for a while only.

    Args:
        name: of the check.
        command: the shell line.
    """
    return _judged(name, "it" if migrates(command) else "")


def _judged(name: str, migrating: str) -> Check:
    if not migrating:
        return Check(name, "ok", "does not migrate by itself")
    return Check(
        name,
        "warn",
        f"{migrating} migrates on every deployment, in every replica, at every restart",
        "take the migration out; invoke deploy.with-migrations puts it in for one deployment",
    )


def _start_commands(document: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    environments = document.get("environments")
    names = list(environments) if isinstance(environments, Mapping) else []
    for place in (("deploy",), *(("environments", name, "deploy") for name in names)):
        command = value_at(document, (*place, "startCommand"))
        if isinstance(command, str):
            yield ".".join((*place, "startCommand")), command


def _override(changes: tuple[Change, ...]) -> Check:
    if not changes:
        return Check("override", "ok", "no temporary command is in place")
    failed = any(change.is_orphaned or change.state == "conflict" for change in changes)
    return Check("override", "fail" if failed else "warn", "; ".join(map(described, changes)), REVERT)
