"""Shown output against real output: what may vary between two runs, and what may be left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from tests.docs.pages import REPOSITORY

ELISION = "..."

_HISTORY = {path.name[:8] for path in (REPOSITORY / "migrations" / "versions").glob("20*.py")}
_WRITTEN_TODAY = re.compile(r"\b(20\d{6})_(?=[a-z])")
_PASSING = re.compile(r"note  (?:INITIALIZING|QUEUED|BUILDING|DEPLOYING), .+")
_VARYING = (
    # A busy machine needs seconds or minutes where the page shows milliseconds.
    (re.compile(r"\b\d+ ms\b|\b\d+\.\d+ s\b|\b\d+ min(?: \d+ s)?\b|(?<=\bin )\d+ s\b"), "<duration>"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?UTC)?(?:[+-]\d\d:\d\d)?"), "<time>"),
    (re.compile(r"\d{8}T\d{6}Z"), "<stamp>"),
    (re.compile(r"(?<=_)[0-9a-f]{8}\b"), "<token>"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\b(?=[a-f]*\d)[0-9a-f]{12}\b"), "<commit>"),
    (re.compile(r"\b\d+ (?=requests?\b|answers?\b)"), "<count> "),
    (re.compile(r"127\.0\.0\.1:\d+"), "<server>"),
    (re.compile(r"\d+(?:\.\d+)+(?:e-\d+)?"), "<number>"),  # seconds and versions
)


def agrees(shown: Sequence[str], real: Sequence[str]) -> bool:
    """Return whether a reader would see what is shown; a line `...` stands for any lines."""
    shown, real = _lasting(shown), _lasting(real)
    head, tail = _around_elision(shown)
    if tail is None:
        return _masked(shown) == _masked(real)
    enough = len(head) + len(tail) <= len(real)
    return enough and _masked(head + tail) == _masked([*real[: len(head)], *real[len(real) - len(tail) :]])


def _lasting(lines: Sequence[str]) -> list[str]:
    """Leave out through which statuses a deployment was seen to pass: a quick one is over between two looks."""
    return [line for line in lines if not _PASSING.fullmatch(line)]


def refreshed(shown: Sequence[str], real: Sequence[str]) -> list[str]:
    """Return what to show instead, elided at the same place, keeping every line that only varies."""
    head, tail = _around_elision(shown)
    if tail is None:
        return _keeping(shown, real)
    return [*_keeping(head, real[: len(head)]), ELISION, *_keeping(tail, real[len(real) - len(tail) :])]


def _around_elision(shown: Sequence[str]) -> tuple[list[str], list[str] | None]:
    if ELISION not in shown:
        return list(shown), None
    place = shown.index(ELISION)
    return list(shown[:place]), list(shown[place + 1 :])


def _keeping(shown: Sequence[str], real: Sequence[str]) -> list[str]:
    lines = list(real)
    for old, new, size in SequenceMatcher(None, _masked(shown), _masked(real), autojunk=False).get_matching_blocks():
        lines[new : new + size] = shown[old : old + size]
    return lines


def _masked(lines: Sequence[str]) -> list[str]:
    return [_mask(line) for line in lines]


def _mask(line: str) -> str:
    for pattern, replacement in _VARYING:
        line = pattern.sub(replacement, line)
    return _WRITTEN_TODAY.sub(lambda found: found[0] if found[1] in _HISTORY else "<today>_", line)
