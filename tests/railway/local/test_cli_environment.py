"""`environment`: what is configured, and the change that is silently none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interlocking.railway.local import journal
from interlocking.railway.local.creation import PROJECT_TOKEN, ServiceSpec
from tests.railway.local.calls import Shop, make_shop, on_terminal

EDIT = ("environment", "edit", "--json")
NOTHING = {"committed": False, "message": "No changes to apply", "staged": False}


def patch(shop: Shop, **deploy: object) -> str:
    return json.dumps({"services": {shop.instance().service: {"deploy": deploy}}})


def deploy_keys(shop: Shop) -> dict[str, object]:
    document = shop("environment", "config", "--json").json
    return dict(document["services"][shop.instance().service].get("deploy", {}))


@pytest.fixture
def deployed(shop: Shop) -> Shop:
    """A shop whose service has code; further deployments only say that they build."""
    first = shop.script("SUCCESS")
    with shop.world.change() as state:
        state.deployments[first.id].snapshot = str(shop.folder)
    shop.world.trap("script", [{"status": "BUILDING"}])
    return shop


def test_the_configuration_leaves_out_what_is_null_or_empty(tmp_path: Path) -> None:
    web = ServiceSpec(
        "web",
        {"FLASK_ENV": "production"},
        sealed={"SECRET_KEY": "x"},
        config_file="/backend/railway.toml",
        deploy={"startCommand": "gunicorn app:app", "healthcheckPath": None},
    )
    shop = make_shop(tmp_path, web)
    document = shop("env", "show", "-e", "production", "--json").json

    assert document == {
        "services": {
            shop.instance().service: {
                "configFile": "/backend/railway.toml",
                "deploy": {"startCommand": "gunicorn app:app"},
                "networking": {"serviceDomains": {shop.instance().address: {"port": 8080}}},
                "variables": {"FLASK_ENV": {"value": "production"}, "SECRET_KEY": {"isSealed": True}},
            }
        }
    }


def test_an_empty_stdin_is_a_silent_no_op_whatever_the_flags_say(shop: Shop) -> None:
    """The trap: exit 0, and nothing happened."""
    flags = ("--service-config", "web", "deploy.startCommand", "true")
    answer = shop(*EDIT, *flags)

    assert (answer.code, answer.json, answer.out.count("\n")) == (0, NOTHING, 1)
    assert shop(*EDIT, *flags, input="").json == NOTHING
    assert shop(*EDIT, input="{}").json == NOTHING
    assert (0, "", "No changes to apply") == shop("environment", "edit", *flags).failure
    assert deploy_keys(shop) == {}


def test_a_patch_on_stdin_is_committed_and_deploys(deployed: Shop) -> None:
    answer = deployed(*EDIT, input=patch(deployed, startCommand="flask db upgrade && gunicorn"))
    place = next(iter(deployed.state.environments.values()))

    assert (answer.code, answer.err, answer.out.count("\n")) == (0, "", 1)
    assert answer.json == {
        "staged": True,
        "committed": True,
        "environmentId": place.id,
        "environmentName": "production",
        "message": None,
    }
    assert deploy_keys(deployed) == {"startCommand": "flask db upgrade && gunicorn"}
    newest, first = deployed.deployments()
    assert (newest.snapshot, newest.status) == (first.snapshot, "BUILDING")
    assert newest.configuration["deploy"]["startCommand"] == "flask db upgrade && gunicorn"


def test_null_takes_a_value_back_and_arrays_are_replaced(deployed: Shop) -> None:
    deployed(*EDIT, input=patch(deployed, startCommand="a", preDeployCommand=["one"], healthcheckTimeout=10))
    deployed(*EDIT, input=patch(deployed, startCommand=None, preDeployCommand=["two"]))

    assert deploy_keys(deployed) == {"preDeployCommand": ["two"], "healthcheckTimeout": 10}


def test_a_patch_that_changes_nothing_deploys_nothing(deployed: Shop) -> None:
    text = patch(deployed, startCommand="a")
    deployed(*EDIT, input=text)
    before = len(deployed.deployments())

    assert deployed(*EDIT, "-m", "again", input=text).json["message"] == "again"
    assert len(deployed.deployments()) == before


def test_a_service_without_code_is_not_deployed(shop: Shop) -> None:
    shop(*EDIT, input=patch(shop, startCommand="a"))

    assert shop.deployments() == []


def test_staged_is_not_committed(deployed: Shop) -> None:
    answer = deployed(*EDIT, "--stage", input=patch(deployed, startCommand="a"))

    assert (answer.json["staged"], answer.json["committed"], "message" in answer.json) == (True, False, False)
    assert deploy_keys(deployed) == {}
    document = deployed("status", "--json").json
    assert document["environments"]["edges"][0]["node"]["unmergedChangesCount"] == 1


def test_what_is_no_patch(shop: Shop) -> None:
    wrong = "Failed to parse stdin as JSON. Expected EnvironmentConfig format."
    for text in ("nonsense", "[]", '{"services": {"s": 1}}', '{"services": []}'):
        assert (1, "", wrong) == shop(*EDIT, input=text).failure

    unknown = "Service 'web' not found in environment. Available services: web, Postgres"
    assert (1, "", unknown) == shop(*EDIT, input='{"services": {"web": {"deploy": {}}}}').failure


def test_a_commit_can_be_lost_or_refused(shop: Shop) -> None:
    shop.world.trap("commit", "lost", times=1)
    answer = shop(*EDIT, input=patch(shop, startCommand="a"))
    assert (answer.code, answer.json["committed"], deploy_keys(shop)) == (0, False, {})

    shop.world.trap("commit", "refused", times=1)
    assert (1, "", "Problem processing request") == shop(*EDIT, input=patch(shop, startCommand="a")).failure
    assert shop("environment", "edit", input=patch(shop, startCommand="a")).out == (
        "Configuration committed for production\n"
    )


def test_the_journal_tells_how_stdin_was(shop: Shop) -> None:
    shop(*EDIT)
    shop(*EDIT, input="{}")

    assert [call.stdin for call in journal.calls(shop.world)] == ["null", "pipe"]


def test_the_list_of_environments(tmp_path: Path) -> None:
    shop = make_shop(tmp_path, environments=("production", "pr-1"))
    with shop.world.change() as state:
        next(each for each in state.environments.values() if each.name == "pr-1").ephemeral = True
    rows = shop("environment", "list", "--json").json["environments"]

    assert [(row["name"], row["isEphemeral"], row["isLinked"]) for row in rows] == [
        ("production", False, True),
        ("pr-1", True, False),
    ]
    names = [row["name"] for row in shop("environment", "ls", "--ephemeral", "--json").json["environments"]]
    assert names == ["pr-1"]
    assert shop("environment", "ls", "--no-ephemeral").out == "production (linked)\n"
    assert shop("environment", "list", "--json", token={"RAILWAY_TOKEN": PROJECT_TOKEN}).code == 1


def test_on_a_terminal_flags_are_read(shop: Shop) -> None:
    """By service name, not by id."""

    def edit(*flags: str) -> str:
        return on_terminal(shop, "environment", "edit", *(word for flag in flags for word in flag.split("|"))).out

    done = edit("-s|web|deploy.startCommand|true", "-s|WEB|deploy.healthcheckTimeout|30")
    assert done == "Configuration committed for production\n"
    assert deploy_keys(shop) == {"startCommand": "true", "healthcheckTimeout": 30}
    typed = "Invalid value for 'deploy.healthcheckTimeout': expected integer, got 'x'"
    assert typed in edit("-s|web|deploy.healthcheckTimeout|x")
    near = "Invalid path 'deploy.startComand': 'startComand' is not a valid property. Did you mean 'startCommand'?"
    assert near in edit("-s|web|deploy.startComand|x")
    far = "Invalid path 'x.y': 'x' is not a valid property."
    assert far in edit("-s|web|x.y|x")
    assert "Service 'api' not found in environment. Available services: web, Postgres" in edit("-s|api|deploy.x|x")
