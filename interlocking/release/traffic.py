"""Steady traffic on a service while it is changed: every answer counts, and so does the wait for it."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

_CLIENTS = 4
_PAUSE_SECONDS = 0.05
_TIMEOUT_SECONDS = 30.0
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """One request.

    Args:
        at: when it was sent, in seconds of the monotonic clock.
        seconds: how long the client waited.
        failure: what went wrong; empty for an answer below 500.
    """

    at: float
    seconds: float
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """What the clients met during one step.

    Args:
        title: of the step.
        requests: sent during it.
        failures: what went wrong, each with its count.
        longest: the longest wait of a request that was under way during it, in seconds.
    """

    title: str
    requests: int
    failures: dict[str, int]
    longest: float


@dataclass(slots=True)
class Traffic:
    """What all clients have met so far."""

    answers: list[Answer] = field(default_factory=list)

    def share(self, title: str, begin: float, end: float) -> Share:
        """Return what was met between two moments of the monotonic clock."""
        sent = [each for each in list(self.answers) if begin <= each.at < end]
        under_way = [each for each in list(self.answers) if each.at < end and each.at + each.seconds > begin]
        failures: dict[str, int] = {}
        for each in sent:
            if each.failure:
                failures[each.failure] = failures.get(each.failure, 0) + 1
        return Share(title, len(sent), failures, max((each.seconds for each in under_way), default=0.0))


@contextmanager
def steady_traffic(urls: Sequence[str]) -> Iterator[Traffic]:
    """Let four clients ask in turns for `urls`, without end, until the block ends.

    Args:
        urls: addresses on this machine.
    """
    traffic, ended = Traffic(), threading.Event()
    clients = [
        threading.Thread(target=_ask_until, args=(ended, urls, number, traffic), daemon=True)
        for number in range(_CLIENTS)
    ]
    for client in clients:
        client.start()
    try:
        yield traffic
    finally:
        ended.set()
        for client in clients:
            client.join(_TIMEOUT_SECONDS)


def _ask_until(ended: threading.Event, urls: Sequence[str], number: int, traffic: Traffic) -> None:
    turn = number
    while not ended.wait(_PAUSE_SECONDS):
        traffic.answers.append(_ask(urls[turn % len(urls)]))
        turn += 1


def _ask(url: str) -> Answer:
    began = time.monotonic()
    failure = ""
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - an address of Local Railway
            answer.read()
    except urllib.error.HTTPError as error:
        failure = f"status {error.code}" if error.code >= _SERVER_ERROR else ""
        error.close()
    except OSError as error:
        failure = str(getattr(error, "reason", error)) or type(error).__name__
    return Answer(began, time.monotonic() - began, failure)
