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
from dataclasses import dataclass
from pathlib import Path

from interlocking.postgres.embedded import EmbeddedServer

ROOT = Path(__file__).resolve().parent.parent
_MEMORY = "/dev/shm"
PROGRAMS = Path(sys.executable).parent


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


def command_line(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None) -> Callable[[], None]:
    """Return a function that runs a command to its end, with Python's bytecode cached on either side.

    Args:
        argv: the program of this environment, and its arguments.
        cwd: where it runs.
        env: variables beside those of this process.
    """
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    full = [str(PROGRAMS / argv[0]), *argv[1:]]

    def run() -> None:
        subprocess.run(full, cwd=cwd, env={**variables, **(env or {})}, check=True, capture_output=True)

    return run


@contextmanager
def throwaway_server() -> Iterator[EmbeddedServer]:
    """Run an embedded server in a temporary folder; it is gone afterwards.

    In memory where the system has room for it: after many databases were dropped ext4 makes files many times slower
    for a while, so that the side that drops a database a revision would slow down the other.
    """
    with tempfile.TemporaryDirectory(dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None) as folder:
        server = EmbeddedServer(Path(folder) / "project" / ".interlocking", shared=Path(folder) / "shared")
        Path(folder).chmod(0o711)  # as root, the server is another user's and must be able to enter
        try:
            server.ensure_running()
            yield server
        finally:
            server.stop()
