"""Which settings a deployment runs with, what is built, and what its processes see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from interlocking.railway.local import deployments
from interlocking.railway.local.creation import ServiceSpec, postgres, set_date
from tests.railway.local.platforms import Place, get, place, write_app

SHOW = "import json\nreturn json.dumps(dict(os.environ))"


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path / "world") as running:
        yield running


def redeploy(web: Place, identity: str) -> str:
    """As `railway redeploy` does."""
    with web.world.change() as state:
        row = state.deployments[identity]
        instance = state.instance(row.environment, row.service)
        again = deployments.add(
            state, instance, snapshot=Path(row.snapshot or ""), meta={"reason": "redeploy"}, like=row
        )
    deployments.start(web.world, again)
    web.wait_for(again.id, "SUCCESS", "FAILED", "SKIPPED")
    return again.id


def test_a_rejected_configuration_fails_without_a_log(web: Place, tmp_path: Path) -> None:
    """Within seconds, and nothing says why."""
    app = write_app(tmp_path / "app", railway='preDeployCommand = ["one", "two"]\n')
    deployment = web.deploy(app)

    assert ("FAILED", [], []) == (
        web.status(deployment),
        web.lines(deployment, "build"),
        web.lines(deployment, "deploy"),
    )


@pytest.mark.parametrize(
    ("date", "reads", "answer"),
    [
        (datetime(2026, 11, 30, tzinfo=UTC), True, "file"),
        (datetime(2026, 11, 30, tzinfo=UTC), False, "service"),
        (datetime(2026, 12, 1, tzinfo=UTC), True, "service"),
    ],
    ids=["old service", "new service", "after the cutoff"],
)
def test_the_file_is_ignored_in_silence(tmp_path: Path, date: datetime, reads: bool, answer: str) -> None:
    """The service's own settings count then."""
    start = "WHO=%s gunicorn -b 0.0.0.0:$PORT app:app"
    app = write_app(tmp_path / "app", "return os.environ['WHO']", railway=f'startCommand = "{start % "file"}"\n')
    service = ServiceSpec("web", deploy={"startCommand": start % "service", "healthcheckPath": "/"})
    with place(tmp_path / "world", service, reads_config_file=reads) as web:
        set_date(web.world, date)
        deployment = web.deploy(app)

        assert (200, answer) == get(web.url), web.story(deployment)
        assert (answer == "file") == web.row(deployment).resolved["configFile"]["read"]


def test_processes_see_the_services_variables_and_railways_own(tmp_path: Path) -> None:
    """Also sealed ones, and nothing of the machine's environment."""
    service = ServiceSpec("web", {"PLAIN": "a", "FROM_SHARED": "${{PLAIN}}-b"}, sealed={"SEALED": "s"})
    with place(tmp_path / "world", service) as web:
        deployment = web.deploy(write_app(tmp_path / "app", SHOW))
        seen = json.loads(get(web.url)[1])
        row = web.row(deployment)

    assert ("a", "a-b", "s") == (seen["PLAIN"], seen["FROM_SHARED"], seen["SEALED"])
    assert (row.replicas[0]["id"], str(row.replicas[0]["port"])) == (seen["RAILWAY_REPLICA_ID"], seen["PORT"])
    assert (deployment, "production", "web") == (
        seen["RAILWAY_DEPLOYMENT_ID"],
        seen["RAILWAY_ENVIRONMENT_NAME"],
        seen["RAILWAY_SERVICE_NAME"],
    )
    assert not any(name.startswith(("RAILWAY_GIT_", "PYTEST_")) for name in seen)


def test_the_output_of_processes_is_the_log(web: Place, tmp_path: Path) -> None:
    """With what came from stderr marked as errors, as Railway does."""
    app = write_app(
        tmp_path / "app", railway='startCommand = "echo fine; echo bad >&2; exec gunicorn -b 0.0.0.0:$PORT app:app"\n'
    )
    deployment = web.deploy(app)
    levels = {line["message"]: line["level"] for line in web.world.log(deployment, "deploy")}

    assert ("info", "error") == (levels["fine"], levels["bad"])


def test_the_build_command_runs_once_for_the_same_things(tmp_path: Path) -> None:
    """With the service's variables; a redeploy takes what is there, a change builds anew."""
    service = ServiceSpec("web", {"NAME": "n"}, build={"buildCommand": "echo building; echo $NAME > built"})
    with place(tmp_path / "world", service) as web:
        app = write_app(tmp_path / "app", "return open('built').read().strip()")
        first = web.deploy(app)
        assert (["building"], (200, "n")) == (web.lines(first, "build")[:1], get(web.url)), web.story(first)

        second = redeploy(web, first)
        assert "building" not in web.lines(second, "build")
        assert (200, "n") == get(web.url)

        (app / "more.py").write_text("")
        assert "building" in web.lines(web.deploy(app), "build")


