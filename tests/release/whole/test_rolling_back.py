"""`deploy.rollback`: an earlier commit goes up from a tree of its own, if it can live with the schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlocking.railway.answers import deploy_message
from interlocking.railway.local import deployments
from tests.release.whole.shops import Shop


@pytest.fixture
def two_commits(shop: Shop) -> tuple[Shop, str, str]:
    """A shop that was deployed at two commits, the second with a revision of its own."""
    shop.world.trap("script", [{"status": "SUCCESS"}])
    first = shop.git("rev-parse", "HEAD")
    deployed(shop, first)
    shop.project.revision("later", "open_shop", upgrade='op.execute("CREATE TABLE later (id integer)")')
    shop.project.write("version.txt", "2")
    second = shop.commit("second")
    deployed(shop, second)
    return shop, first, second


def deployed(shop: Shop, commit: str) -> None:
    """Remember a deployment of a commit, without processes."""
    with shop.world.change() as state:
        instance = state.instance(shop.backend.environment, shop.backend.service)
        deployments.add(state, instance, snapshot=None, meta={"cliMessage": deploy_message(commit, "deploy")})


def test_nothing_is_there_to_go_back_to(shop: Shop) -> None:
    """Before anything is asked of the database."""
    shop.invoke("deploy.rollback", "--confirm", "production").refused(2, "no-earlier-commit")
    shop.invoke("deploy.rollback", "--commit", "feedbeef").refused(2, "unknown-commit")


def test_the_earlier_commit_goes_up_from_a_tree_of_its_own(two_commits: tuple[Shop, str, str]) -> None:
    """The working tree is not touched, and nothing is left behind."""
    shop, first, second = two_commits
    shop.project.write("loose.py", "somebody works here")
    before = shop.project.files()
    shop.invoke("deploy.rollback", "--confirm", "production").refused(5, "unhealthy")  # a script serves nothing

    uploaded = Path(str(shop.deployments[0].snapshot))
    assert not (uploaded / "version.txt").exists()
    assert not (uploaded / "loose.py").exists()
    assert f"rollback (commit {first})" == (shop.deployments[0].meta or {})["cliMessage"]
    assert (before, second) == (shop.project.files(), shop.git("rev-parse", "HEAD"))
    assert 1 == len(shop.git("worktree", "list").splitlines())


def test_code_that_does_not_know_the_schema_is_not_deployed(two_commits: tuple[Shop, str, str]) -> None:
    """Unless somebody answers for it that the newer revisions only added."""
    shop, first, _second = two_commits
    shop.sql("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
    shop.sql("INSERT INTO alembic_version VALUES ('later')")
    before = len(shop.deployments)
    ran = shop.invoke("deploy.rollback", "--confirm", "production").refused(3, "schema-newer-than-code")
    assert "invoke db.prod-downgrade -r open_shop" in ran.err
    assert before == len(shop.deployments)

    plan = shop.invoke("deploy.rollback", "--accept-newer-schema", "--dry-run", "--json").ok().json["plan"]
    assert f"rollback (commit {first})" in plan["steps"][0]["detail"]
    assert f"upload the commit {first[:12]} to web, and wait for its verdict" == plan["steps"][0]["title"]


def test_a_rollback_is_confirmed_like_any_deployment(two_commits: tuple[Shop, str, str]) -> None:
    """And its tree is gone when it is refused."""
    shop, first, _second = two_commits
    before = len(shop.deployments)
    shop.invoke("deploy.rollback", "--commit", first[:8], "--yes").refused(3, "confirmation-required")

    assert before == len(shop.deployments)
    assert 1 == len(shop.git("worktree", "list").splitlines())
