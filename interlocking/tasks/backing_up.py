"""The bodies of db.backup, db.backups and db.restore: read, plan, confirm, act, report."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta

from interlocking.console.backups import backup_report, backups_report, pruned_report, restored_report
from interlocking.console.report import Report
from interlocking.durations import parse_duration
from interlocking.environment import Project
from interlocking.errors import UsageError
from interlocking.plan import Plan, Step
from interlocking.postgres.backups import Backup, Backups, Keep, superfluous
from interlocking.postgres.dumping import Source, dump, inspect
from interlocking.postgres.restoring import Destination, inspect_destination
from interlocking.postgres.restoring import restore as put_back
from interlocking.postgres.target import Target, open_target, require_local
from interlocking.postgres.url import DatabaseUrl
from interlocking.tasks.edge import Suite

_SCRATCH = "scratch"


def backup(suite: Suite, *, keep: str, dry_run: bool) -> Report:
    """Take a backup, then prune.

    Raises:
        UsageError: `keep` cannot be read.
        UnavailableError: it could not be taken.
    """
    rule = parse_keep(keep)
    backups = backups_of(suite.project)
    source = inspect(open_target(suite.project).url)
    if dry_run:
        return suite.console.plan(_backup_plan(source, backups, keep))
    settings = suite.project.settings
    made = dump(
        source,
        backups,
        suite.console.progress,
        version_table=settings.version_table,
        version_schema=settings.version_table_schema,
    )
    doomed = superfluous(backups.all(database=made.database), rule) if keep else []
    backups.remove(doomed)
    return backup_report(made, backups.dump_path(made.name), doomed)


def listing(suite: Suite) -> Report:
    """List the backups."""
    backups = backups_of(suite.project)
    return backups_report(backups.all(), backups.folder)


def prune(suite: Suite, *, keep: str, dry_run: bool, yes: bool) -> Report:
    """Delete the backups that `keep` does not cover.

    Raises:
        UsageError: `keep` cannot be read.
        RefusedError: it was not confirmed.
    """
    backups = backups_of(suite.project)
    doomed = superfluous(backups.all(), parse_keep(keep))
    plan = _prune_plan(doomed, backups)
    if dry_run:
        return suite.console.plan(plan)
    if plan:
        suite.console.confirm(plan, assume_yes=yes)
    backups.remove(doomed)
    return pruned_report(doomed, backups.all())


def restore(suite: Suite, *, name: str, target: str, confirm: str, dry_run: bool) -> Report:
    """Put a backup into a local database.

    Raises:
        UsageError: there is no such backup.
        RefusedError: the database is not local, or its tables were not given up by name.
        InterlockingError: it was not restored.
    """
    backups = backups_of(suite.project)
    chosen = backups.find(name)
    local = open_target(suite.project)
    require_local(local, task="db.restore")
    destination = inspect_destination(chosen, _destination_url(local, target))
    plan = _restore_plan(chosen, destination)
    if dry_run:
        return suite.console.plan(plan)
    if destination.tables:
        suite.console.confirm_named(plan, name=destination.url.database, given=confirm)
    put_back(chosen, backups, destination, suite.console.progress)
    return restored_report(chosen, destination.url, is_target=destination.url.database == local.url.database)


def backups_of(project: Project) -> Backups:
    """Return the folder of the project's backups."""
    return Backups(project.root / project.settings.backups)


def parse_keep(text: str) -> Keep:
    """Read `10`, `30d` or `10,30d`; empty keeps everything.

    Raises:
        UsageError: it is none of these.
    """
    count: int | None = None
    age: timedelta | None = None
    try:
        for part in filter(None, (each.strip() for each in text.split(","))):
            if part.isdecimal():
                count = int(part)
            else:
                age = timedelta(seconds=parse_duration(part))
    except ValueError:
        raise UsageError(
            f"--keep {text!r} is neither a number nor a length of time",
            code="bad-keep",
            next="--keep 10 for the ten newest, --keep 30d for thirty days, --keep 10,30d for both",
        ) from None
    return Keep(count, age)


def _destination_url(local: Target, target: str) -> DatabaseUrl:
    if target == _SCRATCH:
        return local.url.with_database(f"interlocking_restored_{os.urandom(4).hex()}")
    return local.url.with_database(target) if target else local.url


def _backup_plan(source: Source, backups: Backups, keep: str) -> Plan:
    steps = [
        Step(f"dump {source.url.database} with pg_dump {source.programs.version}", detail=f"into {backups.folder}"),
        Step("verify the dump: checksum, and every table in its table of contents"),
    ]
    if keep:
        steps.append(Step(f"delete older backups of {source.url.database}, keeping {keep}", undo="not reversible"))
    return Plan("backup", source.url.masked, tuple(steps))


def _prune_plan(doomed: Sequence[Backup], backups: Backups) -> Plan:
    steps = tuple(Step(f"delete {each.name}", undo="not reversible") for each in doomed)
    return Plan("prune backups", str(backups.folder), steps)


def _restore_plan(chosen: Backup, destination: Destination) -> Plan:
    database = destination.url.database
    steps = [Step(f"restore {chosen.name} beside {database}", detail=f"with pg_restore {destination.programs.version}")]
    if destination.tables is None:
        steps.append(Step(f"call it {database}"))
    else:
        tables = f"{destination.tables} tables" if destination.tables != 1 else "1 table"
        steps.append(Step(f"replace {database} and its {tables} by it", undo="not reversible: invoke db.backup first"))
    return Plan("restore", destination.url.masked, tuple(steps))
