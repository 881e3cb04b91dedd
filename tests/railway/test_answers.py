"""Reading what the CLI prints: its own examples, and what newer versions might make of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interlocking.errors import UnavailableError
from interlocking.railway import answers
from interlocking.railway.results import Deployment

DEPLOYMENTS: list[dict[str, Any]] = [
    {
        "id": "d-9",
        "status": "BUILDING",
        "createdAt": "2026-08-20T10:00:00.000Z",
        "meta": {"reason": "deploy", "image": None, "commitHash": None, "cliMessage": "release 42 (commit abc1234)"},
    },
    {"id": "d-8", "status": "SUCCESS", "createdAt": "2026-08-19T09:00:00Z", "meta": None},
]
STATUS: dict[str, Any] = {
    "id": "p-1",
    "name": "shop",
    "workspace": {"name": "Acme"},
    "services": {"edges": [{"node": {"id": "s-web", "name": "web"}}]},
    "environments": {"edges": [{"node": {"id": "e-1", "name": "production", "canAccess": True}}]},
}
CONFIGURATION: dict[str, Any] = {
    "services": {
        "s-web": {
            "source": {"rootDirectory": "/backend"},
            "configFile": "/backend/railway.toml",
            "deploy": {"startCommand": "gunicorn app:app", "preDeployCommand": ["flask db upgrade"]},
            "variables": {"SECRET": {"value": "canary"}},
        },
        "s-old": {"deploy": {"preDeployCommand": "one command"}},
        "s-gone": {"isDeleted": True},
    }
}


def test_the_version_is_the_word_after_the_name() -> None:
    """A blank line follows it; text around it does not matter."""
    assert "5.43.1" == answers.version("railway 5.43.1\n\n")
    assert not answers.version("railwayd 1.0")


def test_deployments_are_read_with_and_without_meta() -> None:
    """Its keys are the server's business."""
    first, second = answers.deployments(DEPLOYMENTS)

    assert ("abc1234", "release 42 (commit abc1234)") == (first.commit, first.message)
    assert Deployment("d-8", "SUCCESS", "2026-08-19T09:00:00Z") == second


def test_a_message_carries_its_commit_there_and_back() -> None:
    """An upload has no other way to say which commit it is."""
    listed = [{**DEPLOYMENTS[0], "meta": {"cliMessage": answers.deploy_message("0123456789" * 4, "deploy")}}]

    assert ("0123456789" * 4,) == tuple(each.commit for each in answers.deployments(listed))


def test_gotcha_44_unknown_keys_and_statuses_are_no_error() -> None:
    """The CLI is released every day or so."""
    newer = [{**DEPLOYMENTS[0], "status": 'Other("THAWING")', "region": {"name": "moon"}}]

    assert "THAWING" == answers.deployments(newer)[0].status
    assert () == answers.deployments({"deployments": "moved elsewhere"})


def test_gotcha_19_what_is_no_json_is_an_error_that_repeats_nothing() -> None:
    """It may hold secrets."""
    with pytest.raises(UnavailableError) as caught:
        answers.document("Unauthorized canary-token", asked="variable list")

    assert "railway-answer" == caught.value.code
    assert "canary" not in f"{caught.value.message}{caught.value.why}"


def test_the_environment_is_found_by_name_in_any_case_and_by_id() -> None:
    """And is None when it is not there."""
    named = [answers.project_status(STATUS, environment=name) for name in ("Production", "e-1")]

    assert ["e-1", "e-1"] == [each.environment.id for each in named if each]
    assert answers.project_status(STATUS, environment="staging") is None


def test_a_configuration_is_read_without_its_variables() -> None:
    """They are decrypted there."""
    found = answers.configuration(CONFIGURATION)

    assert {"s-web", "s-old"} == set(found)
    assert ("flask db upgrade",) == found["s-web"].pre_deploy_command
    assert ("one command",) == found["s-old"].pre_deploy_command
    assert ("/backend", "gunicorn app:app") == (found["s-web"].root_directory, found["s-web"].start_command)
    assert "canary" not in json.dumps(dict(found["s-web"].raw))


@pytest.mark.parametrize("committed", [False, None, "true"])
def test_gotcha_15_only_committed_proves_an_edit(committed: object) -> None:
    """Exit 0 does not."""
    assert answers.edit({"committed": committed, "staged": True}) is None
    assert answers.edit({"committed": True, "environmentId": "e-1"}) is not None


def test_log_lines_are_read_whatever_stands_beside_them() -> None:
    """A line that is no JSON is passed over."""
    text = 'noise\n{"message":"up","timestamp":"t","level":"error","attempt":3}\n[1]\n'

    assert [("t", "up", "error")] == [(each.timestamp, each.message, each.level) for each in answers.log_lines(text)]
