"""Was an applied revision's file edited since, or is one missing? The audit knows what was applied."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg2.extensions import connection as Connection  # noqa: N812 - a class, whatever its name says

from interlocking.errors import RefusedError
from interlocking.upgrade.audit.row import AuditRow
from interlocking.upgrade.audit.trail import last_applied
from interlocking.upgrade.verifying.checksum import checksum, is_comparable
from interlocking.upgrade.verifying.diff import diff_since

if TYPE_CHECKING:
    from interlocking.revisions.graph import Graph


@dataclass(frozen=True, slots=True)
class Edited:
    """A file that is no longer what was applied.

    Args:
        revision: its id.
        path: its file.
        applied: the audit's row of the time when it was applied, or last accepted.
        found: the checksum of the file now; empty when it is not even Python.
        diff: from what was applied to what is there now; empty when git does not have the former.
    """

    revision: str
    path: Path
    applied: AuditRow
    found: str
    diff: str


@dataclass(frozen=True, slots=True)
class Verification:
    """Applied revisions against their files.

    Args:
        edited: whose file was edited after it was applied.
        missing: that the audit has as applied, but no file has.
        unknown: that the version table holds, but no file has: the code is older than the database.
        compared: how many files were compared.
        unrecorded: applied revisions that the audit says nothing about: stamped, or older than the guard.
    """

    edited: tuple[Edited, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    compared: int
    unrecorded: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether every applied revision still has the file that was applied."""
        return not (self.edited or self.missing or self.unknown)


def verify(graph: Graph, connection: Connection, *, current: Collection[str], version_table: str) -> Verification:
    """Compare the files of all applied revisions with the audit.

    Args:
        graph: the revision files.
        connection: to the database; only read.
        current: what its version table holds.
        version_table: that table, as `schema.name`.
    """
    rows = last_applied(connection, version_table)
    unknown = tuple(id_ for id_ in current if id_ not in graph.revisions)
    applied = graph.ancestors(id_ for id_ in current if id_ in graph.revisions)
    if unknown:  # what they stand on cannot be known from the files
        applied |= {id_ for id_, row in rows.items() if row.direction == "upgrade" and id_ in graph.revisions}
    files = {id_: each.path for id_, each in graph.revisions.items() if id_ in applied}
    gone = [row for id_, row in rows.items() if id_ not in graph.revisions and id_ not in unknown]
    return Verification(
        edited=edited_files(files, rows),
        missing=tuple(row.revision for row in gone if _should_have_a_file(row)),
        unknown=unknown,
        compared=len(files.keys() & rows.keys()),
        unrecorded=tuple(id_ for id_ in files if id_ not in rows),
    )


def require_unedited(files: Mapping[str, Path], connection: Connection, *, version_table: str) -> None:
    """Refuse to go on when the file of an applied revision was edited: called before anything runs.

    Args:
        files: the file of every applied revision, by its id.
        connection: to the database; only read.
        version_table: the table that holds the revisions, as `schema.name`.

    Raises:
        RefusedError: code `applied-file-edited`, with the diff when git has what was applied.
    """
    edited = edited_files(files, last_applied(connection, version_table))
    if edited:
        raise refusal(edited)


def edited_files(files: Mapping[str, Path], rows: Mapping[str, AuditRow]) -> tuple[Edited, ...]:
    """Return the files that differ from what the audit recorded.

    Args:
        files: of applied revisions, by id.
        rows: the newest row of each revision, as `last_applied` returns them.
    """
    pairs = ((path, row) for id_, path in files.items() if (row := rows.get(id_)) is not None)
    found = (_compared(path, row) for path, row in pairs)
    return tuple(each for each in found if each is not None)


def file_checksum(path: Path) -> str | None:
    """Return the checksum of a revision file; None for one that is compiled or cannot be read as Python."""
    if path.suffix != ".py":
        return None
    try:
        return checksum(path.read_bytes())
    except (OSError, ValueError):
        return None


def refusal(edited: Collection[Edited]) -> RefusedError:
    """Return the error about edited files."""
    names = ", ".join(each.revision for each in edited)
    first = next(iter(edited))
    when = f"{first.applied.started:%Y-%m-%d %H:%M} by {first.applied.actor}"
    diffs = "".join(f"\n{each.diff}" for each in edited if each.diff)
    return RefusedError(
        f"Don't edit applied migration files: {names} was edited after it was applied ({when}){diffs}",
        code="applied-file-edited",
        why="this database ran the old text and will never run the new one: another database would get another schema",
        next=f"put the file back and write a new revision; or sign the edit: {accept_command(first.revision)}",
    )


def accept_command(revision: str) -> str:
    """Return what signs an edit of that revision."""
    return f"invoke db.verify --accept {revision}"


def _compared(path: Path, row: AuditRow) -> Edited | None:
    if row.direction != "upgrade" or not is_comparable(row.checksum) or path.suffix != ".py":
        return None
    found = file_checksum(path) or ""
    if found == row.checksum:
        return None
    return Edited(row.revision, path, row, found, diff_since(path, commit=row.git_commit, recorded=row.checksum or ""))


def _should_have_a_file(row: AuditRow) -> bool:
    """A revision that was undone needs none, nor one whose absence was signed."""
    return row.direction == "upgrade" and not (row.kind == "accepted" and row.checksum is None)
