"""`redeploy`, `restart`, `down`."""

from __future__ import annotations

import pytest

from tests.railway.local.calls import Shop
from tests.railway.local.platforms import get, write_app
from tests.waiting import wait_until

WEB = ("-s", "web")
NOBODY = "Cannot prompt for confirmation in non-interactive mode. Use --yes to skip confirmation."


def test_redeploy_repeats_code_and_settings_and_tells_the_new_id(shop: Shop) -> None:
    first = shop.script("SUCCESS")
    shop("variable", "set", *WEB, "A=later", "--skip-deploys")
    shop.world.trap("script", [{"status": "BUILDING"}])
    answer = shop("redeploy", *WEB, "-y", "--json")
    newest = shop.deployments()[0]

    assert (answer.code, answer.out) == (0, f'{{"id":"{newest.id}"}}\n')
    assert newest.configuration == first.configuration
    assert shop("service", "redeploy", *WEB, "-y", "--json").code == 1


@pytest.mark.parametrize("status", ["BUILDING", "DEPLOYING", "REMOVED"])
def test_gotcha_33_redeploy_refuses_what_is_on_its_way_or_gone(shop: Shop, status: str) -> None:
    shop.script(status)
    answer = shop("redeploy", *WEB, "-y", "--json")

    assert answer.failure == (
        1,
        "",
        (
            "The latest deployment for service web cannot be redeployed. This may be because it's currently building, "
            "deploying, or was removed."
        ),
    )


def test_redeploy_takes_the_latest_even_when_it_failed(shop: Shop) -> None:
    shop.script("SUCCESS")
    failed = shop.script("FAILED")
    shop.world.trap("script", [{"status": "BUILDING"}])

    assert shop("deployment", "redeploy", *WEB, "-y").out == "", "its message is spinner text"
    assert shop.deployments()[0].meta == {**(failed.meta or {}), "reason": "redeploy"}


def test_from_source_tells_no_id(shop: Shop) -> None:
    shop.script("SUCCESS")
    shop.world.trap("script", [{"status": "BUILDING"}])

    assert shop("redeploy", *WEB, "-y", "--json", "--from-source").out == '{"success":true}\n'


def test_none_of_them_asks_when_nobody_can_answer(shop: Shop) -> None:
    shop.script("SUCCESS")

    assert (1, "", NOBODY) == shop("redeploy", *WEB, "--json").failure
    assert (1, "", NOBODY) == shop("restart", *WEB, "--json").failure
    assert (1, "", "The input device is not a TTY") == shop("down", *WEB).failure


def test_nothing_to_act_on(shop: Shop) -> None:
    assert (1, "", "No deployment found for service") == shop("redeploy", *WEB, "-y").failure
    assert (1, "", "No deployment found for service") == shop("restart", *WEB, "-y").failure
    assert (1, "", "No deployments found") == shop("down", *WEB, "-y").failure


def test_a_service_of_another_environment(shop: Shop) -> None:
    at = shop.instance()
    with shop.world.change() as state:
        del state.instances[f"{at.environment}/{at.service}"]

    text = "The service specified doesn't exist in the current environment"
    assert (1, "", text) == shop("redeploy", *WEB, "-y").failure


def test_restart_waits_without_json_and_says_how_it_ended(shop: Shop) -> None:
    made = shop.script("SUCCESS")
    assert shop("restart", *WEB, "-y", "--json").out == f'{{"id":"{made.id}"}}\n'
    assert shop("restart", *WEB, "-y").code == 0

    shop.script("CRASHED")
    assert (1, "", "Deployment crashed") == shop("restart", *WEB, "-y").failure


def test_down_removes_what_serves_and_leaves_the_service(shop: Shop) -> None:
    shop.script("SUCCESS")
    shop.script("FAILED")
    answer = shop("down", *WEB, "-y")

    assert (answer.code, answer.out) == (0, "")
    assert [each.status for each in shop.deployments()] == ["FAILED", "REMOVED"]
    assert shop("service", "status", *WEB).code == 0


def test_a_real_deployment_is_redeployed_restarted_and_taken_down(shop: Shop) -> None:
    """By its engine, while its address stays."""
    write_app(shop.folder, "return 'alive'")
    assert shop("up", *WEB, "--json").code == 0
    url = f"http://{shop.instance().address}"

    identity = shop("redeploy", *WEB, "-y", "--json").json["id"]
    wait_until(lambda: shop.state.deployments[identity].status == "SUCCESS")
    assert shop("restart", *WEB, "-y").code == 0
    assert get(url) == (200, "alive")

    shop("down", *WEB, "-y")
    wait_until(lambda: shop.state.deployments[identity].status == "REMOVED")
    wait_until(lambda: get(url)[0] != 200)
