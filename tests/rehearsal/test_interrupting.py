"""Ctrl-C and SIGTERM at any moment: no process and no scratch database stays."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from interlocking.errors import StoppedError
from interlocking.signals import signals_as_exceptions
from tests.rehearsal.conftest import Try, make_try, scratch_databases
from tests.servers import Server
from tests.upgrade.projects import Folder
from tests.waiting import wait_until

MOMENTS = {
    "while a statement runs": "op.execute('SELECT pg_sleep(600)')",
    "while Python sleeps": "import time; time.sleep(600)",
    "while it ignores signals": "import signal, time; signal.signal(2, signal.SIG_IGN); time.sleep(600)",
    "while a subprocess runs": "import subprocess; subprocess.run(['sleep', '600'])",
}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
@pytest.mark.parametrize("up", MOMENTS.values(), ids=MOMENTS)
def test_everything_is_cleaned_up(
    plain: Folder, postgres_server: Server, tmp_path: Path, up: str, number: signal.Signals
) -> None:
    """Long before the revision would end."""
    began = tmp_path / "began"
    plain.revision("a", up=f"open({str(began)!r}, 'w').write(str(os.getpid())); {up}")
    threading.Thread(target=send_when, args=(began, number), daemon=True).start()

    with pytest.raises(StoppedError) as caught, signals_as_exceptions():
        make_try(postgres_server)(plain)

    assert number == caught.value.signal_number
    assert [] == scratch_databases(postgres_server)
    wait_until(lambda: has_ended(int(began.read_text())))


def test_a_project_that_is_still_loading_is_ended_too(plain: Folder, try_out: Try, tmp_path: Path) -> None:
    """Before the first revision."""
    began = tmp_path / "began"
    plain.revision("a", module=f"open({str(began)!r}, 'w').write(str(os.getpid())); import time; time.sleep(600)")
    threading.Thread(target=send_when, args=(began, signal.SIGINT), daemon=True).start()

    with pytest.raises(StoppedError), signals_as_exceptions():
        try_out(plain)

    wait_until(lambda: has_ended(int(began.read_text())))


def test_a_scratch_server_that_goes_away_is_an_error_of_ours(plain: Folder, postgres_server: Server) -> None:
    """Its backends end under the revision, which then is reported with what the driver said."""
    plain.revision("a", up='op.execute("SELECT pg_terminate_backend(pg_backend_pid())")')

    (trip,) = make_try(postgres_server)(plain).revisions

    assert not trip.ok
    assert "a failed in its upgrade" in (trip.error or "")


def send_when(began: Path, number: signal.Signals) -> None:
    wait_until(lambda: began.exists() and began.read_text())
    os.kill(os.getpid(), number)


def has_ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
