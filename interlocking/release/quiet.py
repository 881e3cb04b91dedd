"""Waiting for a quiet moment before production is migrated."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interlocking.durations import say_duration
from interlocking.errors import UnavailableError
from interlocking.plan import Event, Progress
from interlocking.postgres.load import Load, LoadMeter

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 - a class, whatever its name says

_SAMPLE_SECONDS = 1.0
_CALM_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class Quiet:
    """What counts as quiet, and how long to wait for it.

    Args:
        per_second: at most so many transactions a second.
        oldest: no open transaction older than this, in seconds.
        deadline: seconds until waiting is given up.
    """

    per_second: float = 20.0
    oldest: float = 1.0
    deadline: float = 900.0

    def holds(self, load: Load) -> bool:
        """Whether a sample is quiet."""
        return load.per_second is not None and load.per_second <= self.per_second and load.oldest <= self.oldest


def wait_until_quiet(connection: Connection, quiet: Quiet, live: Progress) -> float:
    """Wait until three samples in a row are quiet.

    Args:
        connection: to the database, in autocommit mode.
        quiet: what counts.
        live: is told every sample.

    Returns:
        The seconds that it took.

    Raises:
        UnavailableError: it did not become quiet; nothing was changed.
    """
    began = time.monotonic()
    meter, calm = LoadMeter(connection), 0
    load = meter.sample()
    while calm < _CALM_SAMPLES:
        if time.monotonic() - began > quiet.deadline:
            raise _never_quiet(load, quiet)
        time.sleep(_SAMPLE_SECONDS)
        load = meter.sample()
        calm = calm + 1 if quiet.holds(load) else 0
        live(Event("note", f"{_said(load)}; quiet is {quiet.per_second:g} a second and {say_duration(quiet.oldest)}"))
    return time.monotonic() - began


def _said(load: Load) -> str:
    return f"{load.per_second or 0:.0f} transactions a second, the oldest open one {say_duration(load.oldest)}"


def _never_quiet(load: Load, quiet: Quiet) -> UnavailableError:
    return UnavailableError(
        f"there was no quiet moment within {say_duration(quiet.deadline)}: {_said(load)}",
        code="never-quiet",
        why="nothing was changed",
        next="try again later, raise quiet_per_second or quiet_oldest in [tool.interlocking.railway], "
        "or leave --when-quiet out: the guard never lets the application queue behind it",
    )
