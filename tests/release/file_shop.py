"""A project with a railway.toml, and its temporary commands."""

from __future__ import annotations

import os
from pathlib import Path

from interlocking.environment import load_project
from interlocking.errors import UnavailableError
from interlocking.plan import Event
from interlocking.railway.cli import RailwayCli
from interlocking.release.overrides import Overrides
from interlocking.release.planning import PlannedOverride, Wish

ORIGINAL = (
    b"\xef\xbb\xbf# web\r\n[deploy]\r\nstartCommand = 'gunicorn app' # 4 workers\r\n[build]\r\nbuilder = \"RAILPACK\""
)
CHANGED = ORIGINAL.replace(b"'gunicorn", b"'flask db upgrade && gunicorn")
MODE, MTIME_NS = 0o640, 1_700_000_000_123_456_789


class FileShop:
    """A project whose service reads railway.toml."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.file = root / "railway.toml"
        self.file.write_bytes(ORIGINAL)
        self.file.chmod(MODE)
        os.utime(self.file, ns=(MTIME_NS, MTIME_NS))
        (root / "pyproject.toml").write_text('[tool.interlocking]\napp = "shop:application"\n')
        self.project = load_project(root, {})
        self.overrides = Overrides(self.project, unreachable)
        self.told: list[str] = []

    def plan(self, wish: Wish | None = None) -> PlannedOverride:
        return self.overrides.plan(wish or via_file())

    def tell(self, event: Event) -> None:
        self.told.append(event.text)

    @property
    def untouched(self) -> bool:
        """Whether the file is what it was, and alone."""
        status = self.file.stat()
        alone = {path.name for path in self.root.iterdir()} <= {"railway.toml", "pyproject.toml", ".interlocking"}
        same = (self.file.read_bytes(), status.st_mode & 0o7777, status.st_mtime_ns) == (ORIGINAL, MODE, MTIME_NS)
        return same and alone


def unreachable(_environment: str) -> RailwayCli:
    raise UnavailableError("the Railway CLI is not installed", code="railway-missing", next="install it")


def via_file() -> Wish:
    return Wish("production", lambda _railway: ("s-web", "web"), asked="file")
