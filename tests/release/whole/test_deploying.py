"""`deploy.backend`, `deploy.frontend`, `deploy.all`, `deploy.status` and `deploy.logs`, typed on Local Railway."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pexpect
import pytest

from interlocking.railway.local.creation import ServiceSpec, add_service
from interlocking.railway.local.journal import calls
from tests.release.whole.shops import Shop
from tests.tasks.projects import INVOKE, PASSWORD, TOKEN
from tests.waiting import DEADLINE_SECONDS, wait_until


@pytest.fixture
def healthy() -> Iterator[str]:
    """An address that answers 200, for deployments without processes."""

    class Ok(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Ok)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def uploads(shop: Shop) -> int:
    return sum(call.argv[0] == "up" for call in calls(shop.world))


def looks(shop: Shop) -> int:
    """How often somebody looked what became of a deployment."""
    return sum(call.argv[0] == "deployment" for call in calls(shop.world))


def scripted(shop: Shop, *statuses: str, times: int | None = 1) -> None:
    """Let the next deployments run through statuses, without processes."""
    shop.world.trap("script", [{"status": status} for status in statuses], times=times)


def test_a_deployment_is_followed_until_it_answers(shop: Shop) -> None:
    """A real gunicorn behind a real healthcheck; the message names the commit."""
    commit = shop.git("rev-parse", "HEAD")
    ran = shop.invoke("deploy.backend", "--confirm", "production", "--json").ok()

    (deployed,) = ran.json["deployments"]
    assert ("success", True) == (deployed["outcome"], deployed["health"]["ok"])
    assert commit in deployed["message"]
    assert shop.answers()
    assert [deployed["deployment_id"]] == [each.id for each in shop.deployments]

    status = shop.invoke("deploy.status", "--json").ok().json
    web = next(each for each in status["services"] if each["name"] == "web")
    assert (commit, "SUCCESS") == (web["commit"], web["status"])
    assert ([], True) == (status["schema_revision"], status["health"]["ok"])


@pytest.mark.parametrize("words", [(), ("--yes",)])
def test_production_is_never_deployed_unasked(shop: Shop, words: tuple[str, ...]) -> None:
    """`--yes` answers lesser questions."""
    ran = shop.invoke("deploy.backend", *words).refused(3, "confirmation-required")

    assert "--confirm production" in ran.err
    assert 0 == uploads(shop)


def test_another_name_is_no_confirmation(shop: Shop) -> None:
    """It is the environment's."""
    shop.invoke("deploy.all", "--confirm", "staging").refused(2, "railway-no-frontend")
    shop.invoke("deploy.backend", "--confirm", "staging").refused(3, "not-confirmed")

    assert 0 == uploads(shop)


def test_the_name_can_be_typed_at_a_terminal(shop: Shop, healthy: str) -> None:
    """After the plan was shown."""
    scripted(shop, "SUCCESS")
    child = pexpect.spawn(
        INVOKE,
        ["deploy.backend"],
        cwd=shop.project.root,
        env=shop.project.environment(INTERLOCKING_RAILWAY_HEALTH_URL=healthy),  # type: ignore[arg-type]  # pexpect takes any mapping
        encoding="utf-8",
        timeout=DEADLINE_SECONDS,
    )
    child.expect("upload the working tree to web")
    child.expect("Type production to go on: ")
    child.sendline("production")
    child.expect(pexpect.EOF)
    child.close()

    assert (1, 0) == (uploads(shop), child.exitstatus), child.before


def test_a_tree_that_is_no_commit_is_not_uploaded(shop: Shop) -> None:
    """Changed files would run without anybody being able to go back to them."""
    shop.project.write("loose.py", "")
    ran = shop.invoke("deploy.backend", "--confirm", "production").refused(3, "tree-not-clean")

    assert "loose.py" in ran.err
    assert 0 == uploads(shop)


def test_a_dry_run_shows_the_plan_and_uploads_nothing(shop: Shop) -> None:
    """It needs no confirmation."""
    ran = shop.invoke("deploy.backend", "--dry-run", "--json").ok()

    assert ["upload the working tree to web, and wait for its verdict"] == [
        step["title"] for step in ran.json["plan"]["steps"]
    ]
    assert 0 == uploads(shop)


