"""Tiny Alembic projects whose env.py calls the guard, and runners of them in forks of the test."""

from __future__ import annotations

import os
import signal
import sys
import textwrap
import traceback
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import alembic.command
import alembic.context
import psycopg2
import sqlalchemy.dialects.postgresql.psycopg2
from alembic.config import Config, main

from interlocking.postgres.url import parse
from interlocking.upgrade import guard

_INI = """
[alembic]
script_location = %(here)s/migrations
path_separator = os
[loggers]
keys = root,alembic
[handlers]
keys = console
[formatters]
keys = plain
[logger_root]
level = WARNING
handlers = console
[logger_alembic]
level = INFO
handlers =
qualname = alembic
[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = plain
[formatter_plain]
format = %(levelname)s %(message)s
"""
_ENV = """
import os
from logging.config import fileConfig
import sqlalchemy as sa
from alembic import context
from sqlalchemy import MetaData, create_engine, event
{imports}

fileConfig(context.config.config_file_name, disable_existing_loggers=False)
engine = create_engine(os.environ["TEST_URL"])
metadata = MetaData()
{before}
{call}
"""
_TEMPLATE = """
import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}

def upgrade():
    ${upgrades if upgrades else "pass"}

def downgrade():
    ${downgrades if downgrades else "pass"}
"""
LOADED = (alembic.command, alembic.context, sqlalchemy.dialects.postgresql.psycopg2, guard)  # once, for all forks
GUARDED = "from interlocking.upgrade import guard"
_REVISION = '''"""{id}"""
from alembic import op
import sqlalchemy as sa

revision = {id!r}
down_revision = {down!r}
branch_labels = {labels!r}
depends_on = {depends_on!r}


def upgrade():
{upgrade}


def downgrade():
{downgrade}
'''


@dataclass
class Runner:
    """A fork that runs one Alembic command.

    Args:
        pid: its process.
        output: file of its standard output.
        errors: file of its standard error.
    """

    pid: int
    output: Path
    errors: Path

    def wait(self) -> int:
        """Return its exit status, negative for a signal."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def send(self, number: int) -> None:
        os.kill(self.pid, number)

    @property
    def printed(self) -> str:
        return self.output.read_text() if self.output.exists() else ""

    @property
    def said(self) -> str:
        return self.printed + (self.errors.read_text() if self.errors.exists() else "")


@dataclass
class History:
    """A project.

    Args:
        root: its folder.
        url: libpq URL of its database.
        settings: variables of the guard.
    """

    root: Path
    url: str
    settings: dict[str, str] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    runs: int = 0

    def __post_init__(self) -> None:
        self.versions.mkdir(parents=True)
        (self.root / "alembic.ini").write_text(_INI)
        (self.root / "pyproject.toml").write_text("")
        (self.root / "migrations" / "script.py.mako").write_text(_TEMPLATE)
        self.env()

    def env(self, *, before: str = "", options: str = "", plain: bool = False) -> None:
        """Write env.py; `plain` is Alembic without the guard."""
        call = f"guard.run(engine, metadata{options})"
        if plain:
            call = (
                "with engine.connect() as connection:\n"
                f"    context.configure(connection=connection, transaction_per_migration=True{options})\n"
                "    with context.begin_transaction():\n        context.run_migrations()\n"
            )
        text = _ENV.format(imports="" if plain else GUARDED, before=textwrap.dedent(before), call=call)
        (self.root / "migrations" / "env.py").write_text(text)

    def revision(self, id_: str, upgrade: str, downgrade: str = "pass", **attributes: object) -> Path:
        """Add a revision, on top unless `down` says where."""
        path = self.versions / f"{id_}.py"
        below = self.ids[: self.ids.index(id_)] if id_ in self.ids else self.ids
        attributes = {"down": below[-1] if below else None, "labels": None, "depends_on": None, **attributes}
        path.write_text(_REVISION.format(id=id_, upgrade=_body(upgrade), downgrade=_body(downgrade), **attributes))
        if id_ not in self.ids:
            self.ids.append(id_)
        return path

    def start(self, *argv: str, url: str = "", **variables: str) -> Runner:
        """Run `alembic ARGV` in a fork."""
        self.runs += 1
        runner = Runner(0, self.root / f"run-{self.runs}.out", self.root / f"run-{self.runs}.log")
        environ = {
            "TEST_URL": "postgresql+psycopg2" + (url or self.url).removeprefix("postgresql"),
            **self._named(self.settings),
        }
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            _become(lambda: self._main(argv), runner, {**environ, **self._named(variables)})
        runner.pid = pid
        return runner

    def run(self, *argv: str, url: str = "", **variables: str) -> tuple[int, str]:
        """Run `alembic ARGV` to its end."""
        runner = self.start(*argv, url=url, **variables)
        return runner.wait(), runner.said

    def printed(self, *argv: str) -> str:
        """Return what `alembic ARGV` writes to its standard output alone."""
        runner = self.start(*argv)
        assert 0 == runner.wait(), runner.said
        return runner.printed

    def upgrade(self, revision: str = "head", *argv: str, **variables: str) -> tuple[int, str]:
        return self.run("upgrade", revision, *argv, **variables)

    def command(self, argv: tuple[str, ...]) -> None:
        main(list(argv))

    def autogenerate(self) -> tuple[int, str]:
        return self.run("revision", "--autogenerate", "-m", "generated")

    def rows(self, sql: str) -> list[tuple]:
        return rows(self.url, sql)

    @property
    def versions(self) -> Path:
        return self.root / "migrations" / "versions"

    @property
    def heads(self) -> list[str]:
        return [version for (version,) in self.rows("SELECT version_num FROM alembic_version ORDER BY 1")]

    def _main(self, argv: tuple[str, ...]) -> int:
        os.chdir(self.root)
        try:
            self.command(argv)
        except SystemExit as end:
            return int(end.code or 0) if not isinstance(end.code, str) else 1
        return 0

    @staticmethod
    def _named(variables: Mapping[str, str]) -> dict[str, str]:
        return {
            name if name.isupper() else f"INTERLOCKING_GUARD_{name.upper()}": value for name, value in variables.items()
        }


def rows(url: str, sql: str) -> list[tuple]:
    """Run one statement in autocommit mode."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


@contextmanager
def session(url: str, sql: str = "", name: str = "test"):
    """A connection with a transaction open, in which `sql` ran."""
    connection = psycopg2.connect(url, application_name=name)
    try:
        with connection.cursor() as cursor:
            if sql:
                cursor.execute(sql)
            yield connection
    finally:
        connection.close()


def other_database(url: str, name: str) -> str:
    return parse(url).with_database(name).libpq()


def _body(code: str) -> str:
    return textwrap.indent(textwrap.dedent(code).strip(), "    ")


def _become(work: Callable[[], int], runner: Runner, environ: Mapping[str, str]) -> None:
    status = 70
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for stream, file in ((1, runner.output), (2, runner.errors)):
            os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
        _print_to(sys.stdout)
        os.environ.update(environ)
        status = work()
    except KeyboardInterrupt:
        status = 130
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(status)


def _print_to(stream: TextIO) -> None:
    """Alembic took the standard output when it was imported: that of pytest."""
    taken = Config.__init__.__defaults__ or ()
    Config.__init__.__defaults__ = tuple(stream if hasattr(each, "write") else each for each in taken)
