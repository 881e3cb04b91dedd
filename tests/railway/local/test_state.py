"""The state folder: one truth for several processes."""

from __future__ import annotations

import json
import multiprocessing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from interlocking.railway.local import deployments, history, journal, variables
from interlocking.railway.local.creation import ServiceSpec, create_world, postgres, set_date
from interlocking.railway.local.state import World

REAL = "postgresql://ada:s%2Fecret@127.0.0.1:5499/shop"


def shop(folder: Path, **changes) -> World:
    web = ServiceSpec("web", {"DATABASE_URL": "${{Postgres.DATABASE_URL}}"}, sealed={"SECRET_KEY": "sealed-value"})
    return create_world(folder, services=(web, postgres(database_url=REAL)), **changes)


def only_web(world: World):
    state = world.read()
    return state, next(each for each in state.instances.values() if state.services[each.service].name == "web")


def add_backups(folder: Path, count: int) -> None:
    for _ in range(count):
        with World(folder).change() as state:
            state.clock_ahead += 1


def fail_half_way(world: World) -> None:
    with world.change() as state:
        state.project.name = "other"
        state.clock_ahead /= 0


def test_changes_of_several_processes_are_all_kept(tmp_path: Path) -> None:
    world = shop(tmp_path / "w", date=datetime.now(UTC))
    before = world.read().clock_ahead
    workers = [multiprocessing.get_context("spawn").Process(target=add_backups, args=(world.folder, 20)) for _ in "ab"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert world.read().clock_ahead == pytest.approx(before + 40)


def test_a_block_that_fails_changes_nothing(tmp_path: Path) -> None:
    world = shop(tmp_path / "w")
    with pytest.raises(ZeroDivisionError):
        fail_half_way(world)

    assert world.read().project.name == "shop"


def test_a_reference_is_rendered_with_the_private_host_and_only_inside_has_it_an_address(tmp_path: Path) -> None:
    state, web = only_web(shop(tmp_path / "w"))
    shown = variables.shown(state, web)

    inside = variables.inside(state, web.environment, shown)

    assert shown["DATABASE_URL"] == "postgresql://ada:s%2Fecret@postgres.railway.internal:5499/shop"
    assert (inside["DATABASE_URL"], inside["PGHOSTADDR"]) == (shown["DATABASE_URL"], "127.0.0.1")


def test_sealed_variables_reach_deployments_only(tmp_path: Path) -> None:
    state, web = only_web(shop(tmp_path / "w"))
    deployment = deployments.add(state, web, snapshot=None, meta={})

    assert "SECRET_KEY" not in variables.shown(state, web)
    assert variables.of_deployment(state, deployment)["SECRET_KEY"] == "sealed-value"


def test_a_deployment_keeps_the_settings_of_its_moment(tmp_path: Path) -> None:
    state, web = only_web(shop(tmp_path / "w"))
    deployment = deployments.add(state, web, snapshot=None, meta={})
    web.configuration["variables"]["SECRET_KEY"]["value"] = "later"

    assert variables.of_deployment(state, deployment)["SECRET_KEY"] == "sealed-value"


def test_a_newer_deployment_supersedes_one_in_progress(tmp_path: Path) -> None:
    state, web = only_web(shop(tmp_path / "w"))
    first = deployments.add(state, web, snapshot=None, meta={})
    second = deployments.add(state, web, snapshot=None, meta={})

    assert (first.status, second.status) == ("REMOVED", "INITIALIZING")


def test_config_files_are_read_until_the_cutoff_and_only_by_services_that_did_before(tmp_path: Path) -> None:
    world = shop(tmp_path / "w")
    state, web = only_web(world)
    assert state.reads_config_file(web)

    set_date(world, datetime(2026, 12, 1, 0, 0, 1, tzinfo=UTC))
    state, web = only_web(world)
    assert not state.reads_config_file(web)

    state, web = only_web(shop(tmp_path / "new", reads_config_file=False))
    assert not state.reads_config_file(web)


def test_a_trap_counts_down(tmp_path: Path) -> None:
    world = shop(tmp_path / "w")
    world.trap("upload", "504", times=1)
    with world.change() as state:
        assert state.trap("upload") == "504"

    with world.change() as state:
        assert state.trap("upload") is None


def test_a_script_advances_by_asks_and_by_the_clock(tmp_path: Path) -> None:
    world = shop(tmp_path / "w")
    world.trap(
        "script", [{"status": "BUILDING", "asks": 2}, {"status": "SUCCESS", "seconds": 5}, {"status": "CRASHED"}]
    )
    with world.change() as state:
        web = next(iter(state.instances.values()))
        deployment = deployments.add(state, web, snapshot=None, meta={})
        seen = []
        for now in (0, 1, 2, 6, 7.5, 100):
            history.advance(state, now)
            seen.append(deployment.status)

    assert seen == ["BUILDING", "BUILDING", "SUCCESS", "SUCCESS", "CRASHED", "CRASHED"]


def test_the_journal_masks_secrets(tmp_path: Path) -> None:
    world = shop(tmp_path / "w")
    environ = {"RAILWAY_TOKEN": "canary", "RAILWAY_PROJECT_ID": "p", "HOME": "/root", "RAILWAY_API_TOKEN": ""}
    journal.record(world, ["variable", "set", "A=canary"], environ, cwd="/x", stdin="null")
    call = journal.calls(world)[0]

    assert call.argv == ("variable", "set", "A=***")
    assert call.environ == {"RAILWAY_TOKEN": "***", "RAILWAY_PROJECT_ID": "p", "RAILWAY_API_TOKEN": ""}
    assert "canary" not in (world.folder / "journal.jsonl").read_text()


def test_log_lines_carry_the_world_s_time(tmp_path: Path) -> None:
    world = shop(tmp_path / "w")
    world.folder_of("d-1").mkdir()
    world.append_log("d-1", "build", "hello", level="error")

    (line,) = world.log("d-1", "build")
    assert (line["message"], line["level"], line["timestamp"][:13]) == ("hello", "error", "2026-08-20T10")
    assert json.dumps(line)
