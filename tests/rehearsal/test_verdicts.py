"""What is said of each kind of downgrade, on each supported PostgreSQL.

All cases stand in one history, each on a branch and on tables of its own: so they also show that a broken
downgrade neither hides nor infects the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from interlocking.rehearsal.results import RoundTrip
from tests.rehearsal.conftest import Try, make_try, only
from tests.servers import Server
from tests.upgrade.projects import Folder, create_table, plain_project

GOALS = create_table("goals_X")
ENUM = "op.execute(\"CREATE TYPE status_X AS ENUM ('active', 'done')\")"


@dataclass(frozen=True)
class Case:
    """A revision `case_X` on top of one that makes the table `seeds_X` with a row, and what is said of it."""

    up: str
    back: str
    ok: bool
    differences: list[tuple[str, str, str, str]] = field(default_factory=list)
    error: str | None = None
    irreversible: bool = False
    remark: str | None = None


CASES = {
    "an honest downgrade": Case(GOALS, "op.drop_table('goals_X')", ok=True),
    "a downgrade that forgets the type": Case(
        f"{ENUM}\n{GOALS}",
        "op.drop_table('goals_X')",
        ok=False,
        differences=[("down", "type", "status_X", "left-behind")],
        error='after its downgrade it cannot be applied again: case_X failed in its upgrade: type "status_X" already exists',
    ),
    "pass after a change": Case(
        "op.add_column('seeds_X', sa.Column('size', sa.Integer))",
        "pass",
        ok=False,
        differences=[("down", "column", "seeds_X.size", "left-behind")],
        error='column "size" of relation "seeds_X" already exists',
    ),
    "pass after no change": Case("pass", "pass", ok=True),
    "pass after rows": Case('op.execute("INSERT INTO seeds_X VALUES (7) ON CONFLICT DO NOTHING")', "pass", ok=True),
    "a downgrade that takes too much": Case(
        GOALS,
        "op.drop_table('goals_X'); op.drop_table('seeds_X')",
        ok=False,
        differences=[("down", "table", "seeds_X", "missing"), ("up-again", "table", "seeds_X", "missing")],
    ),
    "a downgrade that puts back something else": Case(
        "op.drop_column('seeds_X', 'name')",
        "op.add_column('seeds_X', sa.Column('name', sa.String(80)))",
        ok=False,
        differences=[("down", "column", "seeds_X.name", "altered")],
    ),
    "NotImplementedError": Case(
        GOALS,
        "raise NotImplementedError",
        ok=True,
        irreversible=True,
        remark="case_X cannot be downgraded: NotImplementedError",
    ),
    "an exception with a reason": Case(
        GOALS, "raise Exception('rows are gone')", ok=True, irreversible=True, remark="Exception: rows are gone"
    ),
    "a downgrade with a bug": Case(GOALS, "op.drop_tabel('goals_X')", ok=False, error="has no attribute 'drop_tabel'"),
    "a downgrade that the database refuses": Case(
        GOALS,
        "op.drop_table('gaols')",
        ok=False,
        error='case_X failed in its downgrade: table "gaols" does not exist (migrations/versions/case_X.py:17)',
    ),
    "a constraint without a name": Case(
        "op.create_unique_constraint(None, 'seeds_X', ['name'])",
        "op.drop_constraint(None, 'seeds_X')",
        ok=False,
        error="it has no name",
    ),
    "a second upgrade that does less": Case(
        "if not sa.inspect(op.get_bind()).has_table('trace_X'): op.add_column('seeds_X', sa.Column('n', sa.Integer))",
        "op.drop_column('seeds_X', 'n'); op.execute('CREATE TABLE trace_X ()')",
        ok=False,
        differences=[
            ("down", "table", "trace_X", "left-behind"),
            ("up-again", "column", "seeds_X.n", "missing"),
            ("up-again", "table", "trace_X", "left-behind"),
        ],
    ),
    "columns in another order": Case(
        "op.drop_column('seeds_X', 'kind')",
        "op.add_column('seeds_X', sa.Column('kind', sa.Text))",
        ok=True,
        remark="has its columns in another order",
    ),
    "a constraint whose validity is not taken back": Case(
        "op.execute('ALTER TABLE seeds_X VALIDATE CONSTRAINT big_X')",
        "pass",
        ok=True,
        remark="constraint seeds_X.big_X is validated, was NOT VALID",
    ),
    "an extension that may have been there": Case(
        "op.execute('CREATE EXTENSION IF NOT EXISTS pg_trgm')",
        "pass",
        ok=True,
        remark="extension pg_trgm is left behind",
    ),
    "an extension that was not there": Case(
        "op.execute('CREATE EXTENSION hstore')",
        "pass",
        ok=False,
        differences=[("down", "extension", "hstore", "left-behind")],
        error='extension "hstore" already exists',
    ),
    "an upgrade that fails": Case(
        "op.execute('SELECT 1 / 0')", "pass", ok=False, error="case_X failed in its upgrade: division by zero"
    ),
    "a version table that is tampered with": Case(
        "pass",
        "op.execute(\"INSERT INTO alembic_version VALUES ('stray')\")",
        ok=False,
        differences=[
            ("down", "version", "alembic_version", "altered"),
            ("up-again", "version", "alembic_version", "altered"),
        ],
    ),
}
NUMBERS = {name: str(number) for number, name in enumerate(CASES)}


@pytest.fixture(scope="module")
def trip(server: Server, tmp_path_factory: pytest.TempPathFactory) -> RoundTrip:
    """The round trip of all cases."""
    folder = plain_project(tmp_path_factory.mktemp("verdicts"))
    for name, number in NUMBERS.items():
        folder.revision(
            f"base_{number}",
            up=f"""
            op.execute("CREATE TABLE seeds_{number} (id int PRIMARY KEY, kind text, name text)")
            op.execute("ALTER TABLE seeds_{number} ADD CONSTRAINT big_{number} CHECK (id > 0) NOT VALID")
            op.execute("INSERT INTO seeds_{number} VALUES (1, 'k', 'x')")
            """,
        )
        up, back = (text.replace("_X", f"_{number}") for text in (CASES[name].up, CASES[name].back))
        folder.revision(f"case_{number}", down=f"base_{number}", up=up, back=back)
    return make_try(server)(folder, *(f"case_{number}" for number in NUMBERS.values()))


@pytest.mark.parametrize("name", CASES)
def test_a_downgrade_gets_its_verdict(trip: RoundTrip, name: str) -> None:
    """Whatever became of the revisions before it."""
    case, number = CASES[name], NUMBERS[name]

    found = only(trip, f"case_{number}")

    assert case.differences == [
        (each.step, each.kind, each.name.replace(f"_{number}", "_X"), each.change) for each in found.differences
    ]
    assert (case.ok, case.irreversible) == (found.ok, found.irreversible)
    assert (case.error or "") in (found.error or "").replace(f"_{number}", "_X")
    assert (case.error is None) == (found.error is None)
    assert (case.remark is None) == (found.remarks == ())
    assert (case.remark or "") in " ".join(found.remarks).replace(f"_{number}", "_X")


def test_a_difference_is_a_sentence(trip: RoundTrip) -> None:
    """By revision and object, never a text diff."""
    number = NUMBERS["a downgrade that forgets the type"]

    (difference,) = only(trip, f"case_{number}").differences

    assert f"after the downgrade of case_{number}, type status_{number} is left behind" == difference.sentence


def test_the_payload_has_the_published_shape(plain: Folder, try_out: Try) -> None:
    """Programs rely on it."""
    plain.revision("a", up=ENUM, back="pass")

    payload = try_out(plain).payload()

    (revision,) = payload["revisions"]
    keys = ("revision", "ok", "error", "irreversible", "remarks", "differences", "data", "seconds_up", "seconds_down")
    assert 1 == payload["schema"]
    assert keys == tuple(revision)
    assert [{"step": "down", "kind": "type", "name": "status_x", "change": "left-behind"}] == revision["differences"]
    assert revision["seconds_up"] > 0
