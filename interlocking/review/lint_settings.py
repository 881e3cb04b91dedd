"""The table `[tool.interlocking.lint]`. Pure: `interlocking.settings` hands it over as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal, get_args

from interlocking.errors import UsageError

Level = Literal["error", "warning", "info", "off"]
LEVELS: tuple[str, ...] = get_args(Level)
_OLDEST_SERVER, _NEWEST_SERVER = 10, 30


@dataclass(frozen=True, slots=True)
class LintSettings:
    """What `[tool.interlocking.lint]` can say.

    Args:
        since: the last revision that is not judged: old history.
        postgres: the server's major version where no database is at hand.
        statistics: a file with the tables' sizes, from the project's root; see docs/settings.md.
        main_branch: the branch that is deployed, for the models at the merge base; empty: `origin/HEAD`, `main` or
            `master`, whichever is there.
        models: folders or files with the models, from the root; empty: they are looked for.
        severities: a level for each hazard: `error`, `warning`, `info` or `off`.
        squawk: whether squawk gives a second opinion.
        squawk_severities: a level for each squawk rule.
        deadline: seconds a revision may take to be read.
        large_rows: from how many rows on a table counts as large.
        small_rows: up to how many rows a table counts as small.
    """

    since: str = ""
    postgres: int = 15
    statistics: str = ""
    main_branch: str = ""
    models: tuple[str, ...] = ()
    severities: Mapping[str, Level] = field(default_factory=dict)
    squawk: bool = True
    squawk_severities: Mapping[str, Level] = field(default_factory=dict)
    deadline: float = 10.0
    large_rows: int = 1_000_000
    small_rows: int = 10_000


_TEXTS = ("since", "statistics", "main_branch")
_NUMBERS = ("postgres", "deadline", "large_rows", "small_rows")


def lint_settings(table: Mapping[str, object]) -> LintSettings:
    """Check a table and return it as settings.

    Args:
        table: `[tool.interlocking.lint]` as TOML gives it; variables give texts.

    Raises:
        UsageError: a name is unknown or a value is of the wrong kind.
    """
    values: dict[str, object] = {}
    for name, raw in table.items():
        if name in _TEXTS:
            values[name] = _text(name, raw)
        elif name in _NUMBERS:
            values[name] = _number(name, raw)
        elif name == "squawk":
            values[name] = _switch(name, raw)
        elif name == "models":
            values[name] = _texts(name, raw)
        elif name in ("severities", "squawk_severities"):
            values[name] = _levels(name, raw)
        else:
            raise _unknown(name)
    return LintSettings(**values)  # type: ignore[arg-type]  # checked one by one


def _text(name: str, raw: object) -> str:
    if isinstance(raw, str):
        return raw
    raise _wrong(name, raw, expected="text")


def _texts(name: str, raw: object) -> tuple[str, ...]:
    if isinstance(raw, str):
        return tuple(part.strip() for part in raw.split(",") if part.strip())
    if isinstance(raw, list) and all(isinstance(item, str) for item in raw):
        return tuple(raw)
    raise _wrong(name, raw, expected="a list of texts")


def _number(name: str, raw: object) -> int | float:
    try:
        number = float(str(raw))
    except ValueError:
        raise _wrong(name, raw, expected="a number") from None
    if isinstance(raw, bool) or number <= 0:
        raise _wrong(name, raw, expected="a number above 0")
    if name == "deadline":
        return number
    if number != int(number) or (name == "postgres" and not _OLDEST_SERVER <= number <= _NEWEST_SERVER):
        raise _wrong(name, raw, expected="a major version such as 15" if name == "postgres" else "a whole number")
    return int(number)


def _switch(name: str, raw: object) -> bool:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    found = words.get(str(raw).lower())
    if found is None:
        raise _wrong(name, raw, expected="true or false")
    return found


def _levels(name: str, raw: object) -> Mapping[str, Level]:
    if not isinstance(raw, Mapping):
        raise _wrong(name, raw, expected="a table")
    for hazard, level in raw.items():
        if level not in LEVELS:
            raise _wrong(f"{name}.{hazard}", level, expected=f"one of {', '.join(LEVELS)}")
    return dict(raw)


def _unknown(name: str) -> UsageError:
    names = LintSettings.__slots__
    close = get_close_matches(name, names, n=1)
    return UsageError(
        f"[tool.interlocking.lint] has a setting {name!r} that does not exist",
        code="unknown-setting",
        why="a misspelled setting would be ignored in silence",
        next=f"did you mean {close[0]!r}?" if close else f"the settings are: {', '.join(names)}",
    )


def _wrong(name: str, raw: object, *, expected: str) -> UsageError:
    return UsageError(
        f"lint.{name} must be {expected}, not {raw!r}", code="bad-setting", next="correct [tool.interlocking.lint]"
    )
