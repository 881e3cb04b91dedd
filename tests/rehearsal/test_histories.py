"""Histories of every shape: what comes before, beside and after a revision."""

from __future__ import annotations

from pathlib import Path

from interlocking.plan import Event
from tests.rehearsal.conftest import Try, only
from tests.upgrade.projects import Folder, plain_project

BROKEN = "op.execute('SELECT 1 / 0')"


def verdicts(try_out: Try, folder: Folder, *ids: str) -> dict[str, bool]:
    return {each.revision: each.ok for each in try_out(folder, *ids).revisions}


def test_branches_a_merge_and_a_dependency_come_through(plain: Folder, try_out_everywhere: Try) -> None:
    """The version table holds several rows then; each downgrade must bring back exactly those before."""
    plain.table("a")
    plain.table("left", down="a")
    plain.table("right", down="a")
    plain.table("left2", down="left", depends_on="right")
    plain.revision("joined", down=("left2", "right"))
    plain.table("other_base")
    plain.table("late", down="other_base", depends_on="left")

    trip = try_out_everywhere(plain)

    assert 7 == len(trip.revisions)
    assert trip.ok, [each for each in trip.revisions if not each.ok]


def test_a_broken_downgrade_does_not_infect_the_next(plain: Folder, try_out: Try) -> None:
    """Each revision begins with what the upgrades before it made, and with nothing that their downgrades left."""
    plain.table("a")
    plain.revision("b", down="a", up="op.execute('CREATE TYPE mood AS ENUM ()')", back="op.drop_table('a')")
    plain.revision("c", down="b", up="op.execute('ALTER TABLE a ADD n mood')", back="op.drop_column('a', 'n')")

    assert {"a": True, "b": False, "c": True} == verdicts(try_out, plain)


def test_rows_of_earlier_revisions_are_there(plain: Folder, try_out: Try) -> None:
    """Also those that a downgrade deletes: the next revision begins with a copy made before that."""
    plain.table("skills")
    plain.revision(
        "seed",
        down="skills",
        up="op.execute(\"INSERT INTO skills VALUES (1, 'chess')\")",
        back="op.execute('DELETE FROM skills')",
    )
    plain.revision(
        "needs_rows",
        down="seed",
        up="if not op.get_bind().execute(sa.text('SELECT 1 FROM skills')).scalar(): raise ValueError('empty')",
    )

    assert try_out(plain, "needs_rows").ok
    assert try_out(plain).ok


def test_what_needs_a_broken_revision_is_reported_and_the_rest_goes_on(plain: Folder, try_out: Try) -> None:
    """The failed revision is named in each that could not be tried."""
    plain.table("a")
    plain.revision("bad", down="a", up=BROKEN)
    plain.table("child", down="bad")
    plain.table("grandchild", down="child")
    plain.table("dependent", down="a", depends_on="bad")
    plain.table("independent", down="a")

    trip = try_out(plain)

    blocked = {each.revision: each.blocked_by for each in trip.revisions}
    assert {
        "a": None,
        "bad": None,
        "child": "bad",
        "grandchild": "bad",
        "dependent": "bad",
        "independent": None,
    } == blocked
    assert "needs bad" in (only(trip, "grandchild").error or "")
    assert (False, True) == (only(trip, "bad").ok, only(trip, "independent").ok)


def test_what_a_failed_upgrade_committed_does_not_reach_the_others(plain: Folder, try_out: Try) -> None:
    """The database is made anew from what could be applied."""
    plain.table("a")
    plain.revision(
        "bad",
        down="a",
        up=f"""
        with op.get_context().autocommit_block():
            op.execute("DROP TABLE a")
        {BROKEN}
        """,
    )
    plain.revision("z", down="a", up="op.add_column('a', sa.Column('n', sa.Integer))", back="op.drop_column('a', 'n')")

    assert {"a": True, "bad": False, "z": True} == verdicts(try_out, plain)


def test_only_the_chosen_are_tried(plain: Folder, try_out: Try) -> None:
    """What comes before is applied, however broken its downgrade is; what comes after is not needed."""
    plain.revision("a", up="op.execute('CREATE TABLE a ()')", back="1 / 0")
    plain.table("b", down="a")
    plain.revision("c", down="b", up=BROKEN)

    assert {"b": True} == verdicts(try_out, plain, "b")


def test_a_broken_revision_before_the_range_is_named(plain: Folder, try_out: Try) -> None:
    """And those that do not need it are tried all the same."""
    plain.table("a")
    plain.revision("bad", down="a", up=BROKEN)
    plain.table("child", down="bad")
    plain.table("free", down="a")

    trip = try_out(plain, "child", "free")

    assert ["bad", None] == [only(trip, "child").blocked_by, only(trip, "free").blocked_by]
    assert only(trip, "free").ok


def test_revisions_that_only_work_one_by_one_are_applied_so(plain: Folder, try_out: Try) -> None:
    """A new label of an enum cannot be used in the transaction that adds it."""
    plain.revision("a", up="op.execute(\"CREATE TYPE mood AS ENUM ('good')\"); op.execute('CREATE TABLE t (m mood)')")
    plain.revision("b", down="a", up="op.execute(\"ALTER TYPE mood ADD VALUE 'bad'\")")
    plain.revision("c", down="b", up="op.execute(\"INSERT INTO t VALUES ('bad')\")")
    plain.table("d", down="c")

    assert {"d": True} == verdicts(try_out, plain, "d")


def test_the_name_of_the_failed_revision_is_its_own(plain: Folder, try_out: Try) -> None:
    """Not that of the step's target: a downgrade of b goes to a."""
    plain.table("a")
    plain.revision("b", down="a", up="pass", back=BROKEN)

    error = only(try_out(plain), "b").error

    assert (error or "").startswith("b failed in its downgrade: division by zero (migrations/versions/b.py:")


def test_an_empty_choice_is_an_empty_result(plain: Folder, try_out: Try) -> None:
    """Nothing pending: nothing is started."""
    (plain.root / "migrations" / "env.py").write_text("raise RuntimeError('started')")

    trip = try_out(plain)

    assert (True, ()) == (trip.ok, trip.revisions)


def test_progress_counts_what_is_tried(plain: Folder, try_out: Try) -> None:
    """Started, then done or failed."""
    plain.table("a")
    plain.revision("b", down="a", up="op.execute('CREATE TABLE b ()')")
    heard: list[Event] = []

    try_out(plain, progress=heard.append)

    assert [("started", (1, 2)), ("done", (1, 2)), ("started", (2, 2)), ("failed", (2, 2))] == [
        (event.kind, event.position) for event in heard
    ]


def test_two_hundred_revisions_before_one_are_a_matter_of_seconds(tmp_path: Path, try_out: Try) -> None:
    """They are applied once, in one process."""
    folder, processes = plain_project(tmp_path / "shop"), tmp_path / "processes"
    below = None
    for number in range(200):
        name = f"r{number:03}"
        folder.revision(
            name,
            down=below,
            up=f"""
            op.execute('CREATE TABLE t{number} ()')
            print(os.getpid(), file=open({str(processes)!r}, 'a'))
            """,
            back=f"op.drop_table('t{number}')",
        )
        below = name

    assert try_out(folder, "r199").ok
    applied_by = processes.read_text().split()
    assert 1 == len(set(applied_by[:199]))
    assert 199 < len(applied_by) < 210
