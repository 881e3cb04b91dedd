"""The history: up, down, and in agreement with the models."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade

from backend import MIGRATIONS
from backend.database import Base, db
from interlocking.upgrade.audit.tables import without_own_tables
from tests.backend.catalog import schema_of
from tests.backend.databases import column, execute, wingman
from tests.backend.processes import run

HISTORY = [
    "20250520_initial",
    "20250529_add_product_images",
    "20250607_seed_skills",
    "20250608_add_chat_message",
    "20250615_companion",
]
BEFORE_SEED, SEED = HISTORY[1], HISTORY[2]


def migrate(url, command, revision):
    app = wingman(url)
    with app.app_context():
        command(revision=revision)
        db.engine.dispose()


def flask_db(url, *argv):
    ended = run("flask", "db", *argv, DATABASE_URL=url)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture
def before_seed(make_database):
    """A database just before the seeding revision."""
    url = make_database()
    migrate(url, upgrade, BEFORE_SEED)
    return url


def test_the_history_is_one_line_and_files_are_named_after_revisions():
    """The order is the guide's."""
    scripts = list(ScriptDirectory(str(MIGRATIONS)).walk_revisions())[::-1]

    assert [script.revision for script in scripts] == HISTORY
    assert [Path(script.path).stem for script in scripts] == HISTORY


@pytest.mark.parametrize(("before", "revision"), list(pairwise(["base", *HISTORY])))
def test_each_downgrade_leaves_what_was_there_before(make_database, before, revision):
    """Tables, constraints, indexes, sequences and types; and the way up is open again."""
    url = make_database()
    if before != "base":
        migrate(url, upgrade, before)
    schema_before = schema_of(url)

    migrate(url, upgrade, revision)
    schema_after = schema_of(url)
    migrate(url, downgrade, before)
    assert schema_of(url) == schema_before

    migrate(url, upgrade, revision)
    assert schema_of(url) == schema_after


def test_flask_db_goes_up_down_and_up_again(make_database):
    """With the commands that a person types."""
    url = make_database()

    flask_db(url, "upgrade")
    at_head = schema_of(url)
    assert flask_db(url, "current").split() == [HISTORY[-1], "(head)"]
    flask_db(url, "downgrade", "base")
    assert schema_of(url) == set()
    flask_db(url, "upgrade")
    assert schema_of(url) == at_head


def test_the_sql_of_an_offline_run_builds_the_same_schema(make_database, upgraded_template):
    """`flask db upgrade --sql` is complete, one transaction a revision, and so is the way back."""
    url = make_database()
    upgrade_sql = flask_db(url, "upgrade", "--sql")
    downgrade_sql = flask_db(url, "downgrade", "--sql", "head:base")

    assert upgrade_sql.count("BEGIN;") == upgrade_sql.count("COMMIT;") == len(HISTORY)
    execute(url, upgrade_sql)
    assert schema_of(url) == schema_of(upgraded_template)
    assert len(column(url, "SELECT slug FROM skills")) == 12
    execute(url, downgrade_sql)
    assert schema_of(url) == set()


def test_autogenerate_finds_nothing_to_do(empty_app):
    """Models and migrations agree, types and server defaults included."""
    with empty_app.app_context(), db.engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_name": without_own_tables()}
        context = MigrationContext.configure(connection, opts=options)

        assert compare_metadata(context, Base.metadata) == []


def test_the_models_build_the_very_schema_of_the_migrations(make_database, upgraded_template):
    """Also what autogenerate does not look at: checks, identities, the condition of an index."""
    url = make_database()
    with wingman(url).app_context():
        db.create_all()
        db.engine.dispose()

    assert schema_of(url) == schema_of(upgraded_template)


def test_flask_db_migrate_writes_no_file_when_nothing_changed(make_database, upgraded_template):
    """And says so."""
    files = sorted(MIGRATIONS.glob("versions/*.py"))

    ended = run("flask", "db", "migrate", DATABASE_URL=make_database(template=upgraded_template))

    assert "No changes in schema detected" in ended.stderr
    assert sorted(MIGRATIONS.glob("versions/*.py")) == files


def test_a_failing_revision_keeps_the_ones_before_it(before_seed):
    """Each revision is a transaction of its own."""
    execute(before_seed, "CREATE TABLE chat_messages (id int)")

    ended = run("flask", "db", "upgrade", DATABASE_URL=before_seed)

    assert ended.returncode != 0
    assert column(before_seed, "SELECT version_num FROM alembic_version") == [SEED]


def test_seeding_keeps_a_skill_that_someone_made(before_seed):
    """A row with the same slug is neither changed nor, later, deleted."""
    execute(before_seed, "INSERT INTO skills (name, slug, category) VALUES ('My yoga', 'yoga', 'body')")

    migrate(before_seed, upgrade, SEED)
    assert len(column(before_seed, "SELECT slug FROM skills")) == 12
    migrate(before_seed, downgrade, BEFORE_SEED)

    assert column(before_seed, "SELECT name FROM skills") == ["My yoga"]


def test_unseeding_keeps_a_skill_that_someone_took_up(before_seed):
    """With the row that says who has it; everything else that was seeded goes."""
    migrate(before_seed, upgrade, SEED)
    execute(
        before_seed,
        """
        INSERT INTO users (username, display_name) VALUES ('amelia', 'Amelia');
        INSERT INTO user_skills (user_id, skill_id, level)
        SELECT users.id, skills.id, 3 FROM users, skills WHERE slug = 'woodworking';
        """,
    )

    migrate(before_seed, downgrade, BEFORE_SEED)
    assert column(before_seed, "SELECT slug FROM skills") == ["woodworking"]
    assert column(before_seed, "SELECT level FROM user_skills") == [3]

    migrate(before_seed, upgrade, SEED)
    assert len(column(before_seed, "SELECT slug FROM skills")) == 12
