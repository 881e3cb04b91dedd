"""Where a database stands that records no revision."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from interlocking.postgres.scratch import ScratchDatabases
from interlocking.postgres.url import parse
from interlocking.rehearsal.recognition import Recognition, recognise
from tests.rehearsal.conftest import scratch_databases
from tests.servers import Server
from tests.upgrade.guard.histories import rows
from tests.upgrade.projects import Folder

ONE = "CREATE TABLE one (id serial PRIMARY KEY, name text)"
TWO = "CREATE TABLE two (id int PRIMARY KEY, one_id int NOT NULL REFERENCES one (id), made timestamptz DEFAULT now())"
THREE = "CREATE INDEX ix_two_made ON two (made)"

Recognise = Callable[..., Recognition]


@pytest.fixture
def shop(plain: Folder) -> Folder:
    """Four revisions; the third changes rows only."""
    plain.revision(
        "one", up="op.create_table('one', sa.Column('id', sa.Integer, primary_key=True), sa.Column('name', sa.Text))"
    )
    plain.revision("two", up=f'op.execute("{TWO}")', down="one")
    plain.revision("rows", up="op.execute(\"INSERT INTO one (name) VALUES ('first')\")", down="two")
    plain.revision("three", up="op.create_index('ix_two_made', 'two', ['made'])", down="rows")
    return plain


@pytest.fixture
def recognise_on(shop: Folder, postgres_server: Server):
    """Recognise a database with the help of a server for scratch databases."""

    def run(url: str, server: Server = postgres_server) -> Recognition:
        with ScratchDatabases(server.url) as databases:
            found = recognise(shop.load(url), parse(url), databases)
        assert [] == scratch_databases(server)
        return found

    return run


def test_the_very_schema_is_recognised_at_every_place_that_has_it(empty: str, recognise_on: Recognise) -> None:
    """Whatever made it; also when the server for scratch databases is a newer PostgreSQL."""
    for statement, exact in ((ONE, (("one",),)), (TWO, (("two",), ("rows",))), (THREE, (("three",),))):
        rows(empty, statement)
        assert exact == recognise_on(empty).exact


def test_a_database_is_recognised_on_its_own_server(server: Server, empty: str, recognise_on: Recognise) -> None:
    """As for one on this machine."""
    rows(empty, ONE)

    assert (("one",),) == recognise_on(empty, server).exact


def test_what_an_administrator_sets_is_no_difference(server: Server, empty: str, recognise_on: Recognise) -> None:
    """Grants to roles that only this server has, settings and comments of the database."""
    rows(empty, ONE)
    name = parse(empty).database
    rows(empty, f"GRANT SELECT ON one TO pg_monitor; COMMENT ON DATABASE {name} IS 'live'")
    rows(empty, f"ALTER DATABASE {name} SET statement_timeout = '1min'")

    assert (("one",),) == recognise_on(empty).exact


def test_the_nearest_place_is_named_with_what_differs(empty: str, recognise_on: Recognise) -> None:
    """In the direction from the revisions to the database."""
    for statement in (ONE, TWO, "ALTER TABLE two DROP COLUMN made", "CREATE TABLE extra ()"):
        rows(empty, statement)

    found = recognise_on(empty)

    assert () == found.exact
    assert ("two",) == found.nearest.revisions
    assert [("column", "two.made", "missing"), ("table", "extra", "left-behind")] == [
        (each.kind, each.name, each.change) for each in found.nearest.differences
    ]


def test_a_database_of_others_is_nearest_to_base(empty: str, recognise_on: Recognise) -> None:
    """It holds nothing of what the revisions make."""
    rows(empty, "CREATE TABLE extra ()")

    assert () == recognise_on(empty).nearest.revisions


def test_the_database_is_only_read(empty: str, recognise_on: Recognise) -> None:
    """It has not even a version table afterwards."""
    rows(empty, ONE)
    recognise_on(empty)

    assert [("one",)] == rows(empty, "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")


def test_a_revision_that_needs_data_ends_the_comparison_and_is_named(
    shop: Folder, empty: str, recognise_on: Recognise
) -> None:
    """What comes before it was compared."""
    shop.revision("four", up='op.execute("SELECT 1 / (SELECT count(*) - 1 FROM one)")', down="three")
    rows(empty, ONE)

    found = recognise_on(empty)

    assert ((("one",),), "four") == (found.exact, found.stopped_at)


def test_two_branches_are_both_named(shop: Folder, empty: str, recognise_on: Recognise) -> None:
    """As the version table would hold them."""
    shop.revision("other", up="op.execute('CREATE TABLE other ()')", down="two")
    for statement in (ONE, TWO, THREE, "CREATE TABLE other ()"):
        rows(empty, statement)

    assert {"three", "other"} == {*recognise_on(empty).exact[-1]}


@pytest.fixture
def long(plain: Folder) -> Folder:
    """Thirty revisions with a table each, but for some in the middle that change rows only."""
    for number in range(30):
        id_, down = f"r{number:02}", f"r{number - 1:02}" if number else None
        if 11 <= number <= 20:
            plain.revision(id_, down=down)
        else:
            plain.table(id_, down=down)
    return plain


@pytest.mark.parametrize(("tables", "exact"), [(1, ["r00"]), (12, ["r21"])])
def test_a_long_history_is_not_walked_revision_by_revision(
    long: Folder, postgres_server: Server, database: str, tables: int, exact: list[str]
) -> None:
    """And the place is the same as if it were."""
    told: list[str] = []
    made = [number for number in range(30) if not 11 <= number <= 20][:tables]
    for number in made:
        rows(database, f"CREATE TABLE r{number:02} (id serial PRIMARY KEY, name text)")
    with ScratchDatabases(postgres_server.url) as databases:
        found = recognise(long.load(database), parse(database), databases, progress=lambda each: told.append(each.text))

    assert [(id_,) for id_ in exact] == [*found.exact]
    assert len(told) < 30


def test_every_place_of_a_long_history_that_has_the_schema_is_named(
    long: Folder, postgres_server: Server, database: str
) -> None:
    """Those in the middle, which change rows only."""
    for number in range(11):
        rows(database, f"CREATE TABLE r{number:02} (id serial PRIMARY KEY, name text)")
    with ScratchDatabases(postgres_server.url) as databases:
        found = recognise(long.load(database), parse(database), databases)

    assert [(f"r{number:02}",) for number in range(10, 21)] == [*found.exact]


def test_a_failing_revision_of_a_long_history_is_named(long: Folder, postgres_server: Server, database: str) -> None:
    """Although it was first tried together with others."""
    long.revision("r02", up="raise RuntimeError", down="r01")
    rows(database, "CREATE TABLE r00 (id serial PRIMARY KEY, name text)")
    with ScratchDatabases(postgres_server.url) as databases:
        found = recognise(long.load(database), parse(database), databases)

    assert ([("r00",)], "r02") == ([*found.exact], found.stopped_at)
