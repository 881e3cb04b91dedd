"""Where the child begins: read one request, do it, answer, end."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from interlocking.errors import InterlockingError
from interlocking.upgrade.child.application import prefer_project
from interlocking.upgrade.child.commands import run
from interlocking.upgrade.child.environment import Watch
from interlocking.upgrade.child.failures import explain
from interlocking.upgrade.running.channel import Channel, Message, adopt
from interlocking.upgrade.running.target import Target


def main() -> NoReturn:
    """Serve one request on the descriptor named by the last argument."""
    channel = open_channel()
    request = next(channel.messages())
    answer = _answer(request, channel)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the work is done: from here on the end is near anyway
    channel.send(answer)
    leave()


def open_channel() -> Channel:
    """Return the private channel, with Ctrl-C arriving once and nothing of the project's on it."""
    signal.signal(signal.SIGINT, _interrupted)
    sys.stdout = sys.stderr  # one stream, so that what is printed keeps its order and is never held back
    return adopt(int(sys.argv[-1]))


def leave() -> NoReturn:
    """End at once: threads and pools that the project started must not keep the process."""
    os._exit(0)


def error_message(error: InterlockingError) -> Message:
    """Return an error as the channel carries it."""
    return {
        "type": type(error).__name__,
        "message": error.message,
        "code": error.code,
        "why": error.why,
        "next": error.next,
    }


def _answer(request: Message, channel: Channel) -> Message:
    watch = Watch(Target.from_message(request["target"]), channel.send)
    try:
        prefer_project(watch.target)
        return {"result": run(request["command"], request["arguments"], watch)}
    except KeyboardInterrupt:
        return {"interrupted": True}
    except BaseException as error:  # noqa: BLE001 - SystemExit of a revision is an answer too
        return {"error": error_message(explain(error, watch))}


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt for the first Ctrl-C only: a second one must not break the rollback."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt
