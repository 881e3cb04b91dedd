"""Lets a recorder hear which operation runs, what it sends, and what is sent past the operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from alembic.ddl.impl import DefaultImpl
from alembic.operations import base
from alembic.operations.batch import BatchOperationsImpl
from alembic.operations.ops import MigrateOperation
from sqlalchemy import Connection
from sqlalchemy.schema import ExecutableDDLElement

from interlocking.review.child import batches
from interlocking.review.child.recorder import Recorder, Running, line_in


class Batch(list[Any]):
    """The calls of a `batch_alter_table` block, each with the operation that it came from.

    Alembic sends them when the block ends: by then the line of the call would be lost.
    """

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder
        self._origins: list[Running | None] = []

    def append(self, call: Any) -> None:  # noqa: ANN401 - Alembic's tuple
        """Remember the call with its origin."""
        self._origins.append(self._recorder.running)
        super().append(call)

    def __iter__(self) -> Iterator[Any]:
        """Go through the calls; what each sends is taken for that of its operation."""
        for call, origin in zip(super().__iter__(), self._origins, strict=False):
            with self._recorder.during(origin):
                yield call


def listen(recorder: Recorder) -> None:
    """Let `recorder` know which operation runs, for the rest of this process."""
    invoke = base.AbstractOperations.invoke
    make: Callable[..., None] = BatchOperationsImpl.__init__
    send = DefaultImpl._exec  # noqa: SLF001 - where Alembic hands every statement over

    def invoked(self: Any, operation: MigrateOperation) -> Any:  # noqa: ANN401
        running = recorder.operation(operation, batch=isinstance(self, base.BatchOperations))
        with recorder.during(running):
            return invoke(self, operation)

    def made(self: Any, *arguments: Any, **options_: Any) -> None:  # noqa: ANN401
        make(self, *arguments, **options_)
        self.batch = Batch(recorder)

    def sent(self: Any, construct: Any, *arguments: Any, **options_: Any) -> Any:  # noqa: ANN401
        if arguments or options_ or not isinstance(construct, ExecutableDDLElement):
            return send(self, construct, *arguments, **options_)
        autocommit = self.connection.connection.dbapi_connection.autocommit
        sql = str(construct.compile(dialect=self.dialect))  # without the way through a cursor, which takes as long
        return recorder.statement(sql, (), rows=1, autocommit=autocommit)

    Connection._run_ddl_visitor = _unasked(Connection._run_ddl_visitor)  # type: ignore[method-assign]  # noqa: SLF001
    Connection.commit = _noted_end(recorder, "COMMIT", Connection.commit)  # type: ignore[assignment, method-assign]
    Connection.rollback = _noted_end(recorder, "ROLLBACK", Connection.rollback)  # type: ignore[assignment, method-assign]
    DefaultImpl._exec = sent  # type: ignore[method-assign]  # noqa: SLF001
    base.AbstractOperations.invoke = invoked  # type: ignore[method-assign]
    BatchOperationsImpl.__init__ = made  # type: ignore[method-assign]
    BatchOperationsImpl.flush = _flushed(recorder)  # type: ignore[method-assign, assignment]


def _unasked(visit: Callable[..., None]) -> Callable[..., None]:
    """Return what walks a type, table or index to make or drop it, dropping without a look whether it is there.

    An empty database has nothing to drop: `Enum.drop(bind)` would send no DROP TYPE, and the type would seem to stay.
    """

    def visited(self: Connection, visitor: type, element: Any, **options_: Any) -> None:  # noqa: ANN401
        if visitor.__name__.endswith("Dropper"):
            options_["checkfirst"] = False
        visit(self, visitor, element, **options_)

    return visited


def _noted_end(recorder: Recorder, word: str, end: Callable[[Connection], None]) -> Callable[[Connection], None]:
    """Return `commit` or `rollback` of a connection that says so when the revision calls it inside a transaction."""

    def ended(self: Connection) -> None:
        inside = self.in_transaction() and not getattr(self.connection.dbapi_connection, "autocommit", False)
        if inside and line_in(recorder.path):
            recorder.control(word)
        end(self)

    return ended


def _flushed(recorder: Recorder) -> Callable[[Any], None]:
    """Return the end of a `batch_alter_table` block: a copy of the table is taken down for that of the whole block."""
    flush: Callable[[Any], None] = BatchOperationsImpl.flush

    def flushed(self: Any) -> None:  # noqa: ANN401
        if not self._should_recreate():
            flush(self)
            return
        with recorder.during(recorder.begun(batches.OPERATION, batches.given(self))):
            if self.copy_from is not None:
                flush(self)
                return
            autocommit = self.impl.connection.connection.dbapi_connection.autocommit
            for sql in batches.statements(self):
                recorder.statement(sql, (), rows=1, autocommit=autocommit)
        batches.change_in_place(self, flush)

    return flushed
