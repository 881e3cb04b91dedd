"""Every way to call Alembic under the guard, through `alembic` and through `flask db`."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from interlocking.postgres.catalog import take_snapshot
from interlocking.postgres.connect import connect
from interlocking.postgres.snapshot import Snapshot
from interlocking.postgres.url import parse
from tests.servers import Server
from tests.upgrade.guard.histories import History

OWN_TABLES = ["public.interlocking_audit", "public.alembic_version"]
SHOP = """
sa.Table("shop", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text))
"""
SHELF = """
sa.Table("shelf", metadata, sa.Column("id", sa.Integer, primary_key=True), schema="meta")
"""


def schema(url: str) -> Snapshot:
    with connect(parse(url)) as connection:
        return take_snapshot(connection, ignore=OWN_TABLES)


def psql(server: Server, url: str, script: str) -> None:
    argv = [server.programs / "psql", "-qXv", "ON_ERROR_STOP=1", url]
    subprocess.run(argv, input=script, text=True, check=True, stdout=subprocess.DEVNULL)


def table(history: History, name: str, **attributes: object) -> None:
    history.revision(name, f'op.execute("CREATE TABLE {name} (id int)")', f'op.drop_table("{name}")', **attributes)


def tables(history: History) -> list[str]:
    found = history.rows(
        "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND relname !~ '^(interlocking_|alembic_)' ORDER BY 1"
    )
    return [name for (name,) in found]


def branches(history: History) -> None:
    """A line of two, and another that needs the first of it."""
    table(history, "a1", labels=("a",))
    table(history, "a2", down="a1")
    table(history, "b1", down=None, labels=("b",), depends_on="a1")
    table(history, "b2", down="b1")


def test_a_script_holds_the_same_statements_with_their_time_outs(either: History, postgres_server: Server) -> None:
    """One transaction a revision; run by hand, it brings the schema that an upgrade brings."""
    empty = schema(either.url)
    table(either, "one")
    either.revision(
        "two",
        """
        with op.get_context().autocommit_block():
            op.execute("CREATE INDEX CONCURRENTLY ix_one ON one (id)")
        op.execute("ALTER TABLE one ADD CONSTRAINT c CHECK (id > 0) NOT VALID")
        op.execute("ALTER TABLE one VALIDATE CONSTRAINT c")
        """,
        'op.drop_constraint("c", "one")\nop.drop_index("ix_one")',
    )
    script = either.printed("upgrade", "head", "--sql")

    assert script.startswith("SET lock_timeout = '50ms';")
    assert (3, 3) == (script.count("BEGIN;"), script.count("COMMIT;"))  # the block cuts the second in two
    assert "SET statement_timeout = 0;\n\nALTER TABLE one VALIDATE CONSTRAINT c;" in script
    assert "SET lock_timeout = 0;\n\nSET statement_timeout = 0;\n\nCREATE INDEX CONCURRENTLY" in script
    assert empty == schema(either.url)
    by_hand = postgres_server.make_database()
    psql(postgres_server, by_hand, script)
    assert 0 == either.upgrade()[0]
    assert schema(either.url) == schema(by_hand)
    psql(postgres_server, by_hand, either.printed("downgrade", "two:base", "--sql"))
    assert empty == schema(by_hand)
    postgres_server.drop(by_hand)


def test_autogenerate_sees_the_models_and_not_the_guard(either: History) -> None:
    """Neither its audit nor its notes of an unfinished revision."""
    either.env(before=SHOP)
    table(either, "one")
    either.upgrade()
    either.rows("CREATE TABLE alembic_version_in_progress (id int)")
    status, said = either.autogenerate()
    (written,) = [each for each in either.versions.glob("*.py") if each.stem != "one"]

    assert 0 == status, said
    upgrade = written.read_text().partition("def downgrade")[0]
    assert ["op.create_table('shop',", "op.drop_table('one')"] == re.findall(r"op\.\w+\('\w+'.", upgrade)
    assert either.run("check")[0] != 0
    either.rows("DROP TABLE alembic_version_in_progress")
    assert (0, ["shop"]) == (either.upgrade()[0], tables(either))
    status, said = either.run("check")
    assert (0, True) == (status, "No new upgrade operations detected" in said), said


def test_reading_commands_read(either: History) -> None:
    """They take no turn and write nothing."""
    table(either, "one")
    table(either, "two")
    either.upgrade("one")
    assert "one" == either.printed("current").strip()
    assert ["<base> -> one", "one -> two (head)"] == sorted(
        line.partition(",")[0] for line in either.printed("history").splitlines()
    )
    assert "two (head)" == either.printed("heads").strip()
    assert "(current)" in either.printed("history", "--indicate-current")
    assert ["one"] == either.heads


def test_stamps(either: History) -> None:
    """Forwards, backwards, to nothing, and past what no file has."""
    table(either, "one")
    table(either, "two")
    for argv, heads in (
        (("stamp", "head"), ["two"]),
        (("stamp", "one"), ["one"]),
        (("stamp", "base"), []),
        (("stamp", "--purge", "two"), ["two"]),
    ):
        status, said = either.run(*argv)
        assert (0, heads) == (status, either.heads), said
    either.rows("UPDATE alembic_version SET version_num = 'gone'")

    assert 3 == either.run("stamp", "one")[0]
    assert 0 == either.run("stamp", "--purge", "one")[0]
    assert (["one"], []) == (either.heads, tables(either))


def test_branches_with_dependencies(either: History) -> None:
    """Up to all heads, down one branch, up again, joined."""
    branches(either)
    status, said = either.upgrade("b2")
    assert (0, ["a1", "b1", "b2"]) == (status, tables(either)), said
    assert "applied b2 in" in said
    assert 0 == either.upgrade("heads")[0]
    assert ["a2", "b2"] == either.heads
    status, said = either.run("downgrade", "b@b1")
    assert (0, ["a1", "a2", "b1"]) == (status, tables(either)), said
    assert 0 == either.run("merge", "-m", "joined", "--rev-id", "joined", "heads")[0]
    assert 0 == either.upgrade()[0]
    assert ["joined"] == either.heads
    status, said = either.run("downgrade", "a@base")
    assert (0, []) == (status, tables(either)), said


def test_several_heads_are_not_one(either: History) -> None:
    """Alembic's own refusal, with nothing changed."""
    branches(either)
    status, said = either.upgrade("head")

    assert (True, []) == (status in (1, 255), tables(either))  # Flask-Migrate's and Alembic's own
    assert "Multiple head revisions" in said
    assert "Traceback" not in said


