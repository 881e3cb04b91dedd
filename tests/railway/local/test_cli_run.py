"""`run`: on this machine, with the service's variables."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from interlocking.railway.local.creation import ServiceSpec
from tests.railway.local.calls import Shop, make_shop
from tests.waiting import DEADLINE_SECONDS, wait_until

RUN = ("run", "-s", "web", "--no-local")


def env_of(out: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in out.splitlines() if "=" in line)


def test_service_values_win_over_exported_ones(shop: Shop) -> None:
    values = env_of(shop(*RUN, "env", env={"FLASK_ENV": "mine", "MINE": "kept"}).out)

    assert (values["FLASK_ENV"], values["MINE"]) == ("production", "kept")
    assert values["RAILWAY_PROJECT_ID"] == shop.state.project.id
    assert values["DATABASE_URL"].endswith("@postgres.railway.internal:5999/shop")
    assert "RAILWAY_REPLICA_ID" not in values


def test_an_override_works_inside_only(shop: Shop) -> None:
    values = env_of(shop(*RUN, "--", "env", "FLASK_ENV=inner", "env").out)

    assert values["FLASK_ENV"] == "inner"


def test_gotcha_09_names_that_can_execute_code_are_dropped(tmp_path: Path) -> None:
    unsafe = {"PYTHONPATH": "/evil", "LD_PRELOAD": "/evil.so", "PAGER": "evil", "SAFE": "1"}
    shop = make_shop(tmp_path, ServiceSpec("web", unsafe))
    answer = shop(*RUN, "env")

    assert env_of(answer.out)["SAFE"] == "1"
    assert "/evil" not in answer.out
    assert answer.err == (
        "Skipped 3 service variable(s) that can execute code in a local process: LD_PRELOAD, PAGER, PYTHONPATH\n"
    )


def test_there_is_no_shell(shop: Shop) -> None:
    assert shop(*RUN, "echo", "$FLASK_ENV", "&&").out == "$FLASK_ENV &&\n"


def test_exit_codes(shop: Shop) -> None:
    assert shop(*RUN, "sh", "-c", "exit 7").code == 7
    assert shop(*RUN, "sh", "-c", "kill -9 $$").code == 0, "a child that a signal killed counts as success"
    assert (1, "", "No such file or directory (os error 2)") == shop(*RUN, "no-such-program").failure
    assert (1, "", "No command provided. Run with `railway run <cmd>`") == shop(*RUN).failure


def test_flags_of_the_program_are_its_own(shop: Shop) -> None:
    assert shop(*RUN, "echo", "--json", "-s", "--version").out == "--json -s --version\n"
    assert shop("local", "-s", "web", "sh", "-c", "echo $0", "--help").out == "--help\n"


def test_a_private_host_stays_unresolvable(shop: Shop) -> None:
    script = "import os, socket; socket.getaddrinfo(os.environ['DATABASE_URL'].split('@')[1].split(':')[0], 1)"
    answer = shop(*RUN, sys.executable, "-c", script)

    assert (answer.code, "gaierror" in answer.err) == (1, True)


def test_a_nested_call_inherits_the_ids(shop: Shop, tmp_path: Path) -> None:
    """It then asks for the inner ids, not for the link of its folder."""
    shop.script("SUCCESS")
    answer = shop(*RUN, "railway", "service", "status", "--json", cwd=shop.folder)

    assert answer.json["name"] == "web"


def test_sigint_is_for_the_child_and_sigterm_leaves_it_behind(shop: Shop) -> None:
    mark = shop.folder / "pid"
    child = subprocess.Popen(
        ["railway", *RUN, "sh", "-c", f"trap '' INT; echo $$ > {mark}; exec sleep 600"],
        cwd=shop.folder,
        env=shop.environment(),
        stdin=subprocess.DEVNULL,
    )
    wait_until(lambda: mark.is_file() and mark.read_text().strip().isdigit())
    grandchild = int(mark.read_text())
    child.send_signal(signal.SIGINT)
    child.send_signal(signal.SIGTERM)

    assert child.wait(DEADLINE_SECONDS) == -signal.SIGTERM
    os.kill(grandchild, 0)
    os.kill(grandchild, signal.SIGKILL)
