"""How the CLI is called on Local Railway: access, targets, streams, and what must never be created."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace

import psycopg2
import pytest

from interlocking.errors import IncompleteError, InterlockingError, RefusedError, UnavailableError, UsageError
from interlocking.postgres.url import parse
from interlocking.railway.local.creation import (
    ACCOUNT_TOKEN,
    PROJECT_TOKEN,
    WORKSPACE_TOKEN,
    ServiceSpec,
    postgres,
)
from interlocking.railway.local.journal import calls
from interlocking.railway.waiting import take_backup, wait_for
from tests.railway.adapters import ACCOUNT, QUICK, Told, asked, open_shop
from tests.railway.conftest import MakeShop
from tests.railway.local.calls import Shop
from tests.tasks.projects import REPOSITORY
from tests.waiting import wait_until


def code_of(caught: pytest.ExceptionInfo[InterlockingError]) -> str:
    return caught.value.code


@pytest.mark.parametrize(
    "variables",
    [{"RAILWAY_TOKEN": PROJECT_TOKEN}, {"RAILWAY_API_TOKEN": WORKSPACE_TOKEN}],
    ids=["project", "workspace"],
)
def test_gotcha_12_a_token_without_a_user_can_deploy(shop: Shop, variables: dict[str, str]) -> None:
    """`whoami` would refuse both, so it is never asked."""
    cli = open_shop(shop, variables)
    shop.world.trap("script", [{"status": "SUCCESS"}], times=1)
    upload = cli.up("web", folder=shop.folder, message="x")

    assert wait_for(cli, "web", upload.deployment_id).ok
    assert [] == asked(shop, "whoami")


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({}, "railway-login"),
        ({"RAILWAY_TOKEN": "wrong"}, "railway-token-refused"),
        ({"RAILWAY_API_TOKEN": "wrong"}, "railway-token-refused"),
        ({"RAILWAY_API_TOKEN": PROJECT_TOKEN}, "railway-token-refused"),
        ({"RAILWAY_TOKEN": ACCOUNT_TOKEN}, "railway-token-refused"),
    ],
    ids=["none", "bad-project", "bad-account", "project-as-account", "account-as-project"],
)
def test_a_wrong_credential_has_a_message_of_its_own(shop: Shop, variables: dict[str, str], code: str) -> None:
    """Also the right token in the wrong variable."""
    with pytest.raises(UnavailableError) as caught:
        open_shop(shop, variables).services()

    assert code == code_of(caught)


def test_gotcha_12_a_project_token_that_may_not_ask_for_the_status_still_deploys(shop: Shop) -> None:
    """Reported once; the service list tells as much as is needed."""
    shop.world.trap("status", "refused")
    cli = open_shop(shop, {"RAILWAY_TOKEN": PROJECT_TOKEN})
    shop.world.trap("script", [{"status": "SUCCESS"}], times=1)

    assert "production" == cli.status().environment.name
    assert cli.up("web", folder=shop.folder, message="x").deployment_id
    with pytest.raises(UnavailableError) as caught:
        open_shop(shop, {"RAILWAY_TOKEN": "wrong"}).status()
    assert "railway-token-refused" == code_of(caught)


def test_a_stored_login_is_enough(new_shop: MakeShop) -> None:
    """On a developer's machine."""
    assert ["web", "Postgres"] == [each.name for each in open_shop(new_shop(logged_in=True), {}).services()]


