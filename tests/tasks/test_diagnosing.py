"""doctor: each question has an answer and a remedy, and one cause gives one failure."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from tests.tasks.projects import TinyProject


def answers(project: TinyProject, *, code: int, **variables: str) -> dict[str, dict[str, Any]]:
    ran = project.invoke("doctor", "--json", **variables)
    assert code == ran.code, ran.describe()
    return {check["name"]: check for check in ran.json["checks"]}


def test_a_healthy_project(flask: TinyProject) -> None:
    """Exit 0; env.py is seen to reach the intended database."""
    flask.invoke("db.upgrade").ok()
    flask.write(".gitignore", ".env\n")

    found = answers(flask, code=0, FLASK_APP="shop:application", FLASK_ENV="development")

    assert {"ok", "skip", "warn"} >= {check["verdict"] for check in found.values()}
    assert "ok" == found["application"]["verdict"]
    assert "ok" == found["position"]["verdict"]


def test_what_belongs_to_this_machine_is_ignored_by_git(plain: TinyProject) -> None:
    """A password committed is a failure, what tasks keep a warning."""
    plain.invoke("db.upgrade").ok()
    subprocess.run(["git", "init", "--quiet", plain.root], check=True)

    assert "echo .env >> .gitignore" == answers(plain, code=1)["git"]["remedy"]
    plain.write(".gitignore", ".env\n")
    assert "echo .interlocking/ >> .gitignore" == answers(plain, code=0)["git"]["remedy"]
    plain.write(".gitignore", ".env\n.interlocking/\n")
    assert "ok" == answers(plain, code=0)["git"]["verdict"]


def test_the_guides_variables_are_looked_at(flask: TinyProject) -> None:
    """FLASK_APP missing is a failure with what to write; FLASK_ENV a warning."""
    found = answers(flask, code=1)

    assert ("fail", "FLASK_APP=shop:application in .env") == (
        found["FLASK_APP"]["verdict"],
        found["FLASK_APP"]["remedy"],
    )
    assert "warn" == found["FLASK_ENV"]["verdict"]


def test_what_depends_on_a_failure_is_skipped(plain: TinyProject) -> None:
    """A server that is down is one failure, not four."""
    plain.url = "postgresql://shopkeeper@127.0.0.1:1/shop"

    found = answers(plain, code=1)

    assert ["server"] == [name for name, check in found.items() if check["verdict"] == "fail"]
    assert ["skip", "skip"] == [found[name]["verdict"] for name in ("position", "application")]


def test_a_project_without_models_is_healthy(plain: TinyProject) -> None:
    """Its revisions are written by hand; what needs models says so."""
    plain.write("models.py", "metadata = None\n")
    plain.invoke("db.upgrade").ok()

    assert "names no models to compare it with" in plain.invoke("doctor").out
    assert "--empty" in plain.invoke("db.check").refused(2, "no-models").err
    plain.invoke("db.migrate", "-m", "new").refused(2, "no-models")
    plain.invoke("db.migrate", "-m", "by hand", "--empty").ok()


def test_the_lines_for_railways_console_are_those_of_plain_alembic(plain: TinyProject) -> None:
    """Which wants to be told how far to upgrade, and where its ini file is."""
    plain.write(
        "db/alembic.ini", (plain.root / "alembic.ini").read_text().replace("= migrations", "= %(here)s/../migrations")
    )
    for ini, tool in (("alembic.ini", "alembic"), ("db/alembic.ini", "alembic -c db/alembic.ini")):
        told = plain.invoke("railway.console", "--json", INTERLOCKING_ALEMBIC_INI=ini).ok().json["lines"]
        assert [f"{tool} current", f"{tool} heads", f"{tool} upgrade head"] == [each["line"] for each in told][:3]


def test_pending_revisions_are_no_drift(plain: TinyProject) -> None:
    """The models are compared at head only."""
    found = answers(plain, code=0)

    assert ("warn", "invoke db.upgrade") == (found["position"]["verdict"], found["position"]["remedy"])
    assert "skip" == found["application"]["verdict"]


def test_several_heads_and_a_broken_file(plain: TinyProject) -> None:
    """Both are failures of the revisions, with the way out."""
    plain.table_revision("other", "two")

    heads = answers(plain, code=1)["revisions"]
    plain.write("migrations/versions/broken.py", "revision = (")
    broken = answers(plain, code=1)["revisions"]

    assert ("fail", "invoke db.merge") == (heads["verdict"], heads["remedy"])
    assert "broken.py" in broken["message"]


def test_an_url_of_railways_private_network_is_explained(plain: TinyProject) -> None:
    """It resolves only inside Railway; nothing tries to connect."""
    plain.url = "postgresql://postgres:pw@postgres.railway.internal:5432/railway"

    found = answers(plain, code=1)

    assert "DATABASE_PUBLIC_URL" in found["DATABASE_URL"]["remedy"]
    assert "skip" == found["server"]["verdict"]


@pytest.mark.parametrize(
    ("day", "verdict", "said"),
    [
        ("2026-11-26", "warn", "Railway stops reading such files on 2026-12-01, in 5 days"),
        ("2026-11-30", "warn", "in 1 day"),
        ("2026-12-01", "warn", "Railway reads none since 2026-12-01"),
    ],
)
def test_the_days_of_the_configuration_file_are_counted(plain: TinyProject, day: str, verdict: str, said: str) -> None:
    """With the command that gets ready for the last of them."""
    plain.write("railway.toml", "[deploy]\nstartCommand = 'gunicorn app'\n")

    found = answers(plain, code=0, INTERLOCKING_TODAY=day)

    assert verdict == found["railway.toml"]["verdict"]
    assert said in found["railway.toml"]["message"]
    assert "invoke railway.migrate-config" == found["railway.toml"]["remedy"]
    assert "ok" == found["start command"]["verdict"]


def test_a_project_without_railway(plain: TinyProject) -> None:
    """Nothing to say."""
    found = answers(plain, code=0)

    assert ["skip", "skip", "ok"] == [found[name]["verdict"] for name in ("railway.toml", "start command", "override")]


def test_a_start_command_that_always_migrates(plain: TinyProject) -> None:
    """Don't run automatic migrations on every deploy."""
    plain.write(
        "railway.toml",
        "[deploy]\nstartCommand = 'gunicorn app'\n"
        "[environments.staging.deploy]\nstartCommand = 'alembic upgrade head && gunicorn app'\n",
    )

    found = answers(plain, code=0)["start command"]

    assert "warn" == found["verdict"]
    assert "environments.staging.deploy.startCommand of railway.toml migrates on every deployment" in found["message"]


def test_a_temporary_command_is_reported(plain: TinyProject) -> None:
    """Held is a warning, a conflict a failure; doctor itself puts nothing back."""
    plain.write("railway.toml", "[deploy]\nstartCommand = 'gunicorn app'\n")
    plain.invoke("deploy.temporary-start-command", "--via-file").ok()

    held = answers(plain, code=0)
    plain.write("railway.toml", "[deploy]\nstartCommand = 'alembic upgrade head && gunicorn -w 8 app'\n")
    plain.invoke("deploy.revert-start-command").refused(5, "override-conflict")
    conflict = answers(plain, code=1)

    assert ("warn", "skip") == (held["override"]["verdict"], held["start command"]["verdict"])
    assert "is held since" in held["override"]["message"]
    assert ("fail", "invoke deploy.revert-start-command") == (
        conflict["override"]["verdict"],
        conflict["override"]["remedy"],
    )
