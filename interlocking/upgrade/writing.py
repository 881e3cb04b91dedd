"""Writing a revision from what the models say: `db.migrate` and `db.merge`."""

from __future__ import annotations

from datetime import date

from interlocking.errors import RefusedError, UsageError
from interlocking.revisions.graph import Graph
from interlocking.revisions.naming import docstring_message, revision_id
from interlocking.upgrade.moving import require_known_position
from interlocking.upgrade.results import Written
from interlocking.upgrade.running.runner import Alembic
from interlocking.upgrade.status import Standing


def write_revision(
    alembic: Alembic, standing: Standing, *, message: str, today: date, empty: bool = False, dry_run: bool = False
) -> Written:
    """Write the revision that brings the database to the models, named by the house rule.

    Args:
        alembic: the project's Alembic.
        standing: where the database stands.
        message: what it does, in the author's words; data, whatever it holds.
        today: the date in its id.
        empty: write a revision without operations.
        dry_run: say what would be written, and write nothing.

    Raises:
        UsageError: there is no message.
        RefusedError: the database is not at the one head: the revision would repeat what is pending.
    """
    if not (message.strip() or dry_run):
        raise UsageError(
            "a revision needs a message",
            code="message-missing",
            why="it becomes the file's name and its first line",
            next='invoke db.migrate -m "what it does"',
        )
    _require_at_one_head(standing)
    return alembic.write(
        message=docstring_message(message),
        revision_id=_new_id(standing.graph, message, today),
        empty=empty,
        dry_run=dry_run,
    )


def write_merge(alembic: Alembic, graph: Graph, *, message: str, today: date) -> Written:
    """Join all heads of `graph` with one revision that has no operations of its own.

    Args:
        alembic: the project's Alembic.
        graph: the revision files; at least two heads.
        message: what is joined; empty names the heads.
        today: the date in its id.
    """
    text = message.strip() or f"merge {' and '.join(graph.heads)}"
    identifier = _new_id(graph, message.strip() or "merge heads", today)
    return alembic.merge(revisions=graph.heads, message=docstring_message(text), revision_id=identifier)


def _new_id(graph: Graph, message: str, today: date) -> str:
    taken = {*graph.revisions, *graph.labels, *(each.path.stem for each in graph.revisions.values())}
    return revision_id(message, today=today, taken=taken)


def _require_at_one_head(standing: Standing) -> None:
    position = standing.position
    require_known_position(position)
    if len(position.heads) > 1:
        raise RefusedError(
            f"there are {len(position.heads)} heads: {', '.join(position.heads)}",
            code="multiple-heads",
            why="a new revision stands on one head; nothing was written",
            next="invoke db.merge",
        )
    if position.pending:
        raise RefusedError(
            f"the database is not at head: {len(position.pending)} pending, first {position.pending[0]}",
            code="not-at-head",
            why="autogenerate compares the models with the database, so it would write the pending changes again",
            next="invoke db.upgrade",
        )
