"""Every text of the CLI that is known, and what it means here."""

from __future__ import annotations

import pytest

from interlocking.railway.failures import Failure, explain

REFUSED = "Please check that {} is valid and has access to the resource you're trying to use."
KNOWN = [
    ("Unauthorized. Please login with `railway login`", "railway-login"),
    (f"Unauthorized. {REFUSED.format('your RAILWAY_TOKEN')}", "railway-token-refused"),
    (f"Unauthorized. {REFUSED.format('your RAILWAY_API_TOKEN')}", "railway-token-refused"),
    ("Unauthorized. Please run `railway login` again.", "railway-login"),
    (f"Invalid RAILWAY_TOKEN. {REFUSED.format('it')}", "railway-token-refused"),
    ("Not signed in.", "railway-login"),
    ("Not authenticated. Run `railway login`, set RAILWAY_API_TOKEN, or set RAILWAY_TOKEN.", "railway-login"),
    ("No linked project found. Run railway link to connect to a project", "railway-not-linked"),
    ("Project not found. Run `railway link` to connect to a project.", "railway-not-linked"),
    ("Project is deleted. Run `railway link` to connect to a project.", "railway-target-deleted"),
    ("Environment is deleted. Run `railway environment` to connect.", "railway-target-deleted"),
    ('Environment "stagign" not found.\nRun `railway environment`.', "railway-environment-not-found"),
    ('Environment "x" is restricted. Ask a workspace admin for access.', "railway-access"),
    ('Service "api" not found.', "railway-service-not-found"),
    ("Service not found", "railway-service-not-found"),
    ("Service 'api' not found", "railway-service-not-found"),
    ("No service linked\nRun `railway service` to link a service", "railway-service-not-found"),
    ("Project has no services.", "railway-no-services"),
    ("You do not have access to this resource.", "railway-access"),
    ("No project specified. Use --project or run `railway link` first", "railway-not-linked"),
    ("RAILWAY_ENVIRONMENT_ID cannot be set without RAILWAY_PROJECT_ID.", "railway-not-linked"),
    ("Failed to upload code. File too large (99 bytes): maximum is 9", "upload-too-large"),
    ("No SSH keys found in your SSH agent or ~/.ssh/.", "ssh-key-missing"),
    ("No registered SSH keys found. Register one with:", "ssh-key-missing"),
    ("Host key verification failed.", "ssh-host-unknown"),
    ("SSH tunnel exited before it was ready (exit status: 255)", "tunnel-failed"),
    ("No supported database found in service", "railway-not-a-database"),
    ("Postgres has no volume attached -- PITR backups require a volume.", "railway-no-volume"),
    ("No deployments found", "railway-no-deployment"),
]
TRANSIENT = [
    "Failed to fetch: error sending request for url (https://backboard.railway.com/graphql/v2)\n\nCaused by:\n    dns error",
    "Failed to fetch: error decoding response body",
    "Failed to get data from GraphQL response",
    "Failed to upload code with status code 504 Gateway Timeout",
]


def explained(said: str, status: int = 1) -> Failure:
    return explain(said, asked="status", status=status)


@pytest.mark.parametrize(("said", "code"), KNOWN, ids=[said[:40] for said, _code in KNOWN])
def test_a_known_text_has_a_code_and_a_remedy(said: str, code: str) -> None:
    """And stays as it is until a person changes something."""
    failure = explained(said)

    assert (code, False) == (failure.error.code, failure.transient)
    assert failure.error.why
    assert failure.error.next


def test_the_name_in_the_text_is_in_the_message() -> None:
    """A person sees what was misspelled."""
    assert "'stagign'" in explained('Environment "stagign" not found.').error.message
    assert "'RAILWAY_TOKEN'" in explained(f"Invalid RAILWAY_TOKEN. {REFUSED.format('it')}").error.message


@pytest.mark.parametrize("said", TRANSIENT, ids=[said[:40] for said in TRANSIENT])
def test_only_the_network_and_the_server_are_worth_another_try(said: str) -> None:
    """But a request that may have been read is not repeated blindly."""
    failure = explained(said)

    assert ("railway-unreachable", True, False) == (failure.error.code, failure.transient, failure.refused_unread)


@pytest.mark.parametrize(
    ("said", "pause"),
    [
        ("You are being ratelimited. Try again in 7 seconds", 7.0),
        ("You are being ratelimited. Try again in about 2 minutes", 120.0),
        ("You are being ratelimited. Please try again later", 0.0),
    ],
)
def test_gotcha_36_a_rate_limit_says_how_long(said: str, pause: float) -> None:
    """The server read nothing, so anything may be repeated."""
    failure = explained(said)

    assert (True, True, pause) == (failure.transient, failure.refused_unread, failure.pause)
    assert "railway-rate-limit" == failure.error.code


def test_gotcha_21_exit_code_2_is_a_usage_error() -> None:
    """Of this suite against a CLI that changed, not the person's."""
    assert "railway-usage" == explained("error: unexpected argument '--json' found", status=2).error.code


def test_an_unknown_failure_keeps_the_words_of_the_cli_and_no_password() -> None:
    """Masked before anybody can print it."""
    error = explained("no luck with postgresql://ada:canary-pw@db/shop\nCaused by:\n  the moon").error

    assert "railway-failed" == error.code
    assert "no luck with postgresql://ada:***@db/shop" in error.message
    assert "the moon" in error.why
