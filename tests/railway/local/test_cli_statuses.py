"""What is told about deployments: shapes, and scripts that a test lets them run through."""

from __future__ import annotations

from pathlib import Path

from tests.railway.local.calls import Shop, make_shop

LIST = ("deployment", "list", "-s", "web", "--json")


def statuses(shop: Shop, times: int) -> list[str]:
    return [shop("service", "status", "-s", "web", "--json").json["status"] for _ in range(times)]


def test_the_raw_project(shop: Shop) -> None:
    made = shop.script("SUCCESS")
    document = shop("status", "--json").json
    web, database = shop.instance(), shop.instance("Postgres")
    environment = document["environments"]["edges"][0]["node"]
    instances = {edge["node"]["serviceName"]: edge["node"] for edge in environment["serviceInstances"]["edges"]}

    assert [set(edge) for edge in document["services"]["edges"]] == [{"node"}, {"node"}]
    assert (document["name"], environment["name"], environment["canAccess"]) == ("shop", "production", True)
    assert instances["web"]["latestDeployment"]["id"] == made.id
    assert instances["web"]["activeDeployments"][0]["status"] == "SUCCESS"
    assert instances["web"]["domains"]["serviceDomains"][0]["domain"] == web.address
    assert instances["web"]["source"] is None
    volume = environment["volumeInstances"]["edges"][0]["node"]
    assert (volume["serviceId"], volume["state"]) == (database.service, "READY")


def test_status_for_people_names_project_environment_and_service(shop: Shop) -> None:
    assert shop("status").out == "Project: shop\nEnvironment: production\nService: None\n"


def test_status_holds_every_environment_or_the_one_that_is_asked_for(tmp_path: Path) -> None:
    shop = make_shop(tmp_path, environments=("production", "staging"))
    every = shop("status", "--json").json["environments"]["edges"]
    one = shop("status", "-e", "staging", "--json").json["environments"]["edges"]

    assert [edge["node"]["name"] for edge in every] == ["production", "staging"]
    assert [edge["node"]["name"] for edge in one] == ["staging"]


def test_no_deployment_at_all(shop: Shop) -> None:
    assert shop(*LIST).json == []
    assert shop("deployment", "ls", "-s", "web").out == "No deployments found\n"
    status = shop("service", "status", "-s", "web", "--json").json
    assert (status["deploymentId"], status["status"], status["stopped"]) == (None, None, False)


def test_a_list_is_newest_first_with_the_message_in_meta(shop: Shop) -> None:
    first, second = shop.script("SUCCESS"), shop.script("BUILDING")
    rows = shop(*LIST).json

    assert [row["id"] for row in rows] == [second.id, first.id]
    assert set(rows[0]) == {"id", "status", "createdAt", "meta"}
    assert rows[0]["meta"]["cliMessage"] == "release 1"
    assert rows[0]["createdAt"].endswith("Z")
    assert len(shop(*LIST, "--limit", "1").json) == 1
    assert shop("deployment", "list", "-s", "web").out.startswith("Recent Deployments\n")


def test_a_limit_out_of_range_is_clamped_and_nonsense_is_an_argument_error(shop: Shop) -> None:
    answer = shop(*LIST, "--limit", "0")

    assert (answer.code, answer.err.startswith("warning: --limit 0")) == (0, True)
    assert shop(*LIST, "--limit", "x").code == 2


def test_success_that_turns_into_crashed(shop: Shop) -> None:
    shop.script({"status": "SUCCESS", "asks": 2}, "CRASHED")

    assert statuses(shop, 4) == ["SUCCESS", "SUCCESS", "CRASHED", "CRASHED"]


def test_a_script_by_the_clock(shop: Shop) -> None:
    shop.script({"status": "BUILDING", "seconds": 3600}, "SUCCESS")
    assert statuses(shop, 3) == ["BUILDING"] * 3

    shop.script({"status": "BUILDING", "seconds": 0}, "SUCCESS")
    assert statuses(shop, 2) == ["SUCCESS", "SUCCESS"]


def test_statuses_that_wait_for_somebody_and_unknown_ones(shop: Shop) -> None:
    shop.script("WAITING", "NEEDS_APPROVAL", "HIBERNATING")

    assert statuses(shop, 3) == ["WAITING", "NEEDS_APPROVAL", 'Other("HIBERNATING")']
    assert shop(*LIST).json[0]["status"] == 'Other("HIBERNATING")'


def test_meta_may_be_null_and_a_deployment_may_vanish(shop: Shop) -> None:
    shop.world.trap("null-meta")
    first, second = shop.script("SUCCESS"), shop.script("BUILDING")
    assert [row["meta"] for row in shop(*LIST).json] == [None, None]

    shop.world.trap("vanished", times=1)
    assert [row["id"] for row in shop(*LIST).json] == [first.id]
    assert [row["id"] for row in shop(*LIST).json] == [second.id, first.id]


def test_the_list_of_services_tells_what_serves_and_what_comes(shop: Shop) -> None:
    old, new = shop.script("SUCCESS"), shop.script("BUILDING")
    rows = {row["name"]: row for row in shop("service", "list", "--json").json}

    assert (rows["web"]["deploymentId"], rows["web"]["status"]) == (old.id, "SUCCESS")
    assert (rows["web"]["latestDeployment"]["id"], rows["web"]["latestDeployment"]["status"]) == (new.id, "BUILDING")
    assert rows["web"]["url"] == f"http://{shop.instance().address}"
    assert rows["Postgres"]["source"]["image"].startswith("ghcr.io/railwayapp-templates/postgres-ssl:")
    assert rows["Postgres"]["volumes"][0]["mountPath"] == "/var/lib/postgresql/data"
    assert "web  SUCCESS" in shop("service", "ls").out


def test_service_status_speaks_of_the_latest_one_not_of_the_one_that_serves(shop: Shop) -> None:
    shop.script("SUCCESS")
    new = shop.script({"status": "INITIALIZING", "stopped": True})
    status = shop("service", "status", "-s", "web", "--json").json

    assert (status["deploymentId"], status["status"], status["stopped"]) == (new.id, "INITIALIZING", True)
    assert "Status: INITIALIZING (stopped)" in shop("service", "status", "-s", "web").out


def test_all_services_come_with_a_deprecation(shop: Shop) -> None:
    answer = shop("service", "status", "--all", "--json")

    assert [row["name"] for row in answer.json] == ["web", "Postgres"]
    assert "deprecated" in answer.err


def test_a_linked_service_that_is_gone(shop: Shop) -> None:
    with shop.world.change() as state:
        state.links[str(shop.folder)].service = "s-gone"

    assert (1, "", "Linked service not found in this environment") == shop("service", "status").failure
