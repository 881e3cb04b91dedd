"""`variable`: what is listed, what is not, and what a change sets off."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlocking.railway.local import variables
from interlocking.railway.local.creation import ServiceSpec, postgres
from tests.railway.local.calls import DATABASE, Shop, make_shop

WEB = ("-s", "web")


@pytest.fixture
def sealed(tmp_path: Path) -> Shop:
    """A shop whose service has a sealed variable and one of several lines."""
    web = ServiceSpec("web", {"LINES": "one\ntwo", "QUOTED": '"x"'}, sealed={"SECRET_KEY": "canary-sealed"})
    return make_shop(tmp_path, web, postgres(database_url=DATABASE))


def test_values_are_rendered_sorted_and_come_with_railways_own(shop: Shop) -> None:
    values = shop("variable", "list", *WEB, "--json").json

    assert values["DATABASE_URL"] == "postgresql://ada:canary-password@postgres.railway.internal:5999/shop"
    assert (values["RAILWAY_SERVICE_NAME"], values["RAILWAY_ENVIRONMENT_NAME"]) == ("web", "production")
    assert list(values) == sorted(values)
    assert shop("vars", "--json", *WEB).json == values


def test_sealed_variables_are_missing_but_deployments_have_them(sealed: Shop) -> None:
    made = sealed.script("SUCCESS")

    assert "SECRET_KEY" not in sealed("variable", "list", *WEB, "--json").json
    assert "canary" not in sealed("run", *WEB, "env").out
    assert variables.of_deployment(sealed.state, made)["SECRET_KEY"] == "canary-sealed"


def test_gotcha_18_kv_is_raw(sealed: Shop) -> None:
    out = sealed("variable", "list", *WEB, "--kv", "--json").out

    assert 'LINES=one\ntwo\nQUOTED="x"\n' in out


def test_set_is_one_request_and_one_line(shop: Shop) -> None:
    answer = shop("variable", "set", *WEB, "A=1", "B=x=y", "--json", "--skip-deploys")

    assert answer.failure == (0, '{"keys":["A","B"],"set":true}\n', "")
    values = shop("variable", "list", *WEB, "--json").json
    assert (values["A"], values["B"]) == ("1", "x=y")
    assert shop("variable", "set", *WEB, "C=1", "--skip-deploys").out == "Set variables C\n"
    assert shop("variable", *WEB, "--set", "D=1", "--set", "E=2", "--skip-deploys").out == "Set variables D, E\n"


def test_gotcha_16_set_deploys_unless_it_is_told_not_to(shop: Shop) -> None:
    """Only a service that has code, which is deployed again."""
    first = shop.script("SUCCESS")
    with shop.world.change() as state:
        state.deployments[first.id].snapshot = str(shop.folder)
    shop("variable", "set", *WEB, "A=1", "--skip-deploys")
    assert len(shop.deployments()) == 1

    shop.world.trap("script", [{"status": "BUILDING"}])
    shop("variable", "set", *WEB, "A=2")
    newest, _first = shop.deployments()
    assert newest.snapshot == str(shop.folder)
    assert newest.configuration["variables"]["A"] == {"value": "2"}


def test_stdin_takes_one_key_and_strips_the_newline(shop: Shop) -> None:
    def set_from(text: str | None, *words: str) -> str:
        return shop("variable", "set", *WEB, *words, "--stdin", "--skip-deploys", input=text).err.rstrip()

    assert set_from("canary\n", "A") == ""
    assert shop("variable", "list", *WEB, "--json").json["A"] == "canary"
    assert set_from("x", "A", "B") == "--stdin requires exactly one KEY argument"
    assert set_from("", "A") == "Empty value provided via stdin"
    assert set_from("x", "A=1").startswith("Cannot use --stdin with KEY=VALUE format.")
    assert shop("variable", *WEB, "--set-from-stdin", "B", "--skip-deploys", input="two\n").code == 0
    assert shop("variable", "list", *WEB, "--json").json["B"] == "two"


def test_what_is_no_pair(shop: Shop) -> None:
    assert (1, "", "Invalid variable format: A") == shop("variable", "set", *WEB, "A").failure
    assert shop("variable", "set", *WEB).code == 2


def test_delete(shop: Shop) -> None:
    assert shop("variable", "rm", *WEB, "FLASK_ENV", "--json").out == '{"key":"FLASK_ENV","deleted":true}\n'
    assert "FLASK_ENV" not in shop("variable", "list", *WEB, "--json").json
    assert (1, "", "Variable 'FLASK_ENV' not found") == shop("variable", "delete", *WEB, "FLASK_ENV").failure
    assert shop("variable", "delete", *WEB).code == 2


def test_changing_a_sealed_variable_keeps_it_sealed(sealed: Shop) -> None:
    sealed("variable", "set", *WEB, "SECRET_KEY=other", "--skip-deploys")

    assert "SECRET_KEY" not in sealed("variable", "list", *WEB, "--json").json


def test_the_public_url_is_there_only_while_the_proxy_is_on(tmp_path: Path) -> None:
    off, on = (
        make_shop(tmp_path / name, postgres(database_url=DATABASE, public_url=url))
        for name, url in (("off", None), ("on", "postgresql://ada:canary@monorail.proxy.rlwy.net:1234/shop"))
    )

    assert "DATABASE_PUBLIC_URL" not in off("variable", "list", "-s", "Postgres", "--json").json
    assert "rlwy" in on("variable", "list", "-s", "Postgres", "--json").json["DATABASE_PUBLIC_URL"]
