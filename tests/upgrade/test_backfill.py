"""Backfills on real servers: every row exactly once, whatever happens meanwhile."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import psycopg2
import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from psycopg2.extras import PhysicalReplicationConnection, ReplicationCursor

from interlocking.errors import IncompleteError, RefusedError, UsageError
from interlocking.postgres.url import parse
from interlocking.upgrade import backfill
from interlocking.upgrade.backfilling.backfills import Backfilled, listening
from interlocking.upgrade.backfilling.pace import Backfilling
from tests.servers import Server
from tests.waiting import DEADLINE_SECONDS, wait_until

LOCKED = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
# 1, but in the middle of the table it waits for a lock that the test has.
GATE = """
CREATE FUNCTION through_gate(id bigint) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    IF id = 200 THEN PERFORM pg_advisory_xact_lock(1); END IF;
    RETURN 1;
END $$
"""
FAST = {"duty": 1.0, "lock_timeout": 0.02}


class Shop:
    """A database with a table `orders` of numbered rows whose `n` is 0."""

    def __init__(self, url: str) -> None:
        self.engine = sa.create_engine(parse(url).sqlalchemy(), poolclass=sa.NullPool)
        self.url = url

    def fill(self, rows: int) -> None:
        self.execute(
            "CREATE TABLE orders (id bigint PRIMARY KEY, n int NOT NULL DEFAULT 0, total int);"
            f"INSERT INTO orders (id) SELECT g FROM generate_series(1, {rows}) g; ANALYZE orders"
        )

    def execute(self, statement: str) -> None:
        self._run(statement)

    def value(self, statement: str) -> object:
        rows = self._run(statement)
        return rows[0][0] if rows else None

    def _run(self, statement: str) -> list[tuple]:
        connection = psycopg2.connect(self.url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def backfill(self, table: str = "orders", **options: object) -> Backfilled:
        with self.engine.connect() as connection:
            op = Operations(MigrationContext.configure(connection))
            return backfill(op, table, **{**FAST, **options})


@pytest.fixture
def shop(empty: str) -> Iterator[Shop]:
    shop = Shop(empty)
    yield shop
    shop.engine.dispose()


def test_every_row_is_changed_once(shop: Shop) -> None:
    """Over several batches."""
    shop.fill(3000)
    done = shop.backfill(set={"n": "n + 1"})

    assert 3000 == shop.value("SELECT count(*) FROM orders WHERE n = 1")
    assert (3000, 3000, True) == (done.updated, done.scanned, done.batches > 1)


def test_only_matching_rows_are_changed(shop: Shop) -> None:
    """With a parameter in the condition and one in the value."""
    shop.fill(1200)
    done = shop.backfill(set={"total": ":price"}, where="id % 3 = :rest", parameters={"price": 7, "rest": 1})

    assert 400 == done.updated == shop.value("SELECT count(*) FROM orders WHERE total = 7")
    assert 0 == shop.value("SELECT count(*) FROM orders WHERE total = 7 AND id % 3 <> 1")


def test_set_may_be_a_text_and_may_yield_null(shop: Shop) -> None:
    """Several columns, and rows that stay as the condition wants them."""
    shop.fill(600)
    done = shop.backfill(set="n = n + 1, total = CASE WHEN id > 300 THEN id END", where="total IS NULL")

    assert 600 == done.updated == shop.value("SELECT count(*) FROM orders WHERE n = 1")
    assert 300 == shop.value("SELECT count(*) FROM orders WHERE total IS NULL")


KEYS = {
    "uuid": ("k uuid", "gen_random_uuid()"),
    "text": ('k text COLLATE "C"', "'it''s %s: ' || g"),
    "date": ("k timestamptz", "timestamptz '2020-01-01' + g * interval '1 microsecond'"),
    "numeric": ("k numeric(12, 4)", "g / 8.0"),
    "float": ("k double precision", "g / 7.0::float8"),
    "char": ("k char(9)", "g::text"),
    "bytea": ("k bytea", "decode(lpad(to_hex(g), 8, '0'), 'hex')"),
}


@pytest.mark.parametrize(("column", "value"), KEYS.values(), ids=KEYS)
def test_keys_of_any_type(shop: Shop, column: str, value: str) -> None:
    """A key travels as text and comes back as what it was."""
    shop.execute(
        f"CREATE TABLE orders ({column} PRIMARY KEY, n int DEFAULT 0);"
        f"INSERT INTO orders (k) SELECT {value} FROM generate_series(1, 1300) g"
    )
    shop.backfill(set={"n": "n + 1"})

    assert 1300 == shop.value("SELECT count(*) FROM orders WHERE n = 1")


def test_composite_keys(shop: Shop) -> None:
    """In the order of the index, which is not that of the columns."""
    shop.execute(
        "CREATE TYPE size AS ENUM ('small', 'large');"
        "CREATE TABLE orders (n int DEFAULT 0, day date, size size, PRIMARY KEY (size, day));"
        "INSERT INTO orders (day, size) SELECT date '2020-01-01' + g, s"
        " FROM generate_series(1, 800) g, unnest(enum_range(NULL::size)) s"
    )
    shop.backfill(set={"n": "n + 1"})

    assert 1600 == shop.value("SELECT count(*) FROM orders WHERE n = 1")


def test_names_that_need_quotes(shop: Shop) -> None:
    """Schema, table, key and column."""
    shop.execute(
        'CREATE SCHEMA "My %s"; CREATE TABLE "My %s"."a:b ""c" ("the %(key)s" int PRIMARY KEY, "N:n" int DEFAULT 0);'
        'INSERT INTO "My %s"."a:b ""c" SELECT generate_series(1, 700)'
    )
    shop.backfill('a:b "c', schema="My %s", set={"N:n": r'"N\:n" + 1'})

    assert 700 == shop.value('SELECT count(*) FROM "My %s"."a:b ""c" WHERE "N:n" = 1')


def test_the_search_path_of_the_revision_counts(shop: Shop) -> None:
    """env.py may have chosen a tenant's schema."""
    shop.execute(
        "CREATE SCHEMA tenant; CREATE TABLE tenant.orders (id int PRIMARY KEY, n int DEFAULT 0); INSERT INTO tenant.orders VALUES (1);"
        "CREATE FUNCTION tenant.one() RETURNS int LANGUAGE sql AS 'SELECT 1'"
    )
    with shop.engine.connect() as connection:
        connection.exec_driver_sql("SET search_path TO tenant")
        connection.commit()
        backfill(Operations(MigrationContext.configure(connection)), "orders", set={"n": "one()"})

    assert 1 == shop.value("SELECT n FROM tenant.orders")


