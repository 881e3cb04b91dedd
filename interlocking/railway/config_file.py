"""`railway.toml` and `railway.json`: whether Railway reads the file at all, and what it says for an environment.

Reads a folder and changes nothing. Source: https://docs.railway.com/reference/config-as-code
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from interlocking.railway.deploy_config import Sections, rejected

NAMES = ("railway.toml", "railway.json")  # the first one wins where both exist
IAC_NAMES = ("railway.ts", "railway.py", "railway.go")
CUTOFF = date(2026, 12, 1)
OPT_IN_CLOSED = date(2026, 8, 28)
_SECTIONS = ("build", "deploy")
_PULL_REQUEST = "pr"


@dataclass(frozen=True, slots=True)
class EnvironmentName:
    """An environment, as far as the file's overrides care.

    Args:
        name: its own name.
        base: for the environment of a pull request, the one that it was forked from.
    """

    name: str
    base: str | None = None

    @property
    def blocks(self) -> tuple[str, ...]:
        """The names under `environments` that count for it, weakest first."""
        return (self.name,) if self.base is None else (self.base, _PULL_REQUEST, self.name)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether Railway reads a configuration file.

    Args:
        read: the answer.
        path: the file that exists, read or not.
        reason: why, as the rest of a sentence about the file.
    """

    read: bool
    path: Path | None
    reason: str


def find_config_file(folder: Path) -> Path | None:
    """Return the configuration file at the top of `folder`, or None."""
    return next((path for name in NAMES if (path := folder / name).is_file()), None)


def find_iac_file(folder: Path) -> Path | None:
    """Return the Infrastructure-as-Code file under `folder`, or None."""
    return next((path for name in IAC_NAMES if (path := folder / ".railway" / name).is_file()), None)


def config_file_standing(
    folder: Path, *, today: date, service_created: date | None = None, config_path: str = ""
) -> Standing:
    """Decide whether Railway reads the file of a service on a day.

    Args:
        folder: the top of what is uploaded.
        today: the day of the deployment.
        service_created: when the service was made; None when nobody knows, which counts as before the opt-in closed.
        config_path: the service's own setting for the file, such as `/backend/railway.toml`; empty when unset.

    Raises:
        UsageError: code `railway-config-rejected`: the file that the service names is missing.
    """
    path = folder / config_path.lstrip("/") if config_path else find_config_file(folder)
    if path is None:
        return Standing(False, None, "there is none")
    against = _against_reading(folder, today=today, service_created=service_created)
    if against is None and not path.is_file():
        raise rejected(f"the config file {config_path} does not exist")
    return Standing(against is None, path, against or f"Railway reads it until {CUTOFF.isoformat()}")


def _against_reading(folder: Path, *, today: date, service_created: date | None) -> str | None:
    """Return why Railway reads no file, or None."""
    if today >= CUTOFF:
        return f"Railway reads none since {CUTOFF.isoformat()}"
    if service_created is not None and service_created >= OPT_IN_CLOSED:
        return f"services made since {OPT_IN_CLOSED.isoformat()} ignore it"
    iac = find_iac_file(folder)
    return f"{iac.relative_to(folder)} takes its place" if iac else None


def read_config_file(path: Path) -> Mapping[str, object]:
    """Return the document of a `railway.toml` or `railway.json`.

    Raises:
        UsageError: code `railway-config-rejected`: it cannot be parsed.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        document = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (OSError, ValueError) as error:
        raise rejected(f"{path.name} cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise rejected(f"{path.name} holds no table")
    return document


def file_sections(document: Mapping[str, object], environment: EnvironmentName) -> Sections:
    """Return what the document says for an environment, its `environments` blocks laid over its base.

    Raises:
        UsageError: code `railway-config-rejected`: a section is no table.
    """
    return merged(document, *_blocks(document, environment))


def merged(*layers: Mapping[str, object]) -> Sections:
    """Lay documents over each other, weakest first, key by key; a value of null leaves the weaker one.

    Raises:
        UsageError: code `railway-config-rejected`: a section is no table.
    """
    result: dict[str, dict[str, object]] = {name: {} for name in _SECTIONS}
    for layer in layers:
        for name in _SECTIONS:
            section = _table(layer.get(name), name)
            result[name].update({key: value for key, value in section.items() if value is not None})
    return result


def _blocks(document: Mapping[str, object], environment: EnvironmentName) -> Iterator[Mapping[str, object]]:
    blocks = _table(document.get("environments"), "environments")
    for name in environment.blocks:
        yield _table(blocks.get(name), f"environments.{name}")


def _table(value: object, name: str) -> Mapping[str, object]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise rejected(f"{name}: Expected object")
    return value
