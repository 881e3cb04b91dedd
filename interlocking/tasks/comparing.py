"""The body of db.check."""

from __future__ import annotations

from interlocking.errors import RefusedError
from interlocking.postgres.target import open_target
from interlocking.tasks.edge import Suite
from interlocking.upgrade.moving import require_known_position
from interlocking.upgrade.results import Drift
from interlocking.upgrade.running.runner import Alembic
from interlocking.upgrade.status import read_standing, remember_check


def compare_models(suite: Suite) -> Drift:
    """Compare the models with the migrated database, and remember the answer.

    Raises:
        RefusedError: the database is not at head, so a difference would mean nothing.
    """
    url = open_target(suite.project).url
    position = read_standing(suite.project, url).position
    require_known_position(position)
    if position.pending:
        raise RefusedError(
            f"the database is not at head: {len(position.pending)} pending",
            code="not-at-head",
            why="what is pending would be reported as drift",
            next="invoke db.upgrade",
        )
    drift = Alembic(suite.project, url, suite.console.progress).check()
    remember_check(suite.project, position.current, drift.operations)
    return drift
