"""What this project offers: the suite's tasks. `invoke --list` shows them."""

from __future__ import annotations

from pathlib import Path

from interlocking import namespace

ns = namespace(Path(__file__).parent)
