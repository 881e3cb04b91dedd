"""The tasks on a project whose env.py calls the guard, as Wingman's does."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest

from tests.servers import Server
from tests.tasks.conftest import upgraded_template
from tests.tasks.projects import REPOSITORY, Ran, TinyProject, checked, flask_project
from tests.waiting import DEADLINE_SECONDS

AUDIT = "SELECT revision, direction, outcome FROM interlocking_audit ORDER BY id"
NOTE = 'op.execute("ALTER TABLE shop ADD COLUMN note text")'


def guarded_project(folder: Path, url: str) -> TinyProject:
    """Flask-Migrate with Wingman's env.py."""
    flask = flask_project(folder, url)
    flask.write("migrations/env.py", (REPOSITORY / "migrations" / "env.py").read_text())
    return flask


@pytest.fixture(scope="module")
def opened(postgres_server: Server, owner: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database at the first revision, which the guard applied."""
    return upgraded_template(
        postgres_server, owner, lambda url: guarded_project(tmp_path_factory.mktemp("opened"), url)
    )


@pytest.fixture
def guarded(tmp_path: Path, make_url: Callable[..., str], opened: str) -> TinyProject:
    """Its first revision is applied, a second is pending."""
    flask = guarded_project(tmp_path, make_url(opened))
    flask.revision("note", "open_shop", upgrade=NOTE, downgrade='op.drop_column("shop", "note")')
    return flask


def test_the_story_tells_tries_waiting_and_seconds(guarded: TinyProject) -> None:
    """One line a revision, also in a downgrade; who is in the way is a note."""
    calm = guarded.invoke("db.upgrade", "--json").ok()
    assert re.search(r"^ok    \[1/1\] upgrade note \(1 try\)  \d+\.\d\d s$", calm.err, re.MULTILINE), calm.err
    (step,) = calm.json["steps"]
    assert ("note", 1, 0) == (step["revision"], step["tries"], step["waited"])

    with psycopg2.connect(guarded.url, application_name="a report") as reader:
        reader.cursor().execute("SELECT * FROM shop")
        with guarded.running("db.downgrade", "--json") as child:
            line = child.stderr.readline()
            reader.rollback()
            out, err = child.communicate(timeout=DEADLINE_SECONDS)
    reader.close()
    waited = checked(Ran("invoke db.downgrade", child.returncode, out, line + err)).ok()
    assert re.match(r"note  waiting for a lock: process \d+ \(a report, .*\) has AccessShareLock on shop", line)
    assert re.search(r"^ok    \[1/1\] downgrade note \(\d+ tries, waited .+\)  \d", err, re.MULTILINE), err
    assert waited.json["steps"][0]["tries"] > 1
    assert waited.json["steps"][0]["waited"] > 0


def test_every_way_to_move_is_audited(guarded: TinyProject) -> None:
    """Up, down and stamps; what failed too."""
    guarded.invoke("db.upgrade").ok()
    guarded.invoke("db.downgrade").ok()
    guarded.invoke("db.stamp", "-r", "note").ok()
    guarded.revision("wrong", "note", upgrade='op.execute("SELECT 1 / 0")')
    guarded.invoke("db.upgrade").refused(1, "revision-failed")

    assert [
        ("open_shop", "upgrade", "applied"),
        ("note", "upgrade", "applied"),
        ("note", "downgrade", "applied"),
        ("note", "stamp", "applied"),
        ("wrong", "upgrade", "failed"),
    ] == guarded.sql(AUDIT)


def test_revisions_are_written_and_proven(guarded: TinyProject) -> None:
    """Neither autogenerate nor the round trip sees the guard's own tables."""
    guarded.invoke("db.upgrade").ok()
    written = guarded.invoke("db.migrate", "-m", "forget the note", "--json").ok().json
    assert ["drop column shop.note"] == [each["words"] for each in written["upgrade"]]
    tripped = guarded.invoke("db.test-rollback", "--all").ok()
    assert "interlocking" not in tripped.text
    guarded.invoke("db.upgrade").ok()
    guarded.invoke("db.check").ok()


def test_a_backfill_tells_how_far_it_is(guarded: TinyProject) -> None:
    """A line now and then, with the time that is left, and one at the end."""
    guarded.sql("INSERT INTO shop (name) SELECT 'x' FROM generate_series(1, 3000); ANALYZE shop")
    guarded.revision(
        "note",
        "open_shop",
        upgrade='from interlocking.upgrade import backfill\nbackfill(op, "shop", set={"name": "name || 1"})',
    )
    planned = guarded.invoke("db.upgrade", "--dry-run").ok().out
    told = guarded.invoke("db.upgrade").ok().err

    assert "backfill of shop: 3,000 rows" in planned
    some_way = r"note  backfill of public\.shop: \d+ of about 3,000 rows \(\d+ %\), about \d.* left"
    assert re.search(some_way, told), told
    assert "note  backfill of public.shop: 3,000 rows changed in " in told


def test_an_edited_applied_file_is_refused_before_anything_runs(guarded: TinyProject) -> None:
    """With the diff against what git has."""
    file = guarded.versions / "open_shop.py"
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=guarded.root, check=True)
    file.write_text(file.read_text().replace("VARCHAR(40)", "VARCHAR(50)"))
    refused = guarded.invoke("db.upgrade").refused(3, "applied-file-edited")

    assert "Don't edit applied migration files: open_shop" in refused.err
    assert '-    op.execute("CREATE TABLE shop (id SERIAL PRIMARY KEY, name VARCHAR(40) NOT NULL)")' in refused.err
    assert '+    op.execute("CREATE TABLE shop (id SERIAL PRIMARY KEY, name VARCHAR(50) NOT NULL)")' in refused.err
    assert ["open_shop"] == guarded.applied()
    guarded.invoke("db.verify", "--accept", "open_shop").ok()
    guarded.invoke("db.upgrade").ok()


def test_code_that_is_older_than_the_database(guarded: TinyProject) -> None:
    """Refused in a sentence; a stamp is the way to give the position up."""
    guarded.invoke("db.upgrade").ok()
    (guarded.versions / "note.py").unlink()

    for words in (["db.upgrade"], ["db.downgrade"]):
        refused = guarded.invoke(*words).refused(3, "code-older-than-database")
        assert "the database is at note, which these files do not know" in refused.err
    guarded.invoke("db.stamp", "-r", "open_shop").ok()
    assert ["open_shop"] == guarded.applied()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_upgrade_is_audited_as_such(guarded: TinyProject, number: signal.Signals, code: int) -> None:
    """What became of it is known when the task ends."""
    guarded.revision("slow", "note", upgrade='op.execute("SELECT pg_sleep(600)")')
    with guarded.running("db.upgrade") as child:
        guarded.wait_for("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600%' AND state = 'active'")
        child.send_signal(number)
        out, err = child.communicate(timeout=DEADLINE_SECONDS)
    ended = checked(Ran("invoke db.upgrade", child.returncode, out, err))

    assert code == ended.code, ended.describe()
    assert "slow was rolled back; the database is at note" in ended.err
    assert ("slow", "upgrade", "interrupted") == guarded.sql(AUDIT)[-1]
    assert ["note"] == guarded.applied()


def test_a_bad_setting_of_the_guard_changes_nothing(guarded: TinyProject) -> None:
    """It is named with its origin, wherever Alembic runs."""
    refused = guarded.invoke("db.upgrade", INTERLOCKING_GUARD_PATIENCE="soon").refused(2, "bad-setting")

    assert "patience in INTERLOCKING_GUARD_PATIENCE: 'soon' is not a duration" in refused.err
    assert ["open_shop"] == guarded.applied()