def test_a_missing_cli_names_how_to_install_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first thing that goes wrong."""
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UnavailableError) as caught:
        open_shop(shop).services()

    assert "railway-missing" == code_of(caught)
    assert "npm install" in caught.value.next


def test_gotcha_43_an_old_cli_is_refused(shop: Shop) -> None:
    """Before anything is asked of it: it refuses project tokens in `up`."""
    shop.world.trap("version", "4.5.3")
    with pytest.raises(UnavailableError, match=r"4\.5\.3 is too old") as caught:
        open_shop(shop).services()

    assert "railway-too-old" == code_of(caught)


def test_an_unlinked_folder_is_told_how_to_be_linked(new_shop: MakeShop) -> None:
    """Or which setting does it."""
    shop = new_shop(linked=None)
    with pytest.raises(UsageError) as caught:
        open_shop(shop).services()
    assert "railway-not-linked" == code_of(caught)

    settings = replace(QUICK, project=shop.state.project.id)
    assert "production" == open_shop(shop, settings=settings).status().environment.name


def test_gotcha_20_nothing_is_created_unasked(new_shop: MakeShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """`up` without a link makes a project for an agent."""
    monkeypatch.setenv("CLAUDECODE", "1")
    shop = new_shop(linked=None, logged_in=True)
    cli = open_shop(shop, {})
    with pytest.raises(UsageError):
        cli.up("web", folder=shop.folder, message="x")

    assert ([], []) == (shop.state.created_projects, list(shop.folder.iterdir()))
    assert [] == asked(shop, "domain")


def test_a_service_and_an_environment_that_are_not_there_are_named(shop: Shop) -> None:
    """With those that are."""
    with pytest.raises(UsageError, match="'wbe'") as service:
        open_shop(shop).service("wbe")
    with pytest.raises(UsageError, match="'staging'") as environment:
        open_shop(shop, environment="staging").services()

    assert "web, Postgres" in service.value.why
    assert ["railway-service-not-found", "railway-environment-not-found"] == [code_of(service), code_of(environment)]


def test_gotcha_35_every_call_names_its_place_and_names_count_in_their_case(shop: Shop) -> None:
    """Commands differ in how they match."""
    cli = open_shop(shop)
    made = shop.script("SUCCESS")
    cli.logs("web", made.id)
    cli.variables("web")
    cli.configuration()
    cli.deployments("web")
    with pytest.raises(UsageError):
        cli.service("WEB")

    placed = [call.argv for call in calls(shop.world) if call.argv != ("--version",)]
    assert all(("--environment", "production") == argv[-3:-1] for argv in placed)
    about_a_service = [argv for argv in placed if argv[0] in ("logs", "variable", "deployment")]
    assert all("--service" in argv for argv in about_a_service)
    assert {"null"} == {call.stdin for call in calls(shop.world)}


def test_gotcha_36_a_rate_limit_is_waited_out_and_answers_are_remembered(shop: Shop) -> None:
    """Few calls, and a pause when the server asks for one."""
    shop.world.trap("network", "ratelimited", times=1)
    told = Told()
    cli = open_shop(shop, told=told)
    assert cli.status() == cli.status()

    assert 2 == len(asked(shop, "status"))
    assert 1 == len(asked(shop, "--version"))
    assert "answers no more requests for a while; trying again in" in told.text


@pytest.mark.parametrize("trap", ["html", "no-data"])
def test_an_outage_is_told_after_several_tries(shop: Shop, monkeypatch: pytest.MonkeyPatch, trap: str) -> None:
    """What it said is in the reason."""
    shop.world.trap("network", trap)
    cli = open_shop(shop)
    monkeypatch.setattr("interlocking.railway.calls._LONGEST_PAUSE_S", 0.01)
    with pytest.raises(UnavailableError) as caught:
        cli.services()

    assert "railway-unreachable" == code_of(caught)
    assert 5 == len(asked(shop, "service", "list"))


def test_gotcha_38_noise_on_stderr_and_another_order_of_keys_change_nothing(shop: Shop) -> None:
    """Streams are kept apart, and JSON is parsed."""
    shop.world.trap("noise")
    shop.world.trap("key-order")
    made = shop.script("SUCCESS")
    cli = open_shop(shop)

    assert ["web", "Postgres"] == [each.name for each in cli.services()]
    assert made.id == cli.service("web").deployment_id
    environ = calls(shop.world)[-1].environ
    assert ("1", "1", "0") == tuple(
        environ[name] for name in ("RAILWAY_NO_AUTO_UPDATE", "DO_NOT_TRACK", "RAILWAY_CAC_DEPRECATION_WARNING")
    )


def test_gotcha_40_a_nested_call_keeps_its_own_target(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under `railway run` of something else."""
    injected = {"RAILWAY_PROJECT_ID": "p-other", "RAILWAY_SERVICE_ID": "s-other", "RAILWAY_SERVICE_NAME": "other"}
    for name, value in injected.items():
        monkeypatch.setenv(name, value)

    assert "shop" == open_shop(shop, {**ACCOUNT, **injected}).status().name
    assert not {"RAILWAY_PROJECT_ID", "RAILWAY_SERVICE_ID"} & set(calls(shop.world)[-1].environ)


