"""dev: database and backend together, and one Ctrl-C ends all of them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import urllib.request

from tests.ports import reserved_port
from tests.tasks.projects import Ran, TinyProject, checked
from tests.tasks.test_interrupting import assert_no_child
from tests.waiting import DEADLINE_SECONDS, wait_until


def answered(port: int, child: subprocess.Popen[str]) -> str:
    """Ask until the backend answers; a child that ends meanwhile is a failure."""

    def ask() -> str:
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=5).read().decode()
        except OSError:
            assert child.poll() is None, child.communicate()
            return ""

    return wait_until(ask)


def test_the_backend_serves_and_ctrl_c_ends_everything(flask: TinyProject) -> None:
    """On the port that was asked for, with DATABASE_URL as the project spells it; exit 130, no process left."""
    as_it_is = (
        (flask.root / "shop.py").read_text().replace('.replace(\n    "postgresql://", "postgresql+psycopg2://"\n)', "")
    )
    flask.write("shop.py", as_it_is)
    flask.url = flask.url.replace("postgresql://", "postgresql+psycopg2://")
    with reserved_port() as port, flask.running("dev", "--port", str(port)) as child:
        served = answered(port, child)
        os.kill(child.pid, signal.SIGINT)
        out, err = child.communicate(timeout=DEADLINE_SECONDS)

    ended = checked(Ran("invoke dev", child.returncode, out, err))
    assert '"status"' in served
    assert 130 == ended.code, ended.describe()
    assert "backend" in ended.err
    assert_no_child(flask)


def test_a_service_that_ends_ends_the_others_and_says_so(flask: TinyProject) -> None:
    """A port that is taken, for one."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        ended = flask.invoke("dev", "--port", str(listener.getsockname()[1]))

    ended.refused(4, "service-ended")


def test_a_port_is_a_number(flask: TinyProject) -> None:
    """Exit 2, and nothing is started."""
    flask.invoke("dev", "--port", "http").refused(2, "bad-port")
    flask.invoke("dev", "--port", "70000").refused(2, "bad-port")
