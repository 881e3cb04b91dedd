"""Two ways of doing the same, measured in turns on the same machine, and the ratio of their medians."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from interlocking.postgres.connect import connect
from interlocking.postgres.embedded import EmbeddedServer
from interlocking.postgres.url import DatabaseUrl
from interlocking.redaction import Secret

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent
_MEMORY = "/dev/shm"
_ROLE = "bench"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Args:
        rounds: how often each side is timed.
        revisions: the length of a generated history; None means what the benchmark claims something about.
    """

    rounds: int
    revisions: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was measured of one claim.

    Args:
        name: of the claim.
        ours: what was timed on our side, in words.
        theirs: what was timed on the other.
        our_seconds: one entry a round.
        their_seconds: one entry a round, taken in turns with ours.
        at_most: the highest ratio of ours to theirs that the claim allows.
    """

    name: str
    ours: str
    theirs: str
    our_seconds: tuple[float, ...]
    their_seconds: tuple[float, ...]
    at_most: float

    @property
    def ratio(self) -> float:
        """Our median divided by theirs."""
        return statistics.median(self.our_seconds) / statistics.median(self.their_seconds)

    @property
    def holds(self) -> bool:
        """Whether the claim is true here and now."""
        return self.ratio <= self.at_most

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest ratio of a round."""
        ratios = [ours / theirs for ours, theirs in zip(self.our_seconds, self.their_seconds, strict=True)]
        return min(ratios), max(ratios)


def in_turns(
    ours: Callable[[], object], theirs: Callable[[], object], *, rounds: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Time both sides `rounds` times in turns, after one round each that is not counted.

    Returns:
        Seconds of our rounds, and of theirs.
    """
    ours()
    theirs()
    pairs = [(timed(ours), timed(theirs)) for _ in range(rounds)]
    return tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def command_line(
    argv: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None, statuses: Sequence[int] = (0,)
) -> Callable[[], None]:
    """Return a function that runs a command to its end, with Python's bytecode cached on either side.

    Args:
        argv: the program of this environment, and its arguments.
        cwd: where it runs.
        env: variables beside those of this process.
        statuses: what it may end with.
    """
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    full = [str(PROGRAMS / argv[0]), *argv[1:]]

    def run() -> None:
        ended = subprocess.run(
            full, cwd=cwd, env={**variables, **(env or {})}, check=False, capture_output=True, text=True
        )
        if ended.returncode not in statuses:
            raise RuntimeError(f"{' '.join(argv)} ended with status {ended.returncode}: {ended.stderr.strip()}")

    return run


@contextmanager
def throwaway_database() -> Iterator[DatabaseUrl]:
    """Run a server in a temporary folder and yield the URL of an empty database; both are gone afterwards.

    Its role is not the one of embedded servers: the suite would look for such a server in the measured project.
    In memory where the system has room for it: after many databases were dropped ext4 makes files many times slower
    for a while, so that the side that drops a database a revision would slow down the other.
    """
    with tempfile.TemporaryDirectory(dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None) as folder:
        server = EmbeddedServer(Path(folder) / "project" / ".interlocking", shared=Path(folder) / "shared")
        Path(folder).chmod(0o711)  # as root, the server is another user's and must be able to enter
        try:
            yield _with_role(server.ensure_running())
        finally:
            server.stop()


def _with_role(url: DatabaseUrl) -> DatabaseUrl:
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {_ROLE} SUPERUSER LOGIN PASSWORD '{_ROLE}'")
    return replace(url, user=_ROLE, password=Secret(_ROLE))
