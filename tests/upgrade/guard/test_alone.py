"""The guard where nothing else of the suite is installed: in production."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.upgrade.guard.histories import History, rows
from tests.waiting import DEADLINE_SECONDS

REPOSITORY = Path(__file__).parents[3]
_CORE = {"alembic", "mako", "markupsafe", "sqlalchemy", "psycopg2-binary", "typing-extensions", "greenlet"}
_WITHOUT = """
import json, os, sys

class Without:
    missing = json.loads(os.environ["MISSING"])

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Without())
"""


def run(code: str, *, only: set[str], cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run code in a Python that finds the packages of some distributions only, and this project."""
    installed = {*only, "interlocking"}
    missing = [name for name, owners in packages_distributions().items() if not installed & set(map(_normal, owners))]
    assert {"invoke", "rich", "tomlkit"} <= set(missing)
    return subprocess.run(
        [sys.executable, "-c", _WITHOUT + code],
        check=False,
        cwd=cwd,
        env={**os.environ, "MISSING": json.dumps(missing), **environ},
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_it_needs_alembic_sqlalchemy_and_psycopg2(database: str, tmp_path: Path) -> None:
    """And none of the suite's other dependencies, for all that it does."""
    history = History(tmp_path / "project", database)
    history.revision("one", 'op.execute("CREATE TABLE a (id int PRIMARY KEY, n int); INSERT INTO a VALUES (1, 0)")')
    history.revision("two", 'from interlocking.upgrade import backfill\nbackfill(op, "a", set={"n": "n + 1"})')
    history.revision("three", 'op.execute("SELECT 1 / 0")')
    url = database.replace("postgresql:", "postgresql+psycopg2:")
    ended = run(
        "from alembic.config import main; main(['upgrade', 'head'])", only=_CORE, cwd=history.root, TEST_URL=url
    )

    assert (5, ["two"], [(1,)]) == (ended.returncode, history.heads, history.rows("SELECT n FROM a")), ended.stderr
    assert "three failed in its upgrade: division by zero" in ended.stderr
    assert ["applied", "applied", "failed"] == [
        outcome for (outcome,) in history.rows("SELECT outcome FROM interlocking_audit ORDER BY id")
    ]


def test_wingman_migrates_with_what_its_service_installs(database: str) -> None:
    """`flask db upgrade` from the source tree, with requirements.txt and nothing else."""
    listed = (REPOSITORY / "requirements.txt").read_text()
    installed = {_normal(name) for name in re.findall(r"^([\w.-]+)==", listed, re.MULTILINE)}
    ended = run(
        "from flask.cli import main; sys.argv = ['flask', 'db', 'upgrade']; main()",
        only=installed,
        cwd=REPOSITORY,
        DATABASE_URL=database,
        FLASK_APP="backend.wsgi:application",
    )

    assert 0 == ended.returncode, ended.stderr
    assert "applied 20250615_companion in" in ended.stderr
    assert [("20250615_companion",)] == rows(database, "SELECT version_num FROM alembic_version")


def test_the_process_ends_without_a_last_search_for_garbage(database: str, tmp_path: Path) -> None:
    """An upgrade that has waited for its lock would end half a second later on a busy machine."""
    history = History(tmp_path / "project", database)
    history.env(before="import atexit, gc\natexit.register(lambda: print('set aside:', gc.get_freeze_count()))")
    history.revision("one", 'op.execute("CREATE TABLE a (id int)")')
    url = database.replace("postgresql:", "postgresql+psycopg2:")

    ended = run(
        "from alembic.config import main; main(['upgrade', 'head'])", only=_CORE, cwd=history.root, TEST_URL=url
    )

    assert re.search(r"set aside: [1-9]", ended.stdout), ended.stdout + ended.stderr
