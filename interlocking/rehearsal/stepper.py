"""The parent's side of the round trip's child: one step of one revision, asked for and awaited."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from interlocking.environment import Project
from interlocking.errors import InterlockingError
from interlocking.postgres.url import DatabaseUrl
from interlocking.redaction import Redactor
from interlocking.rehearsal.verdict import Outcome
from interlocking.revisions.model import History
from interlocking.upgrade.running.channel import Message
from interlocking.upgrade.running.conversation import Conversation, converse
from interlocking.upgrade.running.preparation import make_target, variables
from interlocking.upgrade.running.run import ended_early, own_commit, rebuilt
from interlocking.upgrade.running.runner import loaded_revision
from interlocking.upgrade.running.standing import measure, to_message

Direction = Literal["upgrade", "downgrade"]
_MODULE = "interlocking.rehearsal.child"


class Stepper:
    """A loaded project that runs revisions on the scratch database, each time in a fresh process.

    Args:
        url: the scratch database; its name stays, the database behind it may be exchanged between steps.
    """

    def __init__(self, url: DatabaseUrl) -> None:
        self.version_table: tuple[str | None, str] = (None, "alembic_version")
        self._url = url
        self._identity: dict[str, Any] | None = None
        self._talk: Conversation | None = None
        self._stepped: Message | None = None
        self._seconds = 0.0
        self._remarks: list[str] = []
        self._running: tuple[str, str] | None = None

    def load(self, project: Project, talk: Conversation) -> History:
        """Wait until the project is loaded, and return its revisions in the order of an upgrade.

        Raises:
            InterlockingError: it cannot be loaded, or env.py connects to another database.
        """
        self._talk = talk
        target = make_target(project, self._url, measure(self._url))
        answer = talk.ask({"target": target.message()})
        if "result" not in answer:
            raise self._error(answer)
        if (error := self._stepped_error()) is not None:
            raise error
        return History(tuple(loaded_revision(values) for values in answer["result"]["revisions"]))

    def run(self, direction: Direction, revisions: Sequence[str]) -> Outcome:
        """Run revisions in one direction and say how it went."""
        self.begin(direction, revisions)
        return self.finish()

    def begin(self, direction: Direction, revisions: Sequence[str]) -> None:
        """Start a step; `finish` awaits it."""
        self._stepped, self._running, self._seconds, self._remarks = None, None, 0.0, []
        self._identity = self._identity or to_message(measure(self._url))
        request = {"direction": direction, "revisions": list(revisions), "identity": self._identity}
        self._conversation.tell(request)

    def finish(self) -> Outcome:
        """Wait for the step that was begun; every process of it is gone afterwards."""
        answer = self._conversation.hear()
        error = self._stepped_error() if self._stepped is not None else self._error(answer)
        return Outcome(error, None if error else self._seconds, tuple(self._remarks))

    def database_exchanged(self) -> None:
        """Learn that another database has taken the name: what it is recognised by is measured anew."""
        self._identity = None

    def heard(self, message: Message) -> None:
        """Take in one message of the child."""
        match message["event"]:
            case "configured":
                self.version_table = (message["schema"], message["table"])
            case "started":
                self._running = (message["direction"], message["revision"])
            case "done":
                self._running = None
                self._seconds += message["seconds"]
            case "own-commit":
                self._remarks.append(own_commit(message["revision"]))
            case "stepped":
                self._stepped = message

    @property
    def _conversation(self) -> Conversation:
        if self._talk is None:
            raise RuntimeError("the project was not loaded")
        return self._talk

    def _stepped_error(self) -> InterlockingError | None:
        if self._stepped is None or "error" not in self._stepped:
            return None
        return rebuilt(self._stepped["error"])

    def _error(self, answer: Message) -> InterlockingError:
        """Return why there is no report: the child could not load, or a process ended under it."""
        if "error" in answer:
            return rebuilt(answer["error"])
        if "ended" in answer:
            return ended_early(answer, self._running)
        return ended_early({"ended": answer["status"], "said": self._conversation.said}, self._running)


@contextmanager
def loaded_project(project: Project, url: DatabaseUrl) -> Iterator[tuple[Stepper, History]]:
    """Load a project once, for many steps on the scratch database `url`.

    Yields:
        The stepper, and the project's revisions in the order of an upgrade.
    """
    stepper = Stepper(url)
    with converse(
        _MODULE,
        cwd=project.root,
        env=variables(project, url, session=f"interlocking {secrets.token_hex(4)}"),
        mask=Redactor([url.password.reveal()]),
        on_event=stepper.heard,
        on_line=lambda _line: None,  # each revision would say it three times
    ) as talk:
        yield stepper, stepper.load(project, talk)
