"""The walk over the table: one batch after the other, each a short transaction, until nothing is left."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import psycopg2
from psycopg2 import errors
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class, whatever its name says
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - same

from interlocking.errors import IncompleteError
from interlocking.upgrade.backfilling.pace import Backfilling, Pace, estimate_remaining
from interlocking.upgrade.backfilling.progress import Notes, Place, key_values
from interlocking.upgrade.backfilling.replicas import find_laggard
from interlocking.upgrade.backfilling.statements import Statements
from interlocking.upgrade.guarding.patience import jittered

_IN_THE_WAY = (errors.LockNotAvailable, errors.DeadlockDetected, errors.SerializationFailure)
_SETTINGS = "SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', '0', true)"
_ANOTHER_RUNNER = "5s"
_PAUSE = 0.05
_LONGEST_PAUSE = 1.0
_SECONDS_BETWEEN_LOOKS = 1.0
_SWEEPS = 3


class Walk:
    """One run of a backfill.

    Args:
        connection: its own; not in autocommit mode.
        statements: of its table.
        parameters: the values of the revision's own parameters.
        notes: where its progress is kept.
        pace: how fast it may go.
        table: for a person.
        total: about how many rows there are.
        tell: hears of every batch and every wait.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        statements: Statements,
        parameters: dict[str, Any],
        notes: Notes,
        pace: Pace,
        table: str,
        total: int | None,
        tell: Callable[[Backfilling], None],
    ) -> None:
        self._connection = connection
        self._statements = statements
        self._parameters = parameters
        self._notes = notes
        self._pace = pace
        self._table = table
        self._total = total
        self._tell = tell
        self._size = pace.first_size
        self._began = time.monotonic()
        self._looked = 0.0
        self._before: int | None = None
        self.retries = 0
        self.batches = 0

    def run(self) -> Place:
        """Walk to the end and return where that is.

        Raises:
            IncompleteError: a row stayed locked, or a replica behind, for longer than the patience.
        """
        while not (place := self._patiently()).finished:
            self._tell(self.progress(place))
            self._wait_for_replicas(place)
        return place

    def progress(self, place: Place) -> Backfilling:
        """Return how far it is."""
        seconds = time.monotonic() - self._began
        remaining = estimate_remaining(
            scanned=place.scanned, before=self._before or 0, total=self._total, seconds=seconds
        )
        return Backfilling(self._table, place.scanned, place.updated, self._total, seconds, remaining)

    def _patiently(self) -> Place:
        """Do one batch, however often someone is in the way, and rest after it."""
        failures, since = 0, time.monotonic()
        while True:
            began = time.monotonic()
            try:
                place = self._batch()
            except _IN_THE_WAY as error:
                self._connection.rollback()
                failures += 1
                self._give_way(error, failures, since)
            else:
                time.sleep(self._pace.rest(time.monotonic() - began))
                return place

    def _batch(self) -> Place:
        """Do one batch in one transaction."""
        with self._connection.cursor() as cursor:
            cursor.execute(_SETTINGS, (_ANOTHER_RUNNER,))
            place = self._notes.lock(cursor)
            if self._before is None:
                self._before = place.scanned
            if place.finished:
                self._connection.rollback()
                return place
            after = self._advance(cursor, place)
            self._notes.write(cursor, after)
            self._connection.commit()
            return after

    def _advance(self, cursor: Cursor, place: Place) -> Place:
        bound = self._bound(cursor, place)
        if bound is None:
            return self._next_pass(cursor, place)
        *until, count = bound
        began = time.monotonic()
        updated, still = self._update(cursor, place, until)
        self._size = self._pace.next_size(self._size, time.monotonic() - began)
        self.batches += 1
        return replace(
            place,
            position=tuple(until),
            scanned=place.scanned + (count if place.number == 1 else 0),
            updated=place.updated + updated,
            still=place.still + still,
        )

    def _next_pass(self, cursor: Cursor, place: Place) -> Place:
        """Return what comes after the last row.

        Rows may have been inserted behind the batches meanwhile. Where every change makes the condition false, looking
        again is harmless and finds only those; elsewhere it would change rows twice, so nobody looks.
        """
        may_look_again = place.updated and not place.still and place.number <= _SWEEPS
        if may_look_again and self._any_left(cursor):
            return replace(place, position=None, number=place.number + 1)
        return replace(place, finished=True)

    def _any_left(self, cursor: Cursor) -> bool:
        cursor.execute(self._statements.any_matching, self._parameters)
        (found,) = cursor.fetchone() or (False,)
        return bool(found)

    def _bound(self, cursor: Cursor, place: Place) -> tuple[Any, ...] | None:
        """Return the last key of the next batch and its number of rows, or None at the end."""
        each = self._statements
        if place.number == 1:
            statement = each.first if place.position is None else each.next
        else:
            statement = each.first_matching if place.position is None else each.next_matching
        limit = {"interlocking_limit": self._size}
        cursor.execute(statement, {**self._parameters, **key_values("after", place.position), **limit})
        return cursor.fetchone()

    def _update(self, cursor: Cursor, place: Place, until: list[str]) -> tuple[int, int]:
        """Change the rows of a batch; return how many, and how many of them the condition still matches."""
        cursor.execute(_SETTINGS, (f"{max(1, round(self._pace.lock_timeout * 1000))}ms",))
        statement = self._statements.update_first if place.position is None else self._statements.update_next
        keys = {**key_values("after", place.position), **key_values("until", until)}
        cursor.execute(statement, {**self._parameters, **keys})
        updated, still = cursor.fetchone() or (0, 0)
        return updated, still

    def _give_way(self, error: psycopg2.Error, failures: int, since: float) -> None:
        """Rest and take fewer rows: a long transaction then holds up no more than the rows it has locked."""
        self.retries += 1
        self._size = max(1, self._size // 2)
        if time.monotonic() - since > self._pace.patience:
            what = f"rows of {self._table} stayed locked: {error.diag.message_primary}"
            raise self._out_of_patience(what) from None  # with its cause, the guard would take it for one failed try
        time.sleep(jittered(min(_LONGEST_PAUSE, _PAUSE * 2 ** min(failures, 10))))

    def _wait_for_replicas(self, place: Place) -> None:
        """Let replicas catch up, if there are any."""
        since = time.monotonic()
        if since - self._looked < _SECONDS_BETWEEN_LOOKS:
            return
        while (laggard := self._laggard()) is not None:
            self._tell(replace(self.progress(place), waiting=laggard))
            if time.monotonic() - since > self._pace.patience:
                raise self._out_of_patience(f"{laggard} did not catch up")
            time.sleep(_PAUSE * 4)
        self._looked = time.monotonic()

    def _laggard(self) -> str | None:
        with self._connection.cursor() as cursor:
            lag = find_laggard(cursor, seconds=self._pace.max_lag, size=self._pace.max_lag_bytes)
        self._connection.rollback()
        return lag.sentence if lag else None

    def _out_of_patience(self, what: str) -> IncompleteError:
        with suppress(psycopg2.Error):
            self._connection.rollback()
        return IncompleteError(
            f"the backfill gave up: {what}",
            code="backfill-blocked",
            why=f"it waited {self._pace.patience:g} s; what it has done stays done, and its place is kept",
            next="end what is in the way, then run the upgrade again: it goes on where it stopped",
        )
