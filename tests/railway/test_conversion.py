"""`railway.toml` becomes `.railway/railway.py`: every key is kept or refused by name, and a child Python proves it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from interlocking.errors import UnavailableError, UsageError
from interlocking.railway.conversion import Settings, WantedService, wanted_service
from interlocking.railway.infrastructure_proof import prove
from interlocking.railway.infrastructure_source import infrastructure_source, partial_name

EVERYTHING: dict[str, Any] = {
    "$schema": "https://railway.com/railway.schema.json",
    "build": {
        "builder": "RAILPACK",
        "buildCommand": "make \"all\" && echo 'é'",
        "dockerfilePath": "Dockerfile.web",
        "nixpacksConfigPath": "nixpacks.toml",
        "railpackVersion": "0.7.0",
        "watchPatterns": ["backend/**", "!backend/*.md"],
    },
    "deploy": {
        "startCommand": "exec gunicorn -b 0.0.0.0:$PORT app",
        "preDeployCommand": "flask db upgrade",
        "preDeployTimeoutSeconds": 600,
        "healthcheckPath": "/healthz",
        "healthcheckTimeout": 120,
        "restartPolicyType": "ALWAYS",
        "restartPolicyMaxRetries": 3,
        "cronSchedule": "*/5 * * * *",
        "overlapSeconds": "20",
        "drainingSeconds": 30,
        "sleepApplication": False,
        "numReplicas": 2,
        "region": "us-west2",
    },
}
LIVE: dict[str, Any] = {
    "source": {"repo": "acme/shop", "branch": "release", "rootDirectory": "/backend"},
    "configFile": "/backend/railway.toml",
    "build": {"builder": "NIXPACKS"},
    "deploy": {"startCommand": "old", "healthcheckPath": "/healthz", "limitOverride": {"containers": {"cpu": 2}}},
    "networking": {
        "serviceDomains": {"web.up.railway.app": {"port": 8080}},
        "customDomains": {"shop.example.com": {"port": 9000}},
        "tcpProxies": {"5432": {}},
    },
}
VARIABLES = ("DATABASE_URL", "odd name", "SECRET_KEY")


def source_of(*services: WantedService, environment: str = "production") -> str:
    return infrastructure_source("shop", services, environment=environment, origin="railway.toml")


def evaluated(source: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the file as Railway's loader does."""
    (folder / "railway.py").write_text(source)
    script = "import json, railway as r; print(json.dumps([r.PARTIAL, r.main().to_graph()]))"
    environment = {**os.environ, **variables, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_every_key_is_kept(tmp_path: Path) -> None:
    """From the file; what only the live configuration says too; the variables as they are on Railway."""
    service = wanted_service("web", EVERYTHING, LIVE, VARIABLES)

    source = source_of(service)

    prove(source, "shop", [service], ["production"])
    partial, graph = json.loads(evaluated(source, tmp_path).stdout)
    (web,) = graph["resources"]
    assert "shop" == partial
    assert EVERYTHING["build"] == web["build"]
    wanted = {key: each for key, each in EVERYTHING["deploy"].items() if key not in ("region", "numReplicas")}
    wanted |= {"preDeployCommand": ["flask db upgrade"], "overlapSeconds": 20}
    wanted |= {"multiRegionConfig": {"us-west2": {"numReplicas": 2}}, "limitOverride": {"containers": {"cpu": 2}}}
    assert wanted == web["deploy"]
    assert {name: {"type": "preserve"} for name in VARIABLES} == web["variables"]
    assert {"type": "github", **LIVE["source"]} == web["source"]
    assert LIVE["networking"] == web["networking"]
    assert "configFile" not in web
    assert "configFile = /backend/railway.toml: clear it" in service.left_out[0]


def test_gotcha_25_railways_defaults_are_left_out_and_named() -> None:
    """They would show up as a change in every plan."""
    deploy = {"restartPolicyType": "ON_FAILURE", "restartPolicyMaxRetries": 10, "healthcheckPath": "/"}

    service = wanted_service("web", {"deploy": deploy}, {}, ())

    assert {"healthcheckPath": "/"} == service.base.deploy
    assert ["deploy.restartPolicyType = ON_FAILURE", "deploy.restartPolicyMaxRetries = 10"] == [
        text.split(":")[0] for text in service.left_out
    ]


@pytest.mark.parametrize(
    ("document", "live", "key"),
    [
        ({"deploy": {"startComand": "a"}}, {}, "deploy.startComand"),
        ({"run": {}}, {}, "run"),
        ({"environments": {"pr": {"deploy": {}}}}, {}, "environments.pr"),
        ({"environments": {"staging": {"deploy": {"x": 1}}}}, {}, "environments.staging.deploy.x"),
        ({"environments": {"staging": {"variables": {}}}}, {}, "environments.staging.variables"),
        ({}, {"deploy": {"registryCredentials": {"password": "canary"}}}, "deploy.registryCredentials"),
        ({}, {"clusterRole": "primary"}, "clusterRole"),
    ],
)
def test_what_has_no_place_is_refused_by_name(document: dict[str, Any], live: dict[str, Any], key: str) -> None:
    """Never dropped in silence; never with its value."""
    with pytest.raises(UsageError) as said:
        wanted_service("web", document, live, ())

    assert "config-key-refused" == said.value.code
    assert said.value.message.endswith(f"has no place for {key}")


@pytest.mark.parametrize(
    "document", [{"deploy": 1}, {"environments": []}, {"deploy": {"preDeployCommand": ["a", "b"]}}]
)
def test_what_railway_refuses_is_refused(document: dict[str, Any]) -> None:
    """With its own words."""
    with pytest.raises(UsageError) as said:
        wanted_service("web", document, None, None)

    assert "railway-config-rejected" == said.value.code


def test_environments_that_differ_have_to_be_named(tmp_path: Path) -> None:
    """The file cannot know which one is meant, and does not guess."""
    document = {
        "deploy": {"startCommand": "base", "healthcheckPath": "/"},
        "environments": {
            "staging": {"deploy": {"startCommand": "staged"}},
            "production": {"build": {"builder": "DOCKERFILE"}},
        },
    }
    service = wanted_service("web", document, None, ())
    source = source_of(service)
    prove(source, "shop", [service], ["production", "staging", "another"])

    asked = evaluated(source, tmp_path)
    assert 1 == asked.returncode
    assert "say which one is meant: INTERLOCKING_RAILWAY_ENVIRONMENT=production" in asked.stderr
    found = {}
    for name in ("production", "staging", "another"):
        ran = evaluated(source, tmp_path, INTERLOCKING_RAILWAY_ENVIRONMENT=name)
        found[name] = json.loads(ran.stdout)[1]["resources"][0]
    assert "staged" == found["staging"]["deploy"]["startCommand"]
    assert "/" == found["staging"]["deploy"]["healthcheckPath"]
    assert {"builder": "DOCKERFILE"} == found["production"]["build"]
    assert "base" == found["production"]["deploy"]["startCommand"] == found["another"]["deploy"]["startCommand"]
    assert "build" not in found["another"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ('"/healthz"', "project.resources[0].deploy.healthcheckPath"),
        ('"SECRET_KEY": preserve(),', "project.resources[0].variables.SECRET_KEY"),
        ('PARTIAL = "shop"', "partial"),
        ("def main():", "SyntaxError"),
    ],
)
def test_a_file_that_says_something_else_is_not_believed(changed: str, said: str) -> None:
    """The proof finds every kind of difference, and names it."""
    service = wanted_service("web", EVERYTHING, LIVE, VARIABLES)
    source = source_of(service)
    assert changed in source
    other = {'"/healthz"': '"/"', "def main():": "def main(:", 'PARTIAL = "shop"': 'PARTIAL = "x"'}.get(changed, "")

    with pytest.raises(UsageError) as refused:
        prove(source.replace(changed, other), "shop", [service], ["production"])

    assert "railway-config-unequal" == refused.value.code
    assert said in refused.value.why


def test_the_package_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    (tmp_path / "railway_sdk.py").write_text("raise ModuleNotFoundError(\"No module named 'railway_sdk'\")\n")
    service = wanted_service("web", {}, None, None)
    source = source_of(service).replace(
        "from railway", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nfrom railway"
    )

    with pytest.raises(UnavailableError) as said:
        prove(source, "shop", [service], ["production"])

    assert ("railway-sdk-missing", "pip install railway-sdk") == (said.value.code, said.value.next)


@pytest.mark.parametrize(
    ("name", "expected"), [("shop", "shop"), ("my shop!", "my-shop"), ("é", "interlocking"), ("x" * 99, "x" * 64)]
)
def test_the_partial_has_a_name_that_railway_takes(name: str, expected: str) -> None:
    """1 to 64 letters, digits, dots, dashes and underscores."""
    assert expected == partial_name(name)


@pytest.mark.parametrize(
    "source", [{"image": "ghcr.io/acme/web:1"}, {"rootDirectory": "/web"}, {"repo": "acme/shop"}, {}]
)
def test_every_kind_of_source(source: dict[str, Any]) -> None:
    """From an image, a repository, or uploaded."""
    service = wanted_service("web", {}, {"source": source}, ())

    prove(source_of(service), "shop", [service], ["production"])


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9)
NAMES = st.one_of(TEXTS, st.sampled_from(["web", "project", "main", "class", "my service", "1", "os"]))


@settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.generate])
@example(name="class", project='"', command="\n'\\", variables=['"', "a b"])
@given(name=NAMES, project=TEXTS, command=TEXTS, variables=st.lists(NAMES, max_size=3, unique=True))
def test_any_text_survives(name: str, project: str, command: str, variables: list[str]) -> None:
    """Quotes, backslashes, line breaks, words of Python."""
    base = Settings({"buildCommand": command}, {"startCommand": command, "preDeployCommand": [command]})
    service = WantedService(name, base, {}, variables=tuple(variables))
    other = replace(service, overrides={command: Settings({}, {"startCommand": name})})

    for each in (service, other):
        source = infrastructure_source(project, [each], environment="production", origin="railway.toml")
        prove(source, project, [each], ["production", *(_sayable(each.overrides))])


def _sayable(environments: Mapping[str, Settings]) -> list[str]:
    """Names that a variable can hold."""
    return [name for name in environments if "\0" not in name]
