"""The sections `build` and `deploy`: what Railway takes, and what it rejects as a whole."""

from __future__ import annotations

import pytest

from interlocking.errors import UsageError
from interlocking.railway.deploy_config import DeployConfig, deploy_config


def deploy(**keys: object) -> DeployConfig:
    return deploy_config({"deploy": keys})


def test_nothing_said_means_railways_defaults() -> None:
    """Which are the dataclass's own."""
    assert DeployConfig() == deploy_config({})
    assert (10, "ON_FAILURE", 1) == (deploy().restart_max_retries, deploy().restart_policy, deploy().replicas)


def test_every_key_has_its_place() -> None:
    """Those that a deployment here depends on."""
    config = deploy_config(
        {
            "build": {"builder": "railpack", "buildCommand": "make", "watchPatterns": ["a/**"]},
            "deploy": {
                "startCommand": "run",
                "preDeployCommand": ["migrate"],
                "preDeployTimeoutSeconds": 60,
                "healthcheckPath": "/up",
                "healthcheckTimeout": 20,
                "restartPolicyType": "never",
                "restartPolicyMaxRetries": 3,
                "numReplicas": 2,
                "overlapSeconds": 5,
                "drainingSeconds": 30,
            },
        }
    )

    assert config == DeployConfig(
        builder="RAILPACK",
        build_command="make",
        watch_patterns=("a/**",),
        start_command="run",
        pre_deploy_command="migrate",
        pre_deploy_timeout_s=60,
        healthcheck_path="/up",
        healthcheck_timeout_s=20,
        restart_policy="NEVER",
        restart_max_retries=3,
        replicas=2,
        overlap_s=5,
        draining_s=30,
    )


def test_seconds_may_stand_in_quotes() -> None:
    """As Railway's own examples write them."""
    config = deploy(overlapSeconds="20", drainingSeconds="30")

    assert (20, 30) == (config.overlap_s, config.draining_s)


def test_unknown_keys_are_tolerated() -> None:
    """Railway adds some every month."""
    assert DeployConfig() == deploy_config({"deploy": {"sleepApplication": False, "new": {}}, "cron": {}})


def test_null_is_nothing_said() -> None:
    """The schema allows it for most keys."""
    assert DeployConfig() == deploy(startCommand=None, restartPolicyMaxRetries=None, healthcheckTimeout=None)


@pytest.mark.parametrize(("value", "command"), [("one", "one"), (["one"], "one"), ([], None), ("", None), (None, None)])
def test_a_pre_deploy_command_is_a_text_or_a_list_of_one(value: object, command: str | None) -> None:
    """The live configuration shows both forms."""
    assert command == deploy(preDeployCommand=value).pre_deploy_command


@pytest.mark.parametrize(
    ("regions", "replicas"), [({"us-west2": {"numReplicas": 2}, "eu": {"numReplicas": 1}}, 3), ({"eu": None}, 1)]
)
def test_replicas_of_all_regions_count(regions: object, replicas: int) -> None:
    """They share one pre-deploy run and one address."""
    assert replicas == deploy(multiRegionConfig=regions, numReplicas=7).replicas


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("preDeployCommand", ["one", "two"], "deploy.preDeployCommand: Array must contain at most 1 element(s)"),
        ("preDeployCommand", [1], "deploy.preDeployCommand: Expected array of strings, received array"),
        ("startCommand", 1, "deploy.startCommand: Expected string, received number"),
        ("healthcheckTimeout", "soon", "deploy.healthcheckTimeout: Expected number, received string"),
        ("healthcheckTimeout", True, "deploy.healthcheckTimeout: Expected number, received boolean"),
        ("preDeployTimeoutSeconds", 0, "deploy.preDeployTimeoutSeconds: Number must be greater than or equal to 1"),
        ("preDeployTimeoutSeconds", 3601, "deploy.preDeployTimeoutSeconds: Number must be less than or equal to 3600"),
        ("overlapSeconds", -1, "deploy.overlapSeconds: Number must be greater than or equal to 0"),
        ("restartPolicyType", "SOMETIMES", "received 'SOMETIMES'"),
    ],
)
def test_a_wrong_value_rejects_the_whole_configuration(key: str, value: object, problem: str) -> None:
    """Railway's words tell which one it was."""
    with pytest.raises(UsageError, match="Railway rejects the configuration") as error:
        deploy(**{key: value})

    assert ("railway-config-rejected", True) == (error.value.code, problem in error.value.message)


def test_a_section_is_a_table() -> None:
    """Not a text."""
    with pytest.raises(UsageError, match="deploy: Expected object, received string"):
        deploy_config({"deploy": "gunicorn"})  # type: ignore[dict-item]
