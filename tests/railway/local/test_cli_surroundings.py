"""What is the same for every command: the network, noise, key order, wrong arguments, backups, domains."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interlocking.railway.local.creation import PROJECT_TOKEN, WORKSPACE_TOKEN, ServiceSpec, postgres
from interlocking.railway.local.traps import TRAPS
from tests.railway.local.calls import DATABASE, Shop, make_shop

LIST = ("deployment", "list", "-s", "web", "--json")
BACKUP = ("postgres", "-s", "Postgres", "--json", "pitr", "backup")
ONE_LINE = 1


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (
            "down",
            "Failed to fetch: error sending request for url (https://backboard.railway.com/graphql/v2)\n\nCaused by:\n",
        ),
        ("html", "Failed to fetch: error decoding response body\n"),
        ("ratelimited", "You are being ratelimited. Try again in 1 seconds\n"),
        ("no-data", "Failed to get data from GraphQL response\n"),
    ],
)
def test_the_network(shop: Shop, kind: str, text: str) -> None:
    shop.world.trap("network", kind, times=2)
    answer = shop(*LIST)
    assert (answer.code, answer.out, answer.err.startswith(text)) == (1, "", True)

    answer = shop("up", "-s", "web", "--json")
    assert (answer.code, answer.err, answer.json["error"]) == (1, "", text.splitlines()[0])
    assert shop(*LIST).code == 0, "it comes back"


def test_no_network_is_needed_for_the_version(shop: Shop) -> None:
    shop.world.trap("network", "down")

    assert shop("--version").code == 0


def test_noise_is_on_stderr_only(shop: Shop) -> None:
    quiet = shop("service", "list", "--json")
    shop.world.trap("noise")
    noisy = shop("service", "list", "--json")

    assert (noisy.code, noisy.json) == (0, quiet.json)
    assert (quiet.err, "New version available" in noisy.err, "telemetry" in noisy.err) == ("", True, True)
    assert "telemetry" in shop("variable", "list", "-s", "x").err


def test_warnings_are_json_lines_where_errors_are(shop: Shop) -> None:
    env = {"RAILWAY_HTTP_TIMEOUT": "soon"}
    shop.world.trap("script", [{"status": "BUILDING"}])
    warning = json.loads(shop("up", "-s", "web", "--detach", "--json", env=env).err)

    assert (warning["level"], warning["code"]) == ("warning", "INVALID_HTTP_TIMEOUT")
    assert shop(*LIST, env=env).err.startswith("warning: Ignoring invalid RAILWAY_HTTP_TIMEOUT 'soon'")


def test_coding_agents_are_addressed_on_stderr(shop: Shop) -> None:
    agent = {"CLAUDECODE": "1"}

    assert "coding agents" in shop("service", "list", "--json", env=agent).err
    assert shop("service", "list", "--json", env={**agent, "RAILWAY_AGENT_ADVISORY": "0"}).err == ""


@pytest.mark.parametrize(
    ("argv", "env", "warned"),
    [
        (["service", "list"], {}, True),
        (["service", "list"], {"RAILWAY_CAC_DEPRECATION_WARNING": "0"}, False),
        (["service", "list", "--json"], {}, False),
        (["service", "status", "-s", "x"], {}, False),
        (["whoami"], {}, False),
        (["run", "-s", "web", "true"], {}, False),
    ],
)
def test_the_config_file_warning(shop: Shop, argv: list[str], env: dict[str, str], warned: bool) -> None:
    (shop.folder / "railway.toml").write_text("")
    answer = shop(*argv, env=env)

    assert warned == answer.err.startswith("warning: Config as Code (railway.json / railway.toml) is deprecated.")
    assert warned == answer.err.endswith("  Existing files keep working until 2026-12-01.\n")


def test_keys_come_in_any_order_when_asked_for(shop: Shop) -> None:
    shop.world.trap("key-order")
    answers = [shop("status", "--json") for _ in range(3)]

    assert len({answer.out for answer in answers}) > 1
    assert answers[0].json == answers[1].json == answers[2].json


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        (["nonsense"], "error: unrecognized subcommand 'nonsense'"),
        (["deployment", "list", "--nonsense"], "error: unexpected argument '--nonsense' found"),
        (["deployment", "list", "word"], "error: unexpected argument 'word' found"),
        (["deployment", "list", "-s"], "error: a value is required for '-s' but none was supplied"),
        (["deployment"], "error: 'railway deployment' requires a subcommand but one was not provided"),
        (["deployment", "restart"], "error: 'railway deployment' requires a subcommand but one was not provided"),
    ],
)
def test_wrong_arguments_exit_2_on_stderr(shop: Shop, argv: list[str], text: str) -> None:
    answer = shop(*argv)

    assert (answer.code, answer.out, answer.err.splitlines()[0]) == (2, "", text)


def test_help_and_the_bare_command_exit_0(shop: Shop) -> None:
    assert "Commands:" in shop().out
    assert "--detailed-exit-code" in shop("config", "plan", "--help").out
    assert shop("--help").code == 0


def test_flags_in_every_spelling(shop: Shop) -> None:
    for argv in (["-sweb"], ["-s=web"], ["--service=web"], ["--service", "web"]):
        assert shop("service", "status", *argv, "--json").code == 0


def test_one_line_or_pretty(shop: Shop) -> None:
    """Programs must not rely on either."""
    assert shop("service", "status", "-s", "web", "--json").out.count("\n") > ONE_LINE
    assert shop("variable", "list", "-s", "web", "--json").out.count("\n") > ONE_LINE
    assert shop("variable", "set", "A=1", "-s", "web", "--skip-deploys", "--json").out.count("\n") == ONE_LINE


def test_a_backup_appears_after_some_lists(shop: Shop) -> None:
    assert shop(*BACKUP, "list").json == []
    shop.world.trap("backup", 3)
    answer = shop(*BACKUP, "create", "--name", "pre-1")
    database = shop.instance("Postgres").service
    assert answer.json["root"] == {"id": database, "name": "Postgres"}
    assert answer.json["workflowId"].startswith("wf-")

    lists = [[row["name"] for row in shop(*BACKUP, "list").json] for _ in range(4)]
    assert lists == [[], [], [], ["pre-1"]]
    row = shop(*BACKUP, "list").json[0]
    assert set(row) == {
        *("id", "name", "createdAt", "expiresAt", "externalId", "referencedMB", "usedMB", "scheduleId"),
        *("volumeInstanceSizeMB", "creatorId"),
    }


def test_a_backup_that_never_appears_or_is_refused(shop: Shop) -> None:
    shop.world.trap("backup", "never")
    shop(*BACKUP, "create")
    assert [shop(*BACKUP, "list").json for _ in "abc"] == [[], [], []]

    shop.world.trap("backup", "refused")
    assert shop(*BACKUP, "create").json["code"] == "GRAPHQL_ERROR"
    assert shop(*BACKUP, "create", token={"RAILWAY_TOKEN": PROJECT_TOKEN}).json["error"] == "Not Authorized"
    assert shop(*BACKUP, "list", token={"RAILWAY_API_TOKEN": WORKSPACE_TOKEN}).code == 0


def test_backups_need_a_volume_and_speak_to_people_too(shop: Shop) -> None:
    answer = shop("postgres", "pitr", "backup", "create", "-s", "web", "--json")
    text = "web has no volume attached -- PITR backups require a volume."
    assert (answer.code, answer.err, answer.json) == (1, "", {"code": "ERROR", "error": text, "hint": None})
    assert (1, "", text) == shop("postgres", "pitr", "backup", "list", "-s", "web").failure

    human = ("postgres", "pitr", "backup")
    assert shop(*human, "list").out == "No backups found for Postgres.\n"
    shop.world.trap("backup", 0)
    assert shop(*human, "create").out.startswith("Started an on-demand backup for Postgres.\nWorkflow: wf-")
    assert shop(*human, "list").out.count("\n") == 1
    assert shop(*human, "list", "-s", "x").err == 'Service "x" not found.\n'


def test_which_postgres_must_be_clear(tmp_path: Path) -> None:
    shop = make_shop(tmp_path, postgres("a", database_url=DATABASE), postgres("b", database_url=DATABASE))

    assert shop("postgres", "pitr", "backup", "list").code == 1


def test_domain_creates_one_and_domain_list_does_not(tmp_path: Path) -> None:
    shop = make_shop(tmp_path, ServiceSpec("web", domain=False))
    assert shop("domain", "list", "--json").json == {"domains": []}
    assert shop("domain", "list", "--json").json == {"domains": []}

    made = shop("domain", "--json").json["domain"]
    assert made == f"https://{shop.instance().address}"
    assert shop("domain", "--json").json == {"domains": [made]}
    assert shop("domain").out == f"{made}\n"
    (row,) = shop("domain", "ls", "--json").json["domains"]
    assert (row["type"], row["targetPort"], row["syncStatus"]) == ("service", 8080, "ACTIVE")
    assert shop("domain", "list").out == f"{shop.instance().address}\n"


def test_every_trap_is_told_of_and_no_other_is_set(shop: Shop) -> None:
    with pytest.raises(KeyError):
        shop.world.trap("misspelt")

    assert all(TRAPS.values())
