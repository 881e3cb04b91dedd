"""db.prod-*: an environment's database, reached from here, read, moved, saved."""

from __future__ import annotations

import json

import pytest

from tests.release.whole.shops import Shop

ORDERS = 'op.execute("CREATE TABLE orders (id integer PRIMARY KEY)")'
DROP_ORDERS = 'op.execute("DROP TABLE orders")'
CONFIRMED = ("--confirm", "production", "--watch", "0")


@pytest.fixture
def stocked(shop: Shop) -> Shop:
    """Production is at the first revision, and marked; a second one is committed."""
    shop.apply_first_revision()
    shop.sql(f"COMMENT ON DATABASE {shop.database.database} IS '[interlocking environment: production]'")
    shop.project.revision("orders", "open_shop", upgrade=ORDERS, downgrade=DROP_ORDERS)
    shop.commit("orders")
    return shop


def test_status_current_and_history_only_read(stocked: Shop) -> None:
    """And say which way they went, and why."""
    status = stocked.invoke("db.prod-status", "--json").ok()
    current = json.loads(stocked.invoke("db.prod-current", "--json").ok().out)
    history = json.loads(stocked.invoke("db.prod-history", "--json").ok().out)

    found = json.loads(status.out)
    assert (found["environment"], found["pending"], found["mark"]) == ("production", ["orders"], "production")
    assert current["current"] == ["open_shop"]
    assert {each["revision"]: each["applied"] for each in history["revisions"]} == {"open_shop": True, "orders": False}
    assert "via " in status.err


def test_an_upgrade_saves_moves_verifies_and_marks(stocked: Shop) -> None:
    """Through the guard: the audit of production knows it."""
    stocked.sql(f"COMMENT ON DATABASE {stocked.database.database} IS NULL")

    upgraded = stocked.invoke("db.prod-upgrade", *CONFIRMED, "--json").ok()
    done = json.loads(upgraded.out)

    assert f"backed up {done['dump']['tables']} tables: {done['dump']['name']}" in upgraded.err
    assert (done["before"], done["after"]) == (["open_shop"], ["orders"])
    assert done["dump"]["revisions"] == ["open_shop"]
    assert {check["name"]: check["verdict"] for check in done["checks"]}["revision"] == "ok"
    assert done["undo"].startswith("invoke db.prod-downgrade -r open_shop")
    assert ("orders", "applied") in stocked.sql("SELECT revision, outcome FROM interlocking_audit")
    assert json.loads(stocked.invoke("db.prod-status", "--json").ok().out)["mark"] == "production"


def test_already_applied_is_a_calm_no_op(stocked: Shop) -> None:
    """Nothing is asked, and the exit code is 0."""
    stocked.invoke("db.prod-upgrade", *CONFIRMED).ok()

    assert "nothing to do" in stocked.invoke("db.prod-upgrade").ok().out


def test_it_always_asks_for_the_name(stocked: Shop) -> None:
    """A yes is not enough, nor is another environment's name."""
    stocked.invoke("db.prod-upgrade", "--yes").refused(3, "confirmation-required")
    stocked.invoke("db.prod-upgrade", "--confirm", "staging").refused(3, "not-confirmed")
    stocked.invoke("db.prod-downgrade", "-r", "base", "--yes").refused(3, "confirmation-required")
    stocked.invoke("db.prod-stamp", "-r", "head", "--yes").refused(3, "confirmation-required")

    assert stocked.applied() == ["open_shop"]


def test_a_dry_run_shows_the_plan_and_touches_nothing(stocked: Shop) -> None:
    """Backup, revision, verification."""
    planned = json.loads(stocked.invoke("db.prod-upgrade", "--dry-run", "--json").ok().out)

    titles = [step["title"] for step in planned["plan"]["steps"]]
    assert any("verified dump" in title for title in titles)
    assert any("upgrade orders" in title for title in titles)
    assert stocked.applied() == ["open_shop"]


def test_a_revision_that_is_not_committed_is_refused(stocked: Shop) -> None:
    """What migrates production must be in git."""
    stocked.project.revision("loose", "orders")

    refused = stocked.invoke("db.prod-upgrade", *CONFIRMED).refused(3, "preflight-failed")

    assert "loose.py" in refused.err
    assert stocked.applied() == ["open_shop"]


def test_two_heads_and_an_edited_revision_are_refused(stocked: Shop) -> None:
    """Each with its remedy."""
    stocked.project.revision("other", "open_shop")
    stocked.project.revision("open_shop", upgrade='op.execute("SELECT 1")')
    stocked.commit("both")

    refused = stocked.invoke("db.prod-upgrade", *CONFIRMED).refused(3, "preflight-failed")

    assert "2 heads" in refused.err
    assert "edited" in refused.err


def test_another_environments_database_is_caught_by_its_mark(stocked: Shop) -> None:
    """Whatever the URL says."""
    name = stocked.database.database
    stocked.sql(f"COMMENT ON DATABASE {name} IS '[interlocking environment: staging]'")

    stocked.invoke("db.prod-upgrade", *CONFIRMED).refused(3, "wrong-environment")
    stocked.invoke("db.prod-current").refused(3, "wrong-environment")

    assert stocked.applied() == ["open_shop"]


def test_down_and_stamp(stocked: Shop) -> None:
    """A revision must be named; the way back is told."""
    stocked.invoke("db.prod-upgrade", *CONFIRMED).ok()
    stocked.invoke("db.prod-downgrade").refused(2, "revision-missing")

    stocked.invoke("db.prod-downgrade", "-r", "open_shop", *CONFIRMED).ok()
    assert stocked.applied() == ["open_shop"]
    stamped = stocked.invoke("db.prod-stamp", "-r", "head", "--confirm", "production").ok()
    assert "undo: invoke db.prod-stamp -r open_shop --environment production" in stamped.err + stamped.out
    assert stocked.applied() == ["orders"]


