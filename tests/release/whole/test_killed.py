"""kill -9 at every step of a release: the next task takes the temporary command out again, and says so."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import closing

import psycopg2

from interlocking.journal import Journal
from tests.release.whole.shops import RAILWAY_TOML, START, Shop
from tests.release.whole.test_release import ORDERS, RELEASE, second_release
from tests.waiting import DEADLINE_SECONDS, wait_until

HELD = "SELECT pg_advisory_xact_lock(1)"


def events(shop: Shop) -> list[dict[str, object]]:
    return list(Journal(shop.project.root / ".interlocking").history())


def run_and_kill(shop: Shop, after: int) -> bool:
    """Release, and kill the process when the journal has `after` more events; return whether it came to that."""
    known, deadline = len(events(shop)), time.monotonic() + DEADLINE_SECONDS
    with shop.project.running(*RELEASE) as child:
        while len(events(shop)) - known < after:
            if child.poll() is not None:
                return False
            assert time.monotonic() < deadline
            time.sleep(0.005)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    return True


def test_every_step(shop: Shop) -> None:
    """One round an event of the journal, until a release has fewer of them; each round has a revision to apply."""
    second_release(shop)
    file = shop.project.root / "railway.toml"
    was = (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_mode)
    rounds, last = 0, "orders"
    while run_and_kill(shop, rounds):
        found = len(events(shop))
        said = shop.invoke("db.heads").ok().err

        assert was == (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_mode), rounds
        assert Journal(shop.project.root / ".interlocking").changes() == (), rounds
        reverted = [each for each in events(shop)[found:] if each.get("state") == "reverted"]
        assert bool(reverted) == ("temporary start command" in said), rounds
        rounds += 1
        name = f"round_{rounds}"
        shop.project.revision(name, last, upgrade=f'op.execute("CREATE TABLE {name} ()")')
        last = name
        shop.commit(name)

    assert rounds > 8
    assert shop.applied() == [last]
    assert shop.deployments[0].resolved["deploy"]["startCommand"] == f"flask db upgrade && {START}"
    assert file.read_text() == RAILWAY_TOML
    json.loads(shop.invoke("deploy.status", "--json").ok().out)


def test_ctrl_c_and_a_second_terminal(shop: Shop) -> None:
    """Who comes second is told who was first; Ctrl-C puts the original back before it ends.

    The revision waits for a lock of the test, so that the release cannot end before.
    """
    second_release(shop, upgrade=f'op.execute("{HELD}")\n{ORDERS}')
    file = shop.project.root / "railway.toml"
    journal = Journal(shop.project.root / ".interlocking")
    with closing(psycopg2.connect(shop.database.libpq())) as holder:
        holder.cursor().execute(HELD)
        with shop.project.running(*RELEASE) as child:
            wait_until(lambda: any("begin: wait for" in str(each.get("note")) for each in events(shop)))
            second = shop.invoke("deploy.temporary-start-command", "--via-file")
            os.killpg(child.pid, signal.SIGINT)
            _out, said = child.communicate(timeout=DEADLINE_SECONDS)

    assert second.code in (3, 4), second.describe()
    assert str(child.pid) in second.err
    assert child.returncode == 130, said
    assert "the original command stands there again" in said
    assert file.read_text() == RAILWAY_TOML
    assert journal.changes() == ()
