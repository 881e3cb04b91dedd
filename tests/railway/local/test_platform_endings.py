"""How deployments fail, crash and end, with real processes and real signals."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from interlocking.railway.local.platform import registry_of
from tests.railway.local.platforms import Place, get, is_running, place, write_app
from tests.waiting import DEADLINE_SECONDS, wait_until

CRASH = 'startCommand = "echo began; exit 3"\n'
_IGNORES_SIGTERM = """
import http.server, os, signal
signal.signal(signal.SIGTERM, {handler})
http.server.HTTPServer(("0.0.0.0", int(os.environ["PORT"])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One world for all tests of this module: each begins with a deployment of its own."""
    with place(tmp_path_factory.mktemp("endings") / "world") as running:
        yield running


@pytest.fixture
def one(web: Place, tmp_path: Path) -> str:
    """A deployment that serves."""
    return web.deploy(write_app(tmp_path / "one", "return 'one'"))


@pytest.mark.parametrize(
    "path", ["/missing", "/moved", "/slow"], ids=["404", "a redirect is not followed", "no answer in time"]
)
def test_gotcha_30_the_healthcheck_wants_200(web: Place, one: str, tmp_path: Path, path: str) -> None:
    """Nothing else will do; the former deployment goes on serving."""
    app = write_app(tmp_path / "two", railway=f'healthcheckPath = "{path}"\nhealthcheckTimeout = 1\n')
    (app / "app.py").write_text(
        "import time\n"
        "def app(environ, start):\n"
        "    path = environ['PATH_INFO']\n"
        "    if path == '/slow': time.sleep(60)\n"
        "    start({'/missing': '404 No', '/moved': '308 There'}.get(path, '200 OK'), [('Location', '/')])\n"
        "    return []\n"
    )
    second = web.deploy(app)

    assert "FAILED" == web.status(second), web.story(second)
    assert "Healthcheck failed!" == web.lines(second, "build")[-1]
    assert ("SUCCESS", (200, "one")) == (web.status(one), get(web.url))


def test_the_healthcheck_comes_from_railways_host(web: Place, tmp_path: Path) -> None:
    """An application that trusts only certain hosts must know it."""
    strict = "if environ['HTTP_HOST'] != 'healthcheck.railway.app': raise SystemError\nreturn 'trusted'"
    deployment = web.deploy(write_app(tmp_path / "app", strict))

    assert "SUCCESS" == web.status(deployment), web.story(deployment)
    assert 500 == get(web.url)[0]


def test_a_failing_pre_deploy_command_aborts(web: Place, one: str, tmp_path: Path) -> None:
    """The start never happens."""
    second = web.deploy(write_app(tmp_path / "two", railway='preDeployCommand = ["echo no >&2; exit 7"]\n'))

    assert "FAILED" == web.status(second)
    assert ["no", "Pre-deploy command failed with exit code 7"] == web.lines(second, "deploy")
    assert (200, "one") == get(web.url)


def test_gotcha_28_a_pre_deploy_command_is_bounded_by_its_setting(web: Place, tmp_path: Path) -> None:
    """Without one, it would hold the deployment for ever."""
    limits = 'preDeployCommand = ["sleep 600"]\npreDeployTimeoutSeconds = 1\n'
    deployment = web.deploy(write_app(tmp_path / "app", railway=limits))

    assert "FAILED" == web.status(deployment)
    assert ["Pre-deploy command timed out after 1 seconds"] == web.lines(deployment, "deploy")


def test_what_a_pre_deploy_command_writes_is_lost(web: Place, tmp_path: Path) -> None:
    """It runs in a container of its own."""
    app = write_app(
        tmp_path / "app", "return str(os.path.exists('left'))", railway='preDeployCommand = ["touch left"]\n'
    )
    deployment = web.deploy(app)

    assert (200, "False") == get(web.url), web.story(deployment)


@pytest.mark.parametrize(
    ("policy", "starts"),
    [("restartPolicyMaxRetries = 2", 3), ('restartPolicyType = "NEVER"', 1), ('restartPolicyType = "ALWAYS"', 11)],
)
def test_a_crash_loop_ends(web: Place, tmp_path: Path, policy: str, starts: int) -> None:
    """After its retries the deployment is CRASHED, and no healthcheck means that it was a success before."""
    app = write_app(tmp_path / "app", railway=f"{CRASH}{policy}\nhealthcheckPath = ''\n")
    deployment = web.begin(app)
    web.wait_for(deployment, "CRASHED")

    assert ["began"] * starts == web.lines(deployment, "deploy")


def test_a_crash_loop_before_the_healthcheck_leaves_the_former_one(web: Place, one: str, tmp_path: Path) -> None:
    """As a start command whose migration fails does."""
    second = web.deploy(write_app(tmp_path / "two", railway=f"{CRASH}restartPolicyMaxRetries = 1\n"))

    assert ("FAILED", "SUCCESS") == (web.status(second), web.status(one))
    assert (200, "one") == get(web.url)


def test_success_can_turn_into_crashed(web: Place, tmp_path: Path) -> None:
    """The healthcheck looks no more once the traffic came."""
    app = write_app(
        tmp_path / "app",
        "if environ['PATH_INFO'] == '/die': os.kill(os.getppid(), 9)\nreturn 'alive'",
        railway='restartPolicyType = "NEVER"\n',
    )
    deployment = web.deploy(app)
    assert "SUCCESS" == web.status(deployment)
    get(f"{web.url}/die")

    assert "CRASHED" == web.wait_for(deployment, "CRASHED")
    assert (502, True) == ((answer := get(web.url))[0], "Application failed to respond" in answer[1])


def test_only_the_replica_that_crashed_is_restarted(web: Place, tmp_path: Path) -> None:
    """The other one serves on, under its own id."""
    app = write_app(
        tmp_path / "app",
        "if environ['PATH_INFO'] == '/die': os.kill(os.getppid(), 9)\nreturn os.environ['RAILWAY_REPLICA_ID']",
        railway="numReplicas = 2\n",
    )
    deployment = web.deploy(app)
    before = {each["id"]: each["pid"] for each in web.row(deployment).replicas}
    assert 2 == len(before)
    os.kill(next(iter(before.values())), signal.SIGKILL)

    def after() -> list[int]:
        return [each["pid"] for each in web.row(deployment).replicas if each["status"] == "RUNNING"]

    wait_until(lambda: len(after()) == 2 and after() != list(before.values()), lambda: web.story(deployment))
    wait_until(lambda: {get(web.url)[1] for _ in range(20)} == set(before), lambda: web.story(deployment))
    assert 1 == len(set(after()) & set(before.values()))
    assert "SUCCESS" == web.status(deployment)


def test_a_program_that_ends_well_has_run_to_completion(web: Place, tmp_path: Path) -> None:
    """It is a success that is stopped."""
    deployment = web.deploy(write_app(tmp_path / "app", railway='startCommand = "true"\nhealthcheckPath = ""\n'))
    wait_until(lambda: web.row(deployment).stopped)

    assert "SUCCESS" == web.status(deployment)


@pytest.mark.parametrize("handler", ["lambda *_: print('asked', flush=True)", "signal.SIG_DFL"])
def test_gotcha_31_who_ignores_sigterm_is_killed_after_the_drain(web: Place, tmp_path: Path, handler: str) -> None:
    """So is a program without a handler: as the first process of its container it gets no signal at all."""

    def removed(draining: int) -> tuple[str, int]:
        app = write_app(tmp_path / "app", railway=f'startCommand = "python deaf.py"\ndrainingSeconds = {draining}\n')
        (app / "deaf.py").write_text(_IGNORES_SIGTERM.format(handler=handler))
        deployment = web.deploy(app)
        web.ask(deployment, "remove")
        return deployment, web.row(deployment).replicas[0]["pid"]

    long, pid = removed(600)
    web.wait_for(long, "REMOVING")
    wait_until(lambda: "SIG_DFL" in handler or "asked" in web.lines(long, "deploy"), lambda: web.story(long))
    assert is_running(pid)

    short, pid = removed(1)
    web.wait_for(short, "REMOVED")
    assert not is_running(pid)


@pytest.mark.parametrize(("draining", "answer"), [(600, (200, "old")), (0, (502, "failed"))])
def test_a_request_in_flight_stays_with_the_old_deployment(
    web: Place, tmp_path: Path, draining: int, answer: tuple[int, str]
) -> None:
    """It answers although the traffic has moved on, if it is given the time; Railway's default gives none."""
    began, go_on = tmp_path / "began", tmp_path / "go-on"
    slow = (
        "if environ['PATH_INFO'] == '/slow':\n"
        f"    open({str(began)!r}, 'w').close()\n"
        f"    while not os.path.exists({str(go_on)!r}): time.sleep(0.02)\n"
        "return 'old'"
    )
    patient = 'startCommand = "gunicorn --timeout 600 --graceful-timeout 600 -b 0.0.0.0:$PORT app:app"\n'
    first = web.deploy(write_app(tmp_path / "one", slow, railway=f"{patient}drainingSeconds = {draining}\n"))
    answers: list[tuple[int, str]] = []
    client = Thread(target=lambda: answers.append(get(f"{web.url}/slow", timeout=DEADLINE_SECONDS)))
    client.start()
    wait_until(began.exists)
    second = web.deploy(write_app(tmp_path / "two", "return 'new'"))
    assert (200, "new") == get(web.url), web.story(second)
    web.wait_for(first, "REMOVING" if draining else "REMOVED")
    go_on.touch()
    client.join()

    assert (answer[0], True) == (answers[0][0], answer[1] in answers[0][1])
    assert "REMOVED" == web.wait_for(first, "REMOVED")


@pytest.mark.parametrize(
    "settings",
    [
        'preDeployCommand = ["sleep 600"]\n',
        'startCommand = "sleep 600"\n',
        '[build]\nbuildCommand = "sleep 600"\n',
    ],
    ids=["pre-deploy", "healthcheck", "build"],
)
def test_the_newest_of_two_deployments_at_once_wins(web: Place, tmp_path: Path, settings: str) -> None:
    """The other one ends REMOVED wherever it is, with all its processes."""
    first = web.begin(write_app(tmp_path / "one", railway=settings))
    wait_until(lambda: registry_of(web.world).is_living(f"{first}-*"), lambda: web.story(first))
    second = web.deploy(write_app(tmp_path / "two", "return 'two'"))

    assert ("REMOVED", "SUCCESS") == (web.status(first), web.status(second)), web.story(second)
    assert (200, "two") == get(web.url)
    web.ended(first)
    assert not registry_of(web.world).is_living(f"{first}-*")


def test_a_row_that_is_marked_as_removed_ends_its_processes(web: Place, one: str) -> None:
    """Whoever has marked it."""
    pid = web.row(one).replicas[0]["pid"]
    with web.world.change() as state:
        state.deployments[one].status = "REMOVED"
    web.ended(one)

    assert not is_running(pid)
    assert 404 == get(web.url)[0]


def test_restart_starts_new_processes_of_the_same_deployment(web: Place, one: str) -> None:
    """Neither built nor pre-deployed again."""
    pid = web.row(one).replicas[0]["pid"]
    web.ask(one, "restart")
    wait_until(lambda: web.status(one) == "SUCCESS" and web.row(one).replicas[0]["pid"] != pid)

    assert (200, "one") == get(web.url)
    assert not is_running(pid)


def test_a_crashed_deployment_can_be_restarted(web: Place, tmp_path: Path) -> None:
    """By an engine of its own, as the first one has ended."""
    app = write_app(
        tmp_path / "app",
        "if environ['PATH_INFO'] == '/die': os.kill(os.getppid(), 9)\nreturn 'alive'",
        railway='restartPolicyType = "NEVER"\n',
    )
    deployment = web.deploy(app)
    get(f"{web.url}/die")
    web.wait_for(deployment, "CRASHED")
    wait_until(lambda: web.row(deployment).engine is None)
    web.ask(deployment, "restart")
    web.wait_for(deployment, "SUCCESS")

    assert (200, "alive") == get(web.url)


def test_removing_leaves_an_address_without_an_application(web: Place, one: str) -> None:
    """As `railway down` does."""
    pid = web.row(one).replicas[0]["pid"]
    web.ask(one, "remove")
    web.wait_for(one, "REMOVED")

    assert not is_running(pid)
    assert 404 == get(web.url)[0]