def test_a_table_without_a_key_is_refused(shop: Shop) -> None:
    """It says which key it has."""
    shop.execute("CREATE TABLE orders (a int NOT NULL UNIQUE, b int UNIQUE, n int)")
    with pytest.raises(UsageError, match=r"public\.orders|orders has no primary key") as refused:
        shop.backfill(set={"n": "1"})

    assert "key=['a']" in refused.value.next


def test_another_unique_key_can_be_named(shop: Shop) -> None:
    """One that may be NULL would miss rows."""
    shop.execute(
        "CREATE TABLE orders (a int NOT NULL UNIQUE, b int UNIQUE, n int DEFAULT 0);"
        "INSERT INTO orders (a) SELECT generate_series(1, 700)"
    )
    shop.backfill(set={"n": "n + 1"}, key="a")

    assert 700 == shop.value("SELECT count(*) FROM orders WHERE n = 1")
    with pytest.raises(UsageError, match=r"no unique key \(b\) without NULL"):
        shop.backfill(set={"n": "n + 1"}, key=["b"])


@pytest.mark.parametrize("table", ["missing", "seen"])
def test_what_is_no_table_is_refused(shop: Shop, table: str) -> None:
    """A view has no key."""
    shop.execute("CREATE VIEW seen AS SELECT 1 AS id")
    with pytest.raises(UsageError, match=f"there is no table {table}"):
        shop.backfill(table, set={"n": "1"})


