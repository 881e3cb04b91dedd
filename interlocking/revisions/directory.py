"""The door to the disk: finds the version folders of a project and reads every revision file in them.

Which files count, and in which order, follows Alembic's `ScriptDirectory._load_revisions`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from interlocking.environment import Project
from interlocking.errors import UsageError
from interlocking.revisions.configuration import AlembicConfiguration, parse_ini, parse_pyproject
from interlocking.revisions.model import History, Revision, Unreadable
from interlocking.revisions.source import parse_revision

_NOT_REVISIONS = (".#", "__init__")


@dataclass(frozen=True, slots=True)
class Locations:
    """Where a project keeps its migrations.

    Attributes:
        environment: the folder with `env.py` and `script.py.mako`.
        folders: the folders with revision files.
        recursive: sub-folders count too.
        sourceless: compiled files without their source count too.
    """

    environment: Path
    folders: tuple[Path, ...]
    recursive: bool = False
    sourceless: bool = False


def locations_of(project: Project) -> Locations:
    """Find the folders of a project's migrations, as its settings say.

    Raises:
        UsageError: a file cannot be read, or nothing says where the migrations are.
    """
    flask_folder = Path(project.settings.migrations) if project.uses_flask else None
    return locate(project.root, ini=project.alembic_ini, migrations=flask_folder)


def locate(root: Path, *, ini: Path, migrations: Path | None = None) -> Locations:
    """Find the folders of a project's migrations.

    Args:
        root: the project's folder; relative paths of the configuration start there.
        ini: Alembic's ini file; it may be missing.
        migrations: the folder with `env.py` where the ini file does not decide it (Flask-Migrate's
            directory); None takes `script_location` from the ini file or from the pyproject.toml beside it.

    Raises:
        UsageError: a file cannot be read, or nothing says where the migrations are.
    """
    configuration = _read_configuration(ini, with_pyproject=migrations is None)
    environment = migrations or _script_location(configuration, root=root, ini=ini)
    folders = tuple(_resolve(location, root=root) for location in configuration.version_locations)
    return Locations(
        environment=root / environment,
        folders=folders or (root / environment / "versions",),
        recursive=configuration.recursive,
        sourceless=configuration.sourceless,
    )


def read_history(locations: Locations) -> History:
    """Read every revision file, without running any.

    Args:
        locations: the folders, from `locate`.

    Returns:
        One entry a file, in Alembic's reading order. A file that two folders reach is read once.

    Raises:
        UsageError: a folder is missing, a file cannot be read, or one is not a valid revision.
    """
    return History(tuple(_read_revision(path) for path in revision_files(locations)))


def revision_files(locations: Locations) -> list[Path]:
    """Return the revision files, each once, in Alembic's reading order.

    Args:
        locations: the folders, from `locate`.

    Raises:
        UsageError: a folder is missing.
    """
    _require_folders(locations)
    found = (path for folder in locations.folders for path in _candidates(folder.resolve(), locations))
    paths = dict.fromkeys(Path(os.path.realpath(path)) if path.is_symlink() else path for path in found)
    return [path for path in paths if _is_revision_file(path, locations)]


def _read_configuration(ini: Path, *, with_pyproject: bool) -> AlembicConfiguration:
    configuration = parse_ini(_read_text(ini), path=ini) if ini.exists() else AlembicConfiguration()
    pyproject = ini.parent / "pyproject.toml"
    if not (with_pyproject and pyproject.exists()):
        return configuration
    return configuration.over(parse_pyproject(_read_text(pyproject), path=pyproject))


def _script_location(configuration: AlembicConfiguration, *, root: Path, ini: Path) -> Path:
    if configuration.script_location is None and not ini.exists():
        raise UsageError(
            f"there is no {ini}",
            code="migrations-not-found",
            why="Alembic finds env.py and the revision files through it",
            next="alembic init migrations for a new project; else name the file: `alembic_ini` in [tool.interlocking]",
        )
    if configuration.script_location is None:
        raise UsageError(
            f"{ini} does not say where the migrations are",
            code="migrations-not-found",
            why="`script_location` names the folder with env.py and the revision files",
            next=f"set `script_location` in {ini.name}, or `alembic_ini` in [tool.interlocking]",
        )
    return _resolve(configuration.script_location, root=root)


def _resolve(location: str, *, root: Path) -> Path:
    """Return the folder that a location means; `package:folder` is looked up under the root, not imported."""
    if ":" in location and not Path(location).is_absolute():
        package, *folders = location.split(":")
        return root.joinpath(*package.split("."), *folders)
    return root / location


def _require_folders(locations: Locations) -> None:
    if not locations.environment.is_dir():
        raise UsageError(
            f"there is no migrations folder {locations.environment}",
            code="migrations-not-found",
            why="it holds env.py and the revision files",
            next="run this in the project's folder, or set `migrations` in [tool.interlocking]; "
            "a new project makes one: flask db init, or alembic init migrations",
        )
    for folder in locations.folders:
        if not folder.is_dir():
            raise UsageError(
                f"there is no versions folder {folder}",
                code="versions-not-found",
                why="it holds the revision files; a project without any has an empty one",
                next=f"mkdir -p {folder}",
            )


def _candidates(folder: Path, locations: Locations) -> Iterator[Path]:
    """Yield the files of a folder in Alembic's order: sorted by name, sub-folders after."""
    for place, subfolders, names in os.walk(folder):
        if place.endswith("__pycache__"):
            continue
        yield from (Path(place, name) for name in sorted(names))
        if locations.sourceless:
            yield from _compiled_files(Path(place, "__pycache__"), sources={name.split(".")[0] for name in names})
        if not locations.recursive:
            return
        subfolders.sort()


def _compiled_files(cache: Path, *, sources: set[str]) -> Iterator[Path]:
    if cache.is_dir():
        yield from sorted(path for path in cache.iterdir() if path.name.split(".")[0] not in sources)


def _is_revision_file(path: Path, locations: Locations) -> bool:
    if path.name.startswith(_NOT_REVISIONS):
        return False
    if path.suffix in {".pyc", ".pyo"}:
        return locations.sourceless and not path.with_suffix(".py").exists()
    return path.suffix == ".py"


def _read_revision(path: Path) -> Revision | Unreadable:
    if path.suffix != ".py":
        return Unreadable(path, "it is compiled and has no source")
    return parse_revision(read_bytes(path), path=path)


def _read_text(path: Path) -> str:
    return read_bytes(path).decode("utf-8-sig", errors="replace")


def read_bytes(path: Path) -> bytes:
    """Return what is in a file.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}",
            code="file-unreadable",
            why="without every revision file the order of the migrations is unknown",
            next=f"ls -l {path}",
        ) from error
