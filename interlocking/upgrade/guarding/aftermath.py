"""From what ended a run to the error that is shown, with where the database stands. Pure."""

from __future__ import annotations

import signal
import traceback
from pathlib import Path

from interlocking.errors import (
    CheckFailedError,
    IncompleteError,
    InterlockingError,
    StoppedError,
    UnavailableError,
)
from interlocking.redaction import mask_url
from interlocking.upgrade.guarding.observer import Report
from interlocking.upgrade.guarding.sqlstates import chain, is_connection_lost, sentence, sqlstate

_MEANINGS = {
    "25006": ("read-only-database", "the server is a standby, or default_transaction_read_only is on"),
    "42501": ("permission-denied", "the role of the database URL may not do what is asked"),
    "57014": ("statement-timeout", "statement_timeout ended the statement, or someone cancelled it"),
}

_EXISTS = frozenset({"42P07", "42701", "42710", "42P06"})  # duplicate table, column, object, schema


def explained(error: BaseException, failed: Report | None, *, standing: str, changed: bool) -> InterlockingError | None:
    """Return the error to show, or None for one that is Alembic's own business.

    Args:
        error: what ended the run.
        failed: the revision that it ended.
        standing: where the database stands, in words.
        changed: whether that is elsewhere than before the run.
    """
    if isinstance(error, KeyboardInterrupt | StoppedError):
        number = error.signal_number if isinstance(error, StoppedError) else signal.SIGINT
        return StoppedError(number, why=standing or "nothing was changed", next="run the same command again")
    if failed is None:
        return error if isinstance(error, InterlockingError) else _before_any(error)
    return _with_standing(_of_revision(error, failed), standing, changed=changed)


def needs_traceback(error: BaseException) -> bool:
    """Return whether the lines of a traceback help: a mistake in Python, rather than an answer of the database."""
    return not isinstance(error, InterlockingError) and not any(sqlstate(link) for link in chain(error))


def _before_any(error: BaseException) -> InterlockingError | None:
    if is_connection_lost(error):
        return UnavailableError(
            f"the database cannot be reached: {mask_url(sentence(error))}",
            code="database-unreachable",
            why="nothing was changed",
            next="check that the server runs and that DATABASE_URL leads to it",
        )
    return None


def _of_revision(error: BaseException, failed: Report) -> InterlockingError:
    if isinstance(error, InterlockingError):
        return error
    said = mask_url(sentence(error))
    what = f"{failed.step.revision} failed in its {failed.step.direction}: {said}{_place(error, failed)}"
    for link in chain(error):
        if meaning := _MEANINGS.get(sqlstate(link)):
            return UnavailableError(what, code=meaning[0], why=meaning[1])
    remedy = f"correct the {failed.step.direction}() of that file, then try again"
    if any(sqlstate(link) in _EXISTS for link in chain(error)):
        remedy += "; if it was made by an older application or create_all(): invoke db.stamp says where that stands"
    return CheckFailedError(what, code="revision-failed", next=remedy)


def _with_standing(error: InterlockingError, standing: str, *, changed: bool) -> InterlockingError:
    kind = IncompleteError if changed else type(error)
    why = "\n".join(part for part in (error.why, "" if standing in error.why else standing) if part)
    return kind(error.message, code=error.code, why=why, next=error.next)


def _place(error: BaseException, failed: Report) -> str:
    path = failed.step.path
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if path and Path(frame.filename).resolve() == path.resolve()
    ]
    return f" ({path.name}:{lines[-1]})" if lines and path else ""
