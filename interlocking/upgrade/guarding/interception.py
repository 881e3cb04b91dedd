"""What a revision sends to the server, seen statement by statement on the migrating connection.

SQLAlchemy's `do_execute` events can run a statement in their own way, or not at all
(https://docs.sqlalchemy.org/en/20/core/events.html#sqlalchemy.events.DialectEvents): that is how a statement that
has committed in an earlier try is passed over. Reads and settings of the session always run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from interlocking.upgrade.guarding.ledger import Ledger
from interlocking.upgrade.guarding.outside import OutsideTransaction
from interlocking.upgrade.guarding.sqlstates import is_lock_failure
from interlocking.upgrade.guarding.statements import Statement, classify, fingerprint
from interlocking.upgrade.guarding.timeouts import unhurried

_BEGUN = 2  # psycopg2.extensions.STATUS_BEGIN
_IDLE = 0  # psycopg2.extensions.TRANSACTION_STATUS_IDLE
_SAVEPOINT = re.compile(r"SAVEPOINT (\S+)", re.IGNORECASE)
_ROLLBACK_TO = re.compile(r"ROLLBACK(?: WORK| TRANSACTION)? TO (?:SAVEPOINT )?(\S+)", re.IGNORECASE)
_OWN_ANSWER = re.compile(r"\b(?:NOWAIT|SKIP LOCKED)\b", re.IGNORECASE)


class Interceptor:
    """Sees the statements of the revision whose ledger is open; of no other code.

    Args:
        connection: the one that migrates.
        outside: runs what commits by itself.
        on_commit: is told when part of a revision was committed before its end.
    """

    def __init__(self, connection: Connection, outside: OutsideTransaction, *, on_commit: Callable[[], None]) -> None:
        self._connection = connection
        self._raw: Any = connection.connection.dbapi_connection
        self._outside = outside
        self._on_commit = on_commit
        self._ledger: Ledger | None = None
        self._last = ""
        self.made: list[Statement] = []
        self.refused: dict[str, Exception] = {}

    @property
    def wanted(self) -> str:
        """The statement that could not have its lock, or else the last one."""
        return next(reversed(self.refused), self._last)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """See every statement of the connection within the block."""
        listeners = (
            (self._connection.engine, "do_execute", self._on_execute),
            (self._connection.engine, "do_executemany", self._on_executemany),
            (self._connection.engine, "do_execute_no_params", self._on_execute_no_params),
            (self._connection, "commit", self._on_commit_event),
            (self._connection, "rollback", self._on_rollback_event),
        )
        for listener in listeners:
            event.listen(*listener)
        try:
            yield
        finally:
            for listener in listeners:
                event.remove(*listener)

    @contextmanager
    def body(self, ledger: Ledger) -> Iterator[None]:
        """Take what runs within the block for the body of the revision that `ledger` belongs to."""
        ledger.begin()
        self.made, self.refused, self._ledger = [], {}, ledger
        try:
            yield
        finally:
            self._ledger = None
        if self._commits_each() and not self._raw.autocommit:
            with self._raw.cursor() as cursor:  # a bare COMMIT went past the driver: bring both to the same state
                cursor.execute("BEGIN")

    def _on_execute(self, cursor: Any, statement: str, parameters: Any, context: Any) -> bool:  # noqa: ANN401
        run = context.dialect.do_execute
        return self._handle(lambda: run(cursor, statement, parameters, context), cursor, statement, parameters, context)

    def _on_executemany(self, cursor: Any, statement: str, parameters: Any, context: Any) -> bool:  # noqa: ANN401
        run = context.dialect.do_executemany
        return self._handle(lambda: run(cursor, statement, parameters, context), cursor, statement, parameters, context)

    def _on_execute_no_params(self, cursor: Any, statement: str, context: Any) -> bool:  # noqa: ANN401
        run = context.dialect.do_execute_no_params
        return self._handle(lambda: run(cursor, statement, context), cursor, statement, None, context)

    def _handle(self, run: Callable[[], None], cursor: Any, sql: str, parameters: Any, context: Any) -> bool:  # noqa: ANN401
        """Run a statement in the guard's way; return False to let SQLAlchemy run it."""
        if context.root_connection is not self._connection:
            return False
        self._last = sql
        if self._ledger is None:
            return False
        statement = classify(sql)
        if statement.kind in ("read", "session", "begin", "commit"):
            self._note_session(statement, self._ledger)
            self._watched(run, sql)
            return True
        mark = fingerprint(sql, parameters)
        self.made.append(statement)
        if not self._passes_over(statement, mark, self._ledger, context):
            self._execute(statement, mark, self._ledger, lambda: self._counted(run, cursor, sql))
        return True

    def _note_session(self, statement: Statement, ledger: Ledger) -> None:
        if statement.kind == "commit":
            self._commit(ledger)
        elif found := _SAVEPOINT.match(statement.text):
            ledger.savepoint(found[1])
        elif found := _ROLLBACK_TO.match(statement.text):
            ledger.rolled_back_to(found[1])
        elif statement.text.upper().startswith("ROLLBACK"):
            ledger.rolled_back()

    def _passes_over(self, statement: Statement, mark: str, ledger: Ledger, context: Any) -> bool:  # noqa: ANN401
        """Return whether the statement has committed before; its row count is then what it was."""
        entry = ledger.passed_over(mark)
        if entry is None:
            ledger.require_same_rows(statement)
            return False
        if not self._outside.is_done(entry, statement, ledger):
            return False
        context._rowcount = entry.row_count  # noqa: SLF001 - a loop may end when a batch touches few rows
        return True

    def _execute(self, statement: Statement, mark: str, ledger: Ledger, run: Callable[[], int]) -> None:
        if self._commits_each():
            self._outside.run(statement, mark, ledger, run)
            self._on_commit()
            return
        with unhurried(self._raw, statement):
            ledger.ran(statement, mark, run())

    def _counted(self, run: Callable[[], None], cursor: Any, sql: str) -> int:  # noqa: ANN401
        self._watched(run, sql)
        return int(cursor.rowcount)

    def _watched(self, run: Callable[[], None], sql: str) -> None:
        """Remember a lock that was not had until the same statement succeeds: a revision may swallow the error."""
        try:
            run()
        except Exception as error:
            if is_lock_failure(error) and not _OWN_ANSWER.search(sql):
                self.refused[sql] = error
            raise
        self.refused.pop(sql, None)

    def _commits_each(self) -> bool:
        """Whether each statement is a transaction of its own.

        After a bare COMMIT psycopg2 believes in a transaction that the server has ended.
        """
        if self._raw.autocommit:
            return True
        believes = getattr(self._raw, "status", None) == _BEGUN
        return bool(believes and self._raw.info.transaction_status == _IDLE)

    def _on_commit_event(self, _connection: Connection) -> None:
        if self._ledger is not None and not self._raw.autocommit:
            self._commit(self._ledger)

    def _on_rollback_event(self, _connection: Connection) -> None:
        if self._ledger is not None:
            self._ledger.rolled_back()

    def _commit(self, ledger: Ledger) -> None:
        with self._raw.cursor() as cursor:
            committed = ledger.commit(cursor)
        if committed:
            self._on_commit()