def test_an_error_in_the_sql_comes_before_any_commit(shop: Shop) -> None:
    """What the revision did before is rolled back with it."""
    shop.fill(10)
    with shop.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        with context.begin_transaction():
            connection.exec_driver_sql("CREATE TABLE made_before (id int)")
            with pytest.raises(sa.exc.ProgrammingError, match="tota"):
                backfill(Operations(context), "orders", set={"tota": "1"})
            connection.rollback()

    assert None is shop.value("SELECT to_regclass('made_before')")


def test_partitioned_tables(shop: Shop) -> None:
    """The key of the parent is walked along, whatever partition a row is in."""
    shop.execute(
        "CREATE TABLE orders (id int, n int DEFAULT 0, PRIMARY KEY (id)) PARTITION BY HASH (id);"
        "CREATE TABLE p0 PARTITION OF orders FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
        "CREATE TABLE p1 PARTITION OF orders FOR VALUES WITH (MODULUS 2, REMAINDER 1);"
        "INSERT INTO orders SELECT generate_series(1, 900)"
    )
    shop.backfill(set={"n": "n + 1"})

    assert 900 == shop.value("SELECT count(*) FROM orders WHERE n = 1")


def test_an_empty_table_is_done_at_once(shop: Shop) -> None:
    """Without a batch."""
    shop.fill(0)

    assert (0, 0) == (shop.backfill(set={"n": "1"}).updated, shop.backfill(set={"n": "1"}).batches)


def once(work: Callable[[], object]) -> Callable[[Backfilling], None]:
    """Return a listener that does something after the first batch."""
    left = [work]

    def tell(_state: Backfilling) -> None:
        if left:
            left.pop()()

    return tell


def test_rows_inserted_behind_are_found_when_the_change_makes_the_condition_false(shop: Shop) -> None:
    """Random keys land anywhere; each row is still changed once."""
    shop.fill(1500)
    insert = once(lambda: shop.execute("INSERT INTO orders (id) VALUES (-1), (9999)"))
    done = shop.backfill(set="total = 1, n = n + 1", where="total IS NULL", progress=insert)

    assert 1502 == done.updated == shop.value("SELECT count(*) FROM orders WHERE total = 1 AND n = 1")


def test_rows_inserted_behind_are_left_alone_when_nobody_can_tell_them_apart(shop: Shop) -> None:
    """Looking again would change the others twice."""
    shop.fill(1500)
    insert = once(lambda: shop.execute("INSERT INTO orders (id) VALUES (-1), (9999)"))
    shop.backfill(set="n = n + 1", where="n >= 0", progress=insert)

    assert 1501 == shop.value("SELECT count(*) FROM orders WHERE n = 1")
    assert 0 == shop.value("SELECT n FROM orders WHERE id = -1")


def test_an_interrupted_run_goes_on_where_it_stopped(shop: Shop) -> None:
    """No row is changed twice, none is left out."""
    shop.fill(4000)

    def interrupt(_state: Backfilling) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shop.backfill(set={"n": "n + 1"}, progress=interrupt)
    before = shop.value("SELECT count(*) FROM orders WHERE n = 1")
    done = shop.backfill(set={"n": "n + 1"})

    assert 0 < before < 4000
    assert 4000 == done.updated == shop.value("SELECT count(*) FROM orders WHERE n = 1")


def test_two_runners_share_the_work(shop: Shop) -> None:
    """Without the guard's lock nobody changes a row twice: each is in the middle of it when the other begins."""
    shop.fill(6000)
    both_have_begun = Barrier(2)

    def run() -> Backfilled:
        states: list[Backfilling] = []

        def meet_once(state: Backfilling) -> None:
            if not states:
                both_have_begun.wait(timeout=DEADLINE_SECONDS)
            states.append(state)

        return shop.backfill(set={"n": "n + 1"}, target=0.01, progress=meet_once)

    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(run) for _ in range(2)]
        done = [each.result() for each in runs]

    assert 6000 == shop.value("SELECT count(*) FROM orders WHERE n = 1")
    assert all(each.batches > 0 for each in done)


