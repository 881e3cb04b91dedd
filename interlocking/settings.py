"""Typed, frozen settings, and where each value came from.

Pure: the layers are read by `interlocking.environment`; this module only merges and checks them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches

from interlocking.errors import UsageError
from interlocking.redaction import Secret

EMBEDDED = "embedded:"
GUARD_PREFIX = "INTERLOCKING_GUARD_"
LINT_PREFIX = "INTERLOCKING_LINT_"
RAILWAY_PREFIX = "INTERLOCKING_RAILWAY_"


@dataclass(frozen=True, slots=True)
class Settings:
    """What `[tool.interlocking]`, `INTERLOCKING_*` and the well-known variables can say.

    Args:
        app: a Flask application as `module:name`; empty for a project without Flask.
        alembic_ini: path of a plain Alembic project's ini file, from the project's root.
        migrations: path of the Flask-Migrate folder (with `env.py` and `versions/`), from the root.
        database_url: the target of the `db` tasks; `embedded:` or empty means the embedded server.
        scratch_url: a server on which scratch databases may be made; empty: the target's own server
            when it is local, else the embedded one.
        version_table: Alembic's version table.
        version_table_schema: its schema; empty means the first of the search path.
        frontend: folder of the frontend with its `package.json`; empty when there is none.
        seed: a callable as `module:name` that inserts sample rows; empty when there is none.
        backups: the folder of `db.backup`, from the project's root.
        embedded_database: the database's name on the embedded server; empty: the name of the root folder.
        test: the commands of `invoke test`, one line each, run from the root in this order.
        guard: the table `[tool.interlocking.guard]` as it stands; `interlocking.upgrade.guarding.settings` reads it.
        lint: the table `[tool.interlocking.lint]` as it stands; `interlocking.review.lint_settings` reads it.
        railway: the table `[tool.interlocking.railway]` as it stands; `interlocking.railway.settings` reads it.
    """

    app: str = ""
    alembic_ini: str = ""
    migrations: str = "migrations"
    database_url: Secret = Secret("")  # noqa: RUF009 - immutable
    scratch_url: Secret = Secret("")  # noqa: RUF009 - immutable
    version_table: str = "alembic_version"
    version_table_schema: str = ""
    frontend: str = ""
    seed: str = ""
    backups: str = ".interlocking/backups"
    embedded_database: str = ""
    test: tuple[str, ...] = ()
    guard: Mapping[str, object] = field(default_factory=dict)
    lint: Mapping[str, object] = field(default_factory=dict)
    railway: Mapping[str, object] = field(default_factory=dict)

    @property
    def uses_embedded(self) -> bool:
        """Whether no database was named, so the embedded server is meant."""
        return self.database_url.reveal().strip() in ("", EMBEDDED)


NAMES = tuple(each.name for each in fields(Settings))
_SECRETS = frozenset({"database_url", "scratch_url"})
_LISTS = frozenset({"test"})
_TABLES = frozenset({"guard", "lint", "railway"})

Value = str | Secret | tuple[str, ...] | Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Layer:
    """Values from one place.

    Args:
        origin: the place in words, as `doctor` prints it: `pyproject.toml`, `.env`, `DATABASE_URL`.
        values: setting name to raw value.
    """

    origin: str
    values: Mapping[str, object]


def table_layers(origin: str, table: Mapping[str, object], prefix: str, variables: Mapping[str, str]) -> list[Layer]:
    """Return the layers of a table of settings, weakest first: the table, then one layer a variable.

    Args:
        origin: where the table stands, in words.
        table: its values.
        prefix: of the variables that override them.
        variables: all variables there are.
    """
    named = sorted(name for name in variables if name.startswith(prefix))
    overriding = [Layer(name, {name.removeprefix(prefix).lower(): variables[name]}) for name in named]
    return [Layer(origin, table), *overriding]


@dataclass(frozen=True, slots=True)
class Resolved:
    """Settings with the origin of every value that is not a default."""

    settings: Settings
    origins: Mapping[str, str]

    def origin(self, name: str) -> str:
        """Return where the value of `name` came from."""
        return self.origins.get(name, "default")


def resolve(layers: Sequence[Layer]) -> Resolved:
    """Merge `layers`, weakest first.

    Raises:
        UsageError: a name is unknown, or a value is not text; the message names key and origin.
    """
    values: dict[str, Value] = {}
    origins: dict[str, str] = {}
    for layer in layers:
        for name, raw in layer.values.items():
            values[name] = _checked(name, raw, layer.origin)
            origins[name] = layer.origin
    return Resolved(Settings(**values), origins)  # type: ignore[arg-type]  # _checked knows which are secret


def _checked(name: str, raw: object, origin: str) -> Value:
    if name not in NAMES:
        close = get_close_matches(name, NAMES, n=1)
        raise UsageError(
            f"{origin} has a setting {name!r} that does not exist",
            code="unknown-setting",
            why="a misspelled setting would be ignored in silence",
            next=f"did you mean {close[0]!r}?" if close else f"the settings are: {', '.join(NAMES)}",
        )
    if name in _LISTS:
        return _lines(name, raw, origin)
    if name in _TABLES:
        return _table(name, raw, origin)
    if not isinstance(raw, str):
        raise _wrong_type(name, raw, origin, expected="text", example='"..."')
    return Secret(raw) if name in _SECRETS else raw


def _lines(name: str, raw: object, origin: str) -> tuple[str, ...]:
    if isinstance(raw, str):  # a variable can only hold text: one command a line
        return tuple(line for line in raw.splitlines() if line.strip())
    if isinstance(raw, list) and all(isinstance(item, str) for item in raw):
        return tuple(raw)
    raise _wrong_type(name, raw, origin, expected="a list of texts", example='["...", "..."]')


def _table(name: str, raw: object, origin: str) -> Mapping[str, object]:
    if not isinstance(raw, dict):
        raise UsageError(
            f"{name} in {origin} must be a table, not {type(raw).__name__}",
            code="bad-setting",
            next=f"write [tool.interlocking.{name}], or one variable a setting: INTERLOCKING_{name.upper()}_...",
        )
    return raw


def _wrong_type(name: str, raw: object, origin: str, *, expected: str, example: str) -> UsageError:
    return UsageError(
        f"{name} in {origin} must be {expected}, not {type(raw).__name__}",
        code="bad-setting",
        next=f"write {name} = {example}",
    )
