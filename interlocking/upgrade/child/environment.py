"""Alembic's environment with two additions: it is proven where env.py connected, and watched what runs.

An env.py may carry a database URL of its own. So at the moment it hands its connection to Alembic,
before Alembic could create as much as its version table, the connection is compared with the database
that the task means.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import wraps
from time import perf_counter
from typing import Any

import alembic.command
import alembic.context
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep, StampStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event

from interlocking.errors import RefusedError, UsageError
from interlocking.upgrade.child.guarding import WatchObserver
from interlocking.upgrade.child.identity import prove
from interlocking.upgrade.guarding.observer import OBSERVER
from interlocking.upgrade.guarding.preflight import is_for_several_databases
from interlocking.upgrade.running.target import Target

Step = RevisionStep | StampStep
Migrations = Callable[..., Iterable[Step]]
Report = Callable[[dict[str, Any]], None]


@dataclass
class Watch:
    """What one Alembic command does, as it does it.

    Args:
        target: the only database that may be touched.
        report: receives what happens, as messages.
        heads: what the version table held before anything ran.
        running: the step that has begun and not ended.
        finished: the revisions that have ended; their commit may be yet to come.
        guarded: whether env.py calls the guard, which says itself what is committed.
    """

    target: Target
    report: Report
    heads: tuple[str, ...] = ()
    running: RevisionStep | None = None
    finished: list[str] = field(default_factory=list)
    guarded: bool = False
    _started: float = field(default=0.0, repr=False)

    def configured(self, context: MigrationContext) -> None:
        """Report which table holds the revisions."""
        self.report({"event": "configured", "schema": context.version_table_schema, "table": context.version_table})

    def stands_at(self, heads: tuple[str, ...]) -> None:
        """Report what the version table holds before anything runs."""
        self.heads = tuple(sorted(heads))
        self.report({"event": "at", "heads": self.heads})

    def begin(self, step: Step, position: tuple[int, int]) -> None:
        """Remember the revision that runs now: an exception from here on is its own."""
        if isinstance(step, RevisionStep):
            self.running, self._started = step, perf_counter()
            self.report({"event": "started", "position": position, **described(step)})

    def finish(self, step: Step, position: tuple[int, int], *, tries: int = 0, waited: float = 0.0) -> None:
        """Report that it is done.

        Args:
            step: which.
            position: as in `begin`.
            tries: how often it was begun; 0 without the guard, which counts.
            waited: seconds between tries.
        """
        if isinstance(step, RevisionStep):
            seconds = perf_counter() - self._started
            self.running = None
            self.finished.append(step.revision.revision)
            cost = {"seconds": seconds, "tries": tries, "waited": waited}
            self.report({"event": "done", "position": position, **cost, **described(step)})

    def note_commit(self, _connection: Connection) -> None:
        """Report that a revision committed before its end: a failure can no longer undo all of it."""
        if self.running is not None and not self.guarded:
            self.report({"event": "committed"})

    def note_own_commit(self, step: Step) -> None:
        """Report that a revision ended Alembic's transaction."""
        if isinstance(step, RevisionStep):
            self.report({"event": "own-commit", **described(step)})


def described(step: RevisionStep) -> dict[str, str]:
    """Return the names of a step as messages carry them."""
    return {"revision": step.revision.revision, "direction": "upgrade" if step.is_upgrade else "downgrade"}


def watched_environment(watch: Watch) -> type[EnvironmentContext]:
    """Make every Alembic command of this process run in an environment that reports to `watch`.

    Returns:
        The environment, for what has no command: `with environment(config, script, fn=...)`.
    """

    class WatchedEnvironment(EnvironmentContext):
        """The environment that env.py sees as `alembic.context`."""

        def __init__(self, config: Config, script: ScriptDirectory, **options: Any) -> None:  # noqa: ANN401
            super().__init__(config, script, **options)
            self.context_opts["fn"] = _watched(self.context_opts["fn"], watch)
            config.attributes[OBSERVER] = WatchObserver(watch, script)

        def configure(self, connection: Connection | None = None, **options: Any) -> None:  # type: ignore[override]  # noqa: ANN401
            if not self.is_offline_mode():
                _check(connection, options, watch)
            logging.getLogger("alembic").setLevel(logging.WARNING)  # the task reports each step itself
            super().configure(connection=connection, **options)
            watch.configured(self.get_context())

        def __exit__(self, kind: object = None, *rest: object) -> None:
            super().__exit__(kind, *rest)
            if kind is None and self._migration_context is None:
                raise _never_configured()

    # Alembic binds the functions of `alembic.context` to the exact class of the environment.
    WatchedEnvironment.create_module_class_proxy(vars(alembic.context), vars(alembic.context))
    setattr(alembic.command, "EnvironmentContext", WatchedEnvironment)  # noqa: B010 - not exported there
    return WatchedEnvironment


def _watched(migrations: Migrations, watch: Watch) -> Migrations:
    """Wrap the function that plans the steps, so that each is seen to start and to end.

    The guard, which runs the steps one by one and tells of them itself, unwraps it again.
    """

    @wraps(migrations)
    def steps(heads: tuple[str, ...], context: MigrationContext) -> Iterator[Step]:
        watch.stands_at(heads)
        planned = list(migrations(heads, context))
        for number, step in enumerate(planned, 1):
            watch.begin(step, (number, len(planned)))
            yield step
            if _has_lost_its_transaction(context):
                _keep_version(context)
                watch.note_own_commit(step)
            watch.finish(step, (number, len(planned)))

    return steps


def _has_lost_its_transaction(context: MigrationContext) -> bool:
    """Whether a revision ended the transaction that Alembic began, as `op.get_bind().commit()` does.

    What Alembic writes afterwards, the revision's row in the version table, stands in a transaction that
    SQLAlchemy began by itself, and that nobody commits.
    """
    connection, transaction = context.connection, context._transaction  # noqa: SLF001 - no public name
    if context.as_sql or connection is None or context._in_external_transaction:  # noqa: SLF001 - same
        return False
    per_migration = context._transaction_per_migration  # noqa: SLF001 - same
    ended = transaction is not None and not transaction.is_active
    return connection.in_transaction() and (ended or per_migration)


def _keep_version(context: MigrationContext) -> None:
    if context.connection is not None:
        context.connection.commit()


def _check(connection: Connection | None, options: dict[str, Any], watch: Watch) -> None:
    if is_for_several_databases(options):
        raise _several_databases()
    if connection is None:
        raise UsageError(
            "env.py gave Alembic no connection",
            code="env-without-connection",
            why="it cannot be proven which database it would change",
            next="call context.configure(connection=...) when context.is_offline_mode() is false",
        )
    prove(connection, watch.target)
    event.listen(connection, "commit", watch.note_commit)


def _several_databases() -> RefusedError:
    return RefusedError(
        "env.py migrates several databases at once (Flask-Migrate's multidb template)",
        code="several-databases",
        why="the suite proves, compares and reports one database; it would be guessing about the others",
        next="run flask db upgrade for this project, or give each database a migrations folder of its own",
    )


def _never_configured() -> UsageError:
    return UsageError(
        "env.py never called context.configure()",
        code="env-without-configure",
        why="so Alembic did nothing at all",
        next="compare env.py with the one that `alembic init` or `flask db init` writes",
    )
