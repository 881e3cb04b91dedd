"""Who asks: precedence of credentials, and the words for each kind of wrong one."""

from __future__ import annotations

import pytest

from interlocking.railway.local import journal
from interlocking.railway.local.creation import ACCOUNT_TOKEN, PROJECT_TOKEN, WORKSPACE_TOKEN
from interlocking.railway.local.entities import Token
from tests.railway.local.calls import Shop, make_shop

PROJECT = {"RAILWAY_TOKEN": PROJECT_TOKEN}
WORKSPACE = {"RAILWAY_API_TOKEN": WORKSPACE_TOKEN}
BOTH = {"RAILWAY_TOKEN": PROJECT_TOKEN, "RAILWAY_API_TOKEN": ACCOUNT_TOKEN}
USELESS = "Unauthorized. Please check that your {} is valid and has access to the resource you're trying to use."
INVALID = "Invalid RAILWAY_TOKEN. Please check that it is valid and has access to the resource you're trying to use."


def test_version_needs_no_credential_and_works_after_a_subcommand(shop: Shop) -> None:
    for argv in (["--version"], ["-V"], ["deployment", "list", "--version"]):
        assert (0, "railway 5.43.1\n\n", "") == shop(*argv, token={}).failure

    shop.world.trap("version", "4.10.0")
    assert shop("--version").out == "railway 4.10.0\n\n"


@pytest.mark.parametrize(
    ("token", "text"),
    [
        ({}, "Unauthorized. Please login with `railway login`"),
        ({"RAILWAY_TOKEN": ""}, USELESS.format("RAILWAY_TOKEN")),
        ({"RAILWAY_API_TOKEN": ""}, USELESS.format("RAILWAY_API_TOKEN")),
        ({"RAILWAY_TOKEN": "nonsense"}, INVALID),
        ({"RAILWAY_TOKEN": ACCOUNT_TOKEN}, INVALID),
        ({"RAILWAY_API_TOKEN": "nonsense"}, USELESS.format("RAILWAY_API_TOKEN")),
        ({"RAILWAY_API_TOKEN": PROJECT_TOKEN}, USELESS.format("RAILWAY_API_TOKEN")),
        ({"RAILWAY_TOKEN": "", "RAILWAY_API_TOKEN": ACCOUNT_TOKEN}, USELESS.format("RAILWAY_TOKEN")),
    ],
)
def test_a_bad_credential_is_plain_text_on_stderr_even_with_json(shop: Shop, token: dict[str, str], text: str) -> None:
    assert (1, "", text) == shop("variable", "list", "-s", "web", "--json", token=token).failure


def test_up_says_not_signed_in_as_json_on_stdout(shop: Shop) -> None:
    answer = shop("up", "--detach", "--json", "-s", "web", token={})

    assert (answer.code, answer.err) == (1, "")
    assert answer.json == {
        "code": "NOT_AUTHENTICATED",
        "error": "Not signed in.",
        "hint": "Run `railway login` to authenticate, then re-run.",
    }


@pytest.mark.parametrize("token", [PROJECT, WORKSPACE, BOTH])
def test_whoami_needs_a_person(shop: Shop, token: dict[str, str]) -> None:
    assert shop("whoami", "--json", token=token).code == 1
    assert shop("whoami", "--json").json["email"] == "ada@example.org"
    assert shop("whoami").out == "Logged in as Ada (ada@example.org) 👋\n"


@pytest.mark.parametrize("token", [PROJECT, WORKSPACE, {"RAILWAY_API_TOKEN": ACCOUNT_TOKEN}])
def test_a_list_of_deployments_is_a_probe_for_every_kind(shop: Shop, token: dict[str, str]) -> None:
    answer = shop("deployment", "list", "-s", "web", "-e", "production", "--limit", "1", "--json", token=token)

    assert (answer.code, answer.json) == (0, [])


def test_a_project_token_may_ask_for_the_status_unless_it_is_refused(shop: Shop) -> None:
    assert shop("status", "--json", token=PROJECT).code == 0

    shop.world.trap("status", "refused")
    assert (1, "", USELESS.format("RAILWAY_TOKEN")) == shop("status", "--json", token=PROJECT).failure
    assert shop("status", "--json").code == 0


def test_with_both_tokens_the_project_token_wins_silently(shop: Shop) -> None:
    assert shop("variable", "list", "-s", "web", "--json", token=BOTH).code == 0
    assert USELESS.format("RAILWAY_TOKEN") in shop("environment", "list", "--json", token=BOTH).err


def test_login_refuses_a_perfectly_good_project_token(shop: Shop) -> None:
    assert shop("login").out == "RAILWAY_API_TOKEN found\nLogged in as Ada (ada@example.org) 👋\n"
    assert shop("login", token=PROJECT).err.startswith("Invalid RAILWAY_TOKEN.")


def test_a_stored_login_works_until_it_is_rejected(tmp_path) -> None:
    shop = make_shop(tmp_path, logged_in=True)
    assert shop("whoami", token={}).code == 0

    with shop.world.change() as state:
        state.tokens = [Token("rejected", "oauth")]
    assert (1, "", "Unauthorized. Please run `railway login` again.") == shop("whoami", token={}).failure


def test_the_journal_keeps_argv_and_environment_without_secrets(shop: Shop) -> None:
    shop("variable", "set", "A=canary-value", "-s", "web", "--skip-deploys", token=PROJECT)
    (call,) = journal.calls(shop.world)

    assert call.argv == ("variable", "set", "A=***", "-s", "web", "--skip-deploys")
    assert (call.environ["RAILWAY_TOKEN"], call.environ["CI"], call.stdin) == ("***", "true", "null")
    assert "canary" not in (shop.world.folder / "journal.jsonl").read_text()