def test_a_locked_row_is_waited_for_without_holding_others(shop: Shop) -> None:
    """The batch gives way, shrinks, and goes on when the row is free."""
    shop.fill(1000)
    with psycopg2.connect(shop.url) as writer, ThreadPoolExecutor(1) as pool:
        writer.cursor().execute("UPDATE orders SET total = 1 WHERE id = 700")
        running = pool.submit(shop.backfill, set={"n": "n + 1"})
        wait_until(lambda: shop.value("SELECT count(*) FROM orders WHERE n = 1") > 690)
        writer.commit()
        done = running.result()
    writer.close()

    assert done.retries > 0
    assert 1000 == shop.value("SELECT count(*) FROM orders WHERE n = 1")


def test_a_deadlock_with_a_writer_is_tried_again(server: Server) -> None:
    """The batch is rolled back and done later; the writer notices nothing."""
    url = server.make_database(settings="deadlock_timeout = '10ms'")  # who looks last is ended: not the writer
    shop = Shop(url)
    shop.fill(400)
    shop.execute(GATE)
    gate = psycopg2.connect(url)
    gate.cursor().execute("SELECT pg_advisory_lock(1)")
    with psycopg2.connect(url, options="-c deadlock_timeout=1h") as writer, ThreadPoolExecutor(2) as pool:
        writer.cursor().execute("UPDATE orders SET total = 1 WHERE id = 400")
        running = pool.submit(shop.backfill, set={"n": "n + through_gate(id)"}, lock_timeout=600.0)
        wait_until(lambda: shop.value(f"{LOCKED} AND application_name = 'interlocking backfill'"))
        writing = pool.submit(writer.cursor().execute, "UPDATE orders SET total = 1 WHERE id = 1")
        wait_until(lambda: shop.value(f"{LOCKED} AND pid = {writer.info.backend_pid}"))
        gate.close()  # only now the batch comes to the row that the writer has
        writing.result()
        writer.commit()
        done = running.result()
    writer.close()

    assert 1 <= done.retries
    assert 400 == shop.value("SELECT count(*) FROM orders WHERE n = 1")
    server.drop(url)


def test_out_of_patience_it_stops_and_keeps_its_place(shop: Shop) -> None:
    """Exit 5: something was changed, and the next run goes on."""
    shop.fill(1000)
    with psycopg2.connect(shop.url) as writer:
        writer.cursor().execute("UPDATE orders SET total = 1 WHERE id = 700")
        with pytest.raises(IncompleteError) as stopped:
            shop.backfill(set={"n": "n + 1"}, patience=0.3)
    writer.close()
    before = shop.value("SELECT count(*) FROM orders WHERE n = 1")

    assert ("backfill-blocked", 5) == (stopped.value.code, stopped.value.exit_code)
    assert 500 <= before < 700
    assert 1000 == shop.backfill(set={"n": "n + 1"}).updated


def test_a_dry_run_counts_and_changes_nothing(shop: Shop) -> None:
    """The revision is refused, so that it is not recorded as applied."""
    shop.fill(1234)
    with pytest.raises(RefusedError, match="would change 1,224 rows"):
        shop.backfill(set={"n": "1"}, where="id > 10", dry_run=True)

    assert 0 == shop.value("SELECT count(*) FROM orders WHERE n = 1")


