"""Where the embedded server of one project keeps its things. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

SHARED = Path("/var/lib/interlocking")
_NAME_LENGTH = 24


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of one server.

    Args:
        home: the project's `.interlocking`; holds what only its owner may read.
        folder: owned by whoever runs the server, mode 0700; holds the data and the log.
    """

    home: Path
    folder: Path

    @property
    def state(self) -> Path:
        """Port and password, mode 0600."""
        return self.home / "postgres.json"

    @property
    def lock(self) -> Path:
        """Held while the server is made, started or stopped."""
        return self.home / "postgres.lock"

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server said since its last start."""
        return self.folder / "server.log"


def layout(home: Path, *, as_root: bool, shared: Path = SHARED) -> Layout:
    """Lay out the server of the project whose `.interlocking` is `home`.

    Root's server runs as another user, who cannot enter `/root`: its folder is outside, named after the
    project so that a person recognises it, and after the whole path so that it is unique.

    Args:
        home: an absolute path.
        as_root: whether we run as root.
        shared: where root's servers live.
    """
    if not as_root:
        return Layout(home, home / "postgres")
    from hashlib import sha256  # noqa: PLC0415 - as slow to load as this whole room

    name = re.sub(r"[^A-Za-z0-9]+", "-", home.parent.name).strip("-")[:_NAME_LENGTH] or "project"
    digest = sha256(str(home).encode(errors="surrogateescape")).hexdigest()[:12]
    return Layout(home, shared / f"{name}-{digest}")
