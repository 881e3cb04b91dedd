"""db.upgrade, db.downgrade and db.stamp, as typed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from interlocking.postgres.programs import wheel_programs
from interlocking.postgres.url import parse
from tests.tasks.projects import TinyProject

MakeUrl = Callable[[], str]


def test_upgrade_applies_what_is_pending_and_its_undo_takes_it_back(plain: TinyProject) -> None:
    """The printed command really undoes it, and a second upgrade is calm."""
    plain.invoke("db.upgrade", "-r", "one").ok()

    upgraded = plain.invoke("db.upgrade").ok()

    assert plain.applied() == ["three"]
    assert plain.tables() == ["one", "three", "two"]
    assert "[1/2] upgrade two" in upgraded.err
    assert "[2/2] upgrade three" in upgraded.err
    assert "three" in upgraded.out
    assert "nothing to do" in plain.invoke("db.upgrade").ok().out
    plain.invoke(*upgraded.undo).ok()
    assert plain.applied() == ["one"]
    assert plain.tables() == ["one"]


def test_downgrade_is_one_step_and_its_undo_takes_it_back(upgraded: TinyProject) -> None:
    """Never more than was asked for: base must be spelled."""

    downgraded = upgraded.invoke("db.downgrade").ok()

    assert upgraded.applied() == ["two"]
    upgraded.invoke(*downgraded.undo).ok()
    assert upgraded.applied() == ["three"]
    everything = upgraded.invoke("db.downgrade", "-r", "base").ok()
    assert upgraded.applied() == []
    assert upgraded.tables() == []
    assert "nothing to do" in upgraded.invoke("db.downgrade", "--revision", "base").ok().out
    upgraded.invoke(*everything.undo).ok()
    assert upgraded.applied() == ["three"]


def test_tasks_named_twice_on_one_line_run_twice(plain: TinyProject) -> None:
    """Invoke alone would skip the third in silence (pyinvoke/invoke#802)."""
    plain.invoke("db.upgrade", "db.downgrade", "db.upgrade").ok()

    assert plain.applied() == ["three"]


def test_a_dry_run_shows_the_plan_and_touches_nothing(plain: TinyProject) -> None:
    """Every step and its undo; Invoke's own `--dry` means the same."""
    plain.invoke("db.upgrade", "-r", "two").ok()
    before = plain.files()

    for words in (
        ["db.upgrade", "--dry-run"],
        ["--dry", "db.upgrade", "db.downgrade", "db.stamp", "-r", "base"],
        ["db.downgrade", "-r", "base", "--dry-run"],
        ["db.stamp", "-r", "three", "--dry-run"],
    ):
        shown = plain.invoke(*words).ok()

        assert "undo: invoke db." in shown.out
        assert plain.url.rpartition("/")[2] in shown.out
        assert plain.applied() == ["two"]
    assert plain.tables() == ["one", "two"]
    assert plain.files() == before


def test_sql_is_what_the_upgrade_would_run(plain: TinyProject, make_url: MakeUrl) -> None:
    """Run by psql on another database it gives the same tables and the same position."""
    other = make_url()

    script = plain.invoke("db.upgrade", "--sql").ok().out

    assert plain.tables() == []
    _psql(other, script)
    assert plain.tables(other) == ["one", "three", "two"]
    assert plain.sql("SELECT version_num FROM alembic_version", other) == [("three",)]


def test_sql_of_a_downgrade_starts_where_the_database_is(upgraded: TinyProject) -> None:
    """One step, from the current revision."""

    script = upgraded.invoke("db.downgrade", "--sql", "--json").ok().json["sql"]

    assert upgraded.applied() == ["three"]
    _psql(upgraded.url, script)
    assert upgraded.applied() == ["two"]
    assert upgraded.tables() == ["one", "two"]


def test_stamp_runs_nothing_says_what_it_skips_and_is_undone(plain: TinyProject) -> None:
    """Setting the position creates no table."""
    stamped = plain.invoke("db.stamp", "-r", "two").ok()

    assert plain.applied() == ["two"]
    assert plain.tables() == []
    assert "mark as applied without running: one" in stamped.err
    assert "mark as applied without running: two" in stamped.err
    assert "nothing to do" in plain.invoke("db.stamp", "-r", "two").ok().out
    plain.invoke(*stamped.undo).ok()
    assert plain.applied() == []


def test_stamp_needs_a_revision(plain: TinyProject) -> None:
    """There is no safe default."""
    plain.invoke("db.stamp").refused(2, "revision-missing")


def test_results_as_json_hold_the_position_and_the_undo(plain: TinyProject) -> None:
    """One object on stdout; each step with its seconds."""
    moved = plain.invoke("db.upgrade", "-r", "+2", "--json").ok().json

    assert (moved["before"], moved["after"]) == ([], ["two"])
    assert [(step["revision"], step["direction"]) for step in moved["steps"]] == [
        ("one", "upgrade"),
        ("two", "upgrade"),
    ]
    assert moved["undo"] == "invoke db.downgrade -r base"


@pytest.mark.parametrize("words", [["db.upgrade"], ["db.stamp", "-r", "one"], ["db.downgrade"]], ids=" ".join)
def test_another_machine_is_asked_about_first(plain: TinyProject, words: list[str]) -> None:
    """Nobody can answer here: refused at once, with the flag to add; `--yes` goes on."""
    plain.invoke("db.upgrade", "-r", "two").ok()
    remote = plain.url.replace("127.0.0.1", "0.0.0.0")  # Linux reaches itself there, and the suite cannot know

    refused = plain.invoke(*words, DATABASE_URL=remote).refused(3, "confirmation-required")

    assert "--yes" in refused.err
    assert plain.applied() == ["two"]
    plain.invoke(*words, "--yes", DATABASE_URL=remote).ok()
    assert plain.applied() != ["two"]


def test_what_names_no_revision_is_a_wrong_value(plain: TinyProject) -> None:
    """Exit 2, and the database stays where it is."""
    plain.invoke("db.upgrade", "-r", "one").ok()

    for symbol in ("four", "-9", "o ne", "one; DROP TABLE one", "", "two:three"):
        refused = plain.invoke("db.downgrade", f"--revision={symbol}")

        assert refused.code == 2, refused.describe()
        assert plain.applied() == ["one"]


def test_the_wrong_direction_is_refused(plain: TinyProject) -> None:
    """An upgrade never goes down, a downgrade never up."""
    plain.invoke("db.upgrade", "-r", "two").ok()

    assert plain.invoke("db.downgrade", "-r", "three").code == 2
    assert plain.invoke("db.upgrade", "-r", "-1").code == 2
    assert plain.applied() == ["two"]


def test_several_heads_go_up_together_and_a_failure_part_way_says_where_it_stands(plain: TinyProject) -> None:
    """What was applied before the broken revision stays; exit 5 names the place and the file."""
    plain.revision("broken", "two", upgrade='op.execute("SELECT 1/0")')

    stopped = plain.invoke("db.upgrade").refused(5, "revision-failed")

    assert "broken failed in its upgrade: division by zero (migrations/versions/broken.py:7)" in stopped.err
    assert "the database is at" in stopped.err
    for applied in plain.applied():
        assert applied in stopped.err
    assert plain.applied()


def _psql(url: str, script: str) -> None:
    parsed = parse(url)
    subprocess.run(
        [wheel_programs().path("psql"), "-v", "ON_ERROR_STOP=1", "--no-psqlrc", parsed.without_password],
        input=script,
        env={"PGPASSWORD": parsed.password.reveal()},
        text=True,
        capture_output=True,
        check=True,
    )
