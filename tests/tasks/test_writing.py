"""db.migrate and db.merge: the message is data, the file is where and what it should be."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.tasks.projects import TinyProject, plain_project

MODELS = """
from sqlalchemy import Column, Integer, MetaData, String, Table
metadata = MetaData()
Table("customer", metadata, Column("id", Integer, primary_key=True), Column("email", String(80), nullable=False))
"""

NASTY = {
    "dash": "-x",
    "long dash": "--x y",
    "only symbols": "!!! ???",
    "mako": "## comment\n% if True:\nx\n% endif",
    "long": "one very long sentence about everything that this revision will ever do to the schema",
    "code": '""" + open("pwned", "w").write("") + """ \'\'\' \\ \\n \\N{DASH}\nimport os; os.system(\'touch pwned\')\n \\',
    "other languages": "../../../pwned; touch pwned; $(touch pwned) `touch pwned` | touch pwned && touch pwned > pwned "
    "${x} ${open('pwned','w')} %(here)s %s %% {0} <% import os %> Müller 雪 🚂 \u202eback\u202c it's \"quoted\"",
}


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    """Here it is about noon, so that the date does not change while a test runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", f"NOON{time.gmtime().tm_hour - 12:+d}")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def shop(tmp_path: Path, url: str) -> TinyProject:
    """A model whose table no revision creates yet, and a project in a folder of its own."""
    (tmp_path / "shop").mkdir()
    return plain_project(tmp_path / "shop", url, models=MODELS)


@pytest.mark.parametrize("message", NASTY.values(), ids=NASTY)
def test_the_message_is_data(shop: TinyProject, message: str) -> None:
    """One valid file under versions/, named by the house rule, with the message in its docstring; no shell ran."""
    before = shop.files()

    written = shop.invoke("db.migrate", f"--message={message}", "--empty", "--json").ok().json

    (new,) = shop.files().keys() - before.keys()
    assert re.fullmatch(r"migrations/versions/\d{8}_[a-z0-9_]*[a-z0-9]\.py", new), new
    assert Path(new).stem == written["revision"]
    assert written["revision"].startswith(_today())
    assert len(written["revision"]) <= 32
    assert _words(ast.get_docstring(ast.parse((shop.root / new).read_text())) or "") >= _words(message)
    assert not list(shop.root.parent.rglob("pwned"))
    assert shop.invoke("db.heads", "--json").ok().json["heads"] == [written["revision"]]


def test_a_message_that_is_a_flag_of_the_task_writes_nothing(shop: TinyProject) -> None:
    """Invoke's parser stops there; the short form takes any leading dash."""
    before = shop.files()

    assert shop.invoke("db.migrate", "--message=--empty").code == 1
    assert shop.files() == before
    shop.invoke("db.migrate", "-m=-x", "--empty").ok()
    assert (shop.versions / f"{_today()}_x.py").is_file()


def test_a_model_change_becomes_a_file_and_is_shown_in_words_and_sql(shop: TinyProject) -> None:
    """Both directions; then the upgrade works and nothing is left to write."""
    written = shop.invoke("db.migrate", "-m", "Add customers").ok()

    revision = f"{_today()}_add_customers"
    assert (shop.versions / f"{revision}.py").is_file()
    assert f"migrations/versions/{revision}.py" in written.out
    assert "create table customer (2 columns)" in written.out
    assert "CREATE TABLE customer" in written.out
    assert "drop table customer" in written.out
    assert "next: " in written.out
    shop.invoke("db.upgrade").ok()
    assert shop.tables() == ["customer"]
    assert "nothing changed" in shop.invoke("db.migrate", "-m", "again").ok().out
    assert [f"{revision}.py"] == [path.name for path in shop.versions.glob("*.py")]


@pytest.mark.parametrize("words", [["db.migrate", "--dry-run"], ["--dry", "db.migrate", "-m", "x"]], ids=" ".join)
def test_a_dry_run_shows_it_and_writes_nothing(shop: TinyProject, words: list[str]) -> None:
    """Not in versions/, not in the database; no message is needed."""
    before = shop.files()

    shown = shop.invoke(*words).ok()

    assert "CREATE TABLE customer" in shown.out
    assert shop.files() == before
    assert shop.applied() == []


@pytest.mark.parametrize("words", [["db.migrate"], ["db.migrate", "-m", " \n "], ["db.migrate", "--empty"]])
def test_a_missing_message_is_a_wrong_value(shop: TinyProject, words: list[str]) -> None:
    """It would become the file's name."""
    before = shop.files()

    shop.invoke(*words).refused(2, "message-missing")

    assert shop.files() == before


def test_a_clash_gets_a_suffix(shop: TinyProject) -> None:
    """The second revision of the same day and name stands beside the first."""
    first = shop.invoke("db.migrate", "-m", "same", "--empty", "--json").ok().json["revision"]
    shop.invoke("db.upgrade").ok()

    second = shop.invoke("db.migrate", "-m", "same", "--empty", "--json").ok().json["revision"]

    assert second != first
    assert second.startswith(first)
    assert shop.invoke("db.heads", "--json").ok().json["heads"] == [second]


def test_not_at_head_is_refused(shop: TinyProject) -> None:
    """Autogenerate would write the pending change a second time."""
    shop.invoke("db.migrate", "-m", "Add customers").ok()
    before = shop.files()

    refused = shop.invoke("db.migrate", "-m", "more").refused(3, "not-at-head")

    assert "next: invoke db.upgrade" in refused.err
    assert shop.files() == before


def test_several_heads_are_refused_and_merge_joins_them(plain: TinyProject) -> None:
    """The refusal names the way out, and the way out works."""
    plain.table_revision("side", "two")
    before = plain.files()

    refused = plain.invoke("db.migrate", "-m", "more").refused(3, "multiple-heads")
    assert "side" in refused.err
    assert "three" in refused.err
    assert "next: invoke db.merge" in refused.err
    shown = plain.invoke("db.merge", "--dry-run").ok()
    assert "side" in shown.out
    assert plain.files() == before

    merged = plain.invoke("db.merge", "-m", "join; both", "--json").ok().json

    assert merged["revision"] == f"{_today()}_join_both"
    assert plain.invoke("db.heads", "--json").ok().json["heads"] == [merged["revision"]]
    assert plain.applied() == []
    plain.invoke("db.upgrade").ok()
    assert plain.tables() == ["one", "side", "three", "two"]
    assert "nothing to merge" in plain.invoke("db.merge").ok().out


def test_flask_migrate_writes_with_the_applications_models(flask: TinyProject) -> None:
    """The same task on an application factory's usual env.py."""
    flask.invoke("db.upgrade").ok()
    source = (flask.root / "shop.py").read_text()
    flask.write("shop.py", source.replace("nullable=False)\n", "nullable=False)\n    city = db.Column(db.Text)\n", 1))

    written = flask.invoke("db.migrate", "-m", "city").ok()

    assert "add column shop.city (TEXT)" in written.out
    assert (flask.versions / f"{_today()}_city.py").is_file()


def _today() -> str:
    return datetime.now(UTC).astimezone().strftime("%Y%m%d")


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text))