OPTIONS = ', version_table="versions", version_table_schema="meta", include_schemas=True'


def test_a_version_table_of_another_name_in_another_schema(either: History) -> None:
    """Also with all schemas compared, and the audit in one of its own."""
    either.rows("CREATE SCHEMA meta; CREATE TABLE meta.shelf (id serial PRIMARY KEY)")
    either.settings["audit_schema"] = "keeping"
    either.env(before=SHOP + SHELF, options=OPTIONS)
    status, said = either.autogenerate()
    assert 0 == status, said
    assert ["shop"] == re.findall(
        r"op.create_table\('(\w+)'", "".join(map(Path.read_text, either.versions.glob("*.py")))
    )
    assert 0 == either.upgrade()[0]

    assert [("keeping", "interlocking_audit"), ("meta", "versions")] == either.rows(
        "SELECT table_schema::text, table_name::text FROM information_schema.tables"
        " WHERE table_schema IN ('meta', 'keeping', 'public') AND table_name NOT IN ('shelf', 'shop') ORDER BY 1"
    )
    assert [("meta.versions", "applied")] == either.rows(
        "SELECT version_table, outcome FROM keeping.interlocking_audit"
    )
    status, said = either.run("check")
    assert (0, True) == (status, "No new upgrade operations detected" in said), said
    assert 0 == either.run("downgrade", "base")[0]
    assert [] == either.rows("SELECT * FROM meta.versions")


def test_options_that_env_py_chose_for_itself(either: History) -> None:
    """The project's own functions still decide about its own tables."""
    own = "def only_shop(name, kind, parents):\n    return kind != 'table' or name == 'shop'\n"
    either.env(before=SHOP + own, options=", include_name=only_shop, compare_type=False")
    either.rows("CREATE TABLE stranger (id int); CREATE TABLE shop (id serial PRIMARY KEY, name int)")
    status, said = either.run("check")

    assert (0, True) == (status, "No new upgrade operations detected" in said), said


SEVERAL = "migrating several databases at once (the multidb template) is not supported by the guard"


def test_the_template_for_several_databases_is_refused_by_its_env_py(either: History) -> None:
    """Its tokens say what it is."""
    either.env(options=', upgrade_token="main_upgrades", downgrade_token="main_downgrades"')
    table(either, "one")
    for argv in (("upgrade", "head"), ("upgrade", "head", "--sql"), ("check",)):
        status, said = either.run(*argv)
        assert (3, True) == (status, SEVERAL in said), said


