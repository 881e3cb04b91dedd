"""What the real CLI adds on stderr: the config-as-code warning where it is due, the rest when a test asks for it."""

from __future__ import annotations

from interlocking.railway.local.cli.call import Call

_QUIET_COMMANDS = frozenset({"login", "logout", "whoami", "completion", "docs", "help", "upgrade"})
_ENDS_LIKE_ITS_CHILD = frozenset({"run", "local", "ssh", "up"})
_QUIETENS = frozenset({"--json", "--help", "-h", "--version", "-V"})
_FALSE = frozenset({"0", "false", "off"})
_DEPRECATED = """\
warning: Config as Code (railway.json / railway.toml) is deprecated. Prefer Infrastructure as Code \
(.railway/railway.ts). Run `railway config migrate` or see https://docs.railway.com/infrastructure-as-code
  → Run `railway config migrate` to convert this file.
  Existing files keep working until 2026-12-01."""


def before(call: Call, *, as_json: bool) -> None:
    """Write what comes before a command's own output.

    Args:
        call: of any command.
        as_json: whether it writes its warnings as JSON lines.
    """
    timeout = call.environ.get("RAILWAY_HTTP_TIMEOUT")
    if timeout is not None and not timeout.isdigit():
        _warn(call, "INVALID_HTTP_TIMEOUT", f"Ignoring invalid RAILWAY_HTTP_TIMEOUT {timeout!r}", as_json=as_json)
    if call.under_an_agent and call.environ.get("RAILWAY_AGENT_ADVISORY", "").lower() not in _FALSE:
        call.out.note("Railway is available to coding agents as an MCP server: run `railway setup agent`.")
    if "noise" in call.state.traps:
        call.out.note("Access token refreshed.")
        call.out.note("This CLI collects anonymous telemetry. Set DO_NOT_TRACK=1 to opt out.")


def _warn(call: Call, code: str, message: str, *, as_json: bool) -> None:
    document = {"level": "warning", "code": code, "message": message, "hint": None}
    call.out.note(call.out.compacted(document) if as_json else f"warning: {message}")


def after(call: Call, family: str, status: int) -> None:
    """Write what comes after a command that returned normally."""
    if status == 0 and family not in _QUIET_COMMANDS | _ENDS_LIKE_ITS_CHILD and _deprecated(call):
        call.out.note(_DEPRECATED)
    if call.under_an_agent and call.environ.get("RAILWAY_AGENT_ADVISORY", "").lower() not in _FALSE:
        call.out.note("Railway is available to coding agents as an MCP server: run `railway setup agent`.")
    if "noise" in call.state.traps:
        call.out.note("New version available: v5.63.1 (current v5.43.1). Run `railway upgrade`.")


def _deprecated(call: Call) -> bool:
    if call.environ.get("RAILWAY_CAC_DEPRECATION_WARNING", "").lower() in _FALSE or _QUIETENS & set(call.argv):
        return False
    names = ("railway.toml", "railway.json")
    return any((folder / name).is_file() for folder in (call.cwd, *call.cwd.parents) for name in names)
