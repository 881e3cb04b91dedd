"""One question that was asked of the world, and its answer: what doctor, railway.check and a preflight are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer.

    Args:
        name: what was looked at.
        verdict: `skip` when something it depends on failed, or when it does not apply.
        message: what was found.
        remedy: what to type or change; empty when nothing is needed.
    """

    name: str
    verdict: Literal["ok", "warn", "fail", "skip"]
    message: str
    remedy: str = ""
