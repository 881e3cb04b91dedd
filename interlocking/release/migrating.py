"""Migrating an environment while traffic flows: plan, restore point, guarded move, verification, watch."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from interlocking.checks import Check
from interlocking.environment import Project
from interlocking.errors import InterlockingError
from interlocking.plan import Plan, Progress, Step
from interlocking.postgres.backups import Backups
from interlocking.postgres.connect import connect, require_writable
from interlocking.postgres.mark import write_mark
from interlocking.railway.discovery import find_services
from interlocking.railway.health import health_url, probe
from interlocking.release.production import Production, Survey
from interlocking.release.quiet import Quiet, wait_until_quiet
from interlocking.release.reach import Direct, Direction
from interlocking.release.saving import Kind, Saved, save_first, saving_steps
from interlocking.release.watch import Watched, watch
from interlocking.revisions.paths import downgrade_path, upgrade_path
from interlocking.upgrade.moving import require_known_position
from interlocking.upgrade.results import Moved
from interlocking.upgrade.running.runner import Alembic

_INVALID = """
SELECT indexrelid::regclass::text FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND c.relkind = 'i' ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Options:
    """How careful a move is.

    Args:
        direction: which way.
        revision: where to, as typed.
        backup: the restore point, as `saving.chosen` returned it.
        backups: where dumps go.
        quiet: what counts as a quiet moment; None does not wait for one.
        watch: seconds to watch afterwards.
    """

    direction: Direction
    revision: str
    backup: Kind
    backups: Backups
    quiet: Quiet | None = None
    watch: float = 0.0


@dataclass(frozen=True, slots=True)
class Migrated:
    """What became of it.

    Args:
        moved: the revisions, and where the database stands now.
        saved: what can be gone back to.
        checks: the verification.
        watched: what was seen afterwards; None when nobody watched.
        undo: what takes it back, as something to type; empty when nothing needs undoing.
    """

    moved: Moved
    saved: Saved
    checks: tuple[Check, ...]
    watched: Watched | None = None
    undo: str = field(default="")

    @property
    def ok(self) -> bool:
        """Whether the environment is as it should be."""
        answers = self.watched is None or self.watched.ok
        return answers and all(check.verdict != "fail" for check in self.checks)


def path_of(production: Production, survey: Survey, options: Options) -> tuple[str, ...]:
    """Return the revisions that a move would run, in order.

    Raises:
        RefusedError: the files do not know where the database is.
        UsageError: the revision means nothing, or points the other way.
    """
    require_known_position(survey.position)
    walk = upgrade_path if options.direction == "upgrade" else downgrade_path
    return tuple(walk(production.graph, survey.position.current, options.revision))


def plan_migration(production: Production, survey: Survey, options: Options) -> Plan:
    """Plan a move; empty when nothing is left to do."""
    path = path_of(production, survey, options)
    if not path:
        return Plan(f"{options.direction} {production.environment}", production.target, ())
    graph, steps = production.graph, saving_steps(options.backup, production, options.backups)
    steps = [*mark_steps(production, survey), *steps]
    if options.quiet:
        steps.append(
            Step("wait for a quiet moment", detail=f"at most {options.quiet.per_second:g} transactions a second")
        )
    steps += [Step(f"{options.direction} {id_}  {graph.revisions[id_].message}".rstrip()) for id_ in path]
    steps.append(Step("verify: revision, models, indexes, health", undo=undo_of(production, survey, options)))
    if options.watch:
        steps.append(Step(f"watch log and health for {options.watch:g} s"))
    return Plan(f"{options.direction} {production.environment}", production.target, tuple(steps))


def mark_steps(production: Production, survey: Survey) -> list[Step]:
    """Return the step of a Plan that `mark` will take; none where the database is marked, or not reached from here."""
    if survey.mark or not isinstance(production.reach, Direct):
        return []
    return [Step(f"mark the database as {production.environment}", detail="in its comment")]


def mark(production: Production, survey: Survey) -> None:
    """Mark the database as its environment's, once; a role that does not own it may not, and nothing depends on it."""
    if isinstance(production.reach, Direct) and not survey.mark:
        with connect(production.reach.url) as connection:
            write_mark(connection, production.environment)


