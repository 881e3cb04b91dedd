"""`logs`: whose they are, and how they are cut."""

from __future__ import annotations

import json

import pytest

from tests.railway.local.calls import Shop, on_terminal
from tests.railway.local.platforms import get, write_app
from tests.waiting import wait_until

WEB = ("-s", "web")


def said(out: str) -> list[str]:
    return [json.loads(line)["message"] for line in out.splitlines()]


@pytest.fixture
def two(shop: Shop) -> tuple[Shop, str, str]:
    """A deployment that serves and a newer one that failed, each with both logs."""
    old, new = shop.script("SUCCESS"), shop.script("FAILED")
    for made, name in ((old, "old"), (new, "new")):
        for kind in ("build", "deploy"):
            for number in (1, 2, 3):
                shop.world.append_log(
                    made.id, kind, f"{name} {kind} {number}", level="error" if number == 3 else "info"
                )
    return shop, old.id, new.id


def test_without_an_id_it_is_the_old_one_during_a_failing_rollout(two: tuple[Shop, str, str]) -> None:
    shop, old, new = two

    assert shop("logs", *WEB).out.splitlines() == ["old deploy 1", "old deploy 2", "old deploy 3"]
    assert said(shop("logs", *WEB, "--latest", "--json").out)[0] == "new build 1", "the build log of a failed one"
    assert said(shop("logs", new, *WEB, "--json").out)[0] == "new build 1"
    assert said(shop("logs", new, *WEB, "--deployment", "--json").out)[0] == "new deploy 1"
    assert said(shop("logs", new, *WEB, "--build", "--json").out)[0] == "new build 1"
    assert said(shop("logs", old, *WEB, "-b", "--json").out)[0] == "old build 1"


def test_a_json_line_has_message_timestamp_and_level(two: tuple[Shop, str, str]) -> None:
    shop, old, _new = two
    rows = [json.loads(line) for line in shop("logs", old, *WEB, "--json").out.splitlines()]

    assert [row["level"] for row in rows] == ["info", "info", "error"]
    assert all(row["timestamp"].endswith("Z") for row in rows)


def test_lines_filter_and_times(two: tuple[Shop, str, str]) -> None:
    shop, old, _new = two

    def lines(*flags: str) -> list[str]:
        return shop("logs", old, *WEB, *flags).out.splitlines()

    assert lines("--tail", "1") == lines("-n", "1") == ["old deploy 3"]
    assert lines("--filter", "@level:error") == ["old deploy 3"]
    assert lines("-f", '"deploy 2"') == ["old deploy 2"]
    assert len(lines("--since", "1h")) == 3
    assert lines("--until", "1h") == []
    assert len(lines("--since", "2026-08-20T09:00:00Z")) == 3


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (["--since", "x"], "Invalid time format: 'x'. Use relative time (e.g., 30m, 2h, 1d) or ISO 8601"),
        (["--since", "1h", "--until", "2h"], "--since time must be before --until time"),
    ],
)
def test_times_that_make_no_sense(shop: Shop, flags: list[str], text: str) -> None:
    answer = shop("logs", *WEB, *flags)

    assert (answer.code, answer.err.startswith(text)) == (1, True)


def test_on_a_terminal_they_go_on(two: tuple[Shop, str, str]) -> None:
    shop, old, _new = two

    def saw_the_later_line(seen: str) -> bool:
        if "old deploy 3" in seen and "later" not in seen:
            shop.world.append_log(old, "deploy", "later")
        return "later" in seen

    assert on_terminal(shop, "logs", "-s", "web", until=saw_the_later_line).code == 130


def test_kinds_exclude_each_other(shop: Shop) -> None:
    assert shop("logs", *WEB, "--build", "--http").code == 2


def test_nothing_to_show(shop: Shop) -> None:
    assert (1, "", "No deployments found") == shop("logs", *WEB).failure
    assert (1, "", "Deployment not found") == shop("logs", "d-9", *WEB).failure

    made = shop.script("FAILED")
    assert shop("logs", made.id, *WEB, "--build", "--json").failure == (0, "", "")


def test_requests_of_a_real_deployment(shop: Shop) -> None:
    write_app(shop.folder)
    shop("up", *WEB, "--json")
    get(f"http://{shop.instance().address}/asked")
    identity = shop.deployments()[0].id

    def requests() -> list[str]:
        flags = ("--http", "--path", "/asked", "--status", "200", "--method", "GET", "--json")
        return shop("logs", identity, *WEB, *flags).out.splitlines()

    wait_until(lambda: len(requests()) == 1)
    assert {"timestamp", "method", "path", "httpStatus", "totalDuration", "deploymentId"} <= set(
        json.loads(requests()[0])
    )
