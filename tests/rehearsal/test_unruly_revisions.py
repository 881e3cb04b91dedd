"""Revisions and applications that do what they should not, or may: none of it breaks the round trip."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rehearsal.conftest import Try, only
from tests.upgrade.projects import FROM_ENVIRONMENT, Folder, flask_project

OWN_ENGINE = f"ENGINE = sa.create_engine({FROM_ENVIRONMENT})"
HABITS = {
    "prints": (
        "print('x' * 200_000); os.write(1, b'{\"result\"'); op.execute('CREATE TABLE t ()')",
        "op.drop_table('t')",
    ),
    "commits by itself": (
        "op.execute('CREATE TABLE t ()'); op.get_bind().commit()",
        "op.drop_table('t'); op.get_bind().commit()",
    ),
    "leaves the transaction": (
        """
        with op.get_context().autocommit_block():
            op.execute("CREATE INDEX CONCURRENTLY by_name ON start (name)")
        """,
        """
        with op.get_context().autocommit_block():
            op.execute("DROP INDEX CONCURRENTLY by_name")
        """,
    ),
    "keeps a pool": (
        "with ENGINE.begin() as own: own.execute(sa.text('CREATE TABLE t ()'))",
        "with ENGINE.begin() as own: own.execute(sa.text('DROP TABLE t'))",
    ),
    "forgets an open transaction": (
        "global OPEN; OPEN = ENGINE.connect(); OPEN.execute(sa.text('SELECT * FROM start')); op.execute('CREATE TABLE t ()')",
        "op.drop_table('t')",
    ),
    "leaves a thread at work in the database": (
        """
        import threading
        def forever():
            ENGINE.connect().execute(sa.text("SELECT pg_sleep(60)"))
        threading.Thread(target=forever).start()
        """,
        "pass",
    ),
    "changes its module": (
        "global DONE; assert not DONE; DONE = True; op.execute('CREATE TABLE t ()')",
        "assert not DONE; op.drop_table('t')",
    ),
}


@pytest.mark.parametrize(("up", "back"), HABITS.values(), ids=HABITS)
def test_a_revision_with_a_habit_comes_through(plain: Folder, try_out: Try, up: str, back: str) -> None:
    """And so does the one after it."""
    plain.table("start")
    plain.revision("unruly", down="start", up=up, back=back, module=f"{OWN_ENGINE}\nDONE = False")
    plain.revision("next", down="unruly", up="op.execute('CREATE TABLE n ()')", back="op.drop_table('n')")

    trip = try_out(plain, "unruly", "next")

    assert trip.ok, trip.revisions


def test_a_revision_that_ends_the_transaction_gets_a_remark(plain: Folder, try_out: Try) -> None:
    """Plain Alembic loses what it writes after that: its note that the revision ran."""
    plain.revision("a", up="op.execute('CREATE TABLE t ()'); op.get_bind().commit()", back="op.drop_table('t')")

    (trip,) = try_out(plain).revisions

    assert ("a commits by itself: plain Alembic then forgets to note it in the version table",) == trip.remarks


ENDS = {
    "os._exit(0)": ("os._exit(0)", "unruly did not finish its downgrade: the process of Alembic ended with status 0"),
    "a crash": ("print('woe', flush=True); os.kill(os.getpid(), 11)", "was killed by SIGSEGV; it last said: woe"),
    "sys.exit": ("sys.exit(3)", "unruly failed in its downgrade: SystemExit: 3"),
}


@pytest.mark.parametrize(("back", "error"), ENDS.values(), ids=ENDS)
def test_a_revision_that_ends_the_process_fails_alone(plain: Folder, try_out: Try, back: str, error: str) -> None:
    """The next one has a process of its own."""
    plain.table("start")
    plain.revision("unruly", down="start", up="pass", back=back)
    plain.table("next", down="unruly")

    trip = try_out(plain, "unruly", "next")

    assert error in (only(trip, "unruly").error or "")
    assert only(trip, "next").ok


def test_an_application_that_connects_when_it_is_imported_is_no_obstacle(tmp_path: Path, try_out: Try) -> None:
    """Its connection would keep the database from being copied, and be shared by every fork."""
    folder = flask_project(
        tmp_path,
        models="""
        with app.app_context():
            db.session.execute(db.text("SELECT 1"))
            db.session.remove()
        """,
    )
    folder.revision(
        "a",
        up="from shop import db; db.session.execute(sa.text('SELECT 1')); db.session.remove(); op.execute('CREATE TABLE t ()')",
        back="op.drop_table('t')",
    )

    assert try_out(folder).ok


def test_an_application_with_threads_is_no_obstacle(tmp_path: Path, try_out: Try) -> None:
    """A scheduler, say."""
    folder = flask_project(tmp_path, models="import threading; threading.Thread(target=threading.Event().wait).start()")
    folder.table("a")

    assert try_out(folder).ok
