"""`config plan` and `config apply` through the adapter: what exit codes do not say."""

from __future__ import annotations

import pytest

from interlocking.errors import IncompleteError, RefusedError, UsageError
from interlocking.railway.infrastructure import apply_configuration, plan_configuration
from tests.railway.adapters import asked, open_shop
from tests.railway.local.calls import Shop

GOOD = """
from railway_sdk import define_railway, preserve, project, service

PARTIAL = "web"


@define_railway
def main():
    kept = {"DATABASE_URL": preserve(), "FLASK_ENV": preserve()}
    return project("shop", resources=[service("web", start="gunicorn shop", env=kept)])
"""
NOTHING_KEPT = GOOD.replace("env=kept", "env={}")
TALKATIVE = "print('hello')\n" + GOOD


def configured(shop: Shop, text: str) -> Shop:
    """Write the file."""
    (shop.folder / ".railway").mkdir(exist_ok=True)
    (shop.folder / ".railway" / "railway.py").write_text(text)
    return shop


def test_a_plan_changes_nothing_and_an_apply_does(shop: Shop) -> None:
    """And one more apply has nothing to say, which is no failure."""
    cli = open_shop(configured(shop, GOOD))
    plan = plan_configuration(cli)
    assert (True, ("resource.update",)) == (plan.ok, tuple(change.kind for change in plan.changes))
    assert cli.configuration()[shop.instance().service].start_command is None

    shop.world.trap("script", [{"status": "SUCCESS"}])
    apply_configuration(cli)
    assert "gunicorn shop" == cli.configuration()[shop.instance().service].start_command
    assert () == apply_configuration(cli).changes


def test_gotcha_22_a_change_that_failed_behind_exit_0_is_an_error(shop: Shop) -> None:
    """It names the change."""
    shop.world.trap("apply", "failed-change")
    with pytest.raises(IncompleteError) as caught:
        apply_configuration(open_shop(configured(shop, GOOD)))

    assert "railway-apply-failed" == caught.value.code
    assert "web" in caught.value.why


def test_gotcha_23_what_the_file_does_not_list_is_not_deleted_unasked(shop: Shop) -> None:
    """A variable that is missing on a declared service would be."""
    with pytest.raises(RefusedError) as caught:
        apply_configuration(open_shop(configured(shop, NOTHING_KEPT)))

    assert "railway-destructive" == caught.value.code
    assert "Delete variable web.FLASK_ENV" in caught.value.why
    assert [] == asked(shop, "config", "apply")


@pytest.mark.parametrize("text", [TALKATIVE, "raise ValueError('typo')\n"], ids=["prints", "raises"])
def test_gotcha_24_a_file_that_cannot_be_evaluated_says_why(shop: Shop, text: str) -> None:
    """Our own Python runs it, because it has the SDK."""
    with pytest.raises(UsageError) as caught:
        plan_configuration(open_shop(configured(shop, text)))

    assert "railway-config" == caught.value.code


def test_the_environment_is_the_one_that_was_asked_for(shop: Shop) -> None:
    """These commands have no flag for it: its ids stand in their variables."""
    cli = open_shop(configured(shop, GOOD))
    plan_configuration(cli)

    environ = asked(shop, "config", "plan")[0].environ
    status = cli.status()
    assert (status.id, status.environment.id) == (environ["RAILWAY_PROJECT_ID"], environ["RAILWAY_ENVIRONMENT_ID"])
