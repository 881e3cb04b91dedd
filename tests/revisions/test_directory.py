"""The files that Alembic would load are read, in its order, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from interlocking.errors import UsageError
from interlocking.revisions.directory import Locations, locate, read_history
from interlocking.revisions.graph import build_graph
from interlocking.revisions.model import Unreadable
from interlocking.revisions.order import pending

Write = Callable[..., Path]


def ids(locations: Locations) -> list[str]:
    """Return the ids in reading order."""
    return [revision.id for revision in read_history(locations).revisions]


def alembic_ids(migrations: Path, **options: object) -> list[str]:
    """Return the ids in Alembic's reading order."""
    return [script.revision for script in ScriptDirectory(migrations, **options)._load_revisions()]


def test_files_are_read_in_alembics_order(migrations: Path, write: Write) -> None:
    """Sorted by name, whatever the disk says."""
    for name in ("b2", "a10", "a9", "C1", "_x"):
        write(name)

    found = ids(Locations(migrations, (migrations / "versions",)))

    assert ["C1", "_x", "a10", "a9", "b2"] == found
    assert alembic_ids(migrations) == found


def test_what_is_no_revision_file_is_passed_over(migrations: Path, write: Write) -> None:
    """Package files, editors' locks and backups, caches, notes, folders."""
    write("good", folder="versions")
    versions = migrations / "versions"
    for name in ("__init__.py", ".#good.py", "good.py~", "README", "notes.txt", "good.pyc"):
        (versions / name).write_text("not python (")
    (versions / "__pycache__").mkdir()
    (versions / "old.py").mkdir()

    assert ["good"] == ids(Locations(migrations, (versions,)))
    assert alembic_ids(migrations) == ["good"]


def test_sub_folders_count_only_when_asked(migrations: Path, write: Write) -> None:
    """`recursive_version_locations`; a folder's own files come before those of its folders."""
    write("z_top")
    years = ["2021", "2022", "2023", "2024", "2025"]
    for year in reversed(years):
        write(f"in_{year}", folder=f"versions/{year}")
    (migrations / "versions" / "__pycache__").mkdir()
    (migrations / "versions" / "__pycache__" / "cached.py").write_text("not python (")
    folders = (migrations / "versions",)

    assert ["z_top"] == ids(Locations(migrations, folders))
    assert ["z_top", *(f"in_{year}" for year in years)] == ids(Locations(migrations, folders, recursive=True))
    assert ["z_top", *(f"in_{year}" for year in years)] == alembic_ids(migrations, recursive_version_locations=True)


def test_a_file_reached_twice_is_read_once(migrations: Path, write: Write) -> None:
    """Through a link, or because a folder is listed twice."""
    path = write("one")
    (migrations / "versions" / "other_name.py").symlink_to(path)
    folder = migrations / "versions"

    assert ["one"] == ids(Locations(migrations, (folder, folder)))


def test_compiled_files_count_only_when_asked(migrations: Path, write: Write) -> None:
    """`sourceless`: they exist, but only Alembic can read them."""
    write("one")
    (migrations / "versions" / "two.pyc").touch()
    (migrations / "versions" / "one.pyc").touch()
    folders = (migrations / "versions",)

    found = read_history(Locations(migrations, folders, sourceless=True))

    assert [Unreadable((folders[0] / "two.pyc").resolve(), "it is compiled and has no source")] == list(
        found.unreadable
    )
    assert () == read_history(Locations(migrations, folders)).unreadable


def test_flask_migrates_folder_is_found(migrations: Path, tmp_path: Path, write: Write) -> None:
    """Its own ini file sets nothing, so `versions` beside env.py it is."""
    write("one")
    (migrations / "alembic.ini").write_text("[alembic]\n# version_locations = elsewhere\n[loggers]\nkeys = root\n")

    found = locate(tmp_path, ini=migrations / "alembic.ini", migrations=Path("migrations"))

    assert Locations(migrations, (migrations / "versions",)) == found
    assert ["one"] == ids(found)


