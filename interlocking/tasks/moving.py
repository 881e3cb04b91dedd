"""The bodies of db.upgrade, db.downgrade and db.stamp: read, plan, confirm, act, report."""

from __future__ import annotations

from interlocking.console.report import Report
from interlocking.console.written import moved_report, nothing_to_do_report, sql_report
from interlocking.errors import InterlockingError, UsageError
from interlocking.plan import Plan
from interlocking.postgres.target import Target, environment_mark, open_target
from interlocking.revisions.paths import upgrade_path
from interlocking.tasks.edge import Suite
from interlocking.upgrade.moving import Direction, offline_range, plan_move, plan_stamp
from interlocking.upgrade.results import Moved
from interlocking.upgrade.running.runner import Alembic
from interlocking.upgrade.status import Standing, read_standing


def move(suite: Suite, direction: Direction, symbol: str, *, sql: bool, dry_run: bool, yes: bool) -> Report:
    """Upgrade or downgrade the target database.

    Args:
        suite: this run.
        direction: which way.
        symbol: the revision as typed.
        sql: print the statements instead of running them.
        dry_run: print the plan instead of carrying it out.
        yes: do not ask.

    Raises:
        InterlockingError: it was refused, is not possible, or failed; the message says where the database stands.
    """
    target = open_target(suite.project)
    standing = read_standing(suite.project, target.url)
    plan = plan_move(standing, direction, symbol)
    alembic = Alembic(suite.project, target.url, suite.console.progress)
    if not plan:
        return nothing_to_do_report(standing.position.current)
    if direction == "upgrade" and not standing.position.current and not sql:
        from interlocking.tasks.recognising import require_stamped  # noqa: PLC0415 - only for a new database

        require_stamped(suite, target, standing, symbol)
    if sql:
        return sql_report(alembic.sql(direction, offline_range(standing, symbol)))
    if dry_run:
        return suite.console.plan(_with_counts(plan, standing, target, symbol) if direction == "upgrade" else plan)
    _confirm(suite, target, plan, yes=yes)
    if direction == "upgrade":
        from interlocking.tasks.reviewing import warn_before_upgrade  # noqa: PLC0415 - a downgrade needs no rules

        warn_before_upgrade(suite, standing.graph, upgrade_path(standing.graph, standing.position.current, symbol))
    moved = alembic.upgrade(symbol) if direction == "upgrade" else alembic.downgrade(symbol)
    return _moved(moved, plan)


def stamp(suite: Suite, symbol: str, *, dry_run: bool, yes: bool) -> Report:
    """Set the target database's revision without running anything.

    Raises:
        UsageError: no revision was named.
        RefusedError: none was named, and the database was compared with the revisions: it names the one.
        RefusedError: it was not confirmed, or env.py leads to another database.
    """
    target = open_target(suite.project)
    standing = read_standing(suite.project, target.url)
    if not symbol:
        raise _which(suite, target, standing)
    plan = plan_stamp(standing, symbol)
    if not plan:
        return nothing_to_do_report(standing.position.current)
    if dry_run:
        return suite.console.plan(plan)
    _show_or_confirm(suite, target, plan, yes=yes)
    alembic = Alembic(suite.project, target.url, suite.console.progress)
    return _moved(alembic.stamp(symbol, purge=bool(standing.position.unknown)), plan)


def _which(suite: Suite, target: Target, standing: Standing) -> InterlockingError:
    from interlocking.tasks.recognising import is_unstamped, recognised  # noqa: PLC0415 - loads the rehearsal

    if is_unstamped(suite, target.url, standing.position.current):
        return recognised(suite, target.url)
    return UsageError(
        "which revision? db.stamp needs one",
        code="revision-missing",
        why="a stamp says that revisions were applied which were not run; there is no safe default",
        next="invoke db.stamp -r head",
    )


def _with_counts(plan: Plan, standing: Standing, target: Target, symbol: str) -> Plan:
    """Return the plan with the rows that backfills would change, if there are any."""
    from interlocking.upgrade.backfilling.counts import count_backfills  # noqa: PLC0415 - only a dry run counts

    pending = {id_: standing.graph.revisions[id_].path for id_ in standing.position.pending}
    counted = count_backfills(pending, target.url)
    return plan_move(standing, "upgrade", symbol, details=counted) if counted else plan


def _confirm(suite: Suite, target: Target, plan: Plan, *, yes: bool) -> None:
    """Ask before touching another machine; what is local and can be undone is not worth a question."""
    if _is_elsewhere(target):
        suite.console.confirm(plan, assume_yes=yes)


def _show_or_confirm(suite: Suite, target: Target, plan: Plan, *, yes: bool) -> None:
    if _is_elsewhere(target):
        suite.console.confirm(plan, assume_yes=yes)
    else:
        suite.console.show_plan(plan)


def _is_elsewhere(target: Target) -> bool:
    """Whether it is another machine's, or an environment's behind a local address: a tunnel."""
    return not target.url.is_local or bool(environment_mark(target.url))


def _moved(moved: Moved, plan: Plan) -> Report:
    return moved_report(moved, undo=plan.steps[-1].undo)
