"""One command in one child: what is heard of it, and where the database stands when it ends."""

from __future__ import annotations

import secrets
import signal
import time
from dataclasses import dataclass, field
from typing import Any

from interlocking import errors
from interlocking.environment import Project
from interlocking.errors import CheckFailedError, IncompleteError, InterlockingError, StoppedError
from interlocking.plan import Event, Progress
from interlocking.postgres.url import DatabaseUrl
from interlocking.redaction import Redactor
from interlocking.upgrade.guarding.observer import say_effort
from interlocking.upgrade.results import MovedStep
from interlocking.upgrade.running.channel import Message
from interlocking.upgrade.running.conversation import converse
from interlocking.upgrade.running.preparation import make_target, variables
from interlocking.upgrade.running.standing import end_session, measure, read_versions

_MODULE = "interlocking.upgrade.child.entry"


@dataclass
class Run:
    """One command as it was heard.

    Args:
        url: the database.
        progress: is told every step and every printed line.
        version_table: (schema or None, name) as env.py configured it.
        before: what the version table held when the command began; None when it never got so far.
        running: the (direction, revision) that has begun and not ended.
        committed: whether that revision committed part of its work by itself.
    """

    url: DatabaseUrl
    progress: Progress
    version_table: tuple[str | None, str] | None = None
    before: tuple[str, ...] | None = None
    running: tuple[str, str] | None = None
    committed: bool = False
    steps: list[MovedStep] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)
    _position: tuple[int, int] | None = None
    _began: float = 0.0

    def heard(self, message: Message) -> None:
        """Take in one message of the child."""
        match message["event"]:
            case "configured":
                self.version_table = (message["schema"], message["table"])
            case "at":
                self.before = tuple(message["heads"]) if self.before is None else self.before
            case "own-commit":
                self.progress(Event("note", own_commit(message["revision"])))
            case "note":
                self.progress(Event("note", message["text"]))
            case "running":
                self.progress(Event("running", message["text"], position=self._position, share=message["share"]))
            case "committed":
                self.committed = True
            case "started":
                self._started(message)
            case "done":
                self._done(message)

    def printed(self, line: str) -> None:
        """Pass on a line that the project printed."""
        self.progress(Event("note", line))

    def after(self) -> tuple[str, ...]:
        """Return what the version table holds now, read on a new connection."""
        return read_versions(self.url, self.version_table) if self.version_table else ()

    def failure(self, error: InterlockingError) -> InterlockingError:
        """Return the error to raise: `error` itself when nothing was changed, else an IncompleteError."""
        if self.running:
            seconds = time.perf_counter() - self._began
            self.progress(Event("failed", " ".join(self.running), seconds=seconds, position=self._position))
        standing, changed = self._standing()
        if isinstance(error, StoppedError):
            return StoppedError(error.signal_number, error.message, why=standing, next="invoke db.status")
        if not changed:
            error.why = error.why or (standing if self.running else "")
            return error
        return IncompleteError(error.message, code=error.code, why=standing, next=error.next)

    def _standing(self) -> tuple[str, bool]:
        """Say where the database stands, and whether that is elsewhere than before."""
        if self.before is None:
            return "nothing was changed", False
        after = self.after()
        place = ", ".join(after) or "base"
        fate = self._fate(after)
        if self.committed and self.running:
            return f"{self.running[1]} committed part of its work before it ended; the database is at {place}", True
        if after != self.before:
            return f"{fate or 'what came before stays: '}the database is at {place}", True
        return f"{fate}nothing was changed: the database is at {place}, as before", False

    def _fate(self, after: tuple[str, ...]) -> str:
        """Say what became of the revision that was running, as the beginning of a sentence."""
        if self.running is None:
            return ""
        direction, revision = self.running
        is_done = (revision in after) == (direction == "upgrade")
        return f"{revision} was {'committed' if is_done else 'rolled back'}; "

    def _started(self, message: Message) -> None:
        self.running, self.committed = (message["direction"], message["revision"]), False
        self._position, self._began = tuple(message["position"]), time.perf_counter()
        self.progress(Event("started", " ".join(self.running), position=self._position))

    def _done(self, message: Message) -> None:
        self.running = None
        step = MovedStep(
            message["revision"],
            message["direction"],
            message["seconds"],
            tries=message["tries"],
            waited=message["waited"],
        )
        self.steps.append(step)
        effort = f" ({say_effort(step.tries, step.waited)})" if step.tries else ""
        text = f"{step.direction} {step.revision}{effort}"
        self.progress(Event("done", text, seconds=step.seconds, position=self._position))


def run_child(
    project: Project, url: DatabaseUrl, progress: Progress, *, command: str, arguments: dict[str, Any]
) -> Run:
    """Run one command in a child and return what was heard.

    Args:
        project: the project on disk.
        url: the database that is meant; it is measured first, and the child refuses any other.
        progress: hears of steps and printed lines.
        command: a key of the child's `COMMANDS`, or `call`.
        arguments: what the command takes.
    """
    run = Run(url, progress)
    session = f"interlocking {secrets.token_hex(4)}"
    target = make_target(project, url, measure(url))
    with converse(
        _MODULE,
        cwd=project.root,
        env=variables(project, url, session=session),
        mask=Redactor([url.password.reveal()]),
        on_event=run.heard,
        on_line=run.printed,
    ) as talk:
        try:
            answer = talk.ask({"command": command, "arguments": arguments, "target": target.message()})
        except (KeyboardInterrupt, StoppedError) as stopped:
            talk.interrupt()
            end_session(url, session)  # a statement that waits for a lock would not notice that we left
            raise run.failure(_as_stopped(stopped)) from None
    if "result" not in answer:
        raise run.failure(_error(answer, run.running))
    run.result = answer["result"]
    return run


def own_commit(revision: str) -> str:
    """Say that a revision ends the transaction in which Alembic would have noted it."""
    return f"{revision} commits by itself: plain Alembic then forgets to note it in the version table"


def rebuilt(values: dict[str, Any]) -> InterlockingError:
    """Return the error that a child described."""
    kind: type[InterlockingError] = getattr(errors, values["type"])
    return kind(values["message"], code=values["code"], why=values["why"], next=values["next"])


def ended_early(answer: Message, during: tuple[str, str] | None) -> CheckFailedError:
    """Return the error for a child that ended without an answer."""
    status = answer["ended"]
    how = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
    what = f"{during[1]} did not finish its {during[0]}: " if during else ""
    said = f"; it last said: {answer['said'][-1]}" if answer["said"] else ""
    return CheckFailedError(f"{what}the process of Alembic {how}{said}", code="child-ended")


def _error(answer: Message, during: tuple[str, str] | None) -> InterlockingError:
    if "error" in answer:
        return rebuilt(answer["error"])
    if "ended" in answer:
        return ended_early(answer, during)
    return StoppedError(signal.SIGINT)


def _as_stopped(error: BaseException) -> StoppedError:
    return error if isinstance(error, StoppedError) else StoppedError(signal.SIGINT)
