"""What an upgrade, a downgrade or a stamp is about to do, as a Plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from interlocking.errors import RefusedError
from interlocking.plan import Plan, Step
from interlocking.revisions.graph import Graph
from interlocking.revisions.paths import downgrade_path, upgrade_path
from interlocking.revisions.position import Position
from interlocking.revisions.symbols import require_one, resolve
from interlocking.upgrade.status import Standing

Direction = Literal["upgrade", "downgrade"]


def plan_move(
    standing: Standing, direction: Direction, symbol: str, *, details: Mapping[str, str] | None = None
) -> Plan:
    """Plan an upgrade or a downgrade.

    Args:
        standing: the database among the files.
        direction: which way.
        symbol: what was typed for the revision: see `interlocking.revisions.symbols`.
        details: what is known of some revisions besides, by their ids.

    Raises:
        RefusedError: the database holds a revision that the files do not know.
        UsageError: the symbol means nothing, or points the other way.
    """
    require_known_position(standing.position)
    graph, current = standing.graph, standing.position.current
    path = (upgrade_path if direction == "upgrade" else downgrade_path)(graph, current, symbol)
    known = details or {}
    steps = [
        Step(f"{direction} {id_}  {graph.revisions[id_].message}".rstrip(), detail=known.get(id_, "")) for id_ in path
    ]
    return Plan(direction, standing.target, _with_undo(steps, undo_command(direction, current)))


def plan_stamp(standing: Standing, symbol: str, *, task: str = "db.stamp", flags: str = "") -> Plan:
    """Plan a stamp: the steps say which revisions are skipped, or forgotten, without running them.

    Args:
        standing: the database among the files.
        symbol: what was typed for the revision.
        task: what is typed to take it back.
        flags: what that needs besides, with a space in front.

    Raises:
        UsageError: the symbol means nothing.
    """
    graph, position = standing.graph, standing.position
    known = [id_ for id_ in position.current if id_ in graph.revisions]
    target = resolve(graph, symbol, current=known)
    before, after = graph.ancestors(known), graph.ancestors(target)
    skipped = [Step(f"mark as applied without running: {id_}") for id_ in _ordered(graph, after - before)]
    forgotten = [Step(f"mark as not applied without undoing: {id_}") for id_ in _ordered(graph, before - after)]
    unknown = [Step(f"forget {id_}, which the files do not know") for id_ in position.unknown]
    undo = "" if unknown or len(known) > 1 else f"invoke {task} -r {_named(position.current)}{flags}"
    return Plan("stamp", standing.target, _with_undo([*skipped, *forgotten, *unknown], undo))


def offline_range(standing: Standing, symbol: str) -> str:
    """Return `FROM:TO` as Alembic wants it for `--sql`, which asks no database where it stands.

    Args:
        standing: gives the place to start from.
        symbol: what was typed for the destination.

    Raises:
        UsageError: the database is at several revisions, and SQL can start from only one.
    """
    graph, current = standing.graph, standing.position.current
    start = require_one(graph, current, symbol="the database's position") or "base"
    end = require_one(graph, resolve(graph, symbol, current=current), symbol=symbol) or "base"
    return f"{start}:{end}"


def require_known_position(position: Position) -> None:
    """Refuse to move a database that newer code has migrated.

    Raises:
        RefusedError: names the revisions that no file has.
    """
    if position.unknown:
        raise RefusedError(
            f"the database is at {', '.join(position.unknown)}, which these files do not know",
            code="code-older-than-database",
            why="other code has migrated it: newer than this, or from another branch; nothing was changed",
            next="check out the code that has the revision, or set the position by hand: invoke db.stamp",
        )


def undo_command(direction: Direction, before: tuple[str, ...]) -> str:
    """Return what to type to come back to `before`; empty where one command cannot (several branches)."""
    back = "downgrade" if direction == "upgrade" else "upgrade"
    return f"invoke db.{back} -r {_named(before)}" if len(before) <= 1 else ""


def _with_undo(steps: list[Step], undo: str) -> tuple[Step, ...]:
    """Put the undo of the whole at its last step."""
    return (*steps[:-1], replace(steps[-1], undo=undo)) if steps else ()


def _ordered(graph: Graph, ids: set[str]) -> list[str]:
    return [id_ for id_ in upgrade_path(graph, ()) if id_ in ids]


def _named(ids: tuple[str, ...]) -> str:
    return ids[0] if ids else "base"