def test_a_variable_makes_it_a_dry_run(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in the revision needs to change for it."""
    shop.fill(10)
    monkeypatch.setenv("INTERLOCKING_BACKFILL_DRY_RUN", "1")
    with pytest.raises(RefusedError, match="would change 10 rows"):
        shop.backfill(set={"n": "1"})


def test_progress_is_told(shop: Shop) -> None:
    """To whoever listens around the upgrade."""
    shop.fill(3000)
    heard: list[Backfilling] = []
    with listening(heard.append):
        shop.backfill(set={"n": "n + 1"})

    assert sorted(each.scanned for each in heard) == [each.scanned for each in heard]
    assert (3000, 3000, "public.orders") == (heard[-1].scanned, heard[0].total, heard[0].table)


def test_memory_stays_flat(shop: Shop) -> None:
    """The rows stay in the database: 40 MB of them take hardly any memory here."""
    shop.execute(
        "CREATE TABLE orders (id int PRIMARY KEY, n int, body text);"
        "ALTER TABLE orders ALTER body SET STORAGE PLAIN;"
        "INSERT INTO orders SELECT g, 0, repeat('x', 4000) FROM generate_series(1, 10000) g"
    )
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            done = shop.backfill(set={"n": "n + 1"}, where="body <> ''")
            grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            status = 0 if done.updated == 10_000 and grown_kb < 10_000 else 2
        finally:
            os._exit(status)

    assert 0 == os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_it_waits_for_a_replica_that_falls_behind(shop: Shop) -> None:
    """And goes on when that has caught up."""
    shop.fill(2000)
    heard: list[Backfilling] = []
    with replica(shop) as feed:

        def catch_up(state: Backfilling) -> None:
            heard.append(state)
            if state.waiting:
                report(feed, shop.value("SELECT pg_current_wal_lsn()"))

        shop.backfill(set={"n": "n + 1"}, max_lag_bytes=10_000, progress=catch_up)

    assert any("replica" in each.waiting for each in heard)
    assert 2000 == shop.value("SELECT count(*) FROM orders WHERE n = 1")


def test_a_replica_that_stays_behind_ends_the_patience(shop: Shop) -> None:
    """It is named."""
    shop.fill(2000)
    with replica(shop), pytest.raises(IncompleteError, match=r"replica .* did not catch up"):
        shop.backfill(set={"n": "n + 1"}, max_lag_bytes=10_000, patience=0.1)


def test_an_outer_transaction_is_refused_in_words(shop: Shop) -> None:
    """Alembic itself would fail on an assertion."""
    shop.fill(1)
    with shop.engine.begin() as connection, pytest.raises(UsageError, match=r"env\.py opened the transaction"):
        backfill(Operations(MigrationContext.configure(connection)), "orders", set={"n": "1"})


@pytest.mark.parametrize("options", [{"duty": 0}, {"duty": 1.5}, {"target": 0}, {"lock_timeout": 0}])
def test_a_pace_that_cannot_be_is_refused(shop: Shop, options: dict) -> None:
    """Before anything runs."""
    with pytest.raises(UsageError, match="cannot be"):
        shop.backfill(set={"n": "1"}, **options)


@contextmanager
def replica(shop: Shop) -> Iterator[ReplicationCursor]:
    """A replica that speaks the real protocol, has all that there is, and reports what it is told to."""
    connection = psycopg2.connect(shop.url, connection_factory=PhysicalReplicationConnection)
    itself = f"SELECT count(*) FROM pg_stat_replication WHERE pid = {connection.info.backend_pid}"
    try:
        feed = connection.cursor()
        start = shop.value("SELECT pg_current_wal_lsn()")
        feed.start_replication(start_lsn=start, decode=False)
        report(feed, start)
        wait_until(lambda: shop.value(f"{itself} AND state = 'streaming' AND replay_lsn IS NOT NULL"))
        yield feed
    finally:
        connection.close()
        wait_until(lambda: not shop.value(itself))  # the next test's server is the same


def report(feed: ReplicationCursor, position: object) -> None:
    """Let the replica say how far it has come."""
    high, low = (int(part, 16) for part in str(position).split("/"))
    lsn = (high << 32) + low
    feed.send_feedback(write_lsn=lsn, flush_lsn=lsn, apply_lsn=lsn, force=True)
