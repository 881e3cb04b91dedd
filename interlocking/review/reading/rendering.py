"""The door to the child that runs revision files: starts it, hears it, ends it when a file holds it up."""

from __future__ import annotations

import json
import os
import selectors
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import interlocking
from interlocking.environment import child_environment
from interlocking.errors import UnavailableError
from interlocking.process import DEVNULL, PIPE, Child, spawn, stop

_CHUNK = 1 << 20
_MOST_TEXT = 64 << 20
_GRACE = 0.5
_STARTING = 120.0
_START = (  # Alembic loads Mako, and Mako Pygments where it is there, for coloured error pages: a tenth of the start
    "import gc, sys; gc.disable(); sys.path.append({home!r}); sys.modules['pygments'] = None; "
    "from interlocking.review.child.entry import main; del sys.modules['pygments']; main()"
)
_NO_DATABASE: dict[str, str | None] = {  # neither the project's own nor what libpq would take by itself
    "DATABASE_URL": "postgresql+psycopg2://review@127.0.0.1:9/no-database-while-reviewing",
    "PGHOST": "127.0.0.1",
    "PGPORT": "9",
    "PGSERVICE": None,
    "PGPASSWORD": None,
}
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rendering:
    """How files are to be run.

    Args:
        root: the project's folder: the working directory, first on the import path.
        ini: Alembic's ini file.
        environment: the folder with `env.py`.
        server_version: PostgreSQL's major version.
        deadline: seconds that a file may take.
    """

    root: Path
    ini: Path
    environment: Path
    server_version: int
    deadline: float


@dataclass(frozen=True, slots=True)
class Ahead:
    """A child that loads Alembic and waits for its request.

    Attributes:
        child: the process.
        answers: the descriptor that it will be heard on.
        theirs: the number of the other end, in the child.
    """

    child: Child
    answers: int
    theirs: int


@contextmanager
def start_ahead(root: Path) -> Iterator[Ahead]:
    """Start a child; leaving the block ends it.

    Loading Alembic takes as long as many revisions: who knows early that it will be needed starts it early.

    Args:
        root: the project's folder.
    """
    answers, theirs = os.pipe()
    os.set_blocking(answers, False)
    home = str(Path(interlocking.__file__).parent.parent)
    with spawn(
        [sys.executable, "-c", _START.format(home=home)],
        cwd=root,
        env=child_environment(_NO_DATABASE),
        stdin=PIPE,
        stdout=DEVNULL,
        stderr=DEVNULL,
        pass_fds=[theirs],
        grace=_GRACE,
    ) as child:
        os.close(theirs)
        try:
            yield Ahead(child, answers, theirs)
        finally:
            os.close(answers)


def render(rendering: Rendering, files: Sequence[Path], ahead: Ahead | None = None) -> Iterator[Answer]:
    """Run the functions of revision files, without a database.

    Args:
        rendering: how.
        files: which, in the order of their application.
        ahead: the first child, when it was started ahead.

    Yields:
        One answer a file, in the given order: `file`, `upgrade`, `downgrade` (each `statements` and `asked`),
        `problems`, `modules`.

    Raises:
        UnavailableError: the child cannot even start.
    """
    waiting = [str(path) for path in files]
    while waiting:
        with nullcontext(ahead) if ahead else start_ahead(rendering.root) as started:
            for answer in _heard(started, rendering, tuple(waiting)):
                yield answer
                del waiting[0]
        ahead = None


def _heard(started: Ahead, rendering: Rendering, files: Sequence[str]) -> Iterator[Answer]:
    """Yield answers until all are there, or until a file has held up or ended the child."""
    _ask(started, rendering, files)
    messages = _messages(started, patience=2 * rendering.deadline + _GRACE)
    is_ready = next(messages, None) is not None
    count = 0
    for count, answer in enumerate(messages, 1):
        yield answer
        if count == len(files):
            return
    kind, said = _ending(started.child)
    stop(started.child, grace=_GRACE)
    if not is_ready:
        raise UnavailableError(
            f"no revision can be read: {said}",
            code="review-not-started",
            why="a child process runs them with the project's own Alembic and SQLAlchemy",
            next=f"{sys.executable} -c 'import alembic.command'",
        )
    yield _unread(files[count], kind, said)


def _ask(started: Ahead, rendering: Rendering, files: Sequence[str]) -> None:
    assert started.child.stdin is not None  # noqa: S101 - it is a pipe
    request = {
        "root": str(rendering.root),
        "ini": str(rendering.ini),
        "environment": str(rendering.environment),
        "server_version": rendering.server_version,
        "deadline": rendering.deadline,
        "files": list(files),
        "answers": started.theirs,
    }
    with suppress(BrokenPipeError):  # a child that is gone says nothing, and that is noticed
        started.child.stdin.write(json.dumps(request))
        started.child.stdin.close()


def _messages(started: Ahead, *, patience: float) -> Iterator[dict[str, Any]]:
    """Yield what the child says, until it ends or says nothing for longer than `patience` seconds."""
    rest = b""
    latest = monotonic() + _STARTING
    with selectors.DefaultSelector() as selector:
        selector.register(started.answers, selectors.EVENT_READ)
        while selector.select(max(0.0, latest - monotonic())):
            chunk = os.read(started.answers, _CHUNK)
            if not chunk or len(rest) > _MOST_TEXT:
                started.child.wait()
                return
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield json.loads(line)
                latest = monotonic() + patience


def _ending(child: Child) -> tuple[str, str]:
    status = child.poll()
    if status is None:
        return "deadline", "it does not come to an end"
    return "ended", f"it ended the process that was reading it (status {status})"


def _unread(file: str, kind: str, said: str) -> Answer:
    nothing: Answer = {"statements": [], "asked": []}
    problem = {"kind": kind, "message": said, "direction": None, "line": 0}
    return {"file": file, "upgrade": nothing, "downgrade": nothing, "problems": [problem], "modules": []}
