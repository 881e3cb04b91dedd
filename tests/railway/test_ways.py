"""The way to the database: chosen before anything connects, and gone to a real PostgreSQL."""

from __future__ import annotations

import psycopg2
import pytest

from interlocking.errors import RefusedError, UnavailableError, UsageError
from interlocking.postgres.url import DatabaseUrl
from interlocking.railway.cli import RailwayCli
from interlocking.railway.discovery import find_services
from interlocking.railway.local.creation import PROJECT_TOKEN, ServiceSpec, postgres
from interlocking.railway.ways import Via, Way, choose_way, open_way, parse_via
from tests.railway.adapters import ACCOUNT, Told, asked, open_shop
from tests.railway.conftest import MakeShop
from tests.railway.local.calls import WEB, Shop

PROJECT = {"RAILWAY_TOKEN": PROJECT_TOKEN}
OUTSIDE = ServiceSpec("web", {"DATABASE_URL": "postgresql://ada:pw@db.example.net/shop"})


@pytest.fixture
def with_proxy(new_shop: MakeShop, database: str) -> Shop:
    """A shop whose database has a public address."""
    return new_shop(WEB, postgres(database_url=database, public_url=database))


@pytest.fixture
def without_proxy(new_shop: MakeShop, database: str) -> Shop:
    """A shop whose database is only in the private network."""
    return new_shop(WEB, postgres(database_url=database))


def chosen(cli: RailwayCli, via: Via = "auto") -> Way:
    return choose_way(cli, find_services(cli), via)


def answer_of(url: DatabaseUrl) -> object:
    """Ask the database at the end of a way."""
    connection = psycopg2.connect(url.libpq(), connect_timeout=10)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT 42")
        row = cursor.fetchone()
    connection.close()
    return row[0] if row else None


def test_an_account_goes_through_a_tunnel(without_proxy: Shop) -> None:
    """Encrypted, and nothing has to be public."""
    cli = open_shop(without_proxy)
    way = chosen(cli)

    assert ("tunnel", "Postgres", None) == (way.via, way.service, way.fallback)
    with open_way(cli, way) as url:
        assert 42 == answer_of(url)


def test_a_project_token_goes_over_the_public_address(with_proxy: Shop) -> None:
    """It has no SSH."""
    cli = open_shop(with_proxy, PROJECT)
    way = chosen(cli)

    assert "public" == way.via
    with open_way(cli, way) as url:
        assert 42 == answer_of(url)


def test_a_tunnel_that_does_not_open_gives_way_and_says_so(with_proxy: Shop) -> None:
    """Where `auto` chose it; nobody asked for a tunnel and nothing else."""
    with with_proxy.world.change() as state:
        state.ssh_key = False
    told = Told()
    cli = open_shop(with_proxy, told=told)
    with open_way(cli, chosen(cli)) as url:
        assert 42 == answer_of(url)
    assert "knows no SSH key of this machine; going via public" in told.text

    with pytest.raises(UnavailableError) as caught, open_way(cli, chosen(cli, "tunnel")):
        pass
    assert "ssh-key-missing" == caught.value.code


def test_a_project_token_without_a_public_address_has_no_way(without_proxy: Shop) -> None:
    """Said before anything connects."""
    with pytest.raises(RefusedError) as caught:
        chosen(open_shop(without_proxy, PROJECT))

    assert "no-way" == caught.value.code


@pytest.mark.parametrize(("via", "code"), [("run", "private-host"), ("public", "no-public-address")])
def test_gotcha_07_a_private_host_is_refused_before_connecting(without_proxy: Shop, via: Via, code: str) -> None:
    """It would end in a name that does not resolve."""
    with pytest.raises(RefusedError) as caught:
        chosen(open_shop(without_proxy), via)

    assert code == caught.value.code
    assert "--via tunnel" in caught.value.next


def test_gotcha_07_a_public_variable_that_leads_inside_is_refused_too(new_shop: MakeShop, database: str) -> None:
    """Somebody may have copied the wrong one."""
    private = "postgresql://ada:pw@postgres.railway.internal:5432/shop"
    cli = open_shop(new_shop(WEB, postgres(database_url=database, public_url=private)))
    with pytest.raises(RefusedError) as caught:
        chosen(cli, "public")

    assert "private-host" == caught.value.code
    assert chosen(cli).fallback is None


def test_gotcha_08_and_09_run_never_runs_anything(new_shop: MakeShop) -> None:
    """`railway run` hides a child's death by a signal, and drops variables: only its URL is taken."""
    shop = new_shop(OUTSIDE)
    way = chosen(open_shop(shop), "run")

    assert "db.example.net" == (way.url.host if way.url else "")
    assert "run" == chosen(open_shop(shop)).via
    assert [] == asked(shop, "run")


def test_gotcha_17_a_sealed_url_is_told_apart_from_none(new_shop: MakeShop) -> None:
    """As far as anybody can."""
    shop = new_shop(ServiceSpec("web", {}, {"DATABASE_URL": "postgresql://ada:pw@db.example.net/shop"}))
    with pytest.raises(UsageError, match="web has no DATABASE_URL") as caught:
        chosen(open_shop(shop), "run")

    assert "sealed" in caught.value.why


def test_ssh_needs_a_container_and_says_whose_code_runs(without_proxy: Shop) -> None:
    """Old code, while a deployment is under way."""
    with pytest.raises(UnavailableError) as caught:
        chosen(open_shop(without_proxy), "ssh")
    assert "ssh-failed" == caught.value.code

    made = without_proxy.script("SUCCESS")
    way = chosen(open_shop(without_proxy), "ssh")
    assert way.runs_inside
    assert made.id in way.why


def test_a_container_goes_inside(without_proxy: Shop) -> None:
    """And nobody else: ids alone come from `railway run` too."""
    private = "postgresql://ada:pw@postgres.railway.internal:5432/shop"
    inside = {**ACCOUNT, "RAILWAY_REPLICA_ID": "r-1", "DATABASE_URL": private}
    way = chosen(open_shop(without_proxy, inside))

    assert ("inside", "postgres.railway.internal") == (way.via, way.url.host if way.url else "")
    with pytest.raises(RefusedError) as caught:
        chosen(open_shop(without_proxy, {**ACCOUNT, "RAILWAY_ENVIRONMENT_ID": "e-1"}), "inside")
    assert "not-inside" == caught.value.code


@pytest.mark.parametrize("via", ["auto", "tunnel", "public", "ssh", "run", "inside"])
def test_each_way_can_be_typed(via: str) -> None:
    """As it is documented."""
    assert via == parse_via(via)


def test_another_word_is_no_way() -> None:
    """The error lists those that are."""
    with pytest.raises(UsageError, match="--via vpn") as caught:
        parse_via("vpn")

    assert "tunnel, public" in caught.value.next
