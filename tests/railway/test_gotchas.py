"""Every known trap of the platform has a test that is named after its number."""

from __future__ import annotations

import re
from pathlib import Path

TRAPS = range(1, 45)
_TESTS = Path(__file__).parent.parent
_NAME = re.compile(r"^def test_gotcha_(\d\d)_", re.MULTILINE)


def test_each_trap_is_tried() -> None:
    """None is left out, and no number is made up."""
    named = {int(number) for path in _TESTS.rglob("test_*.py") for number in _NAME.findall(path.read_text())}

    assert named == set(TRAPS)
