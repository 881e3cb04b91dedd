"""Which revisions a round trip tries. Pure."""

from __future__ import annotations

from collections.abc import Collection

from interlocking.errors import UsageError
from interlocking.revisions.graph import Graph
from interlocking.revisions.order import pending
from interlocking.revisions.symbols import require_known, resolve


def select_revisions(
    graph: Graph,
    *,
    current: Collection[str],
    revision: str = "",
    since: str = "",
    everything: bool = False,
) -> tuple[str, ...]:
    """Return the ids to try, in the order an upgrade applies them.

    Args:
        graph: the revision files.
        current: what the target database's version table holds.
        revision: only this one; any symbol of `revisions.symbols.resolve`.
        since: only this one and what needs it.
        everything: the whole history.

    Returns:
        The pending ones when nothing else is asked for; empty when nothing is pending.

    Raises:
        UsageError: more than one range is asked for, a symbol names nothing, or (for the pending ones) the
            files do not know where the database is.
    """
    if sum(map(bool, (revision, since, everything))) > 1:
        raise UsageError(
            "--revision, --since and --all are three ranges", code="several-ranges", next="give one of them"
        )
    whole = pending(graph, ())
    if everything:
        return whole
    if revision:
        chosen = set(resolve(graph, revision, current=current))
    elif since:
        oldest = resolve(graph, since, current=current)
        chosen = graph.descendants(oldest) if oldest else set(whole)
    else:
        require_known(graph, current)
        chosen = set(pending(graph, current))
    return tuple(id_ for id_ in whole if id_ in chosen)
