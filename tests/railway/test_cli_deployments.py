"""Uploads and their verdicts on Local Railway: every trap of `up` and of the lists."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interlocking.errors import UnavailableError, UsageError
from interlocking.railway.health import probe
from interlocking.railway.results import Upload
from interlocking.railway.verdicts import Verdict
from interlocking.railway.waiting import wait_for
from tests.railway.adapters import QUICK, Told, asked, open_shop
from tests.railway.local.calls import Shop


def uploaded(shop: Shop, *script: str, told: Told | None = None) -> tuple[Upload, Verdict]:
    """Upload a tree whose deployment runs through `script`, and wait for its verdict."""
    cli = open_shop(shop, told=told)
    shop.world.trap("script", [{"status": status} for status in script], times=1)
    upload = cli.up("web", folder=shop.folder, message="release 42")
    return upload, wait_for(cli, "web", upload.deployment_id)


def test_an_upload_is_followed_to_a_success_that_lasts(shop: Shop) -> None:
    """By its own id."""
    told = Told()
    upload, verdict = uploaded(shop, "INITIALIZING", "BUILDING", "DEPLOYING", "SUCCESS", told=told)

    assert ("success", upload.deployment_id) == (verdict.outcome, verdict.deployment_id)
    assert "BUILDING" in told.text


def test_gotcha_01_an_accepted_upload_is_no_success(shop: Shop) -> None:
    """Exit 0 says that the upload arrived."""
    upload, verdict = uploaded(shop, "BUILDING", "FAILED")

    assert upload.deployment_id
    assert "failed" == verdict.outcome
    assert {"--detach", "--json", "--path-as-root"} <= set(asked(shop, "up")[0].argv)
    assert "--yes" not in asked(shop, "up")[0].argv


def test_gotcha_02_a_deployment_without_an_end_meets_our_deadline(shop: Shop) -> None:
    """The CLI would wait for ever."""
    cli = open_shop(shop, settings=replace(QUICK, deadline=0.3))
    made = shop.script("WAITING")

    assert "timeout" == wait_for(cli, "web", made.id).outcome


def test_gotcha_03_a_skipped_deployment_deployed_nothing(shop: Shop) -> None:
    """No success, and no hang."""
    _upload, verdict = uploaded(shop, "SKIPPED")

    assert "skipped" == verdict.outcome
    assert "nothing was deployed" in verdict.words


def test_gotcha_04_somebody_elses_deployment_is_not_ours(shop: Shop) -> None:
    """Ours is removed, theirs succeeds, and the first row of the list is theirs."""
    shop.world.trap("superseded")
    cli = open_shop(shop)
    upload = cli.up("web", folder=shop.folder, message="ours")
    verdict = wait_for(cli, "web", upload.deployment_id)

    assert "superseded" == verdict.outcome
    assert cli.deployments("web")[0].id == verdict.serving != upload.deployment_id


def test_gotcha_05_success_then_crashed_is_a_crash(shop: Shop) -> None:
    """Healthchecks are not repeated after a deployment."""
    _upload, verdict = uploaded(shop, "DEPLOYING", "SUCCESS", "CRASHED")

    assert "crashed" == verdict.outcome


def test_gotcha_06_logs_and_verdicts_go_by_id(shop: Shop) -> None:
    """`logs` alone would show the last success."""
    shop.script("SUCCESS")
    failing = shop.script("FAILED")
    shop.world.append_log(failing.id, "build", "no module named shop")
    cli = open_shop(shop)

    assert ["no module named shop"] == [line.message for line in cli.logs("web", failing.id, kind="build")]
    assert failing.id in asked(shop, "logs")[0].argv


def test_gotcha_39_stderr_is_no_failure_and_a_failure_shows_both_logs(shop: Shop) -> None:
    """Everything that alembic logs has the level error."""
    running = shop.script("SUCCESS")
    shop.world.append_log(running.id, "deploy", "Running upgrade", level="error")
    assert wait_for(open_shop(shop), "web", running.id).ok

    failing = shop.script("FAILED")
    shop.world.append_log(failing.id, "build", "built")
    shop.world.append_log(failing.id, "deploy", "relation is missing", level="error")
    verdict = wait_for(open_shop(shop), "web", failing.id)

    assert ["built"] == [line.message for line in verdict.build_log]
    assert ["relation is missing"] == [line.message for line in verdict.deploy_log]


def test_gotcha_41_a_failure_without_any_log_was_rejected(shop: Shop) -> None:
    """Before any container ran."""
    _upload, verdict = uploaded(shop, "FAILED")

    assert ((), ()) == (verdict.build_log, verdict.deploy_log)
    assert "rejected it before any container ran" in verdict.why


def test_gotcha_42_what_serves_instead_is_named(shop: Shop) -> None:
    """From outside a failed deployment looks healthy."""
    serving = shop.script("SUCCESS")
    _upload, verdict = uploaded(shop, "FAILED")

    assert serving.id == verdict.serving
    service = open_shop(shop).service("web")
    assert (serving.id, "FAILED") == (service.deployment_id, service.latest.status if service.latest else "")


def test_gotcha_44_a_status_that_nobody_knows_is_waited_for(shop: Shop) -> None:
    """It may be in progress."""
    assert uploaded(shop, "THAWING", "SUCCESS")[1].ok


@pytest.mark.parametrize(("trap", "code"), [("413", "upload-too-large"), ("quota", "railway-failed")])
def test_gotcha_34_a_refused_upload_is_told_in_words(shop: Shop, trap: str, code: str) -> None:
    """They stand as JSON on stdout, and nowhere else."""
    shop.world.trap("upload", trap)
    with pytest.raises(UnavailableError if code == "railway-failed" else UsageError) as caught:
        open_shop(shop).up("web", folder=shop.folder, message="x")

    assert code == caught.value.code
    assert 1 == len(asked(shop, "up"))


def test_gotcha_34_a_gateway_that_gave_up_is_tried_again(shop: Shop) -> None:
    """504 says nothing about the next try."""
    shop.world.trap("upload", "504", times=1)
    told = Told()
    upload = open_shop(shop, told=told).up("web", folder=shop.folder, message="x")

    assert upload.deployment_id
    assert 2 == len(asked(shop, "up"))
    assert "trying again in" in told.text


def test_a_deployment_that_is_not_listed_is_not_taken_for_another(shop: Shop) -> None:
    """The row above it is somebody else's."""
    made = shop.script("SUCCESS")
    shop.world.trap("vanished")

    assert "timeout" == wait_for(open_shop(shop), "web", made.id, deadline=0.3).outcome


def test_a_network_that_comes_back_does_not_end_the_waiting(shop: Shop) -> None:
    """The deployment goes on meanwhile."""
    made = shop.script("SUCCESS")
    shop.world.trap("network", "down", times=1)

    assert wait_for(open_shop(shop), "web", made.id).ok


def test_an_address_that_does_not_answer_is_no_error_of_its_own() -> None:
    """It is an answer too."""
    health = probe("http://127.0.0.1:9/health", timeout=2)

    assert not health.ok
    assert "does not answer" in health.words
