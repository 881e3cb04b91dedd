"""What the CLI says when it fails: texts, codes and hints of version 5.43."""

from __future__ import annotations

from collections.abc import Sequence

_LINK = "Run `railway link` to connect to a project."


class CliError(Exception):
    """A runtime error: exit 1.

    Args:
        message: the exact text.
        code: its code in JSON mode.
        hint: printed after an arrow.
        causes: the chain behind `Caused by:`.
    """

    def __init__(
        self, message: str, *, code: str = "ERROR", hint: str | None = None, causes: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint
        self.causes = tuple(causes)

    def human(self) -> str:
        """Return the text for stderr."""
        lines = [self.message]
        if self.causes:
            lines += ["", "Caused by:", *(f"    {number}: {cause}" for number, cause in enumerate(self.causes))]
        if self.hint:
            lines.append(f"  → {self.hint}")
        return "\n".join(lines)


class ArgumentError(Exception):
    """Wrong arguments: exit 2, in the words of clap."""


def unauthorized() -> CliError:
    """No credentials at all."""
    return CliError("Unauthorized. Please login with `railway login`", code="UNAUTHORIZED")


def rejected(variable: str) -> CliError:
    """A token of the environment that may not do this."""
    return CliError(
        f"Unauthorized. Please check that your {variable} is valid and has access to the resource "
        "you're trying to use.",
        code="UNAUTHORIZED",
    )


def invalid(variable: str) -> CliError:
    """A token that the server does not know."""
    return CliError(
        f"Invalid {variable}. Please check that it is valid and has access to the resource you're trying to use.",
        code="INVALID_TOKEN",
    )


def login_rejected() -> CliError:
    """A stored login that the server no longer accepts."""
    return CliError("Unauthorized. Please run `railway login` again.", code="UNAUTHORIZED")


def forbidden() -> CliError:
    """A credential of the wrong kind for a call."""
    return CliError("You do not have access to this resource.", code="OAUTH_INSUFFICIENT_GRANT")


def no_linked_project() -> CliError:
    """Nothing says which project is meant."""
    return CliError(
        "No linked project found. Run railway link to connect to a project", code="NO_LINKED_PROJECT", hint=_LINK
    )


def project_not_found() -> CliError:
    """An id that is no project of the account."""
    return CliError(f"Project not found. {_LINK}")


def environment_not_found(name: str) -> CliError:
    """A name or id that is no environment of the project."""
    return CliError(f'Environment "{name}" not found.\nRun `railway environment` to connect to an environment.')


def no_service_linked() -> CliError:
    """A command that needs a service, and none is given."""
    return CliError(
        "No service linked\nRun `railway service` to link a service", hint="Run `railway service` to link a service."
    )


def no_services() -> CliError:
    """A project without a service."""
    return CliError("Project has no services.")


def non_interactive() -> CliError:
    """A confirmation that nobody can give."""
    return CliError("Cannot prompt for confirmation in non-interactive mode. Use --yes to skip confirmation.")


def network(kind: str) -> CliError:
    """The network as the trap `network` wants it."""
    if kind == "html":
        return CliError("Failed to fetch: error decoding response body", code="FETCH_ERROR")
    if kind == "ratelimited":
        return CliError("You are being ratelimited. Try again in 1 seconds", code="RATELIMITED")
    if kind == "no-data":
        return CliError("Failed to get data from GraphQL response")
    url = "https://backboard.railway.com/graphql/v2"
    return CliError(
        f"Failed to fetch: error sending request for url ({url})",
        code="FETCH_ERROR",
        causes=("client error (Connect)", "tcp connect error", "Connection refused (os error 111)"),
    )