def test_a_build_has_no_private_network(tmp_path: Path) -> None:
    """The database's name is known to it, its address is not."""
    database = postgres(database_url="postgresql://a:b@127.0.0.1:1/c")
    command = 'echo "${DATABASE_URL#*@} at ${PGHOSTADDR:-nowhere}"'
    service = ServiceSpec("web", {"DATABASE_URL": "${{Postgres.DATABASE_URL}}"}, build={"buildCommand": command})
    with place(tmp_path / "world", service, database) as web:
        deployment = web.deploy(write_app(tmp_path / "app", SHOW))

        assert "postgres.railway.internal:1/c at nowhere" == web.lines(deployment, "build")[0]
        assert "127.0.0.1" == json.loads(get(web.url)[1])["PGHOSTADDR"]


def test_a_failing_build_fails_the_deployment(tmp_path: Path) -> None:
    """And is tried again next time."""
    with place(tmp_path / "world", ServiceSpec("web", build={"buildCommand": "echo no >&2; exit 2"})) as web:
        app = write_app(tmp_path / "app")
        for _ in range(2):
            deployment = web.deploy(app)
            assert "FAILED" == web.status(deployment)
            assert ["no", "Build failed: the build command ended with status 2"] == web.lines(deployment, "build")


def test_a_build_can_be_made_to_fail(web: Place, tmp_path: Path) -> None:
    """For tests of what comes after."""
    web.world.trap("build", "fails", times=1)
    app = write_app(tmp_path / "app")
    deployment = web.deploy(app)

    assert ("FAILED", ["Build failed"]) == (web.status(deployment), web.lines(deployment, "build"))
    assert "SUCCESS" == web.status(web.deploy(app))


@pytest.mark.parametrize(
    ("files", "status", "said"),
    [
        ({"main.py": "print('ran')"}, "SUCCESS", "ran"),
        ({"package.json": '{"scripts": {"start": "echo node ran"}}'}, "SUCCESS", "node ran"),
        ({"package.json": "{}"}, "FAILED", "No start command was found"),
        ({"app.py": ""}, "FAILED", "No start command was found"),
        ({"Dockerfile": "FROM scratch", "main.py": ""}, "FAILED", "Local Railway builds no Dockerfile"),
    ],
    ids=["python", "node", "node without a start", "flask", "dockerfile"],
)
def test_what_starts_without_a_start_command(
    web: Place, tmp_path: Path, files: dict[str, str], status: str, said: str
) -> None:
    """For a Flask application: nothing."""
    app = tmp_path / "app"
    app.mkdir()
    for name, text in files.items():
        (app / name).write_text(text)
    deployment = web.deploy(app)

    assert status == web.status(deployment), web.story(deployment)
    if status == "SUCCESS":
        web.ended(deployment)
    assert said in web.lines(deployment, "build") + web.lines(deployment, "deploy")


def test_deployments_without_a_watched_change_are_skipped(tmp_path: Path) -> None:
    """The one before serves on."""
    with place(tmp_path / "world", ServiceSpec("web", build={"watchPatterns": ["/src/**", "!*.md"]})) as web:
        app = write_app(tmp_path / "app", "return 'one'")
        (app / "src").mkdir()
        assert "SUCCESS" == web.status(web.deploy(app))

        (app / "src" / "README.md").write_text("more")
        (app / "other").write_text("more")
        skipped = web.deploy(app)
        assert "SKIPPED" == web.status(skipped), web.story(skipped)
        assert ["No changed files matched patterns: /src/**, !*.md"] == web.lines(skipped, "build")
        assert (200, "one") == get(web.url)
        assert "SUCCESS" == web.status(redeploy(web, skipped))

        (app / "src" / "code.py").write_text("more")
        assert "SUCCESS" == web.status(web.deploy(app))


def test_a_service_can_live_in_a_folder_of_the_tree(tmp_path: Path) -> None:
    """Its Root Directory; the configuration file is found by its own setting."""
    service = ServiceSpec("web", source={"rootDirectory": "/backend"}, config_file="/backend/railway.toml")
    with place(tmp_path / "world", service) as web:
        write_app(tmp_path / "tree" / "backend", "return os.path.basename(os.getcwd())")
        deployment = web.deploy(tmp_path / "tree")

        assert (200, "backend") == get(web.url), web.story(deployment)


def test_seconds_may_come_from_variables(tmp_path: Path) -> None:
    """Where no setting says otherwise."""
    with place(tmp_path / "world", ServiceSpec("web", {"RAILWAY_HEALTHCHECK_TIMEOUT_SEC": "1"})) as web:
        deployment = web.deploy(
            write_app(tmp_path / "app", railway='healthcheckPath = "/"\nstartCommand = "sleep 600"\n')
        )

        assert "FAILED" == web.status(deployment)


def test_a_database_is_there_already(tmp_path: Path) -> None:
    """Its deployment runs nothing."""
    with place(tmp_path / "world", postgres(database_url="postgresql://a:b@127.0.0.1:1/c")) as web:
        database = Place(web.world, "Postgres")
        with web.world.change() as state:
            instance = state.instance(database.instance.environment, database.instance.service)
            deployment = deployments.add(state, instance, snapshot=None, meta={})
        deployments.start(web.world, deployment)

        assert "SUCCESS" == database.wait_for(deployment.id, "SUCCESS")