def migrate(project: Project, production: Production, survey: Survey, options: Options, progress: Progress) -> Migrated:
    """Carry out the plan.

    Raises:
        InterlockingError: it failed; the message says where the database stands. Nothing was changed unless it is an
            IncompleteError.
    """
    reach = production.reach
    if isinstance(reach, Direct):
        with connect(reach.url) as connection:
            require_writable(connection, reach.url)
    mark(production, survey)
    saved = save_first(options.backup, project, production, options.backups, progress)
    if options.quiet and isinstance(reach, Direct):
        with connect(reach.url) as connection:
            wait_until_quiet(connection, options.quiet, progress)
    moved = reach.move(options.direction, options.revision, progress)
    checks = verify_environment(production, expect_head=options.direction == "upgrade" and options.revision == "heads")
    watched = _watch(production, survey, options, progress) if options.watch else None
    return Migrated(moved, saved, checks, watched, undo_of(production, survey, options))


def verify_environment(production: Production, *, expect_head: bool) -> tuple[Check, ...]:
    """Look at an environment after a change.

    Args:
        production: the environment.
        expect_head: whether its database should be at the head of these files.
    """
    reach = production.reach
    checks = [_at_head(production)] if expect_head else []
    if isinstance(reach, Direct):
        checks.append(_indexes(reach))
        if expect_head:
            checks.append(_models(reach))
    return (*checks, _health(production))


def undo_of(production: Production, survey: Survey, options: Options) -> str:
    """Return what takes a move back; empty where one command cannot."""
    current = survey.position.current
    if len(current) > 1:
        return ""
    back = "downgrade" if options.direction == "upgrade" else "upgrade"
    where = current[0] if current else "base"
    return f"invoke db.prod-{back} -r {where} --environment {production.environment}"


def pending_files(production: Production, path: tuple[str, ...]) -> list[Path]:
    """Return the files of revisions."""
    return [production.graph.revisions[id_].path for id_ in path]


def _watch(production: Production, survey: Survey, options: Options, progress: Progress) -> Watched:
    return watch(
        production.cli,
        service=production.services.backend.name,
        deployment_id=survey.deployed.id if survey.deployed else "",
        health_url=health_url(production.cli, production.services.backend),
        seconds=options.watch,
        progress=progress,
    )


def _at_head(production: Production) -> Check:
    current, heads = production.reach.current(), production.graph.heads
    if set(current) == set(heads):
        return Check("revision", "ok", f"the database is at head: {', '.join(heads)}")
    return Check("revision", "fail", f"the database is at {', '.join(current) or 'base'}", "invoke db.prod-upgrade")


def _indexes(reach: Direct) -> Check:
    with connect(reach.url, readonly=True) as connection, connection.cursor() as cursor:
        cursor.execute(_INVALID)
        invalid = [name for (name,) in cursor.fetchall()]
    if not invalid:
        return Check("indexes", "ok", "every index is valid")
    return Check("indexes", "fail", f"invalid: {', '.join(invalid)}", f"DROP INDEX CONCURRENTLY {invalid[0]}")


def _models(reach: Direct) -> Check:
    try:
        drift = Alembic(reach.project, reach.url).check()
    except InterlockingError as error:
        if error.code == "no-models":
            return Check("models", "skip", error.message)
        return Check("models", "warn", f"they could not be compared: {error.message}", error.next)
    if not drift:
        return Check("models", "ok", "models and database agree")
    return Check(
        "models", "warn", f"the models say what no revision does: {drift.operations[0].words}", "invoke db.check"
    )


def _health(production: Production) -> Check:
    if not find_services(production.cli).backend.deployment_id:
        return Check("health", "skip", "nothing is deployed that could answer")
    url = health_url(production.cli, production.services.backend)
    if not url:
        return Check("health", "skip", "no URL is known to ask: set health_url in [tool.interlocking.railway]")
    answer = probe(url)
    if answer.ok:
        return Check("health", "ok", f"{url} answers 200 in {answer.seconds * 1000:.0f} ms")
    said = answer.error or f"status {answer.status}"
    return Check("health", "fail", f"{url} answers {said}", "invoke deploy.logs")
