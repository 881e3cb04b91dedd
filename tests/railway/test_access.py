"""Which credentials the CLI is called with, and what its environment looks like."""

from __future__ import annotations

import pytest

from interlocking.errors import RefusedError, UsageError
from interlocking.railway.access import access_kind, child_changes, is_inside, require_account

INJECTED = {
    "RAILWAY_PROJECT_ID": "p-other",
    "RAILWAY_ENVIRONMENT_ID": "e-other",
    "RAILWAY_SERVICE_ID": "s-other",
    "RAILWAY_SERVICE_NAME": "other",
}


@pytest.mark.parametrize(
    ("variables", "kind"),
    [({}, "login"), ({"RAILWAY_TOKEN": "t"}, "project-token"), ({"RAILWAY_API_TOKEN": "t"}, "api-token")],
)
def test_the_variable_tells_the_kind_of_token(variables: dict[str, str], kind: str) -> None:
    """The value does not."""
    assert kind == access_kind(variables)


@pytest.mark.parametrize("name", ["RAILWAY_TOKEN", "RAILWAY_API_TOKEN"])
@pytest.mark.parametrize("value", ["", "  "])
def test_gotcha_13_an_empty_token_is_refused_by_name(name: str, value: str) -> None:
    """The CLI would take it for a token and say Unauthorized."""
    with pytest.raises(UsageError, match=name) as caught:
        access_kind({name: value})

    assert "railway-token-empty" == caught.value.code


def test_gotcha_14_two_tokens_are_refused() -> None:
    """The CLI would silently use the project's."""
    with pytest.raises(UsageError) as caught:
        access_kind({"RAILWAY_TOKEN": "a", "RAILWAY_API_TOKEN": "b"})

    assert "railway-token-both" == caught.value.code
    assert "unset RAILWAY_API_TOKEN" in caught.value.next


def test_gotcha_40_ids_of_a_surrounding_run_are_scrubbed() -> None:
    """A nested call would aim at the outer one's service."""
    changes = child_changes(INJECTED)

    assert [None, None, None] == [changes[name] for name in list(INJECTED)[:3]]


def test_an_id_that_somebody_typed_still_aims_the_cli() -> None:
    """Nobody but `railway run` and a container sets the names too."""
    assert "RAILWAY_PROJECT_ID" not in child_changes({"RAILWAY_PROJECT_ID": "p-mine"})
    assert "p-set" == child_changes({"RAILWAY_PROJECT_ID": "p-mine"}, project="p-set")["RAILWAY_PROJECT_ID"]


def test_gotcha_13_an_empty_project_id_is_unset() -> None:
    """Set and empty would mean a project that is not found."""
    assert child_changes({"RAILWAY_PROJECT_ID": ""})["RAILWAY_PROJECT_ID"] is None


def test_a_token_of_the_dotenv_file_reaches_the_cli() -> None:
    """The process environment does not have it."""
    assert "t-1" == child_changes({"RAILWAY_TOKEN": "t-1"})["RAILWAY_TOKEN"]


def test_a_project_token_is_refused_where_an_account_is_needed() -> None:
    """Before anything is asked."""
    require_account("login", purpose="a tunnel")
    with pytest.raises(RefusedError) as caught:
        require_account("project-token", purpose="a tunnel")

    assert "railway-token-kind" == caught.value.code


def test_only_a_container_is_inside() -> None:
    """`railway run` sets ids too, and no replica."""
    assert not is_inside(INJECTED)
    assert is_inside({"RAILWAY_REPLICA_ID": "r-1"})
