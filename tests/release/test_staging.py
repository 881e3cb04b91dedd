"""The two trees of a rehearsal: from a history, from a shallow clone, and without git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from interlocking.environment import load_project
from interlocking.errors import UsageError
from interlocking.release.staging import Previous, stage_previous, stage_release
from interlocking.upgrade.status import load_graph
from tests.tasks.projects import TinyProject, plain_project


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@localhost")
    done = subprocess.run(["git", *identity, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def shop(tmp_path: Path) -> TinyProject:
    """Three revisions, of which the last came in a commit of its own, with a change of the code."""
    project = plain_project(tmp_path / "shop", "", ["one", "two"])
    project.write(".gitignore", ".env\n.interlocking/\n")
    project.write(".env", "SECRET=1\n")
    git(project.root, "init", "--quiet", "--initial-branch=main")
    git(project.root, "add", "--all")
    git(project.root, "commit", "--quiet", "--message", "first")
    project.table_revision("three", "two")
    project.write("models.py", "from sqlalchemy import MetaData\nmetadata = MetaData()  # changed\n")
    git(project.root, "add", "--all")
    git(project.root, "commit", "--quiet", "--message", "second")
    return project


def staged(root: Path, tmp_path: Path, *, deployed: str = "") -> tuple[Path, Previous]:
    release = tmp_path / "release"
    stage_release(root, release)
    graph = load_graph(load_project(root, {}))
    previous = stage_previous(
        root, release, tmp_path / "previous", deployed=deployed, graph=graph, versions=Path("migrations/versions")
    )
    return release, previous


def versions(folder: Path) -> set[str]:
    return {path.stem for path in (folder / "migrations" / "versions").glob("*.py")}


def test_the_release_is_the_tree_as_it_is_and_clean(shop: TinyProject, tmp_path: Path) -> None:
    """Uncommitted files included, ignored ones not."""
    shop.write("loose.py", "")

    release, _previous = staged(shop.root, tmp_path)

    assert (release / "loose.py").exists()
    assert not (release / ".env").exists()
    assert git(release, "status", "--porcelain") == ""


def test_before_it_was_the_parent_of_the_newest_revision(shop: TinyProject, tmp_path: Path) -> None:
    """With the code of that time; the repository itself is left alone."""
    git(shop.root, "commit", "--quiet", "--allow-empty", "--message", "no revision")

    _release, previous = staged(shop.root, tmp_path)

    assert versions(previous.folder) == {"one", "two"}
    assert "changed" not in (previous.folder / "models.py").read_text()
    assert git(shop.root, "worktree", "list").count("\n") == 0


def test_before_a_revision_that_is_not_committed_it_was_the_newest_commit(shop: TinyProject, tmp_path: Path) -> None:
    """As while one is written."""
    shop.table_revision("four", "three")

    _release, previous = staged(shop.root, tmp_path)

    assert versions(previous.folder) == {"one", "two", "three"}


def test_the_commit_that_is_deployed_comes_first(shop: TinyProject, tmp_path: Path) -> None:
    """Where it is known and this repository has it."""
    deployed = git(shop.root, "rev-parse", "HEAD")

    _release, previous = staged(shop.root, tmp_path, deployed=deployed)
    assert versions(previous.folder) == {"one", "two", "three"}
    assert "deployed" in previous.words


@pytest.mark.parametrize("kind", ["shallow", "without git"])
def test_without_a_history_it_is_this_tree_without_its_newest_revision(
    shop: TinyProject, tmp_path: Path, kind: str
) -> None:
    """In a shallow clone, and where there is no repository."""
    root = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{shop.root}", str(root))
    if kind == "without git":
        git(root, "archive", "--output", str(tmp_path / "tree.tar"), "HEAD")
        root = tmp_path / "plain"
        root.mkdir()
        subprocess.run(["tar", "xf", str(tmp_path / "tree.tar")], cwd=root, check=True)

    _release, previous = staged(root, tmp_path)

    assert versions(previous.folder) == {"one", "two"}
    assert previous.words == "this tree without three"


def test_there_must_be_a_revision(tmp_path: Path) -> None:
    """Otherwise there is nothing to release."""
    project = plain_project(tmp_path / "empty", "")

    with pytest.raises(UsageError) as refused:
        staged(project.root, tmp_path)

    assert refused.value.code == "no-revisions"
