"""Which service is which, and what a person is told when several could be."""

from __future__ import annotations

import pytest

from interlocking.errors import UsageError
from interlocking.railway.discovery import Services, tell_apart
from interlocking.railway.results import Service
from interlocking.railway.settings import RailwaySettings

WEB, SPA = Service("s-1", "web"), Service("s-2", "spa")
POSTGRES = Service("s-3", "Postgres", image="ghcr.io/railwayapp-templates/postgres-ssl:16")
SECOND = Service("s-4", "Reports", image="postgres:17")
REDIS = Service("s-5", "redis", image="redis:7")


def test_the_only_application_is_the_backend() -> None:
    """And the only PostgreSQL the database."""
    assert Services(WEB, None, POSTGRES) == tell_apart([WEB, POSTGRES], RailwaySettings())


def test_one_name_is_enough_to_know_both_applications() -> None:
    """The other one is the other one; what runs an image is neither."""
    listed = [SPA, WEB, REDIS, POSTGRES]

    assert Services(WEB, SPA, POSTGRES) == tell_apart(listed, RailwaySettings(backend="web"))


def test_names_of_the_settings_win() -> None:
    """An id is as good."""
    settings = RailwaySettings(backend="s-1", frontend="spa", database="Reports")

    assert Services(WEB, SPA, SECOND) == tell_apart([WEB, SPA, POSTGRES, SECOND], settings)


@pytest.mark.parametrize(
    ("listed", "settings", "role"),
    [
        ([WEB, SPA, POSTGRES], RailwaySettings(), "backend"),
        ([WEB, POSTGRES, SECOND], RailwaySettings(), "database"),
        ([POSTGRES], RailwaySettings(), "backend"),
    ],
)
def test_what_could_be_several_is_asked_for(listed: list[Service], settings: RailwaySettings, role: str) -> None:
    """With the line to write."""
    with pytest.raises(UsageError) as caught:
        tell_apart(listed, settings)

    assert "railway-service-ambiguous" == caught.value.code
    assert f"set {role} in [tool.interlocking.railway]" in caught.value.next


def test_gotcha_35_a_name_in_another_case_is_not_taken() -> None:
    """Some commands would, others would not."""
    with pytest.raises(UsageError, match="'WEB'") as caught:
        tell_apart([WEB, POSTGRES], RailwaySettings(backend="WEB"))

    assert "web, Postgres" in caught.value.why


def test_a_missing_service_is_asked_for_when_it_is_needed() -> None:
    """Not before."""
    services = tell_apart([WEB], RailwaySettings())

    with pytest.raises(UsageError, match="no PostgreSQL service"):
        services.require_database()
    with pytest.raises(UsageError, match="which Railway service is the frontend"):
        services.of("frontend")
