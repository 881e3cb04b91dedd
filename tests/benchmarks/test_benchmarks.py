"""The benchmarks run and say what they measured; how fast something is, is never a test."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.harness import Comparison, in_turns

ROOT = Path(__file__).parent.parent.parent


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "name",
    [
        *("current", "list", "roundtrip-generated", "roundtrip-in-one-process", "availability", "overhead"),
        *("lint-cold", "lint-memory"),
    ],
)
def test_each_benchmark_measures_both_sides(name: str) -> None:
    """In its smallest size, where nothing is claimed: the claim is judged by what was measured."""
    done = run(name, "--rounds", "1", "--revisions", "1", "--json")

    assert not done.stderr
    (found,) = json.loads(done.stdout)["benchmarks"]
    assert found["ratio"] > 0
    assert found["holds"] == (found["ratio"] <= found["at_most"])
    assert done.returncode == (0 if found["holds"] else 1)


def test_the_machine_and_each_claim_are_one_line() -> None:
    """Ratios, never seconds; a ratio means something on a known machine only."""
    done = run("list", "--rounds", "1")

    machine, found = done.stdout.splitlines()
    assert re.match(r"cores: \d+, python: 3\.\d+\.\d+, postgresql: \d+\.\d+, system: ", machine)
    assert re.match(
        r"(ok|fail) +--list +\d+\.\d\dx +\(.+; claimed: at most 1\.3x of invoke --list of one task\)$", found
    )


def test_an_unknown_benchmark_is_refused() -> None:
    """With the names that exist."""
    done = run("speed")

    assert 2 == done.returncode
    assert "there is no benchmark 'speed'; they are: current, list" in done.stderr


def test_both_sides_are_measured_in_turns() -> None:
    """So that noise of the machine meets both; the first round of each is not counted."""
    order: list[str] = []

    ours, theirs = in_turns(lambda: order.append("a"), lambda: order.append("b"), rounds=2)

    assert ["a", "b", "a", "b", "a", "b"] == order
    assert (2, 2) == (len(ours), len(theirs))


def test_the_claim_is_judged_by_the_medians() -> None:
    """One slow round does not decide."""
    found = Comparison("n", "o", "t", our_seconds=(1, 1, 9), their_seconds=(2, 2, 2), at_most=0.5)

    assert 0.5 == found.ratio
    assert found.holds
    assert (0.5, 4.5) == found.spread
