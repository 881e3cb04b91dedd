"""`up` that stays: build logs, then a verdict, or none."""

from __future__ import annotations

import time

from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.entities import Deployment

_POLL_SECONDS = 0.1
_VERDICTS = {"SUCCESS": "complete", "FAILED": "failed", "CRASHED": "crashed"}
_JSON_VERDICTS = {"SUCCESS": "success", "FAILED": "failed", "CRASHED": "crashed"}
_BREAKS_OFF = frozenset({"status-error", "old-cli"})
_BEFORE_THE_LOG_ENDS = frozenset({"INITIALIZING", "QUEUED", "BUILDING"})
_SKIPPED_LOG = "No changed files matched patterns"


class _Follower:
    """Prints the lines of a deployment's logs that were not printed yet."""

    def __init__(self, call: Call, deployment: str, *kinds: str) -> None:
        self._call = call
        self._deployment = deployment
        self._printed = dict.fromkeys(kinds, 0)

    def print_new(self) -> int:
        """Print them, and return how many lines were printed since the beginning."""
        for kind, count in self._printed.items():
            lines = self._call.world.log(self._deployment, kind)
            for line in lines[count:]:
                if self._call.json:
                    self._call.out.compact(line)
                else:
                    self._call.out.line(line["message"])
            self._printed[kind] = len(lines)
        return sum(self._printed.values())


def follow(call: Call, deployment: Deployment, interactive: bool) -> int:  # noqa: FBT001 - its one other mode
    """Show the logs of a deployment until SUCCESS, FAILED or CRASHED; any other end is waited for without limit.

    Args:
        call: of `up`.
        deployment: just made.
        interactive: whether the deploy log is shown too, and goes on after SUCCESS until Ctrl-C.

    Returns:
        The exit code of `up`.
    """
    if not call.json and not interactive:
        call.out.line("CI mode enabled")
    trap = call.trap("verdict")
    if trap == "stream-error":
        call.out.note("Failed to stream build logs: WebSocket connection error")
        call.out.note("Waiting on the deployment status instead…")
    follower = _Follower(call, deployment.id, *(("build", "deploy") if interactive else ("build",)))
    while True:
        status = call.look().deployments[deployment.id].status
        printed = 0 if trap == "stream-error" else follower.print_new()
        if trap in _BREAKS_OFF:
            return _break_off(call, trap)
        if trap == "none" and (printed or status not in _BEFORE_THE_LOG_ENDS):
            return 0
        if status in _VERDICTS and not (interactive and status == "SUCCESS"):
            return _conclude(call, status)
        if call.arguments.on("ci") and _says_skipped(call, deployment):
            return 0
        time.sleep(_POLL_SECONDS)


def _break_off(call: Call, trap: str) -> int:
    reason = "WebSocket connection error"
    if trap == "old-cli":
        call.out.note("Failed to stream build logs: Failed to retrieve build log")
    elif call.json:
        call.out.note(call.out.compacted({"error": reason}))
    else:
        call.out.note(f"Failed to get deploy status: {reason}")
    return 1


def _conclude(call: Call, status: str) -> int:
    if call.json:
        call.out.compact({"status": _JSON_VERDICTS[status]})
    else:
        call.out.line(f"Deploy {_VERDICTS[status]}")
    return 0 if status == "SUCCESS" else 1


def _says_skipped(call: Call, deployment: Deployment) -> bool:
    lines = call.world.log(deployment.id, "build")
    return bool(lines) and lines[0]["message"].startswith(_SKIPPED_LOG)
