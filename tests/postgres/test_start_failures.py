"""What a start that failed said, put into words."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlocking.errors import UnavailableError
from interlocking.postgres.postmaster import PidFile, parse_pid_file
from interlocking.postgres.start_failures import explain_start_failure


def explain(said: str) -> UnavailableError:
    """Explain a start on port 23456."""
    return explain_start_failure(said, port=23456, data=Path("/d"), log=Path("/l"), state=Path("/s"))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("initdb: error: could not write to file: No space left on device", "disk-full"),
        ("PANIC:  could not write to file: Disk quota exceeded", "disk-full"),
        ('LOG:  could not bind IPv4 address "127.0.0.1": Address already in use', "port-taken"),
        ('FATAL:  lock file "postmaster.pid" already exists', "data-in-use"),
        ("FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use", "data-in-use"),
        ("PANIC:  could not locate a valid checkpoint record at 0/1", "data-damaged"),
        ('pg_ctl: directory "/d" is not a database cluster directory', "data-damaged"),
        ("FATAL:  something new", "server-not-started"),
        ("", "server-not-started"),
    ],
)
def test_each_failure_has_its_code_and_a_way_out(said: str, code: str) -> None:
    """Whatever it was."""
    error = explain(said)

    assert code == error.code
    assert error.next


def test_an_unknown_failure_quotes_the_worst_line() -> None:
    """Not the last one, which only says that it ended."""
    error = explain("LOG:  starting\nFATAL:  the reason\nLOG:  database system is shut down")

    assert error.message.endswith("the reason")
    assert error.next == "read /l"


def test_a_pid_file_of_a_ready_server() -> None:
    """Eight lines, the last one padded."""
    text = "12\n/d\n1700000000\n23456\n\n127.0.0.1\n  1234  5\nready   \n"

    assert PidFile(12, 23456, ready=True) == parse_pid_file(text)
    assert PidFile(12, 23456, ready=False) == parse_pid_file(text.replace("ready   ", "starting"))


@pytest.mark.parametrize("text", ["", "12", "12\n/d\n1700000000", "x\n/d\n1\n2\n"])
def test_a_pid_file_that_is_being_written(text: str) -> None:
    """It counts as none."""
    assert parse_pid_file(text) is None