def test_a_database_without_a_recorded_revision_is_recognised(stocked: Shop) -> None:
    """Before anything is saved or moved; what it says to type works, through a tunnel that looks local."""
    stocked.sql("DROP TABLE alembic_version")
    refused = stocked.invoke("db.prod-upgrade", *CONFIRMED).refused(3, "preflight-failed")
    assert "no revision is recorded, but there is already shop" in refused.err
    assert "invoke db.prod-stamp" in refused.err
    assert "no revision is recorded" in stocked.invoke("db.prod-status").ok().out
    before = stocked.sql("SELECT count(*) FROM pg_database")

    told = stocked.invoke("db.prod-stamp").refused(3, "unstamped-database")
    assert "exactly at open_shop" in told.err
    assert "invoke db.prod-stamp -r open_shop; then invoke db.prod-upgrade" in told.err
    assert before == stocked.sql("SELECT count(*) FROM pg_database")

    stocked.invoke("db.prod-stamp", "-r", "open_shop", "--confirm", "production").ok()
    stocked.invoke("db.prod-upgrade", *CONFIRMED).ok()
    assert stocked.applied() == ["orders"]


def test_a_revision_that_fails_changes_nothing_and_says_so(stocked: Shop) -> None:
    """PostgreSQL's own reason is told; the dump was taken."""
    stocked.project.revision("broken", "orders", upgrade='op.execute("SELECT 1/0")')
    stocked.commit("broken")

    failed = stocked.invoke("db.prod-upgrade", *CONFIRMED)

    assert failed.code == 5, failed.describe()
    assert "division by zero" in failed.err
    assert stocked.applied() == ["orders"]


def test_what_the_review_calls_an_error_is_refused(stocked: Shop) -> None:
    """Unless the file allows it, with a reason."""
    risky = 'op.execute("CREATE INDEX shop_name ON shop (name)")'
    stocked.sql("INSERT INTO shop (name) SELECT 'x' FROM generate_series(1, 20000)")
    stocked.sql("ANALYZE shop")
    stocked.project.revision("risky", "orders", upgrade=risky, downgrade='op.execute("DROP INDEX shop_name")')
    stocked.commit("risky")

    refused = stocked.invoke("db.prod-upgrade", *CONFIRMED).refused(3, "preflight-failed")
    assert "index-not-concurrent" in refused.err
    allowed = f"{risky}  # interlocking: allow index-not-concurrent: nobody writes at night"
    stocked.project.revision("risky", "orders", upgrade=allowed, downgrade='op.execute("DROP INDEX shop_name")')
    stocked.commit("allowed")

    stocked.invoke("db.prod-upgrade", *CONFIRMED, "--backup", "none").ok()


def test_a_downgrade_shows_first_what_is_lost(stocked: Shop) -> None:
    """With the number of rows."""
    stocked.invoke("db.upgrade", "--yes", DATABASE_URL=stocked.database.libpq()).ok()
    stocked.sql("INSERT INTO orders SELECT generate_series(1, 1234)")

    refused = stocked.invoke("db.prod-downgrade", "-r", "open_shop").refused(3, "confirmation-required")

    assert "the table orders is lost, with its rows: 1,234" in refused.err


def test_each_way(stocked: Shop) -> None:
    """Through the tunnel, and by the public address; a private host from outside is refused before connecting."""
    for via in ("tunnel", "public"):
        assert f"via {via}" in stocked.invoke("db.prod-current", "--via", via).ok().err
    stocked.invoke("db.prod-current", "--via", "run").refused(3, "private-host")
    stocked.invoke("db.prod-current", "--via", "inside").refused(3, "not-inside")
    stocked.invoke("db.prod-current", "--via", "pigeon").refused(2, "bad-flag")


def test_inside_the_running_service(stocked: Shop) -> None:
    """With the code that is deployed there."""
    stocked.deploy()

    stocked.invoke("db.prod-upgrade", "--via", "ssh", *CONFIRMED, "--backup", "none").ok()

    assert stocked.applied() == ["orders"]
    assert json.loads(stocked.invoke("db.prod-current", "--via", "ssh", "--json").ok().out)["current"] == ["orders"]


def test_another_commit_than_the_deployed_one_is_named(stocked: Shop) -> None:
    """What migrates should be what runs; both commits are told."""
    deployed = stocked.deploy().meta["cliMessage"].rpartition(" ")[2].rstrip(")")
    stocked.commit("later")

    found = json.loads(stocked.invoke("db.prod-status", "--json").ok().out)

    said = {check["name"]: check for check in found["checks"]}["deployed code"]
    assert said["verdict"] == "warn"
    assert deployed[:12] in said["message"]


def test_backups(stocked: Shop) -> None:
    """A dump here, a snapshot there, or both."""
    both = json.loads(stocked.invoke("db.prod-backup", "--kind", "both", "--json").ok().out)

    assert both["dump"]["revisions"] == ["open_shop"]
    assert both["snapshot"]["name"].startswith("interlocking ")
    assert 1 == stocked.invoke("db.prod-backup").ok().text.count("backed up")
    assert "snapshot" in stocked.invoke("db.prod-backup", "--kind", "snapshot", "--dry-run").ok().out
    stocked.invoke("db.prod-backup", "--kind", "photo").refused(2, "bad-backup-kind")


def test_a_quiet_moment_is_waited_for(stocked: Shop) -> None:
    """What is measured is shown."""
    moved = stocked.invoke("db.prod-upgrade", *CONFIRMED, "--when-quiet", "--backup", "none").ok()

    assert "transactions a second" in moved.err
    assert stocked.applied() == ["orders"]
