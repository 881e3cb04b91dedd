"""The tasks that only read: status, current, heads, history, show, check."""
# ruff: noqa: PLC0415 - rooms are imported inside the bodies so that listing the tasks stays fast

from __future__ import annotations

from interlocking.console.report import Report
from interlocking.errors import UnavailableError, UsageError
from interlocking.tasks.edge import Suite, suite_task


@suite_task()
def status(suite: Suite) -> Report:
    """Show revision, head, pending and drift.

    Reads the revision files without running them; changes nothing.
    """
    from interlocking.console.standing import status_report
    from interlocking.postgres.target import open_target
    from interlocking.upgrade.status import read_standing

    return status_report(read_standing(suite.project, open_target(suite.project).url))


@suite_task()
def current(suite: Suite) -> Report:
    """Show the revision that the database is at.

    Alembic's `current`, without importing the application.
    """
    from interlocking.console.standing import current_report
    from interlocking.postgres.target import open_target
    from interlocking.upgrade.status import load_graph, read_position

    url = open_target(suite.project).url
    return current_report(read_position(suite.project, url, load_graph(suite.project, url)))


@suite_task()
def heads(suite: Suite) -> Report:
    """Show the newest revision of the files.

    Alembic's `heads`; needs no database. More than one is a conflict, which
    db.merge resolves.
    """
    from interlocking.console.standing import heads_report
    from interlocking.upgrade.status import load_graph

    return heads_report(load_graph(suite.project))


@suite_task(help={"revision": "OLDER:NEWER, or one revision to end at. Default: all."})
def history(suite: Suite, revision: str = "") -> Report:
    """List the revisions and which are applied.

    Newest first. Example: invoke db.history -r 20250607_seed_skills:head
    """
    from interlocking.console.standing import history_report
    from interlocking.postgres.target import open_target
    from interlocking.revisions.paths import between, resolve_range
    from interlocking.upgrade.status import load_graph, read_position

    graph = load_graph(suite.project)
    try:
        position = read_position(suite.project, open_target(suite.project).url, graph)
    except UnavailableError as error:  # the files can be listed without the database
        suite.console.story(f"note  what is applied is not shown: {error.message}")
        position = None
    applied = position.current if position and not position.unknown else ()
    ids = between(graph, *resolve_range(graph, revision if ":" in revision else f":{revision}", current=applied))
    return history_report([graph.revisions[id_] for id_ in reversed(ids)], graph, position)


@suite_task(help={"revision": "Which one: an id, the beginning of one, head, head-1. Default: head."})
def show(suite: Suite, revision: str = "head") -> Report:
    """Show one revision: its place and its file.

    Example: invoke db.show -r 20250615
    """
    from interlocking.console.standing import show_report
    from interlocking.revisions.symbols import require_one, resolve
    from interlocking.upgrade.status import load_graph

    graph = load_graph(suite.project)
    found = require_one(graph, resolve(graph, revision), symbol=revision)
    if found is None:
        raise UsageError(f"{revision} has no file", code="revision-without-file", next="invoke db.history")
    return show_report(graph.revisions[found], graph, suite.project.root)


@suite_task()
def check(suite: Suite) -> Report:
    """Compare the models with the migrations.

    Exit 1 if they disagree. Needs a database at head. Remembers the answer
    for db.status.
    """
    from interlocking.console.written import drift_report
    from interlocking.tasks import comparing

    return drift_report(comparing.compare_models(suite))


TASKS = (status, current, heads, history, show, check)
