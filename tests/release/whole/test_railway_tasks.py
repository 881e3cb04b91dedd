"""`railway.check`, `railway.login`, `railway.link` and `railway.console`."""

from __future__ import annotations

import pexpect
import pytest

from interlocking.railway.local.creation import PROJECT_TOKEN
from interlocking.railway.local.journal import calls
from tests.release.whole.shops import Shop
from tests.tasks.projects import INVOKE, Ran
from tests.waiting import DEADLINE_SECONDS


def verdicts(ran: Ran) -> dict[str, str]:
    return {check["name"]: check["verdict"] for check in ran.json["checks"]}


def found(ran: Ran, name: str) -> str:
    return next(f"{check['message']} {check['remedy']}" for check in ran.json["checks"] if check["name"] == name)


def test_a_good_project_passes_every_check(shop: Shop) -> None:
    """And is told how long railway.toml is read."""
    ran = shop.invoke("railway.check", "--json").ok()

    asked = verdicts(ran)
    assert {"ok"} == {asked.pop(name) for name in ("CLI", "access", "project", "services")}
    assert {"ok"} == {verdict for name, verdict in asked.items() if name.startswith("variables")}
    assert ("warn", "warn") == (asked["deployments of web"], asked["railway.toml"])
    assert "stops reading such files on 2026-12-01, in 103 days" in found(ran, "railway.toml")


def test_the_doctor_looks_at_production_when_it_is_named(shop: Shop) -> None:
    """After this machine; without the name it asks nobody outside."""
    asked = [check["name"] for check in shop.invoke("doctor", "--environment", "production", "--json").json["checks"]]
    alone = [check["name"] for check in shop.invoke("doctor", "--json").json["checks"]]

    assert asked[: len(alone)] == alone
    assert {"CLI", "services", "deployments of web", "variables: FLASK_APP"} <= {*asked[len(alone) :]}


def test_a_service_that_migrates_on_every_deployment_is_reported(shop: Shop) -> None:
    """Also where no file says so; a temporary command is no reproach."""
    name = "start command of web"
    assert name not in verdicts(shop.invoke("railway.check", "--json"))
    with shop.world.change() as state:
        instance = state.instance(shop.backend.environment, shop.backend.service)
        instance.configuration["deploy"] = {"startCommand": "flask db upgrade && gunicorn shop:application"}

    assert "migrates on every deployment" in found(shop.invoke("railway.check", "--json").ok(), name)


def test_after_the_cutoff_the_file_is_said_to_be_ignored(shop: Shop) -> None:
    """Silently, by Railway."""
    ran = shop.invoke("railway.check", "--json", INTERLOCKING_TODAY="2026-12-01").ok()

    assert "Railway reads none since 2026-12-01" in found(ran, "railway.toml")
    assert "invoke railway.migrate-config" in found(ran, "railway.toml")


def test_gotcha_17_wrong_and_missing_variables_are_named(shop: Shop) -> None:
    """A missing one may be sealed, which is said."""
    with shop.world.change() as state:
        instance = state.instance(shop.backend.environment, shop.backend.service)
        instance.configuration["variables"] = {
            "FLASK_ENV": {"value": "development"},
            "FLASK_APP": {"value": "shop:application", "isSealed": True},
        }
    ran = shop.invoke("railway.check", "--json")

    assert 1 == ran.code
    assert "fail" == verdicts(ran)["variables: DATABASE_URL"]
    assert "sealed variables are never shown" in found(ran, "variables: FLASK_APP")
    assert "set it to production" in found(ran, "variables: FLASK_ENV")


@pytest.mark.parametrize(
    ("variables", "failed", "remedy"),
    [
        ({"PATH": "/nowhere"}, "CLI", "npm install -g @railway/cli"),
        ({"RAILWAY_TOKEN": "t"}, "access", "unset RAILWAY_API_TOKEN"),
        ({"RAILWAY_API_TOKEN": ""}, "access", "unset it"),
        ({"RAILWAY_API_TOKEN": "wrong"}, "project", "make a new token"),
        ({"INTERLOCKING_RAILWAY_BACKEND": "Web"}, "services", "correct backend"),
        ({"INTERLOCKING_RAILWAY_ENVIRONMENT": "staging"}, "project", "railway environment list"),
    ],
    ids=["no-cli", "both-tokens", "empty-token", "bad-token", "wrong-case", "no-environment"],
)
def test_one_cause_is_one_failure(shop: Shop, variables: dict[str, str], failed: str, remedy: str) -> None:
    """What stands behind it is skipped, and the remedy is named."""
    ran = shop.invoke("railway.check", "--json", **variables)

    assert 1 == ran.code
    assert [failed] == [name for name, verdict in verdicts(ran).items() if verdict == "fail"]
    assert remedy in found(ran, failed)


def test_login_and_link_belong_to_a_person(shop: Shop) -> None:
    """And a token makes both needless."""
    shop.invoke("railway.login").refused(3, "railway-token-set")
    shop.invoke("railway.link").refused(3, "no-terminal")
    project = {"RAILWAY_TOKEN": PROJECT_TOKEN}
    del shop.project.variables["RAILWAY_API_TOKEN"]

    assert [] == calls(shop.world)
    linked = pexpect.spawn(
        "/usr/bin/env",
        ["-u", "RAILWAY_API_TOKEN", INVOKE, "railway.link"],
        cwd=shop.project.root,
        env=shop.project.environment(**project),  # type: ignore[arg-type]  # pexpect takes any mapping
        encoding="utf-8",
        timeout=DEADLINE_SECONDS,
    )
    linked.expect("needs no link")
    linked.expect(pexpect.EOF)
    linked.close()
    assert 3 == linked.exitstatus


def test_login_hands_the_terminal_over(shop: Shop) -> None:
    """The CLI says the rest."""
    child = pexpect.spawn(
        "/usr/bin/env",
        ["-u", "RAILWAY_API_TOKEN", INVOKE, "railway.login"],
        cwd=shop.project.root,
        env=shop.project.environment(),  # type: ignore[arg-type]  # pexpect takes any mapping
        encoding="utf-8",
        timeout=DEADLINE_SECONDS,
    )
    child.expect("handing over to railway login")
    child.expect(pexpect.EOF)
    child.close()

    assert ["login"] == [call.argv[0] for call in calls(shop.world)]
    assert "tty" == calls(shop.world)[0].stdin


def test_the_lines_for_the_console_come_from_the_files(shop: Shop) -> None:
    """Neither the CLI nor the network is asked."""
    ran = shop.invoke("railway.console", "--json", PATH="/nowhere").ok()

    pasted = [each["line"] for each in ran.json["lines"]]
    assert ["export FLASK_APP=shop:application", "flask db current", "flask db heads", "flask db upgrade"] == pasted[:4]
    assert "open_shop (head)" in ran.json["lines"][-1]["expect"]
    assert "Running upgrade  -> open_shop" in ran.json["lines"][3]["expect"]
