"""db.review --fix as typed: the diff, the question, what is refused, and the JSON that other programs rely on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date

import pytest

from interlocking.environment import load_project
from interlocking.process import run_fork
from interlocking.review.fixes.files import propose_fixes, write_fixes
from interlocking.review.reviewing import review
from interlocking.upgrade.status import load_graph
from tests.tasks.projects import TinyProject

CHECK = 'op.create_check_constraint("positive", "one", "id > 0")'


@pytest.fixture
def risky(plain: TinyProject) -> TinyProject:
    """Three revisions applied, and one pending whose CHECK is tested under a lock."""
    plain.sql("CREATE TABLE one (id integer PRIMARY KEY)")
    plain.sql("CREATE TABLE alembic_version AS SELECT 'three'::varchar(32) AS version_num")
    plain.revision("strict", "three", upgrade=CHECK, downgrade='op.drop_constraint("positive", "one")')
    return plain


def test_a_diff_that_nobody_confirms_and_a_half_applied_revision_change_nothing(risky: TinyProject) -> None:
    """Exit 3 and the files as they were; so does --dry-run leave them, with exit 0."""
    before = risky.files()
    risky.sql("CREATE TABLE alembic_version_in_progress AS SELECT 'strict'::text AS revision")
    risky.invoke("db.review", "--fix", "--yes").refused(3, "half-applied")
    risky.sql("DROP TABLE alembic_version_in_progress")

    asked = risky.invoke("db.review", "--fix").refused(3, "confirmation-required")
    tried = risky.invoke("db.review", "--fix", "--dry-run").ok()

    for shown in (asked.err, tried.out):
        assert f"-    {CHECK}" in shown
        assert "+++ b/migrations/versions/strict.py" in shown
        assert "VALIDATE CONSTRAINT positive" in shown
    assert before == risky.files()


def test_what_was_fixed_is_reported_reviewed_and_applied(risky: TinyProject) -> None:
    """The second time there is nothing to fix; the guard applies both revisions."""
    ran = risky.invoke("db.review", "--fix", "--yes", "--json").ok()

    found = ran.json
    assert [(each["id"], each["revision"], each["line"]) for each in found["fixed"]] == [
        ("check-validated", "strict", 7)
    ]
    new = found["fixed"][0]["revisions"][1]
    assert new.endswith("_validate_one")
    assert [each["change"] for each in found["files"]] == ["rewritten", "written"]
    assert f"migrations/versions/{new}.py" == found["files"][1]["file"]
    assert found["review"]["passes"]
    assert found["left"] == []
    assert not found["dry_run"]
    assert f"-    {CHECK}" in ran.err

    assert "nothing to fix" in risky.invoke("db.review", "--fix").ok().out
    risky.invoke("db.upgrade").ok()
    assert risky.sql("SELECT convalidated FROM pg_constraint WHERE conname = 'positive'") == [(True,)]
    risky.invoke("db.review", "--fix", "--revision", "strict").refused(3, "already-applied")


def test_what_is_left_is_said_and_stands_against_the_revision(risky: TinyProject) -> None:
    """Exit 1, as the review itself."""
    risky.revision("strict", "three", upgrade=f"if op.get_bind():\n    {CHECK}", downgrade="raise NotImplementedError")

    ran = risky.invoke("db.review", "--fix")

    assert ran.code == 1
    assert (
        "check-validated left to you: it is not a call of op on a line of its own, directly in upgrade()"
        in " ".join(ran.out.split())
    )


def test_what_the_main_branch_has_is_left_until_it_is_named(risky: TinyProject) -> None:
    """A database at hand knows nothing of others."""
    _commit(risky, "migrations")

    left = risky.invoke("db.review", "--fix", "--yes")
    tried = risky.invoke("db.review", "--fix", "--dry-run", "-r", "strict").ok()

    assert "left to you: the main branch has it, so another database may; -r strict fixes it all the same" in " ".join(
        left.out.split()
    )
    assert "nothing to fix" in left.out
    assert "check-validated" in tried.out
    assert "next: invoke db.review --fix -r strict" in tried.out


def test_without_a_database_and_without_git_nothing_is_rewritten(risky: TinyProject) -> None:
    """Nobody says that it is not applied."""
    ran = risky.invoke("db.review", "--fix", "--yes", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")

    assert ran.code == 1
    assert "left to you: neither a database nor git says that it is not applied" in " ".join(ran.out.split())


def _commit(project: TinyProject, *names: str) -> None:
    """Commit files to the main branch."""
    identity = ("-c", "user.name=test", "-c", "user.email=test@localhost")
    for words in (("init", "-q", "-b", "main"), ("add", *names), (*identity, "commit", "-qm", "more")):
        subprocess.run(["git", *words], cwd=project.root, check=True, capture_output=True)


def test_what_a_killed_fix_had_begun_to_write_is_put_back_before_anything_runs(risky: TinyProject) -> None:
    """Who only reads is told of it; the next upgrade runs the revision as it was."""
    before = risky.files()
    assert -signal.SIGKILL == run_fork(lambda: _fix_and_die(risky))
    begun = risky.files()
    assert begun.keys() > before.keys()

    told = risky.invoke("db.review", "--fix", "--dry-run")
    assert "invoke db.review --fix was interrupted while it wrote" in told.err
    assert begun == risky.files()

    ran = risky.invoke("db.upgrade").ok()

    assert "_validate_one.py is put back: invoke db.review --fix was interrupted" in ran.err
    assert before == risky.files()
    assert risky.applied() == ["strict"]


def _fix_and_die(project: TinyProject) -> None:
    """Fix, and die when the last file is about to be written."""
    loaded = load_project(project.root, {"DATABASE_URL": project.url})
    graph = load_graph(loaded)
    fixes = propose_fixes(loaded, graph, review(loaded, graph, ["strict"]), today=date(2026, 11, 26))

    def look(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and str(arguments[0]).endswith(".strict.py.new"):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)
    write_fixes(loaded, fixes)
