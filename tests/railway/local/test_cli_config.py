"""`config`: the file is evaluated by the python3 of PATH, compared, and applied."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interlocking.railway.local.creation import ServiceSpec, postgres
from interlocking.railway.local.platform import stop
from tests.railway.local.calls import DATABASE, Answer, Shop, make_shop
from tests.railway.local.platforms import get, write_app
from tests.waiting import wait_until

HEAD = "from railway_sdk import define_railway, postgres, preserve, project, service\n"
KEEP = 'env={"DATABASE_URL": preserve(), "FLASK_ENV": preserve()}'
WEB = ServiceSpec(
    "web",
    {"DATABASE_URL": "${{Postgres.DATABASE_URL}}", "FLASK_ENV": "canary-value"},
    deploy={"startCommand": "gunicorn app:app"},
)


@pytest.fixture
def iac(tmp_path: Path) -> Iterator[Shop]:
    """A shop with a start command; deployments only say that they build."""
    shop = make_shop(tmp_path, WEB, postgres(database_url=DATABASE))
    first = shop.script("SUCCESS")
    with shop.world.change() as state:
        state.deployments[first.id].snapshot = str(shop.folder)
    shop.world.trap("script", [{"status": "BUILDING"}])
    yield shop
    stop(shop.world)


def write(shop: Shop, web: str, *, database: bool = True, partial: str = "", name: str = "web") -> Path:
    """Write `.railway/railway.py` with a service, and the database unless it is left out."""
    resources = f"service({name!r}, {web}), " + ('postgres("Postgres")' if database else "")
    text = f"{HEAD}{partial}\n@define_railway\ndef main(ctx=None):\n    assert ctx is None\n"
    path = shop.folder / ".railway" / "railway.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{text}    return project('shop', resources=[{resources}])\n")
    return path


def config(shop: Shop, *argv: str, **more: Any) -> Answer:
    """Call with the interpreter of the tests first on PATH: it has railway-sdk."""
    path = f"{Path(sys.executable).parent}:{shop.environment()['PATH']}"
    return shop("config", *argv, env={"PATH": path}, **more)


def summaries(answer: Answer) -> list[tuple[str, str]]:
    return [(each["summary"], each["severity"]) for each in answer.json["changeSet"]["changes"]]


def live(shop: Shop, group: str) -> dict[str, Any]:
    return dict(shop.instance().configuration.get(group, {}))


def test_a_file_that_says_what_is_there_has_no_changes(iac: Shop) -> None:
    write(iac, f'start="gunicorn app:app", {KEEP}')
    answer = config(iac, "plan", "--json", "--detailed-exit-code")

    assert (answer.code, summaries(answer), answer.json["ok"]) == (0, [], True)
    assert set(answer.json) == {
        *("ok", "command", "file", "currentEnvironment", "changeSet", "diff", "diagnostics", "currentGraph"),
        *("desiredGraph", "stagedPatch", "applyResult", "deploymentId", "stagedPatchId"),
    }
    assert config(iac, "apply", "--json").failure == (0, "", ""), "nothing at all is printed"
    assert config(iac, "apply", "--yes").out == "✓ Your Railway configuration is already up to date.\n"


def test_changes_are_named_and_counted_and_values_hidden(iac: Shop) -> None:
    write(iac, 'start="gunicorn app:app", preDeploy="flask db upgrade", env={"DATABASE_URL": preserve(), "NEW": "1"}')
    answer = config(iac, "plan", "--json", "--detailed-exit-code")

    assert answer.code == 2
    assert summaries(answer) == [
        ("Update web deploy.preDeployCommand", "safe"),
        ("Set variable web.NEW", "safe"),
        ("Delete variable web.FLASK_ENV", "destructive"),
    ]
    assert "canary" not in str(answer.json["changeSet"])
    assert "canary-value" in str(answer.json["currentGraph"]), "the graph does hold them"
    human = config(iac, "plan")
    assert (human.code, "Plan: 0 to add, 2 to change, 1 to destroy" in human.out) == (0, True)


def test_gotcha_23_omission_is_deletion_unless_it_is_a_partial(iac: Shop) -> None:
    write(iac, f'start="gunicorn app:app", {KEEP}', database=False)
    answer = config(iac, "plan", "--json")
    assert summaries(answer) == [("Delete database Postgres", "destructive")]
    assert answer.json["diagnostics"][0]["severity"] == "warning"

    refused = config(iac, "apply", "--json")
    assert refused.code == 1
    assert refused.err.startswith("Destructive Railway configuration changes require explicit confirmation.")

    write(iac, f'start="gunicorn app:app", {KEEP}', database=False, partial='PARTIAL = "interlocking"')
    assert summaries(config(iac, "plan", "--json")) == []


def test_apply_commits_deploys_and_does_not_wait(iac: Shop) -> None:
    write(iac, f'start="gunicorn app:app", preDeploy="flask db upgrade", {KEEP}')
    assert config(iac, "apply").err.startswith("Run `railway config apply --yes` to apply changes non-interactively.")

    result = config(iac, "apply", "--json").json["applyResult"]
    assert (result["status"], [each["status"] for each in result["changes"]]) == ("APPLIED", ["applied"])
    assert result["deploymentId"] == iac.deployments()[0].id
    assert live(iac, "deploy") == {"startCommand": "gunicorn app:app", "preDeployCommand": ["flask db upgrade"]}
    assert config(iac, "plan", "--detailed-exit-code", "--json").code == 0


def test_gotcha_22_a_change_that_failed_still_exits_0(iac: Shop) -> None:
    iac.world.trap("apply", "failed-change")
    write(iac, f'start="other", {KEEP}')
    answer = config(iac, "apply", "--json")

    assert (answer.code, answer.json["ok"]) == (0, True)
    assert [each["status"] for each in answer.json["applyResult"]["changes"]] == ["failed"]
    assert live(iac, "deploy") == {"startCommand": "gunicorn app:app"}


@pytest.mark.parametrize(
    ("trap", "text"), [("timeout", "Timed out waiting for Railway"), ("conflict", "The environment")]
)
def test_an_apply_that_does_not_end_well(iac: Shop, trap: str, text: str) -> None:
    iac.world.trap("apply", trap)
    write(iac, f'start="other", {KEEP}')
    answer = config(iac, "apply", "--json")

    assert (answer.code, answer.out, answer.err.startswith(text)) == (1, "", True)


def test_a_partial_owns_what_it_declared(iac: Shop) -> None:
    """The first apply claims, even when nothing else changes."""
    write(iac, f'start="gunicorn app:app", {KEEP}', database=False, partial='PARTIAL = "one"')
    assert config(iac, "apply", "--json").out == ""

    write(iac, f'start="gunicorn app:app", {KEEP}')
    answer = config(iac, "plan", "--json")
    assert (answer.code, answer.json["ok"]) == (1, False)
    assert answer.err.startswith("Railway configuration could not be processed:\n")
    assert "This environment already has named IaC partials." in answer.err

    write(iac, f'start="gunicorn app:app", {KEEP}', database=False, partial='PARTIAL = "two"')
    assert 'Cannot manage service "web": already managed by partial "one".' in config(iac, "plan").err

    write(iac, "start='x'", database=False, partial='PARTIAL = "one"', name="worker")
    assert ("Delete service web", "destructive") in summaries(config(iac, "plan", "--json"))


def test_another_name_is_another_service(iac: Shop) -> None:
    write(iac, 'start="x"', name="backend")

    assert summaries(config(iac, "plan", "--json")) == [
        ("Create service backend", "safe"),
        ("Delete service web", "destructive"),
    ]
    assert config(iac, "apply", "--yes", "--confirm-destructive").code == 0
    assert "backend" in [each["name"] for each in iac("service", "list", "--json").json]
    assert "web" not in [each["name"] for each in iac("service", "list", "--json").json]


def test_declared_defaults_show_up_in_every_plan(iac: Shop) -> None:
    default = 'deploy={"restartPolicyType": "ON_FAILURE", "restartPolicyMaxRetries": 10}'
    write(iac, f'start="gunicorn app:app", {default}, {KEEP}')
    config(iac, "apply", "--json")

    assert summaries(config(iac, "plan", "--json")) == [
        ("Update web deploy.restartPolicyMaxRetries, deploy.restartPolicyType", "safe")
    ]


def test_references_are_compared_as_railway_writes_them(iac: Shop) -> None:
    web = 'start="gunicorn app:app", env={"DATABASE_URL": db.env.DATABASE_URL, "FLASK_ENV": preserve()}'
    path = write(iac, web)
    path.write_text(path.read_text().replace("    return", '    db = postgres("Postgres")\n    return'))

    assert summaries(config(iac, "plan", "--json")) == []


def test_a_service_bound_to_a_config_file_is_refused(tmp_path: Path) -> None:
    shop = make_shop(tmp_path, ServiceSpec("web", config_file="/railway.toml"))
    write(shop, 'start="x"', database=False)
    answer = config(shop, "plan", "--json")

    assert answer.code == 1
    assert "web is already managed by /railway.toml. Remove or migrate the repo config" in answer.err


def test_new_custom_domains_are_an_error(iac: Shop) -> None:
    write(iac, f'start="gunicorn app:app", domains=["shop.example.com"], {KEEP}')

    assert "Custom-domain registration is not supported" in config(iac, "plan").err

    with iac.world.change() as state:
        web = state.instance(iac.instance().environment, iac.instance().service)
        web.configuration["networking"]["customDomains"] = {"shop.example.com": {"port": 8080}}
    assert config(iac, "plan", "--json").json["ok"], "one that is registered already may be named"
    kinds = [row["type"] for row in iac("domain", "list", "-s", "web", "--json").json["domains"]]
    assert kinds == ["service", "custom"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("print('hello')\nmain = {}\n", "python3 returned non-JSON output."),
        ("raise SystemError('broken')\n", "python3 failed to evaluate IaC file."),
        ("PARTIAL = 'no spaces'\nmain = {}\n", "Invalid partial export: 'no spaces'"),
        (f"{HEAD}main = project('x', resources=[service('a'), service('a')])\n", "Duplicate resource address"),
    ],
)
def test_gotcha_24_a_file_that_cannot_be_evaluated(iac: Shop, text: str, said: str) -> None:
    write(iac, "").write_text(text)
    answer = config(iac, "plan", "--json")

    assert (answer.code, answer.out, answer.err.startswith(said)) == (1, "", True)


def test_without_the_right_python3_it_does_not_work(iac: Shop, tmp_path: Path) -> None:
    """PATH decides, and nothing installs the SDK."""
    write(iac, 'start="x"')
    python = tmp_path / "python3"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    path = f"{tmp_path}:{iac.environment()['PATH']}"
    bare = iac("config", "plan", env={"PATH": path})
    assert "No module named 'railway_sdk'" in bare.err

    none = iac("config", "plan", env={"PATH": str(iac.path)})
    assert none.failure == (1, "", "Failed to run python3 to evaluate .railway/railway.py")


def test_the_typescript_engine_does_not_use_the_file(iac: Shop) -> None:
    write(iac, 'start="x"')

    assert "Failed to run node" in iac("config", "plan", env={"RAILWAY_IAC_ENGINE": "ts"}).err


def test_a_deleted_service_stops_serving(iac: Shop) -> None:
    with iac.world.change() as state:
        del state.traps["script"]
    write_app(iac.folder)
    assert iac("up", "-s", "web", "--json").code == 0
    url = f"http://{iac.instance().address}"
    write(iac, 'start="x"', name="other")

    assert config(iac, "apply", "--json", "--confirm-destructive").code == 0
    wait_until(lambda: get(url)[0] != 200)


def test_what_stands_before_planning(iac: Shop) -> None:
    missing = "Railway configuration is not initialized. Run `railway config init` first."
    assert (1, "", missing) == config(iac, "plan").failure
    assert config(iac, "plan", "--yes").err.startswith("--yes is only valid with `railway config apply`.")
    assert config(iac, "plan", "--confirm-destructive").code == 1
    assert config(iac, "apply", "--detailed-exit-code").err.startswith("--detailed-exit-code is only valid with")
    assert config(iac, "plan", token={}).err.startswith("Not authenticated. Run `railway login`, set")
    assert config(iac).code == 2
    assert config(iac, "stage").code == 1

    write(iac, 'start="x"')
    (iac.folder / ".railway" / "railway.ts").write_text("")
    assert config(iac, "plan").err.startswith("Multiple Railway configuration files found (")


def test_apply_yes_without_a_file_writes_one(iac: Shop) -> None:
    assert config(iac, "apply", "--yes").code == 1
    assert (iac.folder / ".railway" / "railway.ts").is_file()


def test_pull_prints_the_graph(iac: Shop) -> None:
    assert set(config(iac, "pull", "--json").json) == {"project", "resources"}
    assert config(iac, "pull").code == 1


def test_migrate_is_lossy(iac: Shop) -> None:
    """Three settings survive, named after the folder, and the import does not exist."""
    toml = iac.folder / "railway.toml"
    toml.write_text('[deploy]\nstartCommand = "x"\npreDeployCommand = ["y"]\nhealthcheckTimeout = 5\n')
    answer = config(iac, "migrate", "--lang", "py")
    assert "from railway_iac import" in answer.out
    assert ("start='x'" in answer.out, "y" in answer.out.split("[", 1)[1], "'project'" in answer.out) == (
        True,
        False,
        True,
    )
    assert not (iac.folder / ".railway").exists()

    assert config(iac, "migrate", "--lang", "py", "--apply").code == 0
    assert "already exists. Pass --force" in config(iac, "migrate", "--lang", "py", "--apply").err
    assert config(iac, "migrate", "--lang", "x").err.startswith("--lang must be one of: ts, py, go")
    assert config(iac, "migrate", "--delete-files").err.startswith("--delete-files requires --apply.")
    assert "defineRailway" in config(iac, "migrate").out

    toml.write_text('[deploy]\noverlapSeconds = "20"\n')
    assert config(iac, "migrate").err.startswith(f"Failed to parse TOML {toml}\n\nCaused by:")
    toml.unlink()
    assert config(iac, "migrate").err.startswith("No railway.json or railway.toml found")
