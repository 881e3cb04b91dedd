"""With which credentials, and in which environment, the CLI is called. Pure: the variables are handed in.

`RAILWAY_TOKEN` is a project token: one project and environment, nothing of an account. `RAILWAY_API_TOKEN` is an
account's or a workspace's. The CLI uses the first without a word when both are set (railwayapp/docs#1114), and takes
an empty one for a token (railwayapp/cli#747, #768), so both are refused here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from interlocking.errors import RefusedError, UsageError

PROJECT_TOKEN, API_TOKEN = "RAILWAY_TOKEN", "RAILWAY_API_TOKEN"
_TARGETS = ("RAILWAY_PROJECT_ID", "RAILWAY_ENVIRONMENT_ID", "RAILWAY_SERVICE_ID")
# Only a running container, or a surrounding `railway run`, has these; nobody types them to aim the CLI.
_INJECTED = ("RAILWAY_PROJECT_NAME", "RAILWAY_SERVICE_NAME", "RAILWAY_ENVIRONMENT_NAME")
_INSIDE = "RAILWAY_REPLICA_ID"

Kind = Literal["project-token", "api-token", "login"]

_QUIET: Mapping[str, str | None] = {
    "CI": "true",  # no spinner, no question, no self-update
    "RAILWAY_NO_AUTO_UPDATE": "1",
    "RAILWAY_NO_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "RAILWAY_CAC_DEPRECATION_WARNING": "0",
    "RAILWAY_AGENT_ADVISORY": "0",
    "NO_COLOR": "1",
    "FORCE_COLOR": None,
    "RAILWAY_ENV": None,  # would be another platform
    "RAILWAY_IAC_ENGINE": None,  # would pass over .railway/railway.py
    "RAILWAY_IAC_TS_BIN": None,
    "RAILWAY_SERVICE_ID": None,  # every call names its service
}


def access_kind(variables: Mapping[str, str]) -> Kind:
    """Return what the CLI will show to the platform.

    Args:
        variables: the process environment and `.env`.

    Raises:
        UsageError: two tokens are set, or one is set and empty.
    """
    tokens = [name for name in (PROJECT_TOKEN, API_TOKEN) if name in variables]
    empty = next((name for name in tokens if not variables[name].strip()), None)
    if empty:
        raise UsageError(
            f"{empty} is set and empty",
            code="railway-token-empty",
            why="the CLI takes an empty token for a token and says Unauthorized; in CI a missing secret becomes empty",
            next=f"give {empty} a value, or unset it to use the login of `railway login`",
        )
    if len(tokens) > 1:
        raise UsageError(
            f"{PROJECT_TOKEN} and {API_TOKEN} are both set",
            code="railway-token-both",
            why=f"the CLI would silently use {PROJECT_TOKEN}, which is one project's and one environment's",
            next=f"unset {API_TOKEN} to deploy with the project's token, or {PROJECT_TOKEN} to use the account's",
        )
    if not tokens:
        return "login"
    return "project-token" if tokens[0] == PROJECT_TOKEN else "api-token"


def require_account(kind: Kind, *, purpose: str) -> None:
    """Refuse a project token where the platform wants an account (railwayapp/cli#657).

    Args:
        kind: what the CLI would show.
        purpose: what it was wanted for, in words.

    Raises:
        RefusedError: it is a project token; nothing was asked of the platform.
    """
    if kind == "project-token":
        raise RefusedError(
            f"{purpose} is not possible with a project token ({PROJECT_TOKEN})",
            code="railway-token-kind",
            why="a project token belongs to one environment and to no account, so it has no SSH keys",
            next=f"unset {PROJECT_TOKEN}, then railway login or an account's {API_TOKEN}; or --via public",
        )


def is_inside(variables: Mapping[str, str]) -> bool:
    """Return whether this process runs in a container on Railway; `railway run` does not set this variable."""
    return bool(variables.get(_INSIDE))


def child_changes(variables: Mapping[str, str], *, project: str = "") -> dict[str, str | None]:
    """Return how the environment of the CLI differs from ours; None removes a variable.

    Args:
        variables: the process environment and `.env`; a token in `.env` is passed on.
        project: id of the project that is meant; empty: the folder's link, the token's, or `RAILWAY_PROJECT_ID`.
    """
    changes: dict[str, str | None] = dict(_QUIET)
    changes |= {name: variables[name] for name in (PROJECT_TOKEN, API_TOKEN) if name in variables}
    changes["RAILWAY_ENVIRONMENT_ID"] = None
    if project:
        changes["RAILWAY_PROJECT_ID"] = project
    elif is_injected(variables) or not variables.get("RAILWAY_PROJECT_ID", "").strip():
        changes["RAILWAY_PROJECT_ID"] = None
    return changes


def is_injected(variables: Mapping[str, str]) -> bool:
    """Return whether `RAILWAY_*_ID` were put there by a surrounding `railway run`, or by the container."""
    return any(name in variables for name in _INJECTED) and any(name in variables for name in _TARGETS)
