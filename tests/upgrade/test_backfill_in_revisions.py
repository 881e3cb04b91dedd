"""Backfills inside real upgrades, in processes that are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

from interlocking.postgres.url import parse
from tests.upgrade.projects import Folder, plain_project
from tests.waiting import DEADLINE_SECONDS, wait_until

ROWS = 3000
TABLE = f"""
op.execute("CREATE TABLE orders (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)")
op.execute("INSERT INTO orders SELECT generate_series(1, {ROWS})")
"""
MODULE = "from interlocking.upgrade import backfill"
ONE_TRANSACTION, ONE_EACH = "", ", transaction_per_migration=True"


@pytest.fixture
def orders(tmp_path: Path) -> Folder:
    """A project whose first revision makes and fills a table."""
    return orders_project(tmp_path)


def orders_project(place: Path, *, options: str = ONE_EACH) -> Folder:
    folder = plain_project(place / "shop", options=options)
    folder.revision("r1", up=TABLE, back='op.execute("DROP TABLE orders")')
    return folder


def alembic(folder: Folder, url: str, *words: str, **variables: str) -> subprocess.Popen[str]:
    ini = folder.root / "alembic.ini"
    ini.write_text(f"[alembic]\nscript_location = %(here)s/migrations\nsqlalchemy.url = {parse(url).sqlalchemy()}\n")
    return subprocess.Popen(
        [sys.executable, "-m", "alembic", *words],
        cwd=folder.root,
        env={**os.environ, **variables},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def run(folder: Folder, url: str, *words: str, **variables: str) -> str:
    process = alembic(folder, url, *words, **variables)
    said, _ = process.communicate(timeout=DEADLINE_SECONDS)
    assert 0 == process.returncode, said
    return said


def ask(url: str, statement: str) -> object:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0]
    finally:
        connection.close()


def counted(url: str) -> dict[str, int]:
    """Return how many rows there are of each `n`."""
    return ask(url, "SELECT json_object_agg(n, many) FROM (SELECT n, count(*) AS many FROM orders GROUP BY n) AS each")


@pytest.mark.parametrize("options", [ONE_TRANSACTION, ONE_EACH], ids=["one transaction", "one a revision"])
def test_a_killed_upgrade_goes_on_where_it_stopped(tmp_path: Path, database: str, options: str) -> None:
    """`kill -9` in the middle, where somebody has a row: no row is changed twice, none is left out."""
    orders = orders_project(tmp_path, options=options)
    orders.revision("r2", down="r1", up='backfill(op, "orders", set={"n": "n + 1"}, duty=1.0)', module=MODULE)
    run(orders, database, "upgrade", "r1")
    with psycopg2.connect(database) as writer:
        writer.cursor().execute("SELECT FROM orders WHERE id = 2000 FOR UPDATE")
        process = alembic(orders, database, "upgrade", "head")
        wait_until(lambda: ask(database, "SELECT to_regclass('interlocking_backfill') IS NOT NULL"))
        wait_until(lambda: ask(database, "SELECT max(scanned) FROM interlocking_backfill"))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        before = counted(database)
    writer.close()
    run(orders, database, "upgrade", "head")

    assert 0 < before["1"] < ROWS
    assert {"1": ROWS} == counted(database)
    assert 0 == ask(database, "SELECT count(*) FROM interlocking_backfill")


def test_a_runner_killed_between_the_backfill_and_the_version_does_not_repeat_it(orders: Folder, empty: str) -> None:
    """Nor the first of two backfills, when the second one was the last that ran."""
    body = """
    backfill(op, "orders", set={"n": "n + 1"}, duty=1.0)
    backfill(op, "orders", set={"n": "n + 2"}, duty=1.0)
    if "CRASH" in os.environ:
        os._exit(9)
    """
    orders.revision("r2", down="r1", up=body, module=MODULE)
    alembic(orders, empty, "upgrade", "head", CRASH="1").communicate()
    before = counted(empty)
    run(orders, empty, "upgrade", "head")

    assert {"3": ROWS} == before == counted(empty)
    assert "r2" == ask(empty, "SELECT version_num FROM alembic_version")
    assert 0 == ask(empty, "SELECT count(*) FROM interlocking_backfill")


def test_after_a_downgrade_it_runs_again(orders: Folder, database: str) -> None:
    """What was noted goes with the version."""
    body = 'backfill(op, "orders", set={"n": "n + 1"}, duty=1.0)'
    orders.revision("r2", down="r1", up=body, module=MODULE)
    run(orders, database, "upgrade", "head")
    run(orders, database, "downgrade", "r1")
    run(orders, database, "upgrade", "head")

    assert {"2": ROWS} == counted(database)


def test_it_sees_what_the_revision_did_before(orders: Folder, database: str) -> None:
    """And what comes after runs in a transaction again."""
    body = """
    op.add_column("orders", sa.Column("total", sa.Integer))
    backfill(op, "orders", set={"total": "id * 2"}, where="total IS NULL", duty=1.0)
    op.alter_column("orders", "total", nullable=False)
    """
    orders.revision("r2", down="r1", up=body, module=MODULE)
    run(orders, database, "upgrade", "head")

    assert ROWS == ask(database, "SELECT count(*) FROM orders WHERE total = id * 2")
    assert "NO" == ask(database, "SELECT is_nullable FROM information_schema.columns WHERE column_name = 'total'")


def test_a_dry_run_leaves_the_database_where_it_was(orders: Folder, database: str) -> None:
    """The column that the revision added first is rolled back too."""
    body = """
    op.add_column("orders", sa.Column("total", sa.Integer))
    backfill(op, "orders", set={"total": "id"}, where="total IS NULL AND id > 10")
    """
    orders.revision("r2", down="r1", up=body, module=MODULE)
    run(orders, database, "upgrade", "r1")
    said, _ = alembic(orders, database, "upgrade", "head", INTERLOCKING_BACKFILL_DRY_RUN="1").communicate()

    assert f"would change {ROWS - 10:,} rows" in said
    assert "r1" == ask(database, "SELECT version_num FROM alembic_version")
    assert 0 == ask(database, "SELECT count(*) FROM information_schema.columns WHERE column_name = 'total'")


def test_a_script_holds_one_update(plain: Folder, database: str) -> None:
    """Valid SQL, with its values in place, that says what it is."""
    body = """
    backfill(op, "orders", set={"note": "'100 %: ' || :text"}, where="note IS NULL AND day > :day",
             parameters={"text": "it's", "day": "2020-01-01"})
    """
    plain.revision("r1", up=body, module=MODULE)
    plain.root.joinpath("alembic.ini").write_text("")
    said = run(plain, database, "upgrade", "head", "--sql")

    assert "-- backfill of orders: one UPDATE here; online it runs in small batches" in said
    (update,) = (line for line in said.splitlines() if line.startswith("UPDATE") and "orders" in line)
    assert """UPDATE "orders" SET "note" = '100 %: ' || 'it''s' WHERE note IS NULL AND day > '2020-01-01';""" == update
