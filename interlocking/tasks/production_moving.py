"""The bodies of db.prod-upgrade, -downgrade, -stamp and -backup: read, plan, confirm, act, report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from interlocking.console.doctor import check_lines
from interlocking.console.production import migrated_report, saved_report
from interlocking.console.report import Report
from interlocking.console.written import moved_report, nothing_to_do_report
from interlocking.durations import parse_duration
from interlocking.errors import UsageError
from interlocking.plan import Plan
from interlocking.postgres.backups import superfluous
from interlocking.postgres.mark import require_mark
from interlocking.release.judging import loss_checks, review_check, review_path
from interlocking.release.migrating import Options, migrate, path_of, pending_files, plan_migration
from interlocking.release.preflight import migration_checks, require_all
from interlocking.release.production import Production, Survey, survey
from interlocking.release.quiet import Quiet
from interlocking.release.reach import Direct
from interlocking.release.saving import KINDS, Kind, chosen, save, saving_steps
from interlocking.tasks.asking import confirm_environment
from interlocking.tasks.backing_up import backups_of, parse_keep
from interlocking.tasks.edge import Suite
from interlocking.tasks.production_reading import reached
from interlocking.upgrade.moving import plan_stamp
from interlocking.upgrade.status import Standing


@dataclass(frozen=True, slots=True)
class Request:
    """What was typed.

    Args:
        direction: which way.
        revision: where to.
        environment: which one; empty takes the setting.
        via: the way to its database.
        confirm: its name, as the answer to the question.
        backup: the restore point.
        watch: seconds to watch afterwards.
    """

    direction: Literal["upgrade", "downgrade"]
    revision: str
    environment: str
    via: str
    confirm: str
    backup: str
    watch: float


def move(suite: Suite, request: Request, *, when_quiet: bool, dry_run: bool) -> Report:
    """Upgrade or downgrade an environment's database.

    Raises:
        UsageError: something was typed that means nothing.
        RefusedError: a check failed, or it was not confirmed.
        InterlockingError: it failed; the message says where the database stands.
    """
    _require_revision(request.revision, task=f"db.prod-{request.direction}")
    kind = parse_backup(request.backup)
    with reached(suite, environment=request.environment, via=request.via) as production:
        found = survey(suite.project, production)
        options = Options(
            request.direction,
            request.revision,
            chosen(kind, production),
            backups_of(suite.project),
            Quiet() if when_quiet else None,
            request.watch,
        )
        plan = plan_migration(production, found, options)
        if not plan:
            return nothing_to_do_report(found.position.current)
        _preflight(suite, production, found, options)
        if dry_run:
            return suite.console.plan(plan)
        confirm_environment(suite, plan, production.cli, confirm=request.confirm)
        done = migrate(suite.project, production, found, options, suite.console.progress)
        return migrated_report(done, production.environment)


def stamp(suite: Suite, revision: str, *, environment: str, via: str, confirm: str, dry_run: bool) -> Report:
    """Set the revision of an environment's database without running anything.

    Raises:
        UsageError: no revision was named.
        RefusedError: none was named, and the database was compared with the revisions: it names the one.
        RefusedError: it was not confirmed.
    """
    with reached(suite, environment=environment, via=via) as production:
        if not revision:
            _recognise(suite, production)
        _require_revision(revision, task="db.prod-stamp")
        found = survey(suite.project, production)
        standing = Standing(production.target, found.server, production.graph, found.position, None)
        plan = plan_stamp(standing, revision, task="db.prod-stamp", flags=f" --environment {production.environment}")
        if not plan:
            return nothing_to_do_report(found.position.current)
        if dry_run:
            return suite.console.plan(plan)
        confirm_environment(suite, plan, production.cli, confirm=confirm)
        purge = bool(found.position.unknown)
        moved = production.reach.move("stamp", revision, suite.console.progress, purge=purge)
        return moved_report(moved, undo=plan.steps[-1].undo)


def _recognise(suite: Suite, production: Production) -> None:
    """Raise where a database without a recorded revision stands; inside the service nothing can be compared."""
    from interlocking.tasks.recognising import is_unstamped, recognised  # noqa: PLC0415 - loads the rehearsal

    reach = production.reach
    require_mark(reach.mark(), production.environment)
    if isinstance(reach, Direct) and is_unstamped(suite, reach.url, reach.current()):
        raise recognised(suite, reach.url, is_production=True)


def backup(suite: Suite, *, environment: str, via: str, kind: str, keep: str, dry_run: bool) -> Report:
    """Take a restore point of an environment.

    Raises:
        UsageError: the kind or the rule of keeping means nothing.
        UnavailableError: it could not be taken.
    """
    rule = parse_keep(keep)
    wanted = parse_backup(kind)
    backups = backups_of(suite.project)
    with reached(suite, environment=environment, via=via) as production:
        found = chosen(wanted, production)
        if dry_run:
            steps = tuple(saving_steps(found, production, backups))
            return suite.console.plan(Plan("backup", production.target, steps))
        saved = save(found, suite.project, production, backups, suite.console.progress)
    doomed = superfluous(backups.all(database=saved.dump.database), rule) if saved.dump and keep else []
    backups.remove(doomed)
    return saved_report(saved, backups, doomed)


def _preflight(suite: Suite, production: Production, found: Survey, options: Options) -> None:
    path = path_of(production, found, options)
    checks = migration_checks(found, pending_files(production, path), suite.project.root)
    if options.direction == "upgrade":
        checks.append(review_check(review_path(suite.project, production, found, path)))
    else:
        checks += loss_checks(suite.project, production, path)
    suite.console.story(*check_lines(checks))
    require_all(checks, purpose=f"db.prod-{options.direction}")


def parse_backup(text: str) -> Kind:
    """Read the value of `--backup`.

    Raises:
        UsageError: it is none.
    """
    if text not in KINDS:
        raise UsageError(
            f"{text!r} is no kind of restore point", code="bad-backup-kind", next=f"one of: {', '.join(KINDS)}"
        )
    return text


def parse_watch(text: str) -> float:
    """Read the value of `--watch`, in seconds.

    Raises:
        UsageError: it is no length of time.
    """
    try:
        return parse_duration(f"{text}s" if text.strip().isdecimal() else text)
    except ValueError:
        raise UsageError(
            f"--watch {text!r} is no length of time", code="bad-watch", next="--watch 30, or --watch 5min"
        ) from None


def _require_revision(revision: str, *, task: str) -> None:
    if not revision:
        raise UsageError(
            f"which revision? {task} needs one",
            code="revision-missing",
            why="on production nothing is undone or skipped by default",
            next=f"invoke {task} -r REVISION: one of invoke db.prod-history",
        )