def test_gotcha_15_an_edit_travels_on_stdin_and_only_committed_proves_it(shop: Shop) -> None:
    """With closed stdin it would be a silent no-op."""
    patch = {"services": {shop.instance().service: {"deploy": {"startCommand": "gunicorn app"}}}}
    cli = open_shop(shop)
    shop.world.trap("commit", "lost", times=1)
    with pytest.raises(IncompleteError) as caught:
        cli.edit(patch, message="why")
    assert "railway-edit-unproven" == code_of(caught)

    shop.world.trap("script", [{"status": "SUCCESS"}])
    assert "production" == cli.edit(patch, message="why").environment_name
    assert "gunicorn app" == cli.configuration()[shop.instance().service].start_command
    assert {"pipe"} == {call.stdin for call in asked(shop, "environment", "edit")}


def test_gotcha_17_and_18_a_sealed_variable_is_missing_and_a_long_one_whole(new_shop: MakeShop) -> None:
    """`--kv` would break at the line's end; and every secret that came to light is told."""
    values = {"NOTE": "two\nlines='quoted'", "DATABASE_URL": "postgresql://ada:canary-pw@db.example/shop"}
    shop = new_shop(ServiceSpec("web", values, {"SEALED": "x"}))
    told = Told()
    variables = open_shop(shop, told=told).variables("web")

    assert "two\nlines='quoted'" == variables["NOTE"].reveal()
    assert "SEALED" not in variables
    assert "canary-pw" in told.secrets


def test_gotcha_19_an_error_is_found_on_either_stream(new_shop: MakeShop) -> None:
    """`postgres` tells it as JSON on stdout, the others in words on stderr."""
    shop = new_shop(ServiceSpec("web"))
    with pytest.raises(UnavailableError) as on_stdout:
        open_shop(shop).backups("web")
    with pytest.raises(UsageError) as on_stderr:
        open_shop(shop).variables("api")

    assert "railway-no-volume" == code_of(on_stdout)
    assert "railway-service-not-found" == code_of(on_stderr)


def test_gotcha_21_a_flag_that_the_cli_does_not_know_is_our_fault(shop: Shop) -> None:
    """Exit 2 means changes in one command only."""
    with pytest.raises(UnavailableError) as caught:
        open_shop(shop).json("service", "list", "--unheard-of")

    assert "railway-usage" == code_of(caught)


def test_gotcha_37_a_backup_is_awaited(shop: Shop) -> None:
    """It appears some lists later."""
    shop.world.trap("backup", 2)
    cli = open_shop(shop)
    made = take_backup(cli, "Postgres", "pre-42")

    assert "pre-42" == made.name
    assert made in cli.backups("Postgres")


def test_gotcha_37_a_backup_that_never_comes_is_told(shop: Shop) -> None:
    """It was begun, so it is not undone by an error."""
    shop.world.trap("backup", "never")
    with pytest.raises(IncompleteError) as caught:
        take_backup(open_shop(shop), "Postgres", "pre-42", deadline=0.2)

    assert "backup-pending" == code_of(caught)


