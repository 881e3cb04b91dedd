"""One Alembic command: what only reads runs as ever; what changes the database runs guarded, when its turn comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic import context as environment
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine

from interlocking.environment import guard_layers, host_name
from interlocking.upgrade.audit.observer import audited
from interlocking.upgrade.audit.tables import progress_name, without_own_tables
from interlocking.upgrade.guarding.guarded import Guarded
from interlocking.upgrade.guarding.observer import Observer
from interlocking.upgrade.guarding.offline import ONE_A_REVISION, write_sql
from interlocking.upgrade.guarding.pooling import direct_engine, require_same_database, require_sessions
from interlocking.upgrade.guarding.preflight import (
    Planner,
    older_than_database,
    planner_of,
    require_one_database,
    require_plain_functions,
    require_stamped,
    require_whole_files,
    unknown_heads,
)
from interlocking.upgrade.guarding.progress import ProgressTable
from interlocking.upgrade.guarding.session_lock import take_over, take_turn
from interlocking.upgrade.guarding.settings import GuardSettings, resolve_guard
from interlocking.upgrade.guarding.side import SideConnection
from interlocking.upgrade.guarding.stopping import Stop, stoppable
from interlocking.upgrade.guarding.timeouts import name_session
from interlocking.upgrade.guarding.transaction import AlembicStep
from interlocking.upgrade.guarding.version_table import find_version_table

Plan = tuple[tuple[str, ...], list[AlembicStep]]
_READING = ("dont_mutate", "revision_context", "template_args")


class Command:
    """The command that env.py was loaded for.

    Args:
        engine: of the database, or a connection to it.
        options: for `context.configure`.
        observer: hears how it goes.
    """

    def __init__(self, engine: Engine | Connection, options: dict[str, Any], observer: Observer) -> None:
        self._given = engine
        self._engine = engine.engine if isinstance(engine, Connection) else engine
        self._options = options
        self._observer = observer
        self._guarded: Guarded | None = None
        self._planned: Plan | None = None

    @property
    def failed(self) -> Any:  # noqa: ANN401
        """The revision that ended the run, or None."""
        return self._guarded.failed if self._guarded else None

    @property
    def standing(self) -> str:
        """Where the database stands after a failure, in words."""
        return self._guarded.standing if self._guarded else ""

    @property
    def changed(self) -> bool:
        """Whether the database is not as it was found."""
        return self._guarded is not None and self._guarded.changed

    def run(self) -> None:
        """Do what was asked for.

        Raises:
            InterlockingError: the guard refuses or gives up.
            Exception: whatever Alembic or a revision raised.
        """
        settings = resolve_guard(guard_layers(_folder()))
        require_one_database(self._options)
        if environment.is_offline_mode():
            require_whole_files(_folder())
            write_sql(self._options, settings, url=self._engine.url)
            return
        with _connected(self._given) as connection:
            context = self._configure(connection)
            if any(context.opts.get(name) for name in _READING):
                with environment.begin_transaction():
                    environment.run_migrations()
            elif not settings.direct_url:
                self._move(self._engine, connection, context, settings)
            else:
                self._move_directly(connection, settings)

    def _configure(self, connection: Connection) -> MigrationContext:
        own = without_own_tables(self._options.get("include_name"))
        hide = _hide_progress(own, self._options.get("version_table"))
        options = {**self._options, "include_name": hide, **ONE_A_REVISION}
        environment.configure(connection=connection, **options)
        return environment.get_context()

    def _move_directly(self, connection: Connection, settings: GuardSettings) -> None:
        engine = direct_engine(settings.direct_url)
        try:
            with engine.connect() as direct:
                require_same_database(connection, direct)
                self._move(engine, direct, self._configure(direct), settings)
        finally:
            engine.dispose()

    def _move(self, engine: Engine, connection: Connection, context: MigrationContext, settings: GuardSettings) -> None:
        require_whole_files(_folder())
        planner = planner_of(context)
        heads, steps = self._plan(context, planner, settings)
        if not steps:
            self._observer.planned(tuple(sorted(heads)))
            return
        raw: Any = connection.connection.dbapi_connection
        with stoppable(raw.cancel) as stop, closing(SideConnection(engine)) as side:
            require_sessions(side, connection)
            side.set_up(f"{settings.application_name} on {host_name()}"[:63])
            self._guard(engine, context, planner, side, settings=settings, stop=stop)

    def _guard(
        self,
        engine: Engine,
        context: MigrationContext,
        planner: Planner,
        side: SideConnection,
        *,
        settings: GuardSettings,
        stop: Stop,
    ) -> None:
        """Wait for the turn, look again at what is left to do, and do it."""
        connection: Connection = context.connection  # type: ignore[assignment]  # never None online
        table = find_version_table(connection, schema=context.version_table_schema, name=context.version_table)
        take_turn(side, table, wait=settings.turn_wait, say=self._observer.note)
        name_session(connection, settings.application_name)
        take_over(side, connection, table, say=self._observer.note)
        heads, steps = self._plan(context, planner, settings)
        if not steps:
            self._observer.planned(tuple(sorted(heads)))
            self._observer.note(f"nothing is left to do: the database is at {', '.join(heads) or 'base'}")
            return
        if not heads and settings.unstamped == "refuse" and not ProgressTable(side, table).load():
            require_stamped(connection, steps)
        with audited(
            self._observer,
            engine,
            context,
            side=side,
            table=table,
            heads=heads,
            steps=steps,
            folder=_folder(),
            schema=settings.audit_schema,
        ) as observer:
            observer.planned(tuple(sorted(heads)))
            self._guarded = Guarded(engine, context, side, table, settings=settings, observer=observer, stop=stop)
            self._guarded.run(heads, steps)

    def _plan(self, context: MigrationContext, planner: Planner, settings: GuardSettings) -> Plan:
        """Ask Alembic what is to do from where the database stands; leaves no transaction behind."""
        connection: Connection = context.connection  # type: ignore[assignment]  # never None online
        heads = () if context.purge else context.get_current_heads()
        unknown = unknown_heads(context, heads)
        if unknown and settings.tolerate_newer_database and planner.__name__ == "upgrade":
            self._observer.note(f"{older_than_database(unknown).message}; tolerated, as the setting says")
            return heads, []
        if unknown:
            raise older_than_database(unknown)
        if self._planned is None or self._planned[0] != heads:
            self._planned = heads, list(planner(heads, context))
            require_plain_functions(self._planned[1])
        connection.commit()  # `alembic ensure_version` has no steps, and makes its table while planning
        return self._planned


def _folder() -> Path:
    ini = environment.config.config_file_name
    return Path(ini).resolve().parent if ini else Path.cwd()


@contextmanager
def _connected(given: Engine | Connection) -> Iterator[Connection]:
    """Yield a connection with real transactions: an engine in autocommit mode could undo nothing."""
    if isinstance(given, Connection):
        yield given
        return
    with given.connect() as connection:
        if getattr(connection.connection.dbapi_connection, "autocommit", False):
            connection.execution_options(isolation_level=connection.default_isolation_level)
        yield connection


def _hide_progress(own: Callable[..., bool] | None, version_table: str | None) -> Callable[..., bool]:
    """Keep the guard's own table out of autogenerate, besides what the project's own function says."""
    hidden = progress_name(version_table or "alembic_version")

    def include(name: str | None, kind: str, parents: MutableMapping[str, str | None]) -> bool:
        return not (kind == "table" and name == hidden) and (own is None or own(name, kind, parents))

    return include
