"""The guard's settings: `[tool.interlocking.guard]`, and `INTERLOCKING_GUARD_*` above it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal

from interlocking.errors import UsageError
from interlocking.redaction import Secret
from interlocking.settings import Layer
from interlocking.tables import Reader, Table, duration, one_of, switch, text

Autovacuum = Literal["wait", "cancel", "longer-try"]
ChangedFile = Literal["refuse", "resume", "forget"]
Unstamped = Literal["refuse", "run"]


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """How the guard behaves; every duration in seconds.

    Args:
        lock_timeout: how long the first try may wait for a lock, and make everybody else wait behind it.
        lock_timeout_ceiling: how long a later try may; a longer one is a longer stall of the application.
        patience: how long one command may wait for locks in all.
        long_transaction: a transaction of that age that holds a conflicting lock is waited for without trying.
        statement_timeout: of every statement but those that block nobody; 0 is none.
        idle_in_transaction_timeout: how long a revision may compute between two statements; 0 is for ever.
        turn_wait: how long to wait for another upgrade that is running.
        reconnect: how long to try to reach a server that restarts, to learn what it committed.
        application_name: how the guard's connections are found in `pg_stat_activity`.
        autovacuum: what to do about an autovacuum worker in the way: wait for it, cancel it, or let one try
            last longer than `deadlock_timeout`, after which PostgreSQL itself cancels it.
        terminate_blockers: end sessions in the way whose transaction is older than that; 0 is never.
        changed_file: what to do when the file of a half-applied revision was edited: refuse, resume after the
            statements that are the same, or forget what is recorded and begin at the top.
        audit_schema: where the table of the audit is made; empty is the first schema of the search path.
        unstamped: what to do when no revision is recorded and tables of the revisions exist: refuse, or run them.
        direct_url: the server itself, where the application's URL leads to a pooler.
        tolerate_newer_database: whether a database that only newer code knows is left alone without an error.
    """

    lock_timeout: float = 0.010
    lock_timeout_ceiling: float = 0.050
    patience: float = 900.0
    long_transaction: float = 1.0
    statement_timeout: float = 3600.0
    idle_in_transaction_timeout: float = 300.0
    turn_wait: float = 900.0
    reconnect: float = 60.0
    application_name: str = "interlocking"
    autovacuum: Autovacuum = "wait"
    terminate_blockers: float = 0.0
    changed_file: ChangedFile = "refuse"
    audit_schema: str = ""
    unstamped: Unstamped = "refuse"
    direct_url: Secret = Secret("")  # noqa: RUF009 - immutable
    tolerate_newer_database: bool = False


def resolve_guard(layers: Sequence[Layer]) -> GuardSettings:
    """Merge `layers`, weakest first.

    Raises:
        UsageError: a name is unknown or a value cannot be read; the message names key and origin.
    """
    return _consistent(GuardSettings(**_TABLE.merge(layers)))  # type: ignore[arg-type]  # each reader knows its type


def _timeout(raw: object) -> float:
    seconds = duration(raw)
    if not seconds:
        raise ValueError("0 would mean to wait for ever, with the application waiting behind")
    return seconds


def _age(raw: object) -> float:
    return 0.0 if raw == "never" else duration(raw)


_READERS: dict[str, Reader] = {
    "lock_timeout": _timeout,
    "lock_timeout_ceiling": _timeout,
    "application_name": text,
    "audit_schema": text,
    "autovacuum": one_of("wait", "cancel", "longer-try"),
    "terminate_blockers": _age,
    "changed_file": one_of("refuse", "resume", "forget"),
    "unstamped": one_of("refuse", "run"),
    "direct_url": lambda raw: Secret(text(raw)),
    "tolerate_newer_database": switch,
}
NAMES = tuple(field.name for field in fields(GuardSettings))
_TABLE = Table(
    owner="the guard",
    why="the guard does not run on a guess",
    readers={name: _READERS.get(name, duration) for name in NAMES},
)


def _consistent(settings: GuardSettings) -> GuardSettings:
    if settings.lock_timeout > settings.lock_timeout_ceiling:
        raise UsageError(
            "lock_timeout of the guard is above lock_timeout_ceiling",
            code="bad-setting",
            why="the first try is the shortest",
            next="raise the ceiling, or lower the timeout",
        )
    return settings
