"""The table `[tool.interlocking.lint]`. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Literal, get_args

from interlocking.environment import Project
from interlocking.settings import LINT_PREFIX, Layer, table_layers
from interlocking.tables import Reader, Table, duration, switch, text

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
    small_rows: int = 10_000


def lint_settings(project: Project) -> LintSettings:
    """Return the review's settings of a project.

    Raises:
        UsageError: a name is unknown or a value cannot be read; the message names key and origin.
    """
    return resolve_lint(_layers(project))


def is_stated(project: Project, name: str) -> bool:
    """Say whether somebody has set a setting of the review, so that it is no default."""
    return any(name in layer.values for layer in _layers(project))


def _layers(project: Project) -> Sequence[Layer]:
    origin = "[tool.interlocking.lint] of pyproject.toml"
    return table_layers(origin, project.settings.lint, LINT_PREFIX, project.variables)


def resolve_lint(layers: Sequence[Layer]) -> LintSettings:
    """Merge `layers`, weakest first.

    Raises:
        UsageError: a name is unknown or a value cannot be read; the message names key and origin.
    """
    return LintSettings(**_TABLE.merge(layers))  # type: ignore[arg-type]  # each reader knows its type


def _texts(raw: object) -> tuple[str, ...]:
    if isinstance(raw, str):  # a variable can only hold text
        return tuple(part.strip() for part in raw.split(",") if part.strip())
    if isinstance(raw, list) and all(isinstance(item, str) for item in raw):
        return tuple(raw)
    raise ValueError(f"{raw!r} is no list of texts")


def _count(raw: object) -> int:
    if isinstance(raw, bool) or not str(raw).replace("_", "").isdigit():
        raise ValueError(f"{raw!r} is no whole number")
    return int(str(raw))


def _major(raw: object) -> int:
    number = _count(raw)
    if not _OLDEST_SERVER <= number <= _NEWEST_SERVER:
        raise ValueError(f"{raw!r} is no major version of PostgreSQL, such as 15")
    return number


def _levels(raw: object) -> Mapping[str, Level]:
    if not isinstance(raw, Mapping):
        raise ValueError(f"{raw!r} is no table")  # noqa: TRY004 - one family
    for hazard, level in raw.items():
        if level not in LEVELS:
            raise ValueError(f"{hazard} = {level!r} is none of: {', '.join(LEVELS)}")
    return dict(raw)


_READERS: dict[str, Reader] = {
    "postgres": _major,
    "models": _texts,
    "severities": _levels,
    "squawk": switch,
    "squawk_severities": _levels,
    "deadline": duration,
    "small_rows": _count,
}
_TABLE = Table(
    owner="the review",
    why="a review does not run on a guess",
    readers={each.name: _READERS.get(each.name, text) for each in fields(LintSettings)},
)
