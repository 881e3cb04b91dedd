"""The backfill's benchmark measures what it says, in a small size."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_one_round_prints_both_sides() -> None:
    """Rows per second, the writer beside it, and the memory of a process that is no larger for more rows."""
    argv = [sys.executable, "-m", "benchmarks.backfill", "--rows", "20000"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)

    ours, theirs = done.stdout.splitlines()
    assert re.match(r"backfill\(\) +[\d,]+ rows/s .* p99 .* peak (\d+) MB$", ours)
    assert re.match(r"one big UPDATE +[\d,]+ rows/s .* p99 .* peak (\d+) MB$", theirs)
    assert int(ours.split()[-2]) < 80
