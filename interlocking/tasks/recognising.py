"""A database with tables and without a recorded revision: where it stands, and what to type about it."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing

from interlocking.errors import RefusedError, StoppedError
from interlocking.postgres.connect import connect
from interlocking.postgres.diff import Difference
from interlocking.postgres.scratch import ScratchDatabases
from interlocking.postgres.target import Target
from interlocking.postgres.url import DatabaseUrl
from interlocking.rehearsal.recognition import Recognition, recognise
from interlocking.revisions.paths import upgrade_path
from interlocking.tasks.db_prove import scratch_server
from interlocking.tasks.edge import Suite
from interlocking.upgrade.status import Standing
from interlocking.upgrade.unstamped import holds_tables, tables_in_the_way

_MOST_SHOWN = 20
_CODE = "unstamped-database"
_CHANGES = {"missing": "is missing", "left-behind": "is there and no revision up to it makes it"}


def require_stamped(suite: Suite, target: Target, standing: Standing, symbol: str) -> None:
    """Refuse an upgrade whose revisions would run into tables that exist, and say where the database stands.

    Args:
        suite: this run.
        target: the database, which has no revision recorded.
        standing: gives the revision files.
        symbol: where the upgrade was to go.

    Raises:
        RefusedError: with the revision to stamp.
    """
    graph = standing.graph
    files = [(id_, graph.revisions[id_].path) for id_ in upgrade_path(graph, (), symbol)]
    with connect(target.url, readonly=True) as connection, connection.cursor() as cursor:
        found = tables_in_the_way(cursor, files)
    if found:
        raise recognised(suite, target.url)


def is_unstamped(suite: Suite, url: DatabaseUrl, current: Collection[str]) -> bool:
    """Return whether no revision is recorded although the database has tables."""
    if current:
        return False
    with connect(url, readonly=True) as connection, closing(connection.cursor()) as cursor:
        return holds_tables(cursor, besides=suite.project.settings.version_table)


def recognised(suite: Suite, url: DatabaseUrl, *, is_production: bool = False) -> RefusedError:
    """Compare the database with every revision and return the answer; the database is only read.

    Args:
        suite: this run.
        url: the database.
        is_production: whether it is an environment's: then the `db.prod-` tasks are named.
    """
    db = "invoke db.prod-" if is_production else "invoke db."
    try:
        with ScratchDatabases(scratch_server(suite, url, is_production=is_production)) as databases:
            found = recognise(suite.project, url, databases, progress=suite.console.passing)
    except StoppedError as stopped:
        raise StoppedError(stopped.signal_number, why="your database was only read", next=f"{db}stamp") from None
    suite.console.passed()
    return _exactly(found, db) if found.exact else _nearly(found, db)


def _exactly(found: Recognition, db: str) -> RefusedError:
    first, last = _named(found.exact[0]), _named(found.exact[-1])
    why = 'its schema is what the revisions up to there make; to run them would end in "already exists"'
    then = f"{db}stamp -r {first}"
    if first != last:
        why += f"\n{last} makes the same schema: what comes after {first} up to there changes rows only"
        then += f"; or {db}stamp -r {last} if its rows are there"
    return RefusedError(
        f"no revision is recorded, but the database stands exactly at {first}",
        code=_CODE,
        why=why,
        next=f"{then}; then {db}upgrade",
    )


def _nearly(found: Recognition, db: str) -> RefusedError:
    place, differences = _named(found.nearest.revisions), found.nearest.differences
    number = "1 difference" if len(differences) == 1 else f"{len(differences)} differences"
    lines = [f"compared with {place}:", *(f"- {_sentence(each)}" for each in differences[:_MOST_SHOWN])]
    if len(differences) > _MOST_SHOWN:
        lines.append(f"- and {len(differences) - _MOST_SHOWN} more")
    if found.stopped_at:
        lines.append(f"{found.stopped_at} could not be applied to a scratch database: only what is before it was tried")
    return RefusedError(
        f"no revision is recorded, and the database stands nearest to {place}, with {number}",
        code=_CODE,
        why="\n".join(lines),
        next=f"change the database until it is equal, or accept that it is not: {db}stamp -r {place}",
    )


def _sentence(each: Difference) -> str:
    change = "; ".join(each.detail) if each.change == "altered" else _CHANGES[each.change]
    return f"{each.kind} {each.name}{':' if each.change == 'altered' else ''} {change}"


def _named(revisions: tuple[str, ...]) -> str:
    return ", ".join(revisions) or "base"
