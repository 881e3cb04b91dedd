"""`login` and `whoami`: they need a person behind the credential."""

from __future__ import annotations

from interlocking.railway.local.cli import errors
from interlocking.railway.local.cli.arguments import JSON, Command, flag
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.target import API_VARIABLE, PROJECT_VARIABLE


def commands(family: str) -> dict[tuple[str, ...], Command]:
    """Return the commands of a family."""
    if family == "login":
        return {(): Command(_login, (flag("-b", "--browserless"),))}
    return {(): Command(_whoami, (JSON,))}


def _login(call: Call) -> int:
    variable = next((name for name in (PROJECT_VARIABLE, API_VARIABLE) if name in call.environ), None)
    if variable is None:
        raise errors.CliError("Authentication timed out — no callback received after 5 minutes")
    known = {each.value for each in call.state.tokens if each.kind == "account"}
    if call.environ[variable] not in known:  # also for a perfectly good project token
        raise errors.invalid(variable)
    call.out.line(f"{variable} found")
    call.out.line(_greeting(call))
    return 0


def _whoami(call: Call) -> int:
    if call.credential.kind not in ("account", "oauth"):
        raise call.credential.rejected()
    user, project = call.state.user, call.state.project
    if call.json:
        workspaces = [{"id": project.workspace_id, "name": project.workspace}]
        call.out.pretty({"name": user.name, "email": user.email, "workspaces": workspaces})
    else:
        call.out.line(_greeting(call))
    return 0


def _greeting(call: Call) -> str:
    user = call.state.user
    return f"Logged in as {user.name} ({user.email}) 👋" if user.name else f"Logged in as {user.email} 👋"
