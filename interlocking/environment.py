"""The only reader of the process environment, `.env`, the command line, CI marks and terminals.

It gathers; `interlocking.settings` decides. Precedence, strongest first: the process environment,
`.env` (never read in CI), `pyproject.toml`, defaults.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path

from interlocking.errors import UsageError
from interlocking.settings import (
    GUARD_PREFIX,
    LINT_PREFIX,
    RAILWAY_PREFIX,
    Layer,
    Resolved,
    Settings,
    resolve,
    table_layers,
)

_PREFIX = "INTERLOCKING_"
_TABLE_PREFIXES = (GUARD_PREFIX, LINT_PREFIX, RAILWAY_PREFIX)
_BACKFILL_DRY_RUN = "INTERLOCKING_BACKFILL_DRY_RUN"
_TODAY = "INTERLOCKING_TODAY"
_NOT_SETTINGS = frozenset({"INTERLOCKING_DEBUG", _BACKFILL_DRY_RUN, _TODAY})
_FALSE = frozenset({"", "0", "false", "no", "off"})
_SENSITIVE_NAME = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_KEY", re.IGNORECASE)
_URL = re.compile(
    r"[a-z][a-z0-9+.-]*://(?P<user>[^:/@]*):(?P<password>.+)@[^@/]*(?:/(?P<database>[^?]*))?", re.IGNORECASE
)
_HELP = frozenset({"-h", "--help"})
_COLUMNS = 100


@dataclass(frozen=True, slots=True)
class RunContext:
    """How this process was started: everything a decision about output may depend on.

    Args:
        ci: whether a continuous-integration service runs it.
        stdin_tty: whether a person can be asked.
        stdout_tty: whether the result goes to a terminal.
        stderr_tty: whether the story goes to a terminal.
        no_color: `NO_COLOR` is set, or the terminal is dumb.
        force_color: `FORCE_COLOR` is set.
        debug: `INTERLOCKING_DEBUG` is set: tracebacks are shown.
        columns: how many characters a line of the result has room for.
        workspace: the folder of the repository on GitHub's runner; empty elsewhere.
    """

    ci: bool
    stdin_tty: bool
    stdout_tty: bool
    stderr_tty: bool
    no_color: bool
    force_color: bool
    debug: bool
    columns: int = 100
    workspace: str = ""

    def colour(self, *, tty: bool) -> bool:
        """Return whether colour is welcome on a stream that is a terminal or not (no-color.org)."""
        return not self.no_color and (tty or self.force_color)


def run_context(environ: Mapping[str, str] | None = None) -> RunContext:
    """Gather the context of this process once."""
    env = os.environ if environ is None else environ
    return RunContext(
        ci=in_ci(env),
        stdin_tty=_is_tty(sys.stdin),
        stdout_tty=_is_tty(sys.stdout),
        stderr_tty=_is_tty(sys.stderr),
        no_color=bool(env.get("NO_COLOR")) or env.get("TERM") == "dumb",
        force_color=env.get("FORCE_COLOR", "").lower() not in _FALSE,
        debug=env.get("INTERLOCKING_DEBUG", "").lower() not in _FALSE,
        columns=_columns(env),
        workspace=env.get("GITHUB_WORKSPACE", "") if env.get("GITHUB_ACTIONS") else "",
    )


def in_ci(environ: Mapping[str, str]) -> bool:
    """Return whether the environment is that of a continuous-integration service."""
    return environ.get("CI", "").lower() not in _FALSE or bool(environ.get("GITHUB_ACTIONS"))


def backfill_dry_run() -> bool:
    """Return whether backfills shall only count their rows."""
    return os.environ.get(_BACKFILL_DRY_RUN, "").lower() not in _FALSE


def today(environ: Mapping[str, str] | None = None) -> date:
    """Return the date, UTC; `INTERLOCKING_TODAY` tells another one, to see what a later day will bring.

    Raises:
        UsageError: the variable holds no date.
    """
    told = (os.environ if environ is None else environ).get(_TODAY, "")
    if not told:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(told)
    except ValueError as error:
        raise UsageError(
            f"{_TODAY} holds no date: {told!r}", code="bad-setting", next=f"{_TODAY}=2026-12-01"
        ) from error


def asks_for_help(argv: list[str] | None = None) -> bool:
    """Return whether `-h` or `--help` stands anywhere on the command line.

    Invoke takes the word after a flag that wants a value as that value, so `db.migrate -m --help` would
    write a revision named "--help" (pyinvoke/invoke#982, #1084); the suite asks here first.
    """
    return not _HELP.isdisjoint(sys.argv[1:] if argv is None else argv)


def child_environment(changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """Return a copy of the environment for a child; a change to None removes the variable."""
    env = dict(os.environ)
    for name, value in (changes or {}).items():
        if value is None:
            env.pop(name, None)
        else:
            env[name] = value
    return env


@dataclass(frozen=True)
class Project:
    """A project on disk: its root, its settings and where they came from."""

    root: Path
    resolved: Resolved
    variables: Mapping[str, str]

    @property
    def settings(self) -> Settings:
        """The merged settings."""
        return self.resolved.settings

    @property
    def home(self) -> Path:
        """The folder for everything the suite keeps: `.interlocking/` (ignored by git)."""
        return self.root / ".interlocking"

    @cached_property
    def uses_flask(self) -> bool:
        """Whether Alembic is reached through a Flask application."""
        return bool(self.settings.app) and not self.settings.alembic_ini

    @cached_property
    def alembic_ini(self) -> Path:
        """The ini file: the project's own, or Flask-Migrate's inside the migrations folder."""
        if self.uses_flask:
            return self.root / self.settings.migrations / "alembic.ini"
        return self.root / (self.settings.alembic_ini or "alembic.ini")


def load_project(root: Path, environ: Mapping[str, str] | None = None) -> Project:
    """Read every layer of settings for the project at `root`.

    Args:
        root: the folder of `tasks.py`.
        environ: the process environment; only tests give another one.

    Raises:
        UsageError: a file cannot be read, or a setting is unknown or malformed.
    """
    env = os.environ if environ is None else environ
    dotenv = {} if in_ci(env) else read_dotenv(root / ".env")
    layers = [
        _flask_app_layer({**dotenv, **env}),
        Layer("pyproject.toml", _pyproject(root / "pyproject.toml")),
        *_variable_layers(".env", dotenv),
        *_variable_layers("", env),
    ]
    return Project(root, resolve(layers), {**dotenv, **env})


def guard_layers(folder: Path, environ: Mapping[str, str] | None = None) -> list[Layer]:
    """Return the settings of the guard, weakest first: `[tool.interlocking.guard]`, then the variables.

    Args:
        folder: where the search for `pyproject.toml` begins; it goes on in the folders above.
        environ: the process environment; only tests give another one.

    Raises:
        UsageError: the file cannot be read, or `guard` is no table.
    """
    env = os.environ if environ is None else environ
    file = next((path for each in (folder, *folder.parents) if (path := each / "pyproject.toml").is_file()), None)
    table = _pyproject(file).get("guard", {}) if file else {}
    origin = "pyproject.toml"
    guard = resolve([Layer(origin, {"guard": table})]).settings.guard
    return table_layers(f"[tool.interlocking.guard] of {origin}", guard, GUARD_PREFIX, env)


def host_name() -> str:
    """Return the name of this machine or container."""
    return os.uname().nodename


def secrets(root: Path, environ: Mapping[str, str] | None = None) -> list[str]:
    """Return every value that must never be printed: tokens, and the passwords inside URLs.

    Works without valid settings, because the error about a bad setting must be masked too.
    """
    return secret_values({**read_dotenv(root / ".env"), **(os.environ if environ is None else environ)})


def secret_values(variables: Mapping[str, str]) -> list[str]:
    """Return the values of `variables` that must never be printed: by their name, or as the password of a URL."""
    named = [value for name, value in variables.items() if _SENSITIVE_NAME.search(name) and value]
    in_urls = [found["password"] for value in variables.values() if (found := _URL.match(value)) and _telling(found)]
    return named + in_urls


def read_dotenv(path: Path) -> dict[str, str]:
    """Return the variables of a `.env` file; empty when there is none."""
    if not path.is_file():
        return {}
    from dotenv import dotenv_values  # noqa: PLC0415 - only projects with a .env pay for it

    return {name: value for name, value in dotenv_values(path).items() if value is not None}


def _telling(url: re.Match[str]) -> bool:
    """Whether hiding the password everywhere hides only the password: `postgres:postgres` would hide the user."""
    return url["password"] not in (url["user"], url["database"])


def _is_tty(stream: object) -> bool:
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined]
    except (AttributeError, ValueError):  # pythonw has no streams; a closed one cannot answer
        return False


def _columns(env: Mapping[str, str]) -> int:
    """Return the width of the terminal, or what `COLUMNS` says; a pipe and a file have room for 100."""
    said = env.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _COLUMNS
    except (AttributeError, ValueError, OSError):  # no terminal, or no stream at all
        return _COLUMNS


def _flask_app_layer(env: Mapping[str, str]) -> Layer:
    return Layer("FLASK_APP", {"app": env["FLASK_APP"]} if env.get("FLASK_APP") else {})


def _pyproject(path: Path) -> Mapping[str, object]:
    if not path.is_file():
        return {}
    import tomllib  # noqa: PLC0415 - not needed to list the tasks

    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path.name} is not valid TOML: {error}", code="bad-pyproject", next="correct the file"
        ) from error
    table = document.get("tool", {}).get("interlocking", {})
    return table if isinstance(table, dict) else {}


def _variable_layers(file: str, env: Mapping[str, str]) -> list[Layer]:
    """One layer a variable, so that each value remembers the variable it came from."""
    suffix = f" in {file}" if file else ""
    layers = []
    if "DATABASE_URL" in env:
        layers.append(Layer(f"DATABASE_URL{suffix}", {"database_url": env["DATABASE_URL"]}))
    named = sorted(
        name
        for name in env
        if name.startswith(_PREFIX) and not name.startswith(_TABLE_PREFIXES) and name not in _NOT_SETTINGS
    )
    layers.extend(Layer(f"{name}{suffix}", {name.removeprefix(_PREFIX).lower(): env[name]}) for name in named)
    return layers
