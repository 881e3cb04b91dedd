"""What a database error means for the guard. Pure.

Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from __future__ import annotations

from collections.abc import Iterator

_NOT_NOW = frozenset({"55P03", "40P01"})  # lock_not_available, deadlock_detected
_NOT_IN_TRANSACTION = frozenset({"25001", "2D000"})  # active_sql_transaction, invalid_transaction_termination
_GONE = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03"})  # shutdown, crash, starting, idle time-outs
_DENIED = "42501"  # insufficient_privilege
_CONNECTION_CLASS = "08"


def sqlstate(error: BaseException) -> str:
    """Return the SQLSTATE of one error, of whatever driver or SQLAlchemy's wrapper; empty when it has none."""
    for carrier in (getattr(error, "orig", None), error):
        state = getattr(carrier, "sqlstate", None) or getattr(carrier, "pgcode", None)
        if state:
            return str(state)
    return ""


def sentence(error: BaseException) -> str:
    """Return one line that says what went wrong: the server's primary message, or the error's type and text."""
    original = getattr(error, "orig", None) or error
    primary = getattr(getattr(original, "diag", None), "message_primary", None)
    if primary:
        return str(primary)
    lines = str(original).strip().splitlines()
    return f"{type(original).__name__}: {lines[0]}" if lines else type(original).__name__


def is_lock_failure(error: BaseException) -> bool:
    """Return whether a lock could not be had in time: nothing is wrong, and another try may succeed."""
    return any(sqlstate(link) in _NOT_NOW for link in chain(error))


def is_not_in_transaction(error: BaseException) -> bool:
    """Return whether a statement refuses to run inside a transaction."""
    return sqlstate(error) in _NOT_IN_TRANSACTION


def is_denied(error: BaseException) -> bool:
    """Return whether the role may not do it."""
    return sqlstate(error) == _DENIED


def is_connection_lost(error: BaseException) -> bool:
    """Return whether the session has ended, so that what was sent last may or may not have been done."""
    return any(_says_gone(link) for link in chain(error))


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what it came from."""
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _says_gone(error: BaseException) -> bool:
    state = sqlstate(error)
    if state in _GONE or state.startswith(_CONNECTION_CLASS):
        return True
    original = getattr(error, "orig", None) or error
    invalidated = bool(getattr(error, "connection_invalidated", False))
    return invalidated or (not state and type(original).__name__ in ("OperationalError", "InterfaceError"))
