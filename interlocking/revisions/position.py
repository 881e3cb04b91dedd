"""Where a database stands relative to the revision files."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from interlocking.revisions.graph import Graph
from interlocking.revisions.order import pending


@dataclass(frozen=True, slots=True)
class Position:
    """Where a database stands.

    Attributes:
        current: the ids in its version table; none means nothing was ever applied.
        heads: the heads of the files.
        pending: what an upgrade to `heads` would apply, in that order. Empty when `unknown` is not: nobody
            can tell what a revision without a file contains.
        unknown: the current ids that no file has: the code is older than the database, or of another branch.
    """

    current: tuple[str, ...]
    heads: tuple[str, ...]
    pending: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def is_at_head(self) -> bool:
        """Is everything applied that the files have, and nothing else?"""
        return not self.pending and not self.unknown


def locate_database(graph: Graph, current: Collection[str]) -> Position:
    """Compare the version table of a database with the files.

    Args:
        graph: the revision files.
        current: the ids in the version table.
    """
    unknown = tuple(id_ for id_ in current if id_ not in graph.revisions)
    return Position(
        current=tuple(current),
        heads=graph.heads,
        pending=() if unknown else pending(graph, current),
        unknown=unknown,
    )
