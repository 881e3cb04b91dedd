"""The task that proves downgrades: db.test-rollback."""
# ruff: noqa: PLC0415 - rooms are imported inside the bodies so that listing the tasks stays fast

from __future__ import annotations

from typing import TYPE_CHECKING

from interlocking.console.report import Report
from interlocking.errors import StoppedError
from interlocking.tasks.edge import Suite, suite_task

if TYPE_CHECKING:
    from interlocking.postgres.url import DatabaseUrl


@suite_task(
    name="test-rollback",
    help={
        "revision": "Only this one. Default: what is pending.",
        "since": "This one and what came after it.",
        "all": "Every revision.",
    },
)
def prove_rollback(suite: Suite, revision: str = "", since: str = "", *, all: bool = False) -> Report:
    """Prove that revisions go down and up again.

    On a scratch database, dropped after: upgrade, downgrade, upgrade, and
    the whole catalog compared each time. Default: the pending revisions.
    Exit 1 when one leaves something behind. Your data are not touched.
    """
    return prove(suite, revision=revision, since=since, every=all)


def prove(suite: Suite, *, revision: str = "", since: str = "", every: bool = False) -> Report:
    """Run the round trip and report it: the body of the task, also used by onboarding.

    Args:
        suite: this run.
        revision: only this one.
        since: what came after this one.
        every: the whole history.
    """
    from interlocking.console.roundtrip import roundtrip_report
    from interlocking.postgres.scratch import ScratchDatabases
    from interlocking.postgres.target import open_target
    from interlocking.rehearsal.roundtrip import round_trip
    from interlocking.rehearsal.selection import select_revisions
    from interlocking.upgrade.status import load_graph, read_position

    url = open_target(suite.project).url
    graph = load_graph(suite.project, url)
    position = read_position(suite.project, url, graph)
    chosen = select_revisions(graph, current=position.current, revision=revision, since=since, everything=every)
    try:
        with ScratchDatabases(scratch_server(suite, url)) as databases:
            trip = round_trip(suite.project, databases, chosen, progress=suite.console.passing)
    except StoppedError as stopped:
        untouched = "your database was not touched, and the scratch databases are dropped"
        raise StoppedError(stopped.signal_number, why=untouched, next="invoke db.test-rollback") from None
    suite.console.passed()
    return roundtrip_report(trip)


def scratch_server(suite: Suite, target: DatabaseUrl, *, is_production: bool = False) -> DatabaseUrl:
    """Return a URL on the server for scratch databases; says so when that is not the target's own.

    Args:
        suite: this run.
        target: the database that the task works on.
        is_production: whether it is an environment's, whose tunnel may look local.
    """
    from interlocking.postgres.target import embedded_server
    from interlocking.rehearsal.place import choose_scratch_place

    place = choose_scratch_place(suite.project.settings, target, is_production=is_production)
    if place.server != "target":
        suite.console.story(f"note  scratch databases: {place.reason}")
    return place.url or embedded_server(suite.project).ensure_running()


TASKS = (prove_rollback,)