def test_the_template_for_several_databases_is_refused_by_its_revisions(either: History) -> None:
    """Their functions take the name of a database."""
    either.revision("one", "pass").write_text(
        "revision = 'one'\ndown_revision = None\n\ndef upgrade(engine_name):\n    globals()['upgrade_' + engine_name]()\n"
    )
    status, said = either.upgrade()
    assert (3, True) == (status, SEVERAL in said), said
    status, said = either.upgrade("head", "--sql")
    assert (3, True) == (status, SEVERAL in said), said


@pytest.mark.parametrize("argv", [("upgrade", "head"), ("downgrade", "one"), ("stamp", "one")])
def test_code_that_is_older_than_the_database(either: History, argv: tuple[str, ...]) -> None:
    """A rolled-back deployment: what it means, the two ways out, exit 3; nothing is changed."""
    table(either, "one")
    table(either, "two")
    either.upgrade()
    (either.versions / "two.py").unlink()
    status, said = either.run(*argv)

    assert 3 == status, said
    assert "the database is at two, which these files do not know" in said
    assert "next: deploy the code that has the revision, or " in said
    assert "Traceback" not in said
    assert (["two"], ["one", "two"]) == (either.heads, tables(either))


def test_a_revision_whose_name_only_begins_like_one_of_a_file_is_unknown(history: History) -> None:
    """Alembic takes the beginning of a name for the name."""
    table(history, "one")
    table(history, "two")
    history.upgrade()
    known = history.versions / "two.py"
    known.with_name("two_more.py").write_text(known.read_text().replace("'two'", "'two_more'"))
    known.unlink()

    status, said = history.upgrade()

    assert (3, ["two"]) == (status, history.heads), said
    assert "the database is at two, which these files do not know" in said


def test_gotcha_32_a_start_command_may_tolerate_a_newer_database(either: History) -> None:
    """Only when the setting says so, only for an upgrade, and never in silence."""
    table(either, "one")
    table(either, "two")
    either.upgrade()
    (either.versions / "two.py").unlink()
    status, said = either.upgrade(tolerate_newer_database="true")

    assert (0, ["two"]) == (status, either.heads), said
    assert "which these files do not know; tolerated, as the setting says" in said
    status, said = either.run("downgrade", "one", tolerate_newer_database="true")
    assert (3, ["two"]) == (status, either.heads), said


def test_an_env_py_may_give_the_connection_that_it_has_prepared(history: History) -> None:
    """Its search path holds for the revisions and the version table; the audit is one for all of the database."""
    history.rows("CREATE SCHEMA tenant")
    prepared = 'engine = engine.connect()\nengine.exec_driver_sql("SET search_path TO tenant")\nengine.commit()'
    history.env(before=prepared)
    table(history, "one")
    status, said = history.upgrade()

    assert 0 == status, said
    assert [("public", "interlocking_audit"), ("tenant", "alembic_version"), ("tenant", "one")] == history.rows(
        "SELECT schemaname::text, tablename::text FROM pg_tables WHERE schemaname IN ('public', 'tenant') ORDER BY 1, 2"
    )
    assert [("tenant.alembic_version",)] == history.rows("SELECT version_table FROM interlocking_audit")


def test_an_engine_in_autocommit_mode_still_has_one_transaction_a_revision(history: History) -> None:
    """Nothing could be taken back otherwise."""
    history.env(before='engine = engine.execution_options(isolation_level="AUTOCOMMIT")')
    history.revision("one", 'op.execute("CREATE TABLE a (id int)")\nop.execute("SELECT 1 / 0")')
    status, said = history.upgrade()

    assert (1, []) == (status, tables(history)), said


@pytest.mark.parametrize("option", ["transaction_per_migration=False", "transactional_ddl=False"])
def test_each_revision_is_a_transaction_whatever_env_py_says(history: History, option: str) -> None:
    """The first stays, the second is taken back."""
    history.env(options=f", {option}")
    table(history, "one")
    history.revision("two", 'op.execute("CREATE TABLE two (id int)")\nop.execute("SELECT 1 / 0")')
    status, said = history.upgrade()

    assert (5, ["one"], ["one"]) == (status, history.heads, tables(history)), said
    script = history.printed("upgrade", "head", "--sql")
    assert (2, 2) == (script.count("BEGIN;"), script.count("COMMIT;"))