def test_gotcha_11_a_tunnel_shows_no_password_and_ends_with_its_block(new_shop: MakeShop, database: str) -> None:
    """Its details come on stderr, and its ssh would survive a SIGTERM."""
    shop = new_shop(ServiceSpec("web"), postgres(database_url=database))
    told = Told()
    with open_shop(shop, told=told).tunnel("Postgres") as url:
        assert "127.0.0.1" == url.host != parse(database).port
        with psycopg2.connect(url.libpq()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 41 + 1")
            assert (42,) == cursor.fetchone()
        connection.close()

    with pytest.raises(psycopg2.OperationalError), suppress(ValueError):
        psycopg2.connect(url.libpq(), connect_timeout=2)
    assert url.password.reveal() in told.secrets


HOLDER = """
import sys, time
from pathlib import Path
from tests.railway.adapters import ACCOUNT, QUICK
from interlocking.railway.cli import RailwayCli

with RailwayCli(Path.cwd(), ACCOUNT, QUICK, environment="production").tunnel("Postgres") as url:
    print(url.port, flush=True)
    time.sleep(600)
"""


def test_gotcha_11_a_tunnel_does_not_outlive_whoever_is_killed(shop: Shop) -> None:
    """An open port that leads to production would stay for good."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER], cwd=shop.folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        port = int(holder.stdout.readline())
        assert listens(port)
        holder.kill()

    wait_until(lambda: not listens(port))


def listens(port: int) -> bool:
    """Whether something accepts connections on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(
    ("trap", "value", "code"),
    [("tunnel", "not-ready", "tunnel-failed"), ("ssh", "unregistered", "ssh-key-missing")],
)
def test_gotcha_11_a_tunnel_that_does_not_open_says_why(shop: Shop, trap: str, value: str, code: str) -> None:
    """And what to do instead."""
    if trap == "ssh":
        with shop.world.change() as state:
            state.ssh_key = False
    else:
        shop.world.trap(trap, value)
    with pytest.raises(UnavailableError) as caught, open_shop(shop).tunnel("Postgres"):
        pass

    assert code == code_of(caught)


def test_gotcha_10_a_project_token_never_reaches_ssh(shop: Shop) -> None:
    """It would be refused there; nothing is asked."""
    cli = open_shop(shop, {"RAILWAY_TOKEN": PROJECT_TOKEN})
    with pytest.raises(RefusedError) as inside:
        cli.run_inside("web", ["true"])
    with pytest.raises(RefusedError) as tunnel, cli.tunnel("Postgres"):
        pass

    assert ["railway-token-kind"] * 2 == [code_of(inside), code_of(tunnel)]
    assert [] == calls(shop.world)


@pytest.fixture
def running(shop: Shop) -> Shop:
    """A shop whose `web` has a container, as far as `ssh` is concerned."""
    shop.world.trap("script", [{"status": "SUCCESS"}], times=1)
    open_shop(shop).up("web", folder=shop.folder, message="x")
    return shop


def test_gotcha_10_a_command_inside_brings_its_own_status_back(running: Shop) -> None:
    """Quoted words survive, and 255 of a command is not ssh's."""
    cli = open_shop(running)

    assert (0, "it's here\n") == ((said := cli.run_inside("web", ["echo", "it's here"])).returncode, said.stdout)
    assert 255 == cli.run_inside("web", ["sh", "-c", "exit 255"]).returncode


@pytest.mark.parametrize(
    ("trap", "kind", "code"),
    [
        ("silent", IncompleteError, "ssh-unknown"),
        ("unreachable", UnavailableError, "ssh-failed"),
        ("unknown-host", UnavailableError, "ssh-host-unknown"),
        ("no-keys", UnavailableError, "ssh-key-missing"),
    ],
)
def test_gotcha_10_without_the_sentinel_nothing_is_believed(
    running: Shop, trap: str, kind: type[InterlockingError], code: str
) -> None:
    """The relay can end with 0 and have run nothing."""
    running.world.trap("ssh", trap)
    with pytest.raises(kind) as caught:
        open_shop(running).run_inside("web", ["true"])

    assert code == code_of(caught)
