"""`up`: what is sent, and what its exit code does and does not mean."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from interlocking.railway.local.creation import PROJECT_TOKEN
from tests.railway.local.calls import Shop, make_shop, on_terminal
from tests.railway.local.platforms import get, write_app
from tests.waiting import DEADLINE_SECONDS, wait_until

UP = ("up", "-s", "web")
DETACH = (*UP, "--detach", "--json", "-m", "release 42")
NO_CI = {"CI": ""}


def scripted(shop: Shop, *steps: str, times: int = 1) -> None:
    shop.world.trap("script", [{"status": each} for each in steps], times=times)


def snapshot(shop: Shop) -> set[str]:
    folder = Path(str(shop.deployments()[0].snapshot))
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def write(shop: Shop, *names: str, text: str = "x\n") -> None:
    for name in names:
        path = shop.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@contextmanager
def running(shop: Shop, *argv: str) -> Iterator[subprocess.Popen[str]]:
    """A call that does not end by itself."""
    child = subprocess.Popen(
        ["railway", *argv], cwd=shop.folder, env=shop.environment(), stdin=subprocess.DEVNULL, text=True
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def test_a_real_deployment_goes_live(shop: Shop) -> None:
    """The whole way: upload, build, health, traffic, and the verdict."""
    write_app(shop.folder, "return 'one'")
    answer = shop(*UP, "--json")

    assert answer.code == 0, answer.err
    *logs, verdict = [json.loads(line) for line in answer.out.splitlines()]
    assert verdict == {"status": "success"}
    assert {"message", "timestamp", "level"} <= set(logs[0])
    assert not any("deploymentId" in line for line in logs)
    assert get(f"http://{shop.instance().address}") == (200, "one")


def test_a_real_deployment_that_fails(shop: Shop) -> None:
    write_app(shop.folder, railway='preDeployCommand = ["false"]\n')
    answer = shop(*UP, "--ci")

    assert (answer.code, answer.out.splitlines()[-1]) == (1, "Deploy failed")


def test_detached_with_json_there_is_one_line_with_the_id(shop: Shop) -> None:
    scripted(shop, "BUILDING")
    answer = shop(*DETACH)
    (row,) = shop.deployments()

    assert (answer.code, answer.err, answer.out.count("\n")) == (0, "", 1)
    assert answer.json["deploymentId"] == row.id
    assert answer.json["logsUrl"].startswith(f"https://railway.com/project/{shop.state.project.id}/service/")
    assert row.meta == {"reason": "deploy", "image": None, "commitHash": None, "cliMessage": "release 42"}


@pytest.mark.parametrize(
    ("status", "code", "human", "word"),
    [
        ("SUCCESS", 0, "Deploy complete", "success"),
        ("FAILED", 1, "Deploy failed", "failed"),
        ("CRASHED", 1, "Deploy crashed", "crashed"),
    ],
)
def test_attached_the_verdict_is_the_last_line(shop: Shop, status: str, code: int, human: str, word: str) -> None:
    scripted(shop, "BUILDING", status, times=2)
    answer = shop(*UP)
    assert (answer.code, answer.out.splitlines()[-1]) == (code, human)
    assert answer.out.splitlines()[:2] == ["Indexing...", "Uploading..."]
    assert "CI mode enabled" in answer.out

    answer = shop(*UP, "--json")
    assert (answer.code, answer.json) == (code, {"status": word})


def test_attached_without_a_verdict_it_still_exits_0(shop: Shop) -> None:
    shop.world.trap("verdict", "none")
    scripted(shop, "BUILDING", "DEPLOYING", "FAILED")
    answer = shop(*UP, "--json")

    assert (answer.code, answer.out) == (0, "")


def test_piped_without_ci_it_exits_0_right_after_the_upload(shop: Shop) -> None:
    scripted(shop, "BUILDING", "FAILED")
    answer = shop(*UP, env=NO_CI)

    assert (answer.code, answer.out.splitlines()[-1].startswith("  Build Logs: ")) == (0, True)
    assert "Deploy" not in answer.out


@pytest.mark.parametrize("status", ["SKIPPED", "REMOVED", "NEEDS_APPROVAL"])
def test_attached_some_ends_are_waited_for_without_end(shop: Shop, status: str) -> None:
    scripted(shop, status)
    with running(shop, *UP, "--json") as child:
        wait_until(lambda: bool(shop.deployments()) and shop.deployments()[0].asked > 3)
        assert child.poll() is None


def test_the_ci_flag_alone_knows_a_skipped_deployment(shop: Shop) -> None:
    """The old wording only, and not with the variable."""
    scripted(shop, "SKIPPED")
    with running(shop, *UP, "--ci") as child:
        wait_until(lambda: bool(shop.deployments()) and shop.deployments()[0].asked > 1)
        shop.world.append_log(shop.deployments()[0].id, "build", "No changed files matched patterns: backend/**")
        assert child.wait(DEADLINE_SECONDS) == 0


def test_when_the_stream_cannot_be_opened_it_polls(shop: Shop) -> None:
    shop.world.trap("verdict", "stream-error")
    scripted(shop, "BUILDING", "SUCCESS")
    answer = shop(*UP, "--json")

    assert (answer.code, answer.json) == (0, {"status": "success"})
    assert "Waiting on the deployment status instead…" in answer.err


def test_a_status_that_cannot_be_had_exits_1(shop: Shop) -> None:
    shop.world.trap("verdict", "status-error")
    scripted(shop, "BUILDING", times=2)

    assert shop(*UP, "--json").failure == (1, "", '{"error":"WebSocket connection error"}')
    assert shop(*UP).err == "Failed to get deploy status: WebSocket connection error\n"


def test_an_old_cli_exits_1_though_the_deployment_succeeds(shop: Shop) -> None:
    shop.world.trap("verdict", "old-cli")
    scripted(shop, "BUILDING", "SUCCESS")

    assert "Failed to retrieve build log" in shop(*UP).err
    assert shop("service", "status", "-s", "web", "--json").json["status"] == "SUCCESS"


def test_somebody_else_deploys(shop: Shop) -> None:
    shop.world.trap("superseded", times=1)
    mine = shop(*DETACH).json["deploymentId"]
    looks = [shop("deployment", "list", "-s", "web", "--json").json for _ in "ab"]

    assert [row["status"] for row in looks[0] if row["id"] == mine] == ["BUILDING"]
    assert [row["status"] for row in looks[1] if row["id"] == mine] == ["REMOVED"]
    assert (looks[1][0]["id"] != mine, looks[1][0]["status"]) == (True, "SUCCESS")


@pytest.mark.parametrize(
    ("trap", "text"),
    [
        ("413", "Failed to upload code. File too large ("),
        ("504", "Failed to upload code with status code 504 Gateway Timeout"),
        ("quota", "Your account has reached its deployment quota"),
    ],
)
def test_an_upload_that_is_refused(shop: Shop, trap: str, text: str) -> None:
    shop.world.trap("upload", trap, times=1)
    answer = shop(*DETACH)

    assert (answer.code, answer.err, answer.json["code"]) == (1, "", "UPLOAD_FAILED")
    assert answer.json["error"].startswith(text)
    assert shop.deployments() == []


def test_the_tree_is_sent_with_dotfiles_and_without_what_is_ignored(shop: Shop) -> None:
    scripted(shop, "BUILDING")
    subprocess.run(["git", "init", "-q"], cwd=shop.folder, check=True)
    write(
        shop, "app.py", ".env", "node_modules/x.js", "a/node_modules/y.js", "old.log", "keep.log", "a/b.txt", "a/c.txt"
    )
    write(shop, ".gitignore", text="*.log\n!keep.log\n/a/b.txt\n")
    write(shop, "a/.gitignore", text="c.txt\n")
    write(shop, ".railwayignore", text="secret/\n")
    write(shop, "secret/key", "a/secret/key")
    (shop.folder / "link").symlink_to("app.py")
    os.mkfifo(shop.folder / "pipe")
    shop(*DETACH)

    sent = {".env", "app.py", "keep.log", "link", ".gitignore", "a/.gitignore", ".railwayignore"}
    assert snapshot(shop) == sent
    assert not (Path(str(shop.deployments()[0].snapshot)) / "link").is_symlink()


def test_gitignore_counts_in_a_work_tree_only_and_can_be_turned_off(shop: Shop) -> None:
    scripted(shop, "BUILDING", times=2)
    write(shop, "old.log")
    write(shop, ".gitignore", text="*.log\n")
    shop(*DETACH)
    assert "old.log" in snapshot(shop)

    subprocess.run(["git", "init", "-q"], cwd=shop.folder, check=True)
    shop(*DETACH, "--no-gitignore")
    assert "old.log" in snapshot(shop)


def test_a_symlink_that_leads_nowhere_or_in_circles_ends_the_upload(shop: Shop) -> None:
    (shop.folder / "dangling").symlink_to("nowhere")
    answer = shop(*DETACH)
    assert (answer.code, answer.json["error"]) == (1, "No such file or directory (os error 2)")

    (shop.folder / "dangling").unlink()
    (shop.folder / "loop").symlink_to(".")
    assert shop(*DETACH).json["error"] == "Too many levels of symbolic links (os error 40)"


def test_paths(shop: Shop) -> None:
    """The linked folder from below it, an absolute path, a path as root; a relative path fails."""
    scripted(shop, "BUILDING", times=3)
    write(shop, "backend/app.py", "other/x")
    shop(*DETACH, cwd=shop.folder / "other")
    assert snapshot(shop) == {"backend/app.py", "other/x"}

    assert shop(*DETACH, "./backend").json["error"] == "prefix not found"
    assert shop(*DETACH, str(shop.folder / "backend")).code == 0
    assert snapshot(shop) == {"backend/app.py"}

    assert shop(*DETACH, "./backend", "--path-as-root").code == 0
    assert snapshot(shop) == {"app.py"}
    assert shop(*DETACH, "--path-as-root").json["error"] == "--path-as-root requires a path to be specified"


def test_a_project_token_sends_the_current_folder(shop: Shop) -> None:
    scripted(shop, "BUILDING")
    write(shop, "backend/app.py", "other/x")
    shop(*DETACH, cwd=shop.folder / "backend", token={"RAILWAY_TOKEN": PROJECT_TOKEN})

    assert snapshot(shop) == {"app.py"}


@pytest.mark.parametrize(("argv", "env"), [(["-y"], {}), (["--new"], {}), ([], {"CLAUDECODE": "1"})])
def test_yes_creates_a_project_that_nobody_asked_for(tmp_path: Path, argv: list[str], env: dict[str, str]) -> None:
    shop = make_shop(tmp_path, linked=None, logged_in=True)
    scripted(shop, "BUILDING")

    assert shop(*DETACH, *argv, token={}, env=env).code == 0
    assert shop.state.created_projects == ["project"]


def test_a_newer_upload_supersedes_one_in_progress(shop: Shop) -> None:
    scripted(shop, "BUILDING", times=2)
    first, second = (shop(*DETACH).json["deploymentId"] for _ in "ab")
    rows = {row["id"]: row["status"] for row in shop("deployment", "list", "-s", "web", "--json").json}

    assert rows == {first: "REMOVED", second: "BUILDING"}


def test_on_a_terminal_it_shows_logs_until_ctrl_c(shop: Shop) -> None:
    scripted(shop, "SUCCESS")
    answer = on_terminal(shop, *UP, until=lambda seen: "Build Logs" in seen and shop.deployments()[0].asked > 1)

    assert "CI mode enabled" not in answer.out
    assert answer.code == 130
