"""`python -m benchmarks [NAME ...] [--rounds N] [--json]`: measure the claims, print ratios, exit 1 if one is false."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable

from benchmarks import commands, roundtrip
from benchmarks.harness import Comparison

BENCHMARKS: dict[str, Callable[[int], Comparison]] = {
    "current": commands.current,
    "list": commands.listing,
    "roundtrip": roundtrip.wingman,
    "roundtrip-generated": roundtrip.generated,
    "roundtrip-in-one-process": roundtrip.in_one_process,
}


def main() -> int:
    """Run the benchmarks that were named, or all, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(BENCHMARKS)}; default: all")
    parser.add_argument("--rounds", type=int, default=5, help="how often each side is measured; default: 5")
    parser.add_argument("--json", action="store_true", help="one object on stdout")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in BENCHMARKS]:
        parser.error(f"there is no benchmark {unknown[0]!r}; they are: {', '.join(BENCHMARKS)}")
    found = []
    for name in options.names or BENCHMARKS:
        found.append(BENCHMARKS[name](options.rounds))
        if not options.json:
            print(_line(found[-1]), flush=True)
    if options.json:
        print(json.dumps({"schema": 1, "machine": _machine(), "benchmarks": [_data(each) for each in found]}, indent=2))
    return 0 if all(each.holds for each in found) else 1


def _line(each: Comparison) -> str:
    low, high = each.spread
    word = "ok  " if each.holds else "fail"
    measured = f"{each.ratio:5.2f}x  ({low:.2f} to {high:.2f}"
    return f"{word}  {each.name:<28} {measured}; claimed: at most {each.at_most:g}x of {each.theirs})"


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
    return {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}


if __name__ == "__main__":
    sys.exit(main())
