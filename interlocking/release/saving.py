"""The restore point of an environment before it is changed: a verified dump, a snapshot of the volume, or both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from interlocking.environment import Project
from interlocking.errors import RefusedError, UnavailableError
from interlocking.plan import Event, Progress, Step
from interlocking.postgres.backups import Backup, Backups
from interlocking.postgres.dumping import dump, inspect
from interlocking.railway.results import VolumeBackup
from interlocking.railway.waiting import take_backup
from interlocking.release.production import Production
from interlocking.release.reach import Direct

Kind = Literal["auto", "dump", "snapshot", "both", "none"]
KINDS: tuple[Kind, ...] = ("auto", "dump", "snapshot", "both", "none")


@dataclass(frozen=True, slots=True)
class Saved:
    """What can be gone back to.

    Args:
        dump: a verified logical backup on this machine.
        snapshot: of the database's volume, on the platform.
    """

    dump: Backup | None = None
    snapshot: VolumeBackup | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """Each restore point in words."""
        return (
            *([f"backed up {self.dump.tables} tables: {self.dump.name}"] if self.dump else []),
            *([f"Railway keeps the snapshot {self.snapshot.name}"] if self.snapshot else []),
        )


def chosen(kind: Kind, production: Production) -> Kind:
    """Return what `auto` means: a dump where the database can be connected to, else a snapshot.

    Raises:
        RefusedError: a dump was asked for, and the database cannot be connected to from here.
    """
    reachable = isinstance(production.reach, Direct)
    if kind == "auto":
        return "dump" if reachable else "snapshot"
    if kind in ("dump", "both") and not reachable:
        raise RefusedError(
            "a dump needs a connection, and this way runs everything inside the service",
            code="dump-not-reachable",
            why="nothing was changed",
            next="--backup snapshot, or another way: --via tunnel",
        )
    return kind


def saving_steps(kind: Kind, production: Production, backups: Backups) -> list[Step]:
    """Return the steps of a Plan that `save` will take.

    Args:
        kind: as `chosen` returned it.
        production: what is saved.
        backups: where dumps go.
    """
    steps = []
    if kind in ("dump", "both"):
        steps.append(Step("take a verified dump", detail=f"into {backups.folder}", undo="invoke db.backups lists it"))
    if kind in ("snapshot", "both"):
        database = production.services.database
        name = database.name if database else "the database"
        steps.append(Step(f"snapshot the volume of {name}", detail="railway postgres pitr backup create"))
    return steps


def save_first(kind: Kind, project: Project, production: Production, backups: Backups, progress: Progress) -> Saved:
    """Do as `save`, and tell what was taken: the report on what follows does not repeat it."""
    saved = save(kind, project, production, backups, progress)
    for words in saved.words:
        progress(Event("done", words))
    return saved


def save(kind: Kind, project: Project, production: Production, backups: Backups, progress: Progress) -> Saved:
    """Take the restore point and wait until it is complete.

    Args:
        kind: as `chosen` returned it.
        project: whose version table the dump's manifest repeats.
        production: what is saved.
        backups: where dumps go.
        progress: is told how far it is.

    Raises:
        UnavailableError: it could not be taken; nothing was changed.
    """
    return Saved(
        dump=_dump(project, production.reach, backups, progress)
        if kind in ("dump", "both") and isinstance(production.reach, Direct)
        else None,
        snapshot=_snapshot(production) if kind in ("snapshot", "both") else None,
    )


def _dump(project: Project, reach: Direct, backups: Backups, progress: Progress) -> Backup:
    settings = project.settings
    return dump(
        inspect(reach.url),
        backups,
        progress,
        version_table=settings.version_table,
        version_schema=settings.version_table_schema,
    )


def _snapshot(production: Production) -> VolumeBackup:
    database = production.services.database
    if database is None:
        raise UnavailableError(
            f"{production.environment} has no PostgreSQL service whose volume could be saved",
            code="no-database-service",
            why="nothing was changed",
            next="name it: database in [tool.interlocking.railway]; or --backup dump",
        )
    return take_backup(production.cli, database.name, f"interlocking {datetime.now(UTC):%Y-%m-%d %H:%M:%S}")
