"""deploy.with-migrations, end to end: both doors, under traffic, and everything that can go wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from interlocking.postgres.url import DatabaseUrl
from interlocking.release.traffic import steady_traffic
from tests.release.whole.shops import RAILWAY_TOML, START, Shop, open_shop
from tests.servers import Server

ORDERS = 'op.execute("CREATE TABLE orders (id integer PRIMARY KEY)")'
DROP_ORDERS = 'op.execute("DROP TABLE orders")'
RELEASE = ("deploy.with-migrations", "--confirm", "production", "--watch", "0", "--backup", "none")
DEPLOY = {
    "startCommand": START,
    "healthcheckPath": "/api/health",
    "overlapSeconds": 3,
    "drainingSeconds": 60,
    "restartPolicyMaxRetries": 1,
}


def second_release(shop: Shop, *, upgrade: str = ORDERS) -> None:
    """Write and commit a revision; the first release serves, at its own."""
    shop.apply_first_revision()
    shop.deploy()
    shop.project.revision("orders", "open_shop", upgrade=upgrade, downgrade=DROP_ORDERS)
    shop.commit("orders")


@pytest.fixture(params=[True, False], ids=["railway.toml", "service configuration"])
def served(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_server: Server, first: DatabaseUrl
) -> Iterator[Shop]:
    """A shop that serves its first release, on a platform that reads railway.toml, and on one that does not."""
    reads = request.param
    with open_shop(tmp_path, postgres_server, first, deploy={} if reads else DEPLOY, reads_config_file=reads) as shop:
        second_release(shop)
        yield shop


def test_a_release_with_a_migration_is_noticed_by_no_client(served: Shop) -> None:
    """The migration is applied once, the file is what it was, and the new code serves."""
    file = served.project.root / "railway.toml"
    before = (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_mode)
    with steady_traffic([f"{served.url}/api/health"]) as traffic:
        released = json.loads(served.invoke(*RELEASE, "--redeploy", "--json").ok().out)

    assert traffic.share("all", 0, float("inf")).failures == {}
    assert len(traffic.answers) > 10
    assert (released["before"], released["after"]) == (["open_shop"], ["orders"])
    assert served.sql("SELECT count(*) FROM interlocking_audit WHERE revision = 'orders'") == [(1,)]
    assert before == (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_mode)
    assert released["carries_override"] is False
    configured = served.backend.configuration.get("deploy", {}).get("startCommand", START)
    assert configured == START
    assert all(each["outcome"] == "success" for each in released["deployments"])


def test_a_migration_that_fails_leaves_the_old_release_serving(served: Shop) -> None:
    """The command is put back, and the log of the failed deployment says why."""
    served.project.revision("broken", "orders", upgrade='op.execute("SELECT 1/0")')
    served.commit("broken")

    failed = served.invoke(*RELEASE)

    assert failed.code == 5, failed.describe()
    assert "division by zero" in failed.text
    assert served.answers()
    assert (served.project.root / "railway.toml").read_text() == RAILWAY_TOML
    assert served.backend.configuration.get("deploy", {}).get("startCommand", START) == START
    served.invoke("deploy.revert-start-command").ok()


@pytest.fixture
def ready(shop: Shop) -> Shop:
    """A shop with one pending revision on a platform that reads railway.toml."""
    second_release(shop)
    return shop


def test_the_plan_is_the_dry_run_and_touches_nothing(ready: Shop) -> None:
    """Pending revisions, the two commands, what takes each step back."""
    planned = json.loads(ready.invoke("deploy.plan", "--json").ok().out)
    dry = json.loads(ready.invoke(*RELEASE[:1], "--dry-run", "--json").ok().out)

    details = "\n".join(step["detail"] for step in planned["plan"]["steps"])
    assert [step["title"] for step in planned["plan"]["steps"]][:-1] == [
        step["title"] for step in dry["plan"]["steps"]
    ][: len(planned["plan"]["steps"]) - 1]
    assert f"+ flask db upgrade && {START}" in details
    assert "orders" in details
    assert ready.applied() == ["open_shop"]
    assert len(ready.deployments) == 1


def test_what_keeps_a_release_from_being_carried_out(ready: Shop) -> None:
    """An unclean tree, a temporary command that is held; each with its remedy, nothing changed."""
    ready.project.write("loose.py", "")
    assert "loose.py" in ready.invoke(*RELEASE).refused(3, "preflight-failed").err
    (ready.project.root / "loose.py").unlink()

    ready.invoke("deploy.temporary-start-command", "--via-file").ok()
    refused = ready.invoke(*RELEASE).refused(3, "preflight-failed")
    assert "temporary command" in refused.err
    assert "git commit" not in refused.err  # that would keep the temporary command for good
    ready.invoke("deploy.revert-start-command").ok()

    ready.invoke(*RELEASE[:1], "--yes").refused(3, "confirmation-required")
    assert ready.applied() == ["open_shop"]
    assert len(ready.deployments) == 1


def test_pre_deploy_migrates_once_before_any_traffic(ready: Shop) -> None:
    """The safer kind; the start command is left alone."""
    released = json.loads(ready.invoke(*RELEASE, "--override", "pre-deploy", "--json").ok().out)

    assert released["after"] == ["orders"]
    resolved = ready.deployments[0].resolved["deploy"]
    assert resolved["startCommand"] == START
    assert resolved["preDeployCommand"] == ["flask db upgrade"]
    assert (ready.project.root / "railway.toml").read_text() == RAILWAY_TOML


def test_without_a_pending_revision_no_command_is_changed(ready: Shop) -> None:
    """Then it is a deployment with proof."""
    ready.invoke("db.upgrade", DATABASE_URL=ready.database.libpq()).ok()

    released = json.loads(ready.invoke(*RELEASE, "--json").ok().out)

    assert (released["reverted"], released["carries_override"]) == ("", False)
    assert ready.deployments[0].resolved["deploy"]["startCommand"] == START


def test_a_file_that_railway_does_not_read_is_noticed(
    tmp_path: Path, postgres_server: Server, first: DatabaseUrl
) -> None:
    """The override has no effect there, and the proof says so: the database is not at head."""
    with open_shop(tmp_path, postgres_server, first, deploy=DEPLOY, reads_config_file=False) as shop:
        second_release(shop)

        failed = shop.invoke(*RELEASE, "--via-file")

        assert failed.code == 5, failed.describe()
        assert "the database is at open_shop" in failed.text
        assert (shop.project.root / "railway.toml").read_text() == RAILWAY_TOML
