"""Which project, environment and service a call is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlocking.railway.local.creation import PROJECT_TOKEN, ServiceSpec
from interlocking.railway.local.entities import Link
from tests.railway.local.calls import WEB, Shop, make_shop

PROJECT = {"RAILWAY_TOKEN": PROJECT_TOKEN}
LIST = ("deployment", "list", "--json", "-s", "web")
NOT_LINKED = (
    "No linked project found. Run railway link to connect to a project\n  → Run `railway link` to connect to a project."
)


@pytest.fixture
def loose(tmp_path: Path) -> Shop:
    """A shop with two environments whose folder is linked to nothing."""
    return make_shop(tmp_path, environments=("production", "staging"), linked=None)


def ids(shop: Shop) -> tuple[str, str, str]:
    state = shop.state
    return state.project.id, next(iter(state.environments)), shop.instance().service


def test_without_a_link_nothing_says_which_project(loose: Shop) -> None:
    assert (1, "", NOT_LINKED) == loose(*LIST).failure
    assert loose("up", "--json", "-s", "web").json["code"] == "NO_LINKED_PROJECT"


def test_a_link_counts_in_folders_below_it(shop: Shop) -> None:
    below = shop.folder / "a" / "b"
    below.mkdir(parents=True)

    assert shop(*LIST, cwd=below).code == 0
    assert shop(*LIST, cwd=shop.folder.parent).code == 1


def test_an_explicit_project_makes_the_environment_mandatory(loose: Shop) -> None:
    project, *_ = ids(loose)

    assert "--environment is required when using --project" in loose(*LIST, "-p", project).err
    assert loose(*LIST, "-p", project, "-e", "staging").code == 0
    assert "Project not found. Run `railway link`" in loose(*LIST, "-p", "p-9", "-e", "staging").err


def test_a_project_token_fixes_project_and_environment_and_ignores_ids(loose: Shop) -> None:
    lies = {"RAILWAY_PROJECT_ID": "p-9", "RAILWAY_ENVIRONMENT_ID": "e-9", "RAILWAY_SERVICE_ID": "s-9"}

    assert loose(*LIST, token=PROJECT, env=lies).code == 0
    assert loose(*LIST, "-e", "production", token=PROJECT).code == 0
    assert "Please check that your RAILWAY_TOKEN is valid" in loose(*LIST, "-e", "staging", token=PROJECT).err


def test_a_project_token_takes_a_service_only_from_a_link_of_exactly_this_folder(shop: Shop) -> None:
    _, environment, service = ids(shop)
    below = shop.folder / "below"
    below.mkdir()
    with shop.world.change() as state:
        state.links[str(shop.folder)] = Link(environment, service)

    assert shop("deployment", "list", "--json", token=PROJECT).code == 0
    assert "No service linked" in shop("deployment", "list", "--json", token=PROJECT, cwd=below).err


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"RAILWAY_ENVIRONMENT_ID": "e"}, "RAILWAY_ENVIRONMENT_ID cannot be set without RAILWAY_PROJECT_ID."),
        ({"RAILWAY_PROJECT_ID": ""}, "Project not found. Run `railway link` to connect to a project."),
        ({"RAILWAY_PROJECT_ID": "PROJECT"}, "No environment specified. Set RAILWAY_ENVIRONMENT_ID, use --environment,"),
        ({"RAILWAY_PROJECT_ID": "PROJECT", "RAILWAY_ENVIRONMENT_ID": ""}, 'Environment "" not found.\nRun `railway'),
        ({"RAILWAY_SERVICE_ID": "s"}, "No linked project found."),
    ],
)
def test_ids_from_the_environment_that_do_not_suffice(loose: Shop, changes: dict[str, str], text: str) -> None:
    project, *_ = ids(loose)
    env = {name: value.replace("PROJECT", project) for name, value in changes.items()}

    assert loose(*LIST, env=env).err.startswith(text)


def test_ids_from_the_environment_choose_project_environment_and_service(loose: Shop) -> None:
    project, environment, service = ids(loose)
    env = {"RAILWAY_PROJECT_ID": project, "RAILWAY_ENVIRONMENT_ID": environment, "RAILWAY_SERVICE_ID": service}

    assert loose("service", "status", "--json", env=env).json["name"] == "web"


def test_things_that_do_not_exist(shop: Shop) -> None:
    hint = "Run `railway environment` to connect to an environment."
    assert (1, "", f'Environment "x" not found.\n{hint}') == shop(*LIST, "-e", "x").failure
    assert (1, "", 'Service "x" not found.') == shop("deployment", "list", "-s", "x").failure
    assert (1, "", "Service 'x' not found") == shop("variable", "list", "-s", "x").failure
    assert (1, "", "Service not found") == shop("run", "-s", "x", "true").failure
    assert (1, "", "Service 'x' not found") == shop("ssh", "-s", "x").failure
    assert shop("up", "--json", "-s", "x").json["error"] == "Service not found"


def test_restricted_and_deleted_places(shop: Shop) -> None:
    with shop.world.change() as state:
        next(iter(state.environments.values())).restricted = True
    assert shop(*LIST).err.startswith('Environment "production" is restricted.')

    with shop.world.change() as state:
        next(iter(state.environments.values())).deleted = True
    assert shop(*LIST).err.startswith("Environment is deleted.")

    with shop.world.change() as state:
        state.project.deleted = True
    assert shop(*LIST).err.startswith("Project is deleted.")


def test_names_match_by_case_in_some_commands_only(shop: Shop) -> None:
    assert shop("variable", "list", "-s", "WEB", "--json").code == 0
    assert shop("deployment", "list", "-s", "WEB", "--json").code == 1
    assert shop("run", "-s", "WEB", "true").code == 1
    assert shop("deployment", "list", "-s", shop.instance().service, "--json").code == 0


def test_one_service_is_enough_for_variables_but_not_for_up_and_run(tmp_path: Path) -> None:
    shop = make_shop(tmp_path, WEB)
    with shop.world.change() as state:
        state.links[str(shop.folder)].service = None

    assert shop("variable", "list", "--json").code == 0
    pull = "Multiple services found. Please specify a service to pull variables from."
    assert (1, "", pull) == shop("run", "true").failure
    flag = "Multiple services found. Please specify a service via the `--service` flag."
    assert shop("up", "--json").json["error"] == flag


def test_several_services_and_none_named(shop: Shop) -> None:
    linked = "No service linked\nRun `railway service` to link a service"
    assert shop("variable", "list").err.startswith(linked)
    assert shop("logs").err.startswith(linked)
    assert shop("service", "status").err.startswith("No service linked. Use --service flag or --all")


def test_a_project_without_services(tmp_path: Path) -> None:
    shop = make_shop(tmp_path)
    with shop.world.change() as state:
        state.instances, state.services, state.deployments = {}, {}, {}

    shop.world.trap("script", [{"status": "BUILDING"}])
    assert (1, "", "Project has no services.") == shop("run", "true").failure
    assert shop("up", "--detach", "--json").code == 0
    assert [each.name for each in shop.state.services.values()] == ["project"]


def test_link_wants_every_level_that_is_not_unique(loose: Shop) -> None:
    answer = loose("link", "-p", "shop")
    assert (1, "", "--environment required in non-interactive mode.\nAvailable: production, staging") == answer.failure

    answer = loose("link", "-p", "nope", "-e", "staging")
    assert (1, "", 'Project "nope" not found in workspace "Acme".\nAvailable: shop') == answer.failure

    answer = loose("link", "-e", "staging", "--json")
    assert answer.code == 0
    assert answer.json["environmentName"] == "staging"
    assert "serviceId" not in answer.json
    assert answer.err == ("Multiple services available — use --service <name> to link one.\nAvailable: web, Postgres\n")

    assert loose("link", "-e", "production", "-s", "WEB", "--json").json["serviceName"] == "web"
    assert loose("deployment", "list", "--json").code == 0


def test_link_takes_the_only_service_and_refuses_project_tokens(tmp_path: Path) -> None:
    shop = make_shop(tmp_path, ServiceSpec("api"), linked=None)

    assert shop("link", token=PROJECT).code == 1
    answer = shop("link")
    assert answer.failure == (
        0,
        "\nProject shop linked successfully! 🎉\n",
        'No service specified — auto-selecting "api"',
    )


def test_switching_the_environment_drops_the_linked_service(loose: Shop) -> None:
    loose("link", "-e", "production", "-s", "web")

    answer = loose("environment", "link", "staging", "--json")
    assert answer.out.count("\n") == 1
    assert answer.json["environment"]["name"] == "staging"
    assert loose("deployment", "list").code == 1
    text = "Environment must be specified when not running in a terminal"
    assert (1, "", text) == loose("environment").failure
    assert (1, "", "Environment not found") == loose("environment", "x").failure
    assert loose("environment", "production").out == "Activated environment production\n"
