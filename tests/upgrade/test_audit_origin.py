"""Where an upgrade is run from: read from files, checked against git itself."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path

import pytest

from interlocking.upgrade.audit.origin import git_commit, read_origin

RAILWAY = {"RAILWAY_SERVICE_NAME": "web", "RAILWAY_ENVIRONMENT_NAME": "production", "RAILWAY_GIT_COMMIT_SHA": "a" * 40}


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
    return subprocess.run(
        ["git", "-C", str(folder), *who, *words], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "main")
    git(tmp_path / "main", "commit", "--allow-empty", "-m", "one")
    return tmp_path / "main"


def test_the_commit_of_a_branch(repository: Path) -> None:
    """From anywhere inside the working tree."""
    (repository / "deep" / "er").mkdir(parents=True)

    assert git(repository, "rev-parse", "HEAD") == git_commit(repository / "deep" / "er")


def test_the_commit_of_a_packed_branch(repository: Path) -> None:
    """`git gc` moves branches into one file."""
    git(repository, "pack-refs", "--all")

    assert git(repository, "rev-parse", "HEAD") == git_commit(repository)


def test_a_detached_head(repository: Path) -> None:
    """As a continuous-integration service checks out."""
    git(repository, "checkout", "--detach")

    assert git(repository, "rev-parse", "HEAD") == git_commit(repository)


@pytest.mark.parametrize("packed", [False, True])
def test_a_linked_working_tree(repository: Path, packed: bool) -> None:
    """Its .git is a file, and its branches are elsewhere."""
    git(repository, "worktree", "add", "-b", "side", "../side")
    git(repository.parent / "side", "commit", "--allow-empty", "-m", "two")
    if packed:
        git(repository, "pack-refs", "--all")

    assert git(repository.parent / "side", "rev-parse", "HEAD") == git_commit(repository.parent / "side")


def test_no_commit_yet_and_no_repository(tmp_path: Path) -> None:
    """Neither is an error."""
    git(tmp_path, "init", "main")

    assert [None, None] == [git_commit(tmp_path / "main"), git_commit(tmp_path)]


def test_on_railway_the_variables_tell(tmp_path: Path) -> None:
    """There is no .git in a container."""
    origin = read_origin(tmp_path, RAILWAY)

    assert ("railway web (production)", "a" * 40, os.uname().nodename) == (origin.actor, origin.commit, origin.host)


def test_elsewhere_the_system_user_tells(repository: Path) -> None:
    """And the working tree wins over a variable."""
    origin = read_origin(repository, {"RAILWAY_GIT_COMMIT_SHA": "a" * 40})

    assert (pwd.getpwuid(os.getuid()).pw_name, git(repository, "rev-parse", "HEAD")) == (origin.actor, origin.commit)
