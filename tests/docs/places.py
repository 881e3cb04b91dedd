"""Where a page is tried: a fresh copy of the project, or an empty folder, with an embedded server of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from interlocking.postgres.embedded import EmbeddedServer
from interlocking.postgres.layout import layout
from interlocking.railway.local.creation import PROJECT_TOKEN, ServiceSpec, create_world, install, postgres
from interlocking.railway.local.database import make_service_database
from interlocking.railway.local.platform import stop
from interlocking.upgrade.audit.origin import read_origin
from tests.docs.pages import REPOSITORY, Block
from tests.servers import temporary_folder
from tests.tasks.projects import usual_environment

_SHOWN_HOME = "/home/you"
_ME, _SHOWN_ME = read_origin(REPOSITORY, {}).actor, "you"
_DEADLINE_SECONDS = 600
_REVISION = re.compile(r"\b20\d{6}_([a-z0-9_]+)")
# The browser tests install and build the real frontend; here npm only has to succeed.
_NPM = '#!/bin/sh\n[ "$1" = ci ] && mkdir -p node_modules || { mkdir -p dist && : >dist/index.html; }\n'
_NODE = "#!/bin/sh\necho v22.12.0\n"


@dataclass
class Place:
    """A folder in which commands are typed, one after the other.

    Args:
        root: the folder.
        programs: folders in which commands are looked for first.
        status: how the last command ended: the shell's `$?`.
        variables: further environment of each command.
    """

    root: Path
    programs: list[Path]
    status: int = 0
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, command: str) -> list[str]:
        """Type a command and return what the reader sees: both streams, with the paths that the pages show."""
        child = subprocess.run(
            ["/bin/sh", "-c", f"(exit {self.status})\n{self._with_todays_date(command)}"],
            cwd=self.root,
            env={
                **usual_environment(),
                **self.variables,
                "PATH": os.pathsep.join(map(str, [*self.programs, os.environ["PATH"]])),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_DEADLINE_SECONDS,
            check=False,
        )
        self.status = child.returncode
        return [self._as_shown(line) for line in child.stdout.decode().rstrip().splitlines()]

    def write(self, block: Block) -> None:
        """Write the file that a block shows."""
        path = self.root / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._with_todays_date("\n".join([*block.lines, ""])), encoding="utf-8")

    def change(self, block: Block) -> None:
        """Apply a `diff` block: its old lines must stand in the file exactly once."""
        path = self.root / self._with_todays_date(block.file)
        text = path.read_text(encoding="utf-8")
        for hunk in _hunks(block.lines):
            old = "".join(f"{line[1:]}\n" for line in hunk if not line.startswith("+"))
            new = "".join(f"{line[1:]}\n" for line in hunk if not line.startswith("-"))
            assert text.count(old) == 1, f"{block.file} has {text.count(old)} times:\n{old}"
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")

    def _with_todays_date(self, text: str) -> str:
        """Give revisions that a page names the date on which they were really written: today's."""
        versions = self.root / "migrations" / "versions"
        return _REVISION.sub(lambda found: next((p.stem for p in versions.glob(f"*_{found[1]}.py")), found[0]), text)

    def _as_shown(self, line: str) -> str:
        data = str(_server_folder(self.root))
        line = line.replace(data, f"{self.root}/.interlocking/postgres").replace(str(self.root.parent), _SHOWN_HOME)
        return line.replace(f"by {_ME} as ", f"by {_SHOWN_ME} as ")  # who ran it, as the audit says


@contextmanager
def empty_place(name: str) -> Iterator[Place]:
    """Make an empty folder; its embedded server, if a command starts one, ends with it."""
    with temporary_folder() as folder:
        root = folder / name
        root.mkdir()
        try:
            yield Place(root, [Path(sys.executable).parent])
        finally:
            EmbeddedServer(root / ".interlocking").stop()
            shutil.rmtree(_server_folder(root), ignore_errors=True)


@contextmanager
def cloned_place() -> Iterator[Place]:
    """Make a fresh clone, as the files of the working tree would be committed, with its dependencies installed."""
    with empty_place("wingman") as place:
        for name in _git(REPOSITORY, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
            if name and (REPOSITORY / name).is_file():
                (place.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(REPOSITORY / name, place.root / name)
        _git(place.root, "init", "-q")
        _install(place.root / ".venv", pins=place.root)
        place.programs = [place.root / ".venv" / "bin", _stand_ins(place.root.parent / "stand-ins")]
        yield place


@contextmanager
def on_railway(place: Place) -> Iterator[Place]:
    """Give a clone that is onboarded its Railway: Local Railway, with a service and a database where nothing was deployed."""
    server = EmbeddedServer(place.root / ".interlocking").ensure_running()
    name = "production"
    database = make_service_database(server, name)
    variables = {"DATABASE_URL": "${{Postgres.DATABASE_URL}}", "FLASK_APP": "backend.wsgi:application"}
    backend = ServiceSpec("web", {**variables, "FLASK_ENV": "production"}, config_file="/railway.toml")
    world = create_world(
        place.root.parent / "railway",
        project="wingman",
        services=(
            backend,
            ServiceSpec("frontend"),
            postgres(database_url=database.libpq(), public_url=database.libpq()),
        ),
    )
    place.programs.insert(0, install(world))
    place.variables |= {
        "RAILWAY_TOKEN": PROJECT_TOKEN,
        "INTERLOCKING_TODAY": "2026-08-20",
        "INTERLOCKING_RAILWAY_POLL": "200ms",
        "INTERLOCKING_RAILWAY_SETTLE": "500ms",
    }
    _git(place.root, "add", "--all")
    _git(place.root, "-c", "user.name=you", "-c", "user.email=you@localhost", "commit", "--quiet", "--message", "all")
    try:
        yield place
    finally:
        stop(world)


def _hunks(lines: list[str]) -> list[list[str]]:
    text = "\n".join(lines)
    return [hunk.splitlines() for hunk in re.split(r"^@@.*\n?", text, flags=re.MULTILINE) if hunk.strip()]


def _server_folder(root: Path) -> Path:
    return layout(root / ".interlocking", as_root=os.geteuid() == 0).folder


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, stdout=subprocess.PIPE, check=True, text=True).stdout


def _install(venv: Path, *, pins: Path) -> None:
    """Share this environment, marked as `bin/venv` marks one that is up to date."""
    venv.mkdir()
    for entry in Path(sys.prefix).iterdir():
        if entry.name != "interlocking-installed":
            (venv / entry.name).symlink_to(entry)
    mark = subprocess.run("cat constraints.txt pyproject.toml | cksum", shell=True, cwd=pins, stdout=-1, check=True)
    (venv / "interlocking-installed").write_bytes(mark.stdout.rstrip())


def _stand_ins(folder: Path) -> Path:
    folder.mkdir()
    for name, script in {"npm": _NPM, "node": _NODE}.items():
        (folder / name).write_text(script, encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder
