"""`railway.toml`: does Railway read it for this service on this day, and what does it say here?"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from interlocking.errors import UsageError
from interlocking.railway.config_file import (
    EnvironmentName,
    config_file_standing,
    file_sections,
    find_config_file,
    read_config_file,
)
from interlocking.railway.effective import effective_config

BEFORE, AFTER = date(2026, 11, 30), date(2026, 12, 1)
OLD, NEW = date(2026, 8, 27), date(2026, 8, 28)
LAYERED = {
    "deploy": {"startCommand": "base", "healthcheckPath": "/base", "numReplicas": 1},
    "environments": {
        "staging": {"deploy": {"startCommand": "staging"}},
        "pr": {"deploy": {"healthcheckPath": "/pr", "startCommand": "pr"}},
        "pr-7": {"deploy": {"startCommand": "pr-7"}},
        "production": {"deploy": {"startCommand": None}},
    },
}


def write(folder: Path, text: str = '[deploy]\nstartCommand = "file"\n', name: str = "railway.toml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("today", "created", "read", "reason"),
    [
        (BEFORE, None, True, "Railway reads it until 2026-12-01"),
        (BEFORE, OLD, True, "Railway reads it until 2026-12-01"),
        (BEFORE, NEW, False, "services made since 2026-08-28 ignore it"),
        (AFTER, OLD, False, "Railway reads none since 2026-12-01"),
        (AFTER, None, False, "Railway reads none since 2026-12-01"),
    ],
)
def test_the_day_and_the_age_of_the_service_decide(
    tmp_path: Path, today: date, created: date | None, read: bool, reason: str
) -> None:
    """Silently, on Railway."""
    path = write(tmp_path)
    standing = config_file_standing(tmp_path, today=today, service_created=created)

    assert (read, path, reason) == (standing.read, standing.path, standing.reason)


@pytest.mark.parametrize("name", ["railway.py", "railway.ts", "railway.go"])
def test_infrastructure_as_code_takes_its_place(tmp_path: Path, name: str) -> None:
    """Both at once are never read."""
    write(tmp_path)
    write(tmp_path / ".railway", name=name)
    standing = config_file_standing(tmp_path, today=BEFORE)

    assert (False, f".railway/{name} takes its place") == (standing.read, standing.reason)


def test_toml_wins_over_json(tmp_path: Path) -> None:
    """Where both exist."""
    json = write(tmp_path, "{}", "railway.json")
    assert json == find_config_file(tmp_path)

    assert write(tmp_path) == find_config_file(tmp_path)
    assert not config_file_standing(tmp_path / "elsewhere", today=BEFORE).read


def test_a_service_may_name_another_file(tmp_path: Path) -> None:
    """By its path from the top of the repository; one that is missing rejects the configuration."""
    path = write(tmp_path / "backend")
    standing = config_file_standing(tmp_path, today=BEFORE, config_path="/backend/railway.toml")

    assert (True, path) == (standing.read, standing.path)
    with pytest.raises(UsageError, match=r"the config file /missing.toml does not exist"):
        config_file_standing(tmp_path, today=BEFORE, config_path="/missing.toml")
    assert not config_file_standing(tmp_path, today=AFTER, config_path="/missing.toml").read


@pytest.mark.parametrize(
    ("environment", "start", "path"),
    [
        (EnvironmentName("production"), "base", "/base"),
        (EnvironmentName("staging"), "staging", "/base"),
        (EnvironmentName("elsewhere"), "base", "/base"),
        (EnvironmentName("pr-7", base="staging"), "pr-7", "/pr"),
        (EnvironmentName("pr-8", base="staging"), "pr", "/pr"),
    ],
)
def test_blocks_of_an_environment_win_over_the_base(environment: EnvironmentName, start: str, path: str) -> None:
    """Its own, before `pr`, before the one it was forked from; null leaves what was said before."""
    deploy = file_sections(LAYERED, environment)["deploy"]

    assert (start, path, 1) == (deploy["startCommand"], deploy["healthcheckPath"], deploy["numReplicas"])


def test_json_says_the_same_as_toml(tmp_path: Path) -> None:
    """Also with a byte order mark."""
    json = write(tmp_path, '\ufeff{"deploy": {"startCommand": "x"}}', "railway.json")
    toml = write(tmp_path, '\ufeff[deploy]\nstartCommand = "x"\n')

    assert read_config_file(json) == read_config_file(toml)


@pytest.mark.parametrize(
    ("name", "text"),
    [("railway.toml", "[deploy"), ("railway.json", "{"), ("railway.json", "[]"), ("railway.toml", "deploy = 1")],
)
def test_a_file_that_cannot_be_read_is_rejected(tmp_path: Path, name: str, text: str) -> None:
    """As a whole."""
    path = write(tmp_path, text, name)
    with pytest.raises(UsageError) as error:
        file_sections(read_config_file(path), EnvironmentName("production"))

    assert "railway-config-rejected" == error.value.code


@pytest.mark.parametrize(("today", "start"), [(BEFORE, "file"), (AFTER, "service")])
def test_the_file_wins_over_the_service_while_it_is_read(tmp_path: Path, today: date, start: str) -> None:
    """Key by key: what it does not say stays the service's."""
    write(tmp_path)
    settings = {"deploy": {"startCommand": "service", "healthcheckPath": "/service"}, "build": {}}
    found = effective_config(tmp_path, settings, environment=EnvironmentName("production"), today=today)

    assert (start, "/service") == (found.config.start_command, found.config.healthcheck_path)
    assert start == found.sections["deploy"]["startCommand"]
