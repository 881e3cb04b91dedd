"""The bodies of `railway.login` and `railway.link`: both belong to a person at a terminal."""

from __future__ import annotations

from interlocking.environment import child_environment
from interlocking.errors import RefusedError, UnavailableError
from interlocking.process import hand_over
from interlocking.railway.access import access_kind
from interlocking.railway.calls import executable
from interlocking.tasks.edge import Suite

# A surrounding `railway run` would aim both at its own project.
_SCRUBBED = dict.fromkeys(("RAILWAY_PROJECT_ID", "RAILWAY_ENVIRONMENT_ID", "RAILWAY_SERVICE_ID", "RAILWAY_ENV"))


def login(suite: Suite) -> None:
    """Hand over to the CLI's login.

    Raises:
        RefusedError: a token is set, which the CLI would check instead of logging in; or this is no terminal.
        UnavailableError: the CLI is missing, or the login did not succeed.
    """
    kind = access_kind(suite.project.variables)
    if kind != "login":
        raise RefusedError(
            f"a token is used here ({kind.replace('-', ' ')}), so there is nothing to log in to",
            code="railway-token-set",
            why="the CLI would only check the token, and refuses a project's token although it is good",
            next="unset RAILWAY_TOKEN and RAILWAY_API_TOKEN first, also in .env; or invoke railway.check",
        )
    _hand_over(suite, "login")


def link(suite: Suite) -> None:
    """Hand over to the CLI's link.

    Raises:
        RefusedError: a project's token needs no link and may make none; or this is no terminal.
        UnavailableError: the CLI is missing, or nothing was linked.
    """
    if access_kind(suite.project.variables) == "project-token":
        raise RefusedError(
            "a project's token (RAILWAY_TOKEN) needs no link, and cannot make one",
            code="railway-token-set",
            why="it is already one project and one environment",
            next="invoke railway.check",
        )
    _hand_over(suite, "link")


def _hand_over(suite: Suite, command: str) -> None:
    program = executable()
    if not suite.console.context.stdin_tty:
        raise RefusedError(
            f"railway {command} asks questions, and this is not a terminal",
            code="no-terminal",
            why="nothing was changed",
            next="type it at a terminal; in CI set RAILWAY_TOKEN to a token of the project",
        )
    suite.console.story(f"handing over to railway {command}")
    status = hand_over([program, command], cwd=suite.root, env=child_environment(_SCRUBBED))
    if status:
        raise UnavailableError(
            f"railway {command} ended with status {status}",
            code="railway-failed",
            next=f"invoke railway.{command} again, or invoke railway.check",
        )
