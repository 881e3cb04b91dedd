"""deploy.rehearse: two releases of Wingman itself, before and after Railway stops reading railway.toml."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import temporary_folder
from tests.tasks.projects import INVOKE, REPOSITORY, usual_environment

_SECONDS = 500


@pytest.fixture(scope="module")
def clone() -> Iterator[Path]:
    """A fresh clone of this repository, with what is changed here, whose embedded server is stopped at the end."""
    with temporary_folder() as folder:
        root = folder / "wingman"
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (REPOSITORY / name).is_file() and not name.startswith(("frontend/", "tests/", "docs/")):
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_bytes((REPOSITORY / name).read_bytes())
        yield root
        run(root, "db.stop")


def run(root: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**usual_environment(), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **variables}
    return subprocess.run(
        [INVOKE, *words], cwd=root, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
    )


@pytest.mark.parametrize(
    ("today", "door"), [("2026-11-20", "railway.toml"), ("2026-12-02", "the configuration of web in production")]
)
def test_no_client_notices_a_release_of_wingman(clone: Path, today: str, door: str) -> None:
    """The migration is applied by whichever door Railway reads on that day; nothing is left of the rehearsal."""
    done = run(clone, "deploy.rehearse", "--json", INTERLOCKING_TODAY=today)

    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["applied"] == ["20250615_companion"]
    assert found["failures"] == {}
    assert found["requests"] > 20
    assert f"set the temporary command in {door}" in [step["step"] for step in found["steps"]]
    assert found["release"]["after"] == ["20250615_companion"]
    assert list((clone / ".interlocking" / "rehearsals").iterdir()) == []


def test_a_release_that_fails_says_why(clone: Path) -> None:
    """The rehearsal's exit code is that of a check that says no."""
    newest, service = clone / "migrations" / "versions" / "20250615_companion.py", clone / "railway.toml"
    kept = {path: path.read_text() for path in (newest, service)}
    newest.write_text(kept[newest].replace("def upgrade():\n", 'def upgrade():\n    op.execute("SELECT 1/0")\n'))
    service.write_text(kept[service].replace("restartPolicyMaxRetries = 5", "restartPolicyMaxRetries = 0"))
    try:
        done = run(clone, "deploy.rehearse")
    finally:
        for path, text in kept.items():
            path.write_text(text)

    assert done.returncode == 1, done.stdout + done.stderr
    assert "division by zero" in done.stdout
