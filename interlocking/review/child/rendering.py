"""Runs both functions of a revision file against the recorder."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader, SourcelessFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Engine

from interlocking.review.child.dialect import recording_engine
from interlocking.review.child.functions import NotRunError, find_function, require_done
from interlocking.review.child.listening import listen
from interlocking.review.child.recorder import Recorder
from interlocking.review.child.recording import Connection
from interlocking.review.child.registered import is_unknown_operation, register

# The option of Alembic's context in which `interlocking.upgrade.backfill` looks for a listener instead of a database.
_TAKES_DOWN = "interlocking_takes_down"
_NOT_A_NAME = re.compile(r"\W")
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
Answer = dict[str, Any]


class DeadlineError(BaseException):
    """The revision takes too long; no `except Exception` of it may swallow this."""


class Renderer:
    """Reads revision files, one at a time.

    Args:
        ini: Alembic's ini file, for revisions that look at the configuration; it may be missing.
        environment: the folder with `env.py`.
        server_version: PostgreSQL's major version.
        deadline: seconds that one file may take.

    Attributes:
        consulted: env.py, once an operation was looked for in it: what is said of a file then depends on it too.
    """

    def __init__(self, *, ini: Path, environment: Path, server_version: int, deadline: float) -> None:
        self._recorder = Recorder()
        self._deadline = deadline
        self._engine: Engine = recording_engine(
            lambda: Connection(self._recorder, server_version), server_version=server_version
        )
        config = _configuration(ini)
        sys.path[:0] = config.get_prepend_sys_paths_list() or []
        config.set_main_option("script_location", str(environment).replace("%", "%%"))
        self._alembic = EnvironmentContext(config, ScriptDirectory(str(environment)))
        self._connection: SqlConnection | None = None
        self._environment = str(environment / "env.py")
        self.consulted: tuple[str, ...] = ()
        listen(self._recorder)

    def read(self, path: str) -> Answer:
        """Read one file.

        Returns:
            `upgrade` and `downgrade`, each `{"statements", "asked"}`, and `problems`.
        """
        answer: Answer = {"upgrade": _NOTHING, "downgrade": _NOTHING, "problems": []}
        signal.signal(signal.SIGALRM, _too_late)  # for each file: an earlier one may have taken the signal for itself
        with _deadline(self._deadline):
            module = self._attempt(answer, path, None, lambda: _load(path))
            if module is None:
                return answer
        for direction in ("upgrade", "downgrade"):
            with _deadline(self._deadline):
                self._attempt(answer, path, direction, lambda: self._run(module, path, direction))  # noqa: B023
            answer[direction] = {"statements": self._recorder.statements, "asked": self._recorder.asked}
        return answer

    def _run(self, module: ModuleType, path: str, direction: str) -> None:
        self._recorder.begin(path)
        function = find_function(module, direction, path)
        if function is None:
            return
        try:
            self._call(function, direction, path)
        except (AttributeError, ValueError, LookupError) as error:
            if self.consulted or not is_unknown_operation(error):
                raise
            self.consulted = (self._environment,)
            register(Path(self._environment))
            self._recorder.begin(path)
            self._call(function, direction, path)

    def _call(self, function: Callable[[], Any], direction: str, path: str) -> None:
        with self._alembic as alembic:
            context = self._connected(alembic)
            with context.begin_transaction(_per_migration=True), Operations.context(context):
                require_done(function(), direction, path)

    def _connected(self, alembic: EnvironmentContext) -> MigrationContext:
        """Return a context on a connection that is outside transactions, as each revision finds it."""
        if self._connection is None:
            self._connection = self._engine.connect()
            listener: dict[str, Any] = {_TAKES_DOWN: self._recorder.backfill}
            alembic.configure(connection=self._connection, transaction_per_migration=True, **listener)
        return alembic.get_context()

    def _disconnect(self) -> None:
        """Give up a connection that something went wrong on."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection = None

    def _attempt(self, answer: Answer, path: str, direction: str | None, work: Callable[[], Any]) -> Any:  # noqa: ANN401
        """Do `work`; what goes wrong becomes a problem of the answer."""
        try:
            return work()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - SystemExit of a revision is an answer too
            self._disconnect()
            answer["problems"].append(
                {
                    "kind": self._kind(error, direction),
                    "message": _sentence(error),
                    "direction": direction,
                    "line": error.line if isinstance(error, NotRunError) else _line_of(error, path),
                }
            )
            return None

    def _kind(self, error: BaseException, direction: str | None) -> str:
        if isinstance(error, DeadlineError):
            return "deadline"
        if isinstance(error, MemoryError):
            return "memory"
        if isinstance(error, SyntaxError) and error.filename == self._recorder.path:
            return "syntax"
        if isinstance(error, NotRunError):
            return "not-run"
        if direction is None:
            return "import"
        return "needs-database" if self._recorder.answered else "failed"


_NOTHING: Answer = {"statements": [], "asked": []}


class LocalModules:
    """The files of the project that were imported so far.

    Args:
        root: the project's folder.
    """

    def __init__(self, root: Path) -> None:
        self._prefix = f"{root}/"
        self._seen = 0
        self._files: list[str] = []

    def files(self) -> list[str]:
        """Return them; looks again only when more modules are loaded than last time."""
        if len(sys.modules) != self._seen:
            self._seen = len(sys.modules)
            files = {getattr(module, "__file__", None) or "" for module in list(sys.modules.values())}
            self._files = sorted(
                file for file in files if file.startswith(self._prefix) and "/site-packages/" not in file
            )
        return self._files


def _configuration(ini: Path) -> Config:
    pyproject = ini.parent / "pyproject.toml"
    return Config(str(ini) if ini.is_file() else None, toml_file=pyproject if pyproject.is_file() else None)


def _load(path: str) -> ModuleType:
    """Load a file as Alembic's `load_module_py` does: without a place in `sys.modules`."""
    name = _NOT_A_NAME.sub("_", Path(path).name)
    loader = SourceFileLoader(name, path) if path.endswith(".py") else SourcelessFileLoader(name, path)
    spec = spec_from_file_location(name, path, loader=loader)
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018 - the loader is given
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)  # again each second: `except BaseException` may swallow one
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _too_late(_number: int, _frame: FrameType | None) -> None:
    raise DeadlineError("it does not come to an end")


def _sentence(error: BaseException) -> str:
    said = _ADDRESS.sub("", " ".join(str(error).split("\n[SQL:", 1)[0].split()))[:300]
    if isinstance(error, (NotRunError, DeadlineError)):
        return said
    if is_unknown_operation(error):
        said += ": let the revision import the module that registers it, or env.py at its top, where it is looked for"
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _line_of(error: BaseException, path: str) -> int:
    """Return the last line of the revision file that the error passed through."""
    if isinstance(error, SyntaxError) and error.filename == path:
        return error.lineno or 0
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
