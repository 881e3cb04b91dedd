"""A reader that goes away early changes what is shown, never what is done."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.tasks.projects import INVOKE, TinyProject


@contextmanager
def pipe_without_reader() -> Iterator[int]:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        yield writing
    finally:
        os.close(writing)


@pytest.mark.parametrize("task", ["db.history", "db.current"])
def test_a_closed_pipe_is_no_error(plain: TinyProject, task: str) -> None:
    """`invoke db.history | head -1` ends in silence, however much there was to say."""
    plain.chain(*(f"r{number:04}" for number in range(2000)))

    with pipe_without_reader() as nobody:
        ran = subprocess.run(
            [INVOKE, task], cwd=plain.root, env=plain.environment(), stdout=nobody, stderr=subprocess.PIPE, check=False
        )

    assert b"" == ran.stderr
    assert 0 == ran.returncode


def test_an_upgrade_nobody_listens_to_is_finished(plain: TinyProject) -> None:
    """`invoke db.upgrade 2>&1 | head -1` must not stop between two revisions."""
    with pipe_without_reader() as nobody:
        ran = subprocess.run(
            [INVOKE, "db.upgrade"], cwd=plain.root, env=plain.environment(), stdout=nobody, stderr=nobody, check=False
        )

    assert ["three"] == plain.applied()
    assert 0 == ran.returncode


def test_a_failure_nobody_listens_to_keeps_its_exit_code(plain: TinyProject) -> None:
    """A script that looks at `PIPESTATUS` still learns it."""
    plain.revision("broken", "three", upgrade='op.execute("SELECT 1/0")')

    with pipe_without_reader() as nobody:
        ran = subprocess.run(
            [INVOKE, "db.upgrade"], cwd=plain.root, env=plain.environment(), stdout=nobody, stderr=nobody, check=False
        )

    assert 5 == ran.returncode
