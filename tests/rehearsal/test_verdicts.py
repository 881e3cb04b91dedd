"""What is said of each kind of downgrade, on each supported PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.rehearsal.conftest import Try, only
from tests.upgrade.projects import Folder, create_table

GOALS = create_table("goals")
ENUM = "op.execute(\"CREATE TYPE status AS ENUM ('active', 'done')\")"


@dataclass(frozen=True)
class Case:
    """A revision on top of one that makes the table `seeds` with a row, and what is said of it."""

    up: str
    back: str
    ok: bool
    differences: list[tuple[str, str, str, str]] = field(default_factory=list)
    error: str | None = None
    irreversible: bool = False
    remark: str | None = None


CASES = {
    "an honest downgrade": Case(GOALS, "op.drop_table('goals')", ok=True),
    "a downgrade that forgets the type": Case(
        f"{ENUM}\n{GOALS}",
        "op.drop_table('goals')",
        ok=False,
        differences=[("down", "type", "status", "left-behind")],
        error='after its downgrade it cannot be applied again: it failed in its upgrade: type "status" already exists',
    ),
    "pass after a change": Case(
        "op.add_column('seeds', sa.Column('size', sa.Integer))",
        "pass",
        ok=False,
        differences=[("down", "column", "seeds.size", "left-behind")],
        error='column "size" of relation "seeds" already exists',
    ),
    "pass after no change": Case("pass", "pass", ok=True),
    "pass after rows": Case("op.execute(\"INSERT INTO seeds VALUES (7, 'k', 'x') ON CONFLICT DO NOTHING\")", "pass", ok=True),
    "a downgrade that takes too much": Case(
        GOALS,
        "op.drop_table('goals'); op.drop_table('seeds')",
        ok=False,
        differences=[("down", "table", "seeds", "missing"), ("up-again", "table", "seeds", "missing")],
    ),
    "a downgrade that puts back something else": Case(
        "op.drop_column('seeds', 'name')",
        "op.add_column('seeds', sa.Column('name', sa.String(80)))",
        ok=False,
        differences=[("down", "column", "seeds.name", "altered")],
    ),
    "NotImplementedError": Case(
        GOALS, "raise NotImplementedError", ok=True, irreversible=True, remark="it cannot be downgraded: NotImplementedError"
    ),
    "an exception with a reason": Case(
        GOALS, "raise Exception('rows are gone')", ok=True, irreversible=True, remark="Exception: rows are gone"
    ),
    "a downgrade with a bug": Case(GOALS, "op.drop_tabel('goals')", ok=False, error="has no attribute 'drop_tabel'"),
    "a downgrade that the database refuses": Case(
        GOALS, "op.drop_table('gaols')", ok=False, error='it failed in its downgrade: table "gaols" does not exist'
    ),
    "a constraint without a name": Case(
        "op.create_unique_constraint(None, 'seeds', ['name'])",
        "op.drop_constraint(None, 'seeds')",
        ok=False,
        error="it has no name",
    ),
    "a second upgrade that differs": Case(
        "op.execute('CREATE TABLE IF NOT EXISTS counter AS SELECT 1 AS n'); op.execute('ALTER TABLE seeds ADD COLUMN IF NOT EXISTS n int')\n"
        "if op.get_bind().execute(sa.text(\"SELECT count(*) FROM pg_roles, counter WHERE n > 1\")).scalar(): op.drop_column('seeds', 'n')",
        "op.execute('ALTER TABLE seeds DROP COLUMN n'); op.execute('DROP TABLE counter'); op.execute('CREATE TABLE counter AS SELECT 2 AS n')",
        ok=False,
        differences=[("down", "table", "counter", "left-behind"), ("up-again", "column", "seeds.n", "missing")],
    ),
    "columns in another order": Case(
        "op.drop_column('seeds', 'kind')",
        "op.add_column('seeds', sa.Column('kind', sa.Text))",
        ok=True,
        remark="has its columns in another order",
    ),
    "a constraint whose validity is lost": Case(
        "op.execute('ALTER TABLE seeds VALIDATE CONSTRAINT big')",
        "op.execute('ALTER TABLE seeds DROP CONSTRAINT big'); op.execute('ALTER TABLE seeds ADD CONSTRAINT big CHECK (id > 0)')",
        ok=True,
        remark="after the downgrade of it, constraint seeds.big is",
    ),
    "an extension that was there perhaps": Case(
        "op.execute('CREATE EXTENSION IF NOT EXISTS pg_trgm')", "pass", ok=True, remark="extension pg_trgm"
    ),
    "an upgrade that fails": Case("op.execute('SELECT 1 / 0')", "pass", ok=False, error="it failed in its upgrade: division by zero"),
    "a version table that is tampered with": Case(
        "pass",
        "op.execute(\"INSERT INTO alembic_version VALUES ('stray')\")",
        ok=False,
        differences=[("down", "version", "alembic_version", "altered"), ("up-again", "version", "alembic_version", "altered")],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_downgrade_gets_its_verdict(plain: Folder, try_out_everywhere: Try, case: Case) -> None:
    """Of the revision `it`, on top of a table that holds a row."""
    plain.revision(
        "seeds",
        up="""
        op.execute("CREATE TABLE seeds (id int PRIMARY KEY, kind text, name text)")
        op.execute("ALTER TABLE seeds ADD CONSTRAINT big CHECK (id > 0) NOT VALID")
        op.execute("INSERT INTO seeds VALUES (1, 'k', 'x')")
        """,
        back="op.drop_table('seeds')",
    )
    plain.revision("it", down="seeds", up=case.up, back=case.back)

    trip = only(try_out_everywhere(plain, "it"), "it")

    assert case.differences == [(each.step, each.kind, each.name, each.change) for each in trip.differences]
    assert (case.ok, case.irreversible) == (trip.ok, trip.irreversible)
    assert (case.error or "") in (trip.error or "")
    assert (case.error is None) == (trip.error is None)
    assert (case.remark is None) == (trip.remarks == ())
    assert (case.remark or "") in " ".join(trip.remarks)


def test_a_difference_is_a_sentence(plain: Folder, try_out_everywhere: Try) -> None:
    """By revision and object, never a text diff."""
    plain.revision("20250615_companion", up=f"{ENUM}\n{GOALS}", back="op.drop_table('goals')")

    trip = only(try_out_everywhere(plain), "20250615_companion")

    assert ["after the downgrade of 20250615_companion, type status is left behind"] == [
        each.sentence for each in trip.differences
    ]


def test_the_payload_has_the_published_shape(plain: Folder, try_out_everywhere: Try) -> None:
    """Programs rely on it."""
    plain.revision("a", up=ENUM, back="pass")

    payload = try_out_everywhere(plain).payload()

    (revision,) = payload["revisions"]
    assert 1 == payload["schema"]
    assert ["revision", "ok", "error", "irreversible", "remarks", "differences", "data", "seconds_up", "seconds_down"] == list(revision)
    assert [{"step": "down", "kind": "type", "name": "status", "change": "left-behind"}] == revision["differences"]
    assert revision["seconds_up"] > 0
