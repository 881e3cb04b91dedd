"""PostgreSQL's dialect on the recording DBAPI; asks no server anything about itself."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import NullPool

from interlocking.review.child import recording

_NAME = "interlocking_recording"


class _Nothing(list[Any]):
    """What is known of a table that is not known: no columns, no indexes, and no primary key by name."""

    def get(self, _name: str, default: Any = None) -> Any:  # noqa: ANN401
        """Answer as the mapping that describes a primary key."""
        return default

    def __getitem__(self, name: Any) -> Any:  # noqa: ANN401
        """Answer as the mapping that describes a primary key; as a list it is empty."""
        return [] if name == "constrained_columns" else None if isinstance(name, str) else super().__getitem__(name)


class RecordingDialect(PGDialect):
    """PGDialect whose connection has no server behind it."""

    driver = "psycopg2"  # what a revision may look at; it changes nothing here
    default_paramstyle = "numeric_dollar"
    supports_statement_cache = True
    use_insertmanyvalues = False
    insert_executemany_returning = False
    server_major = 15

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        """Return the recording DBAPI."""
        return recording

    def create_connect_args(self, _url: Any) -> tuple[list[Any], dict[str, Any]]:  # noqa: ANN401
        """Return no arguments: `creator` connects."""
        return [], {}

    def _get_server_version_info(self, _connection: Any) -> tuple[int, int]:  # noqa: ANN401
        return (self.server_major, 0)

    def _get_default_schema_name(self, _connection: Any) -> str:  # noqa: ANN401
        return "public"

    def _set_backslash_escapes(self, _connection: Any) -> None:  # noqa: ANN401
        self._backslash_escapes = False

    def get_default_isolation_level(self, _dbapi_connection: Any) -> Any:  # noqa: ANN401
        """Return PostgreSQL's default."""
        return "READ COMMITTED"

    def get_isolation_level_values(self, _dbapi_connection: Any) -> Any:  # noqa: ANN401
        """Return what psycopg2 knows."""
        return ("AUTOCOMMIT", "READ COMMITTED", "READ UNCOMMITTED", "REPEATABLE READ", "SERIALIZABLE")

    def get_isolation_level(self, dbapi_connection: Any) -> Any:  # noqa: ANN401
        """Return whether the connection is outside transactions."""
        return "AUTOCOMMIT" if dbapi_connection.autocommit else "READ COMMITTED"

    def set_isolation_level(self, dbapi_connection: Any, level: str) -> None:  # noqa: ANN401
        """Remember whether the connection is outside transactions."""
        dbapi_connection.autocommit = level == "AUTOCOMMIT"

    def _value_or_raise(self, data: Any, table: str, schema: str | None) -> Any:  # noqa: ANN401
        """Return nothing for a table that is not known, as of one without columns: the code goes on."""
        return dict(data).get((schema, table), _Nothing())

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:  # noqa: ANN401
        """Tell the cursor the columns that are expected."""
        cursor.names = _expected(context)
        cursor.execute(statement, parameters)


def recording_engine(connect: Callable[[], recording.Connection], *, server_version: int) -> Engine:
    """Return an engine whose connections come from `connect`; from now on no other can connect.

    Args:
        connect: makes a recording connection.
        server_version: PostgreSQL's major version.
    """
    DefaultDialect.connect = _refuse  # type: ignore[method-assign, assignment]  # engines of the project's own
    registry.register(f"postgresql.{_NAME}", __name__, RecordingDialect.__name__)
    engine = create_engine(f"postgresql+{_NAME}://", creator=connect, poolclass=NullPool)
    engine.dialect.server_major = server_version  # type: ignore[attr-defined]  # it is ours
    return engine


def _refuse(_dialect: Any, *_arguments: Any, **_options: Any) -> Any:  # noqa: ANN401
    raise ConnectionRefusedError("no database is reached while revisions are reviewed")


def _expected(context: Any) -> tuple[str, ...]:  # noqa: ANN401
    compiled = getattr(context, "compiled", None)
    columns = getattr(compiled, "_result_columns", None) or ()
    return tuple(column.keyname for column in columns)
