"""db.backup, db.backups and db.restore as typed."""

from __future__ import annotations

import json
import re

import pytest

from tests.tasks.projects import TinyProject
from tests.tasks.test_terminal import ended, terminal


@pytest.fixture
def filled(upgraded: TinyProject) -> TinyProject:
    """A project at head with a row."""
    upgraded.sql("INSERT INTO one VALUES (7)")
    return upgraded


def names(project: TinyProject) -> list[str]:
    listed = json.loads(project.invoke("db.backups", "--json").ok().out)
    return [each["name"] for each in listed["backups"]]


def test_a_backup_is_listed_and_put_back_by_name(filled: TinyProject) -> None:
    """The name of the database is what confirms it."""
    made = json.loads(filled.invoke("db.backup", "--json").ok().out)
    filled.sql("DELETE FROM one")
    database = made["backup"]["database"]

    filled.invoke("db.restore").refused(3, "confirmation-required")
    filled.invoke("db.restore", "--confirm", "another").refused(3, "not-confirmed")
    assert filled.sql("SELECT * FROM one") == []
    filled.invoke("db.restore", "--backup", made["backup"]["name"], "--confirm", database).ok()

    assert filled.sql("SELECT * FROM one") == [(7,)]
    assert names(filled) == [made["backup"]["name"]]


def test_the_name_is_typed_on_a_terminal(filled: TinyProject) -> None:
    """A yes is not enough."""
    made = json.loads(filled.invoke("db.backup", "--json").ok().out)
    filled.sql("DELETE FROM one")
    for answer, code, rows in (("y", 3, []), (made["backup"]["database"], 0, [(7,)])):
        with terminal(filled, "db.restore") as child:
            child.expect(re.escape("to go on: "))
            child.sendline(answer)

            assert ended(child) == code
        assert filled.sql("SELECT * FROM one") == rows


def test_a_scratch_database_asks_nothing(filled: TinyProject) -> None:
    """It is new; its URL is told, masked."""
    filled.invoke("db.backup").ok()

    restored = json.loads(filled.invoke("db.restore", "--target", "scratch", "--json").ok().out)

    url = f"{filled.url.rpartition('/')[0]}/{restored['database']}"
    assert filled.sql("SELECT * FROM one", url) == [(7,)]
    filled.sql(f"DROP DATABASE {restored['database']}")


def test_dry_runs_touch_nothing(filled: TinyProject) -> None:
    """They show the plan."""
    assert "pg_dump" in filled.invoke("db.backup", "--dry-run").ok().out
    assert names(filled) == []
    filled.invoke("db.backup").ok()

    assert "not reversible" in filled.invoke("db.restore", "--dry-run").ok().out
    assert "nothing to" in filled.invoke("db.backups", "--keep", "1").ok().out
    assert len(names(filled)) == 1


def test_old_backups_are_pruned_after_a_new_one(filled: TinyProject) -> None:
    """Or by hand, after a yes."""
    first = json.loads(filled.invoke("db.backup", "--json").ok().out)["backup"]["name"]
    folder = filled.root / ".interlocking" / "backups"
    for ending in ("dump", "json"):  # as if taken a day before
        older = first.replace(first[:8], "20200101")
        text = (folder / f"{first}.{ending}").read_bytes().replace(first.encode(), older.encode())
        (folder / f"{older}.{ending}").write_bytes(text)
    assert len(names(filled)) == 2

    filled.invoke("db.backups", "--keep", "1").refused(3, "confirmation-required")
    filled.invoke("db.backups", "--keep", "1", "--yes").ok()

    assert len(names(filled)) == 1


def test_bad_input(filled: TinyProject) -> None:
    """Each its own error."""
    filled.invoke("db.restore").refused(2, "no-such-backup")
    filled.invoke("db.backup", "--keep", "soon").refused(2, "bad-keep")
    filled.invoke("db.backup").ok()
    remote = filled.url.replace("127.0.0.1", "0.0.0.0")
    filled.invoke("db.restore", DATABASE_URL=remote).refused(3, "not-local")
