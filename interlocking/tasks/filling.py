"""The bodies of db.seed and db.reset: local databases only."""

from __future__ import annotations

from interlocking.console.report import Report, Span, mark
from interlocking.environment import Project
from interlocking.errors import UsageError
from interlocking.plan import Event, Plan, Step
from interlocking.postgres.databases import recreate
from interlocking.postgres.target import Target, open_target, require_local
from interlocking.tasks.edge import Suite
from interlocking.upgrade.running.runner import Alembic


def seed(suite: Suite) -> Report:
    """Insert the sample rows.

    Raises:
        UsageError: no function is set for it.
        RefusedError: the database is not local.
    """
    target = open_target(suite.project)
    require_local(target, task="db.seed")
    function = _seed_function(suite.project)
    Alembic(suite.project, target.url, suite.console.progress).call(function)
    return Report({"seeded": True}, [mark("ok", f"{function} has inserted the sample rows")])


def reset(suite: Suite, *, yes: bool, dry_run: bool) -> Report:
    """Drop, create, upgrade and seed the database.

    Raises:
        RefusedError: the database is not local, or it was not confirmed.
    """
    target = open_target(suite.project)
    require_local(target, task="db.reset")
    plan = _reset_plan(suite.project, target)
    if dry_run:
        return suite.console.plan(plan)
    suite.console.confirm(plan, assume_yes=yes)
    return _start_again(suite, target)


def _start_again(suite: Suite, target: Target) -> Report:
    recreate(target.url)
    suite.console.progress(Event("done", f"created {target.url.database} anew"))
    alembic = Alembic(suite.project, target.url, suite.console.progress)
    moved = alembic.upgrade("heads")
    if suite.project.settings.seed:
        alembic.call(suite.project.settings.seed)
        suite.console.progress(Event("done", f"seeded by {suite.project.settings.seed}"))
    where = ", ".join(moved.after) or "base"
    return Report({"after": list(moved.after)}, [mark("ok", "a fresh database, at ", Span(where, "bold"))])


def _reset_plan(project: Project, target: Target) -> Plan:
    name = target.url.database
    steps = [
        Step(f"drop the database {name} with everything in it", undo="not reversible"),
        Step(f"create {name}"),
        Step("upgrade to heads"),
    ]
    if project.settings.seed:
        steps.append(Step(f"seed with {project.settings.seed}"))
    return Plan("reset", target.url.masked, tuple(steps))


def _seed_function(project: Project) -> str:
    if not project.settings.seed:
        raise UsageError(
            "nothing knows how to seed this project: the setting `seed` is empty",
            code="no-seed",
            next='set it in pyproject.toml: [tool.interlocking] seed = "package.module:function"',
        )
    return project.settings.seed
