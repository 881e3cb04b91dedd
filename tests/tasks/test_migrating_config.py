"""`railway.migrate-config`: Wingman's own files and live services, on Local Railway."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from interlocking.railway.local.creation import ServiceSpec, postgres
from tests.railway.local.calls import DATABASE, Shop, make_shop
from tests.release.live import VARIABLES
from tests.tasks.projects import PASSWORD, REPOSITORY, TinyProject, plain_project

MIGRATE = "railway.migrate-config"
BACKEND = ServiceSpec(
    "backend",
    {"DATABASE_URL": "${{Postgres.DATABASE_URL}}", "FLASK_ENV": "production"},
    sealed={"SECRET_KEY": PASSWORD},
    config_file="/railway.toml",
)
FRONTEND = ServiceSpec("frontend", {"VITE_API_URL": "https://api.example.com"})


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return make_shop(tmp_path, BACKEND, FRONTEND, postgres(database_url=DATABASE))


@pytest.fixture
def wingman(shop: Shop) -> TinyProject:
    """A project with Wingman's two files, linked to a world with its services."""
    project = plain_project(shop.folder, "", ["one"])
    project.write(
        "pyproject.toml",
        '[tool.interlocking]\nalembic_ini = "alembic.ini"\nfrontend = "frontend"\n'
        '[tool.interlocking.railway]\nbackend = "backend"\nfrontend = "frontend"\n',
    )
    (project.root / "frontend").mkdir()
    for name in ("railway.toml", "frontend/railway.toml"):
        shutil.copy(REPOSITORY / name, project.root / name)
    project.variables |= {**VARIABLES, "PATH": shop.environment()["PATH"]}
    return project


def test_gotcha_27_wingman_is_converted_without_a_loss(wingman: TinyProject) -> None:
    """Shown first, written once, never overwritten; every variable is kept, sealed ones too, and no value is shown."""
    shown = wingman.invoke(MIGRATE, "--dry-run").ok()
    assert "backend: 3 variables kept by preserve()" in shown.out
    assert "not written: configFile = /railway.toml: clear it in the service's settings" in shown.out
    assert not (wingman.root / ".railway").exists()

    written = wingman.invoke(MIGRATE, "--json").ok().json

    text = (wingman.root / ".railway" / "railway.py").read_text()
    assert written["source"] == text
    assert ["railway.py"] == [path.name for path in (wingman.root / ".railway").iterdir()]
    assert 'PARTIAL = "shop"' in text
    for name in ("DATABASE_URL", "FLASK_ENV", "SECRET_KEY", "VITE_API_URL"):
        assert f'"{name}": preserve()' in text
    assert "gunicorn -w 4 -b 0.0.0.0:$PORT backend.wsgi:application" in text
    assert "npm ci && npm run build" in text
    wingman.invoke(MIGRATE).refused(3, "infrastructure-exists")
    assert text == (wingman.root / ".railway" / "railway.py").read_text()


def test_gotchas_23_and_25_nothing_is_deleted_and_nothing_drifts(shop: Shop, wingman: TinyProject) -> None:
    """Its plan deletes nothing; once applied, the next plan has nothing to do: no drift."""
    wingman.invoke(MIGRATE).ok()
    with shop.world.change() as state:
        for instance in state.instances.values():
            instance.configuration.pop("configFile", None)
    path = {"PATH": f"{shop.path}:{Path(sys.executable).parent}:/usr/bin:/bin"}

    plan = shop("config", "plan", "--json", env=path)
    shop("config", "apply", "--yes", "--json", env=path)
    again = shop("config", "plan", "--json", env=path)

    assert 0 == plan.code, plan.err
    changes = plan.json["changeSet"]["changes"]
    assert {("resource.update", "safe")} == {(each["kind"], each["severity"]) for each in changes}
    assert [] == again.json["changeSet"]["changes"]
    assert PASSWORD == shop.instance("backend").configuration["variables"]["SECRET_KEY"]["value"]


def test_without_railway_nothing_is_written(wingman: TinyProject) -> None:
    """Its variables would be deleted by the first apply; a dry run shows the rest."""
    wingman.variables["PATH"] = "/usr/bin:/bin"

    shown = wingman.invoke(MIGRATE, "--dry-run").ok()
    wingman.invoke(MIGRATE).refused(4, "railway-variables-unknown")

    assert "without variables and live settings: the Railway CLI is not installed" in shown.out
    assert not (wingman.root / ".railway").exists()


def test_a_key_without_a_place_is_refused_by_name(wingman: TinyProject) -> None:
    """Exit 2, and the file is not made."""
    with (wingman.root / "railway.toml").open("a") as file:
        file.write("\n[environments.pr.deploy]\nstartCommand = 'x'\n")

    refused = wingman.invoke(MIGRATE, "--dry-run").refused(2, "config-key-refused")

    assert "environments.pr" in refused.err


def test_a_temporary_command_is_not_made_permanent(wingman: TinyProject) -> None:
    """It is put back first."""
    wingman.invoke("deploy.temporary-start-command", "--via-file").ok()

    wingman.invoke(MIGRATE, "--dry-run").refused(3, "override-pending")


def test_a_project_without_the_file(wingman: TinyProject) -> None:
    """There is nothing to convert."""
    for name in ("railway.toml", "frontend/railway.toml"):
        (wingman.root / name).unlink()

    wingman.invoke(MIGRATE, "--dry-run").refused(2, "config-file-missing")
