"""A project without Flask: production is moved and released with Alembic's own command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from interlocking.postgres.url import DatabaseUrl
from tests.release.whole.shops import RAILWAY_TOML, START, Shop, open_shop, plain_shop_project
from tests.release.whole.test_release import DROP_ORDERS, ORDERS, RELEASE
from tests.servers import Server

CONFIRMED = ("--confirm", "production", "--watch", "0", "--backup", "none")


@pytest.fixture
def plain_shop(tmp_path: Path, postgres_server: Server, first: DatabaseUrl) -> Iterator[Shop]:
    """Its first release serves, at its first revision; a second one is committed."""
    with open_shop(tmp_path, postgres_server, first, make_project=plain_shop_project) as shop:
        shop.apply_first_revision()
        shop.deploy()
        shop.project.revision("orders", "open_shop", upgrade=ORDERS, downgrade=DROP_ORDERS)
        shop.commit("orders")
        yield shop


def test_its_database_is_moved_from_here_and_from_inside(plain_shop: Shop) -> None:
    """The guard in its env.py is met on both ways; inside, with the code that is deployed there."""
    status = plain_shop.invoke("db.prod-status", "--json").ok()
    assert ["orders"] == status.json["pending"]
    assert "FLASK_APP" not in status.text

    plain_shop.invoke("db.prod-upgrade", *CONFIRMED).ok()
    assert ["orders"] == plain_shop.applied()
    plain_shop.invoke("db.prod-downgrade", "-r", "open_shop", *CONFIRMED).ok()
    assert ["open_shop"] == plain_shop.applied()

    current = plain_shop.invoke("db.prod-current", "--via", "ssh", "--json").ok().json
    assert ["open_shop"] == current["current"]
    closed = plain_shop.invoke("db.prod-downgrade", "-r", "base", "--via", "ssh", *CONFIRMED)
    assert (5, []) == (closed.code, plain_shop.applied()), closed.describe()
    assert "answers status 500" in closed.text  # what serves needs the table
    plain_shop.invoke("db.prod-upgrade", "-r", "open_shop", "--via", "ssh", *CONFIRMED).ok()
    audited = plain_shop.sql("SELECT revision, direction, outcome FROM interlocking_audit ORDER BY id")
    assert [
        ("open_shop", "upgrade", "applied"),
        ("orders", "upgrade", "applied"),
        ("orders", "downgrade", "applied"),
        ("open_shop", "downgrade", "applied"),
        ("open_shop", "upgrade", "applied"),
    ] == audited


def test_it_is_released_with_its_migration(plain_shop: Shop) -> None:
    """`alembic upgrade head` runs before the start command, which is put back."""
    released = json.loads(plain_shop.invoke(*RELEASE, "--json").ok().out)

    assert (["open_shop"], ["orders"]) == (released["before"], released["after"])
    assert f"alembic upgrade head && {START}" == plain_shop.deployments[0].resolved["deploy"]["startCommand"]
    assert RAILWAY_TOML == (plain_shop.project.root / "railway.toml").read_text()
    assert plain_shop.answers()
