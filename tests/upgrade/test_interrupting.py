"""Ctrl-C while a revision runs."""

from __future__ import annotations

import signal

import psycopg2
import pytest

from interlocking.errors import StoppedError, exit_code
from interlocking.plan import Event
from interlocking.postgres.url import parse
from interlocking.upgrade.running.runner import Alembic
from tests.upgrade.projects import Folder


def interrupt_at(text: str, error: BaseException) -> object:
    def progress(event: Event) -> None:
        if (event.kind, event.text) == ("started", text):
            raise error

    return progress


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), 130), (StoppedError(signal.SIGTERM), 143)], ids=["Ctrl-C", "SIGTERM"]
)
def test_a_revision_that_waits_for_a_lock_is_ended_and_rolled_back(
    plain: Folder, database: str, error: BaseException, code: int
) -> None:
    """While the lock cannot be had; a backend left in its queue would keep every later reader waiting."""
    plain.table("a")
    Alembic(plain.load(database), parse(database)).upgrade()
    plain.revision("b", down="a", up="op.execute('CREATE TABLE half ()'); op.execute('LOCK a')")
    reader = psycopg2.connect(database)
    reader.cursor().execute("SELECT FROM a")

    with pytest.raises(StoppedError) as caught:
        Alembic(plain.load(database), parse(database), interrupt_at("upgrade b", error)).upgrade()

    assert code == exit_code(caught.value)
    assert "the database is at a, as before" in caught.value.why
    with reader.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'a'::regclass")
        assert (0,) == cursor.fetchone()
    reader.close()
