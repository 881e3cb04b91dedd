"""All processes of a world can be ended for sure, whatever became of those that supervise them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from interlocking.railway.local.container import Container, Recipe
from interlocking.railway.local.creation import ServiceSpec
from interlocking.railway.local.platform import stop
from interlocking.railway.local.processes import Registry
from interlocking.railway.local.routes import Routes
from tests.railway.local.platforms import Place, get, is_running, place, write_app
from tests.waiting import DEADLINE_SECONDS, wait_until


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path / "world") as running:
        yield running


@pytest.fixture
def one(web: Place, tmp_path: Path) -> str:
    """A deployment that serves."""
    return web.deploy(write_app(tmp_path / "one", "return 'one'"))


def recipe(folder: Path, command: str, lines: list[str]) -> Recipe:
    environment = {"PATH": os.environ["PATH"]}
    return Recipe("container", command, folder, environment, lambda line, _level: lines.append(line))


def test_stopping_a_world_leaves_nothing_after_a_crash_of_the_engine(web: Place, one: str) -> None:
    """Killed engines leave processes behind: they are found by what they wrote down themselves."""
    row = web.row(one)
    assert row.engine
    os.kill(row.engine, signal.SIGKILL)
    pid = row.replicas[0]["pid"]
    assert is_running(pid)

    assert stop(web.world) >= 2
    assert not is_running(pid)
    assert "REMOVED" == web.status(one)
    assert 0 == get(web.url)[0]


def test_nothing_outlives_the_folder_of_its_world(web: Place, one: str, tmp_path: Path) -> None:
    """A forgotten world ends by itself."""
    row = web.row(one)
    url = web.url
    web.world.folder.rename(tmp_path / "gone")  # at once: they still write into a folder while it is deleted

    wait_until(lambda: not is_running(row.replicas[0]["pid"]) and not is_running(row.engine))
    wait_until(lambda: get(url)[0] == 0)
    assert 0 == stop(web.world)


def test_a_deployment_after_the_crash_of_an_engine_buries_the_former_one(web: Place, one: str, tmp_path: Path) -> None:
    """Nobody else can."""
    row = web.row(one)
    assert row.engine
    os.kill(row.engine, signal.SIGKILL)
    wait_until(lambda: not is_running(row.engine))
    second = web.deploy(write_app(tmp_path / "two", "return 'two'"))

    assert ("REMOVED", "SUCCESS") == (web.status(one), web.status(second))
    wait_until(lambda: not is_running(row.replicas[0]["pid"]))
    route = Routes(web.world.folder / "routes").get(web.instance.id)
    assert route is not None
    assert second == route.deployment


def test_an_engine_is_not_confused_by_another_service(tmp_path: Path) -> None:
    """Each service has its own address, deployments and end."""
    with place(tmp_path / "world", ServiceSpec("web"), ServiceSpec("api")) as web:
        api = Place(web.world, "api")
        first = web.deploy(write_app(tmp_path / "one", "return 'web'"))
        second = api.deploy(write_app(tmp_path / "two", "return 'api'"))

        assert ("SUCCESS", "SUCCESS") == (web.status(first), api.status(second))
        assert ((200, "web"), (200, "api")) == (get(web.url), get(api.url))


def test_stopping_ends_what_is_just_beginning(web: Place, tmp_path: Path) -> None:
    """Nothing starts after it, and the next deployment finds a world that works."""
    app = write_app(tmp_path / "app", "return 'later'", railway='preDeployCommand = ["sleep 600"]\n')
    first = web.begin(app)
    stop(web.world)
    wait_until(lambda: not any(first in line for line in command_lines()))

    assert "REMOVED" == web.status(first)
    assert 0 == stop(web.world)
    write_app(app, "return 'later'")
    assert "SUCCESS" == web.status(web.deploy(app))
    assert (200, "later") == get(web.url)


def command_lines() -> Iterator[str]:
    """Those of all processes that run."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended while we looked
            yield (process / "cmdline").read_bytes().decode(errors="replace")


def test_stopping_one_world_leaves_another(web: Place, one: str, tmp_path: Path) -> None:
    """Each ends only what it has written down."""
    with place(tmp_path / "other") as other:
        other.deploy(write_app(tmp_path / "app"))

    assert (200, "one") == get(web.url)


def test_an_address_that_somebody_has_taken_fails_the_deployment(web: Place, tmp_path: Path) -> None:
    """It must not look as if the deployment answered there."""
    host, _, port = (web.instance.address or "").partition(":")
    with socket.create_server((host, int(port))):
        deployment = web.deploy(write_app(tmp_path / "app"))

    assert "FAILED" == web.status(deployment)
    assert f"The public address {host}:{port} cannot be opened" in web.lines(deployment, "deploy")[-1]


def test_a_number_that_belongs_to_a_stranger_is_left_alone(tmp_path: Path) -> None:
    """After a restart of the machine, any program may have it."""
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as stranger:
        try:
            stat = Path(f"/proc/{stranger.pid}/stat").read_text().split(" ")
            stat[21] = str(int(stat[21]) - 1)
            registry = Registry(tmp_path)
            (tmp_path / "engine-1.pid").write_text(" ".join(stat))

            assert not registry.is_living("engine-1")
            assert 0 == registry.kill_all()
            assert stranger.poll() is None
        finally:
            stranger.kill()


@pytest.mark.parametrize("text", ["", "no number"])
def test_a_file_that_says_nothing_names_nobody(tmp_path: Path, text: str) -> None:
    """As one that is being written."""
    registry = Registry(tmp_path)
    (tmp_path / "engine-1.pid").write_text(text)

    assert not registry.is_living("engine-1")


def test_nothing_begins_while_a_world_is_stopped(tmp_path: Path) -> None:
    """What was forked just before looks, and gives up."""
    registry = Registry(tmp_path / "processes")
    registry.kill_all()
    lines: list[str] = []
    container = Container(recipe(tmp_path, "echo ran", lines), registry)

    assert (143, []) == (container.wait(DEADLINE_SECONDS), lines)
    assert not registry.enter("engine-1")


def test_a_container_ends_with_its_first_process(tmp_path: Path) -> None:
    """What that one started ends too, and what it said last is not lost."""
    lines: list[str] = []
    container = Container(
        recipe(tmp_path, "sleep 600 & echo $!; echo last; exit 5", lines), Registry(tmp_path / "processes")
    )

    assert 5 == container.wait(DEADLINE_SECONDS)
    assert "last" == lines[1]
    wait_until(lambda: not is_running(int(lines[0])))


def test_a_daemon_that_keeps_the_output_open_holds_up_nobody(tmp_path: Path) -> None:
    """Only `kill_group` cannot reach it: it has left the group."""
    lines: list[str] = []
    container = Container(recipe(tmp_path, "setsid sleep 600 & echo $!", lines), Registry(tmp_path / "processes"))

    assert 0 == container.wait(DEADLINE_SECONDS)
    os.kill(int(lines[0]), signal.SIGKILL)


def test_a_report_is_never_seen_half_written(tmp_path: Path) -> None:
    """An empty one would say that the address is open."""
    routes = Routes(tmp_path)
    routes.report("web", "taken")

    def report_again() -> None:
        for _ in range(200):
            routes.report("web", "taken")

    seen: set[str | None] = set()
    with ThreadPoolExecutor(1) as writer:
        writing = writer.submit(report_again)
        while not writing.done():
            seen.add(routes.reported("web"))

    assert {"taken"} == seen
