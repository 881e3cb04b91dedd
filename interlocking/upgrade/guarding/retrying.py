"""Trying a revision until it has its locks, without ever making the application wait for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from interlocking.durations import parse_duration, say_duration
from interlocking.errors import UnavailableError
from interlocking.upgrade.guarding.blockers import Blocker, find_blockers
from interlocking.upgrade.guarding.observer import say_effort
from interlocking.upgrade.guarding.patience import Patience
from interlocking.upgrade.guarding.settings import GuardSettings
from interlocking.upgrade.guarding.side import SideConnection
from interlocking.upgrade.guarding.sqlstates import is_denied, is_lock_failure

_POLL = 0.1
_MARGIN = 0.1


@dataclass
class Effort:
    """What one revision has cost so far.

    Args:
        tries: how often it was begun.
        waited: seconds between tries.
    """

    tries: int = 0
    waited: float = 0.0


class Retrier:
    """Retries a revision until it has its locks, within one budget of waiting for the whole command.

    Args:
        settings: of the guard.
        side: asks who is in the way.
        own: process id of the migrating connection.
        say: is told who is in the way: once, and when that changes.
    """

    def __init__(self, settings: GuardSettings, side: SideConnection, *, own: int, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._patience = Patience(settings.lock_timeout, settings.lock_timeout_ceiling)
        self._side = side
        self._own = own
        self._say = say
        self._told: set[tuple[int, str]] = set()
        self._quiet = True
        self._signalled: set[tuple[int, str]] = set()
        self._left = settings.patience

    def until_done(self, work: Callable[[float, bool], None], effort: Effort, *, wanted: Callable[[], str]) -> None:
        """Run `work` until it has its locks.

        Args:
            work: one try; takes the lock timeout in seconds, and whether it is not the first.
            effort: is kept up to date, also when an exception ends it.
            wanted: returns the statement that could not have its lock.

        Raises:
            UnavailableError: patience ran out.
        """
        self._told, self._quiet, longer = set(), True, 0.0
        while True:
            timeout = longer or self._patience.lock_timeout(effort.tries)
            effort.tries += 1
            try:
                return work(timeout, effort.tries > 1)
            except Exception as error:
                if not is_lock_failure(error):
                    raise
                failure = error
            longer = self._wait(wanted(), effort, failure)

    def _wait(self, statement: str, effort: Effort, failure: Exception) -> float:
        """Wait until another try makes sense; return a longer lock timeout for it, or 0."""
        began, before = time.monotonic(), effort.waited
        pause = self._patience.pause(effort.tries)
        try:
            while True:
                blockers = find_blockers(self._side, statement=statement, own=self._own)
                self._tell(blockers)
                if time.monotonic() - began >= self._left:
                    raise self._out_of_patience(blockers, effort) from failure
                if self._move_aside(blockers):
                    return self._beyond_deadlock_timeout()
                if not any(each.is_long(self._settings.long_transaction) for each in blockers):
                    break
                pause = 0.0
                time.sleep(_POLL)
            time.sleep(pause)
            return 0.0
        finally:
            spent = time.monotonic() - began
            effort.waited, self._left = before + spent, self._left - spent

    def _tell(self, blockers: list[Blocker]) -> None:
        """Name everybody in the way once: whoever is there first, later only who stays."""
        for each in blockers:
            known = (each.pid, each.began) in self._told
            if not known and (each.is_long(self._settings.long_transaction) or self._quiet):
                self._told.add((each.pid, each.began))
                self._say(f"waiting for a lock: {each.described()}")
        self._quiet = self._quiet and not blockers

    def _move_aside(self, blockers: list[Blocker]) -> bool:
        """Do what the settings allow about those in the way; return whether a longer try is called for."""
        limit = self._settings.terminate_blockers
        for each in blockers:
            if limit and each.is_client and each.age >= limit:
                self._signal(each, "pg_terminate_backend", "ending its session, as terminate_blockers says")
            elif each.is_autovacuum and self._settings.autovacuum == "cancel":
                self._signal(each, "pg_cancel_backend", "cancelling autovacuum, as the setting says")
        alone = bool(blockers) and all(each.is_autovacuum for each in blockers)
        return alone and self._settings.autovacuum == "longer-try"

    def _signal(self, blocker: Blocker, function: str, deed: str) -> None:
        """Send a signal once; a role that may not goes on waiting."""
        if (blocker.pid, blocker.began) in self._signalled:
            return
        self._signalled.add((blocker.pid, blocker.began))
        self._say(f"{deed}: process {blocker.pid}")
        try:
            self._side.rows(f"SELECT {function}(%s)", (blocker.pid,))
        except Exception as error:
            if not is_denied(error):
                raise
            self._say(f"this role may not do that to process {blocker.pid}; waiting instead")

    def _beyond_deadlock_timeout(self) -> float:
        """Return a timeout after which PostgreSQL has cancelled an autovacuum worker that was in the way."""
        (text,) = self._side.row("SELECT current_setting('deadlock_timeout')")
        return parse_duration(text) + _MARGIN

    def _out_of_patience(self, blockers: list[Blocker], effort: Effort) -> UnavailableError:
        who = "; ".join(each.described() for each in blockers) or "nobody who still has it"
        return UnavailableError(
            f"a lock could not be had within {say_duration(self._settings.patience)} ({say_effort(effort.tries, 0)})",
            code="lock-not-had",
            why=f"in the way: {who}",
            next="end that transaction and try again, or raise INTERLOCKING_GUARD_PATIENCE",
        )
