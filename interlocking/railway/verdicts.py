"""What became of a deployment: from the statuses that were seen to a verdict. Pure: the clock is handed in.

SUCCESS means that the healthcheck passed once, and can turn into CRASHED seconds later, so it is believed only when
it lasts. Statuses that are new to us count as in progress until the deadline.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from interlocking.errors import CheckFailedError, IncompleteError, InterlockingError
from interlocking.railway.results import LogLine

Outcome = Literal["success", "failed", "crashed", "skipped", "superseded", "needs-approval", "timeout"]

_DEPLOYED = frozenset({"SUCCESS", "SLEEPING"})
_ENDS: dict[str, Outcome] = {
    "FAILED": "failed",
    "CRASHED": "crashed",
    "SKIPPED": "skipped",
    "REMOVED": "superseded",
    "REMOVING": "superseded",
}
_WORDS: dict[Outcome, str] = {
    "success": "is live",
    "failed": "failed",
    "crashed": "crashed after it had started",
    "skipped": "was skipped: nothing was deployed",
    "superseded": "was replaced by a newer one before it was done",
    "needs-approval": "waits for somebody's approval on Railway",
    "timeout": "has no verdict yet",
}
_WHY: dict[Outcome, str] = {
    "success": "",
    "failed": "its build, its pre-deploy command or its healthcheck did not succeed",
    "crashed": "its processes ended and used up their restarts",
    "skipped": "no changed file matches the service's watch patterns, or its checks failed",
    "superseded": "somebody else deployed the same service meanwhile",
    "needs-approval": "nothing happens until it is approved in the dashboard",
    "timeout": "it goes on without us: builds are queued at busy times, and a pre-deploy command has no time limit",
}
_ERRORS: dict[Outcome, tuple[type[InterlockingError], str]] = {
    "failed": (CheckFailedError, "deploy-failed"),
    "crashed": (IncompleteError, "deploy-crashed"),
    "skipped": (CheckFailedError, "deploy-skipped"),
    "superseded": (CheckFailedError, "deploy-superseded"),
    "needs-approval": (IncompleteError, "deploy-needs-approval"),
    "timeout": (IncompleteError, "deploy-timeout"),
}
_REJECTED = "no logs: Railway rejected it before any container ran (bad configuration, quota, limited access)"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one deployment.

    Args:
        outcome: in one word.
        deployment_id: whose it is.
        status: Railway's last word about it; empty when it was never listed.
        seconds: how long it was watched.
        serving: the deployment that serves now, where it is another one; empty otherwise.
        build_log: the end of it, when it went wrong.
        deploy_log: the end of it, when it went wrong.
    """

    outcome: Outcome
    deployment_id: str
    status: str
    seconds: float
    serving: str = ""
    build_log: tuple[LogLine, ...] = ()
    deploy_log: tuple[LogLine, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the deployment is live and stayed so."""
        return self.outcome == "success"

    @property
    def words(self) -> str:
        """The verdict in words: `deployment d-9 failed`."""
        return f"deployment {self.deployment_id} {_WORDS[self.outcome]}"

    @property
    def why(self) -> str:
        """What it means, and the logs' last lines when it went wrong."""
        parts = [_WHY[self.outcome], f"deployment {self.serving} still serves" if self.serving else ""]
        if self.outcome in ("failed", "crashed"):
            logs = [line.message for line in (*self.build_log, *self.deploy_log)]
            parts += logs or [_REJECTED]
        return "\n".join(part for part in parts if part)

    def require_success(self, *, next: str = "invoke deploy.status") -> None:
        """Stop a sequence that needs this deployment to be live.

        Args:
            next: what to type.

        Raises:
            CheckFailedError: it failed, was skipped or replaced; what served before still serves.
            IncompleteError: it crashed, or its end is not known yet.
        """
        if not self.ok:
            kind, code = _ERRORS[self.outcome]
            raise kind(self.words, code=code, why=self.why, next=next)


@dataclass(slots=True)
class Watch:
    """One deployment under observation.

    Args:
        deadline: seconds until the watching ends.
        settle: seconds that a success must last.
    """

    deadline: float
    settle: float
    status: str = ""
    _succeeded_at: float | None = field(default=None, init=False)

    def observe(self, status: str | None, elapsed: float) -> Outcome | None:
        """Take one look.

        Args:
            status: Railway's word; None when the deployment is not in the list.
            elapsed: seconds since the watching began.

        Returns:
            The outcome, or None while it is open.
        """
        was_seen = bool(self.status)
        self.status = status or self.status
        if status is None and was_seen:
            return "superseded"  # a removed deployment may leave the list
        if status in _ENDS:
            return _ENDS[status]
        if status in _DEPLOYED:
            self._succeeded_at = elapsed if self._succeeded_at is None else self._succeeded_at
            return "success" if elapsed - self._succeeded_at >= self.settle else None
        self._succeeded_at = None
        if elapsed < self.deadline:
            return None
        return "needs-approval" if status == "NEEDS_APPROVAL" else "timeout"

    def pause(self, poll: float, elapsed: float) -> float:
        """Return the seconds until the next look: never past the moment that decides."""
        if self._succeeded_at is None:
            return max(0.0, min(poll, self.deadline - elapsed))
        return max(0.0, min(poll, self._succeeded_at + self.settle - elapsed))
