"""What the CLI says when it fails, in our words, with what to do about it. Pure.

Only what a later try can mend counts as transient: everything else stays as it is until a person changes something.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from interlocking.errors import InterlockingError, UnavailableError
from interlocking.railway.known_failures import KNOWN
from interlocking.redaction import mask_url

_USAGE_ERROR = 2

_RATE_LIMIT = re.compile(r"being ratelimited(?:.*? in (?:about )?(?P<number>\d+) (?P<unit>second|minute))?")
_UNREACHABLE = re.compile(r"Failed to fetch|Failed to get data from GraphQL response")
_GATEWAY = re.compile(r"Failed to upload code with status code 5\d\d")


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed call.

    Args:
        error: what to raise.
        transient: whether a later try may succeed.
        refused_unread: whether the platform certainly did nothing, so that any call may be repeated.
        pause: seconds that the platform asks us to wait; 0 when it does not say.
    """

    error: InterlockingError
    transient: bool = False
    refused_unread: bool = False
    pause: float = 0.0


def explain(said: str, *, asked: str, status: int) -> Failure:
    """Say what a failure means.

    Args:
        said: what the CLI wrote, or the text of its JSON error.
        asked: the command, without its flags: `deployment list`.
        status: the CLI's exit code.
    """
    text = mask_url(said.strip())
    return _transient(text) or Failure(_known(text) or _other(text, asked, status))


def _transient(text: str) -> Failure | None:
    limited = _RATE_LIMIT.search(text)
    if limited:
        pause = float(limited["number"] or 0) * (60 if limited["unit"] == "minute" else 1)
        return Failure(_rate_limited(text), transient=True, refused_unread=True, pause=pause)
    if _UNREACHABLE.search(text) or _GATEWAY.search(text):
        return Failure(_unreachable(text), transient=True)
    return None


def _rate_limited(text: str) -> InterlockingError:
    return UnavailableError(
        "Railway answers no more requests for a while",
        code="railway-rate-limit",
        why=_first_line(text),
        next="try again later; the limit is per hour and depends on the plan",
    )


def _unreachable(text: str) -> InterlockingError:
    return UnavailableError(
        "Railway cannot be reached",
        code="railway-unreachable",
        why=text,
        next="check the network, and https://status.railway.com",
    )


def _known(text: str) -> InterlockingError | None:
    for kind, code, pattern, message, why, then in KNOWN:
        found = pattern.search(text)
        if found:
            name = next((f" {group!r}" for group in found.groups() if group), "")
            return kind(message.format(name=name), code=code, why=why or _first_line(text), next=then)
    return None


def _other(text: str, asked: str, status: int) -> InterlockingError:
    if status == _USAGE_ERROR:
        return UnavailableError(
            f"the Railway CLI does not understand `railway {asked}` as it is called here",
            code="railway-usage",
            why=_first_line(text),
            next="railway upgrade",
        )
    return UnavailableError(
        f"railway {asked} failed: {_first_line(text) or f'status {status}, and not a word'}",
        code="railway-failed",
        why="\n".join(text.splitlines()[1:]),
        next="invoke railway.check",
    )


def _first_line(text: str) -> str:
    return text.splitlines()[0] if text else ""
