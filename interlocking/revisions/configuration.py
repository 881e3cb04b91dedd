"""Where Alembic's own configuration says that revision files are.

`alembic.ini` wins over `[tool.alembic]` in pyproject.toml, option by option, as in Alembic
(https://alembic.sqlalchemy.org/en/latest/tutorial.html#using-pyproject-toml-for-configuration).
Pure: text in, data out. The two parsers are imported only when the text has something for them.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interlocking.errors import UsageError
from interlocking.redaction import mask_url

_ANY_OPTION = re.compile(
    r"^(?:script_location|version_locations|recursive_version_locations|sourceless)\s*[=:]", re.MULTILINE
)
_OPTIONS = (
    "script_location",
    "version_locations",
    "path_separator",
    "version_path_separator",
    "recursive_version_locations",
    "sourceless",
)
_SEPARATORS = {"space": " ", "newline": "\n", "os": os.pathsep, ":": ":", ";": ";"}
_LEGACY_SEPARATOR = re.compile(r", *|(?: +)")


@dataclass(frozen=True, slots=True)
class AlembicConfiguration:
    """The options that decide which files are revisions.

    Attributes:
        script_location: the folder with `env.py`, as written; None when not set.
        version_locations: the folders with revision files, as written; empty means `versions`
            beside `env.py`.
        recursive: sub-folders count too.
        sourceless: compiled files without their source count too.
    """

    script_location: str | None = None
    version_locations: tuple[str, ...] = ()
    recursive: bool = False
    sourceless: bool = False

    def over(self, other: AlembicConfiguration) -> AlembicConfiguration:
        """Return these options, with `other`'s where nothing is set here."""
        return AlembicConfiguration(
            script_location=self.script_location or other.script_location,
            version_locations=self.version_locations or other.version_locations,
            recursive=self.recursive or other.recursive,
            sourceless=self.sourceless or other.sourceless,
        )


def parse_ini(text: str, *, path: Path, section: str = "alembic") -> AlembicConfiguration:
    """Read the options from the text of an `alembic.ini`.

    Args:
        text: the whole file.
        path: where it is; `%(here)s` means its folder.
        section: the main section's name (Alembic's `-n`).

    Raises:
        UsageError: the text is no ini file, or a separator is not one that Alembic knows.
    """
    if not _ANY_OPTION.search(text):
        return AlembicConfiguration()
    options = _ini_options(text, path=path, section=section)
    return AlembicConfiguration(
        script_location=options.get("script_location"),
        version_locations=_split_locations(options, path=path),
        recursive=options.get("recursive_version_locations") == "true",
        sourceless=options.get("sourceless") == "true",
    )


def parse_pyproject(text: str, *, path: Path) -> AlembicConfiguration:
    """Read the options from `[tool.alembic]` in the text of a pyproject.toml.

    Args:
        text: the whole file.
        path: where it is; `%(here)s` means its folder.

    Raises:
        UsageError: the text is no TOML.
    """
    if "tool.alembic" not in text:
        return AlembicConfiguration()
    options = _toml_options(text, path=path)
    return AlembicConfiguration(
        script_location=options.get("script_location"),
        version_locations=tuple(options.get("version_locations", ())),
        recursive=options.get("recursive_version_locations") is True,
        sourceless=options.get("sourceless") is True,
    )


def _ini_options(text: str, *, path: Path, section: str) -> dict[str, str]:
    from configparser import ConfigParser, Error  # noqa: PLC0415 - 5 ms, and most ini files set no option of ours

    parser = ConfigParser({"here": path.absolute().parent.as_posix()})
    try:
        parser.read_string(text, source=str(path))
        return {name: parser.get(section, name) for name in _OPTIONS if parser.has_option(section, name)}
    except Error as error:
        raise _invalid(path, why=mask_url(str(error))) from error


def _toml_options(text: str, *, path: Path) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 - 10 ms, and few projects configure Alembic here

    try:
        options: dict[str, Any] = tomllib.loads(text).get("tool", {}).get("alembic", {})
    except tomllib.TOMLDecodeError as error:
        raise _invalid(path, why=str(error)) from error
    here = path.absolute().parent.as_posix()
    return {name: _expand(value, here=here) for name, value in options.items() if name in _OPTIONS}


def _expand(value: Any, *, here: str) -> Any:  # noqa: ANN401 - a TOML value
    if isinstance(value, list):
        return [_expand(item, here=here) for item in value]
    return value.replace("%(here)s", here).replace("%%", "%") if isinstance(value, str) else value


def _split_locations(options: dict[str, str], *, path: Path) -> tuple[str, ...]:
    """Split `version_locations` at the separator that the file names, or as old Alembic did."""
    locations = options.get("version_locations", "")
    name = options.get("path_separator", options.get("version_path_separator"))
    if name is None:
        parts = _LEGACY_SEPARATOR.split(locations)
    elif name in _SEPARATORS:
        parts = locations.split(_SEPARATORS[name])
    else:
        raise _invalid(path, why=f"path_separator is {name!r}, not one of {', '.join(_SEPARATORS)}")
    return tuple(part.strip() for part in parts if part.strip())


def _invalid(path: Path, *, why: str) -> UsageError:
    return UsageError(
        f"{path} cannot be read as Alembic's configuration",
        code="alembic-configuration-invalid",
        why=why,
        next=f"correct {path}",
    )
