"""`python -m benchmarks [NAME ...]`: measure the claims, print ratios, exit 1 if one is false."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable

from benchmarks import availability, backfill, commands, overhead, review, roundtrip
from benchmarks.harness import Comparison, Size
from interlocking.postgres.programs import wheel_programs

BENCHMARKS: dict[str, Callable[[Size], Comparison]] = {
    "current": commands.current,
    "list": commands.listing,
    "roundtrip": roundtrip.wingman,
    "roundtrip-generated": roundtrip.generated,
    "roundtrip-in-one-process": roundtrip.in_one_process,
    "availability": availability.against_plain,
    "availability-fixed": availability.against_fixed,
    "availability-stall": availability.stall,
    "availability-end": availability.end,
    "overhead": overhead.overhead,
    "backfill": backfill.speed,
    "backfill-writer": backfill.writer,
    "backfill-memory": backfill.memory,
    "lint-cold": review.cold_against_alembic,
    "lint-cold-squawk": review.cold_against_squawk,
    "lint-warm": review.warm_against_guard,
    "lint-memory": review.memory,
}


_SMALL = 0.1


def main() -> int:
    """Run the benchmarks that were named, or all, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(BENCHMARKS)}; default: all")
    parser.add_argument("--rounds", type=int, default=5, help="how often each side is measured; default: 5")
    parser.add_argument(
        "--revisions", type=int, help="the length of generated histories; default: each benchmark's own"
    )
    parser.add_argument("--json", action="store_true", help="one object on stdout")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in BENCHMARKS]:
        parser.error(f"there is no benchmark {unknown[0]!r}; they are: {', '.join(BENCHMARKS)}")
    machine = _machine()
    if not options.json:
        print(", ".join(f"{name}: {value}" for name, value in machine.items()), flush=True)
    found = []
    for name in options.names or BENCHMARKS:
        found.append(BENCHMARKS[name](Size(options.rounds, options.revisions)))
        if not options.json:
            print(_line(found[-1]), flush=True)
    if options.json:
        print(json.dumps({"schema": 1, "machine": machine, "benchmarks": [_data(each) for each in found]}, indent=2))
    return 0 if all(each.holds for each in found) else 1


def _line(each: Comparison) -> str:
    low, high = each.spread
    word = "ok  " if each.holds else "fail"
    measured = f"{_times(each.ratio):>6}x  ({_times(low)} to {_times(high)}"
    return f"{word}  {each.name:<28} {measured}; claimed: at most {each.at_most:g}x of {each.theirs})"


def _times(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio >= _SMALL else f"{ratio:.4f}"


def _data(each: Comparison) -> dict[str, object]:
    return {
        "name": each.name,
        "ours": each.ours,
        "theirs": each.theirs,
        "ratio": each.ratio,
        "spread": each.spread,
        "at_most": each.at_most,
        "holds": each.holds,
    }


def _machine() -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "postgresql": _postgresql_version(),
        "system": platform.platform(),
    }


def _postgresql_version() -> str:
    said = subprocess.run([wheel_programs().path("postgres"), "--version"], capture_output=True, text=True, check=True)
    return said.stdout.split()[-1]


if __name__ == "__main__":
    sys.exit(main())