def test_code_without_its_revisions_is_noticed(shop: Shop) -> None:
    """Before it is confirmed, and afterwards; a database that nobody reaches keeps no code back."""
    (step,) = shop.invoke("deploy.backend", "--dry-run", "--json").ok().json["plan"]["steps"]
    assert "not applied with it: open_shop; invoke deploy.with-migrations does both" in step["detail"]
    assert ["open_shop"] == shop.invoke("deploy.status", "--json").ok().json["pending"]

    shop.sql("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
    shop.sql("INSERT INTO alembic_version VALUES ('later')")
    assert "at later, which this code does not know" in shop.invoke("deploy.backend", "--dry-run").ok().out

    shop.sql(f"COMMENT ON DATABASE {shop.database.database} IS '[interlocking environment: staging]'")
    assert "nobody can tell whether a revision is pending" in shop.invoke("deploy.backend", "--dry-run").ok().out


def test_a_held_override_goes_up_with_the_tree_and_is_named(shop: Shop) -> None:
    """It was made by hand, and stays until its revert is asked for."""
    shop.invoke("deploy.temporary-start-command", "--via-file").ok()
    (step,) = shop.invoke("deploy.backend", "--dry-run", "--json").ok().json["plan"]["steps"]

    assert re.search(r"\d+ files, [\d.]+ kB", step["detail"])
    assert "a temporary start command in railway.toml is held" in step["detail"]
    assert "not applied" not in step["detail"]
    assert "invoke deploy.revert-start-command" in step["detail"]
    assert any("is held" in note for note in shop.invoke("deploy.status", "--json").ok().json["notes"])
    assert 1 == shop.invoke("deploy.status").ok().text.count("is held")
    shop.project.write("loose.py", "")
    shop.invoke("deploy.backend", "--confirm", "production").refused(3, "tree-not-clean")


def test_gotcha_42_a_failure_names_its_logs_and_what_still_serves(shop: Shop, healthy: str) -> None:
    """Behind an old deployment that serves it would look healthy."""
    scripted(shop, "SUCCESS")
    shop.project.variables["INTERLOCKING_RAILWAY_HEALTH_URL"] = healthy
    first = shop.invoke("deploy.backend", "--confirm", "production", "--json").ok()
    serving = first.json["deployments"][0]["deployment_id"]
    scripted(shop, "BUILDING", "FAILED")
    ran = shop.invoke("deploy.backend", "--confirm", "production").refused(1, "deploy-failed")

    assert f"deployment {serving} still serves" in ran.err
    assert "rejected it before any container ran" in ran.err
    failed = shop.deployments[0].id
    shop.world.append_log(failed, "build", "no module named shop")
    assert f"the newest deployment {failed} is FAILED" in shop.invoke("deploy.status").ok().out
    assert "no module named shop" in shop.invoke("deploy.logs", "--build").ok().out


def test_gotcha_34_an_env_file_that_nothing_ignores_is_asked_about(shop: Shop, healthy: str) -> None:
    """It may hold passwords; a lesser question, which `--yes` answers."""
    shop.project.write(".gitignore", ".interlocking/\n__pycache__/\n")
    shop.project.write(".env", "NOTE=1\n")
    shop.commit("ship .env")
    ran = shop.invoke("deploy.backend", "--confirm", "production").refused(3, "confirmation-required")
    assert "add --yes" in ran.err

    scripted(shop, "SUCCESS")
    shop.invoke("deploy.backend", "--confirm", "production", "--yes", INTERLOCKING_RAILWAY_HEALTH_URL=healthy).ok()
    assert 1 == uploads(shop)


def test_gotcha_34_a_link_that_leads_nowhere_is_found_before_the_upload(shop: Shop) -> None:
    """The CLI would break off there."""
    (shop.project.root / "gone").symlink_to("nowhere")
    shop.commit("a link")

    assert "gone" in shop.invoke("deploy.backend", "--confirm", "production").refused(3, "upload-unreadable").err
    assert 0 == uploads(shop)


def test_the_frontend_is_uploaded_from_its_own_folder_after_the_backend(shop: Shop, healthy: str) -> None:
    """And from the whole tree where its service picks the folder itself."""
    with shop.world.change() as state:
        add_service(state, ServiceSpec("spa", domain=False))
    shop.project.write("frontend/package.json", "{}")
    shop.project.write("pyproject.toml", '[tool.interlocking]\napp = "shop:application"\nfrontend = "frontend"\n')
    shop.commit("a frontend")
    scripted(shop, "SUCCESS", times=2)
    names = {"INTERLOCKING_RAILWAY_BACKEND": "web", "INTERLOCKING_RAILWAY_HEALTH_URL": healthy}
    shop.invoke("deploy.all", "--confirm", "production", **names)

    web, spa = list(shop.world.read().deployments.values())[-2:]
    assert ["package.json"] == [path.name for path in Path(str(spa.snapshot)).iterdir()]
    assert (Path(str(web.snapshot)) / "shop.py").is_file()


def test_a_frontend_that_fails_after_its_backend_is_a_half_done_deployment(shop: Shop, healthy: str) -> None:
    """Exit 5: something did change."""
    with shop.world.change() as state:
        add_service(state, ServiceSpec("spa", domain=False))
    scripted(shop, "BUILDING")
    shop.project.variables |= {"INTERLOCKING_RAILWAY_BACKEND": "web", "INTERLOCKING_RAILWAY_HEALTH_URL": healthy}
    with shop.project.running("deploy.all", "--confirm", "production") as child:
        (backend,) = wait_until(lambda: shop.deployments, lambda: "no deployment")
        scripted(shop, "FAILED")
        with shop.world.change() as state:
            state.deployments[backend.id].script = [{"status": "SUCCESS"}]
        _out, err = child.communicate(timeout=DEADLINE_SECONDS)

    assert 5 == child.returncode, err
    assert "error[deploy-failed]" in err
    assert "web is live already" in err


def test_whoever_breaks_off_is_told_that_the_deployment_goes_on(shop: Shop) -> None:
    """Ctrl-C ends the waiting, and nothing on Railway."""
    scripted(shop, "BUILDING")
    with shop.project.running("deploy.backend", "--confirm", "production") as child:
        wait_until(lambda: shop.deployments, lambda: "no deployment")
        asked = looks(shop)
        wait_until(lambda: looks(shop) > asked, lambda: "nobody waits")
        child.send_signal(signal.SIGINT)
        _out, err = child.communicate(timeout=DEADLINE_SECONDS)

    assert 130 == child.returncode, err
    assert f"deployment {shop.deployments[0].id} of web goes on without us" in err


def test_no_secret_of_the_platform_is_shown_or_kept(shop: Shop) -> None:
    """Whatever fails on the way."""
    with shop.world.change() as state:
        instance = state.instance(shop.backend.environment, shop.backend.service)
        instance.configuration["variables"] |= {
            "DATABASE_URL": {"value": f"postgresql://ada:{quote(PASSWORD)}@127.0.0.1:9/shop"},
            "SECRET_KEY": {"value": TOKEN},
        }
    shop.invoke("railway.check")
    status = shop.invoke("deploy.status", "--via", "run", "--json").ok()

    assert status.json["schema_revision"] is None
    assert status.json["schema_unknown"]
    kept = [path for root in (shop.project.root, shop.world.folder) for path in root.rglob("*") if path.is_file()]
    texts = {path.name: path.read_bytes() for path in kept if path.name != "world.json"}
    assert [] == [name for name, text in texts.items() if PASSWORD.encode() in text or TOKEN.encode() in text]


def test_logs_of_a_service_that_was_never_deployed(shop: Shop) -> None:
    """And flags that mean nothing."""
    shop.invoke("deploy.logs").refused(4, "railway-no-deployment")
    shop.invoke("deploy.logs", "--lines", "many").refused(2, "bad-flag")
    shop.invoke("deploy.status", "--via", "vpn").refused(2, "bad-flag")