INI = {
    "from here": "script_location = %(here)s/migrations",
    "relative": "script_location = migrations",
    "other folders": "script_location = migrations\nversion_locations = %(here)s/a %(here)s/b",
    "commas": "script_location = migrations\nversion_locations = %(here)s/a, %(here)s/b",
    "os": "script_location = migrations\npath_separator = os\nversion_locations = %(here)s/a:%(here)s/b",
    "old separator": "script_location = migrations\nversion_path_separator = ;\nversion_locations = %(here)s/a;%(here)s/b",
    "lines": "script_location = migrations\npath_separator = newline\nversion_locations =\n  %(here)s/a\n  %(here)s/b",
    "recursive": "script_location = migrations\nrecursive_version_locations = true",
    "not recursive": "script_location = migrations\nrecursive_version_locations = True",
    "sourceless": "script_location = migrations\nsourceless = true",
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("options", INI.values(), ids=INI)
def test_an_ini_file_means_what_it_means_to_alembic(
    options: str, tmp_path: Path, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same folders, same switches."""
    monkeypatch.chdir(tmp_path)
    ini = tmp_path / "alembic.ini"
    ini.write_text(f"[alembic]\n{options}\n")
    expected = ScriptDirectory.from_config(Config(ini))

    found = locate(tmp_path, ini=ini)

    assert list(expected._version_locations) == list(found.folders)
    assert migrations == found.environment
    assert (expected.recursive_version_locations, expected.sourceless) == (found.recursive, found.sourceless)


@pytest.mark.parametrize(
    "ini_text", [None, "[alembic]\nsqlalchemy.url = x\n"], ids=["no ini", "ini without a location"]
)
def test_pyproject_says_where_the_migrations_are(ini_text: str | None, tmp_path: Path, migrations: Path) -> None:
    """`[tool.alembic]`, with or without an ini file beside it."""
    (tmp_path / "pyproject.toml").write_text(
        '[tool.alembic]\nscript_location = "%(here)s/migrations"\nversion_locations = ["%(here)s/a", "%(here)s/b"]\n'
        "recursive_version_locations = true\n"
    )
    if ini_text:
        (tmp_path / "alembic.ini").write_text(ini_text)

    found = locate(tmp_path, ini=tmp_path / "alembic.ini")

    assert Locations(migrations, (tmp_path / "a", tmp_path / "b"), recursive=True) == found


def test_a_location_inside_a_package_is_found_without_importing_it(tmp_path: Path) -> None:
    """`package:folder`, as Alembic writes it."""
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = shop.db:migrations\n")

    assert tmp_path / "shop" / "db" / "migrations" == locate(tmp_path, ini=tmp_path / "alembic.ini").environment


@pytest.mark.parametrize(
    "text",
    [
        "script_location = x",
        "[alembic]\nscript_location = %(nothing)s",
        "[alembic]\nversion_locations = a\npath_separator = -",
    ],
    ids=["no section", "unknown name", "unknown separator"],
)
def test_a_broken_ini_file_is_named(text: str, tmp_path: Path) -> None:
    """Not a traceback of configparser."""
    (tmp_path / "alembic.ini").write_text(text)

    with pytest.raises(UsageError, match=r"alembic\.ini") as caught:
        locate(tmp_path, ini=tmp_path / "alembic.ini")

    assert "alembic-configuration-invalid" == caught.value.code


def test_a_broken_ini_file_never_shows_a_password(tmp_path: Path) -> None:
    """The line that cannot be parsed may be the URL."""
    (tmp_path / "alembic.ini").write_text("postgresql://bob:hunter2@db/x\n[alembic]\nscript_location = x\n")

    with pytest.raises(UsageError) as caught:
        locate(tmp_path, ini=tmp_path / "alembic.ini")

    assert "bob:***@db" in caught.value.why


def test_a_broken_pyproject_is_named(tmp_path: Path) -> None:
    """Not a traceback of tomllib."""
    (tmp_path / "pyproject.toml").write_text("[tool.alembic]\nscript_location = \n")

    with pytest.raises(UsageError, match=r"pyproject\.toml"):
        locate(tmp_path, ini=tmp_path / "alembic.ini")


@pytest.mark.parametrize("ini_text", [None, "[alembic]\n"], ids=["no ini", "ini without a location"])
def test_nothing_says_where_the_migrations_are(ini_text: str | None, tmp_path: Path) -> None:
    """The error says which setting would."""
    if ini_text:
        (tmp_path / "alembic.ini").write_text(ini_text)

    with pytest.raises(UsageError) as caught:
        locate(tmp_path, ini=tmp_path / "alembic.ini")

    assert "migrations-not-found" == caught.value.code


def test_no_migrations_folder_is_said(tmp_path: Path) -> None:
    """The commonest mistake: the wrong folder."""
    with pytest.raises(UsageError, match="there is no migrations folder") as caught:
        read_history(Locations(tmp_path / "migrations", (tmp_path / "migrations" / "versions",)))

    assert "migrations-not-found" == caught.value.code


def test_no_versions_folder_is_said(tmp_path: Path) -> None:
    """Alembic would silently see an empty history."""
    with pytest.raises(UsageError, match="there is no versions folder") as caught:
        read_history(Locations(tmp_path, (tmp_path / "versions",)))

    assert "versions-not-found" == caught.value.code


@pytest.mark.parametrize(
    ("target", "reason"), [("../nowhere.py", "nowhere.py cannot be read: No such file"), ("gone.py", "Too many levels")]
)
def test_a_file_that_cannot_be_read_is_named(migrations: Path, target: str, reason: str) -> None:
    """A link to nowhere, or to itself, stands for every reason; root may read everything else."""
    (migrations / "versions" / "gone.py").symlink_to(target)

    with pytest.raises(UsageError, match=reason) as caught:
        read_history(Locations(migrations, (migrations / "versions",)))

    assert "file-unreadable" == caught.value.code


def test_a_real_project_has_alembics_order(tmp_path: Path, migrations: Path, write: Write) -> None:
    """Files on disk to order of upgrade, branches and a merge included."""
    write("m", ("x", "y"))
    write("x", "base1")
    write("y", "base1")
    write("base1")
    write("lone", extra="depends_on = 'x'\nbranch_labels = ('alone',)")
    script = ScriptDirectory(os.fspath(migrations))

    graph = build_graph(read_history(Locations(migrations, (migrations / "versions",))))

    assert [each.revision for each in script.iterate_revisions("heads", ())][::-1] == list(pending(graph, ()))
    assert script.get_heads() == list(graph.heads)
