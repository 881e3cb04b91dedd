"""How backups look: one that was made, the list, what was deleted, what was put back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from interlocking.console.report import Line, Report, Span, columns, counted, line, mark
from interlocking.postgres.backups import Backup
from interlocking.postgres.url import DatabaseUrl

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024


def backup_report(backup: Backup, path: Path, pruned: Sequence[Backup]) -> Report:
    """Return the report of `db.backup`.

    Args:
        backup: what was made.
        path: of its dump.
        pruned: what was deleted after.
    """
    data = {"backup": backup_data(backup), "path": str(path), "deleted": [each.name for each in pruned]}
    next_step = f"invoke db.restore --backup {backup.name} --target scratch"
    return Report(data, backup_lines(backup, path, pruned), next=next_step)


def backup_lines(backup: Backup, path: Path, pruned: Sequence[Backup]) -> list[Line]:
    """Return what is told about a backup that was made; the arguments are those of `backup_report`."""
    return [
        mark("ok", "backed up ", Span(backup.database, "bold"), f": {_content(backup)}"),
        line("      ", Span(str(path), "accent")),
        *_deleted(pruned),
    ]


def backups_report(backups: Sequence[Backup], folder: Path) -> Report:
    """Return the report of `db.backups`, newest first."""
    data = {"folder": str(folder), "backups": [backup_data(each) for each in backups]}
    if not backups:
        return Report(data, [mark("note", f"there are no backups in {folder}")], next="invoke db.backup")
    rows: list[list[str | Span]] = [[Span(name, "dim") for name in ("backup", "size", "revision", "server", "from")]]
    rows += [
        [Span(each.name, "bold"), size(each.bytes), _revision(each), each.server, Span(each.source, "dim")]
        for each in backups
    ]
    return Report(data, columns(rows, indent=0))


def pruned_report(pruned: Sequence[Backup], left: Sequence[Backup]) -> Report:
    """Return the report of `db.backups --keep`."""
    data = {"deleted": [each.name for each in pruned], "backups": [backup_data(each) for each in left]}
    kept = f"{counted(len(left), 'backup')} kept"
    return Report(data, [*_deleted(pruned), mark("ok", kept if pruned else f"nothing to delete; {kept}")])


def restored_report(backup: Backup, url: DatabaseUrl, *, is_target: bool) -> Report:
    """Return the report of `db.restore`.

    Args:
        backup: what was put back.
        url: into which database.
        is_target: whether that is the one of `DATABASE_URL`.
    """
    data = {"backup": backup.name, "database": url.database, "url": url.masked, "revisions": list(backup.revisions)}
    lines = [mark("ok", Span(url.database, "bold"), f" holds {_content(backup)}")]
    if is_target:
        return Report(data, lines, next="invoke db.status")
    lines.append(line("      ", Span(url.masked, "accent")))
    return Report(data, lines, next=f"psql, or DATABASE_URL with the database {url.database}; drop it when done")


def size(number: int) -> str:
    """Return a number of bytes for a person: `4.2 MiB`."""
    value = float(number)
    for unit in _UNITS:
        if value < _STEP or unit == _UNITS[-1]:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= _STEP
    raise AssertionError("the last unit always fits")


def _content(backup: Backup) -> str:
    return f"{counted(backup.tables, 'table')} at {_revision(backup)}, {size(backup.bytes)}"


def _revision(backup: Backup) -> str:
    return ", ".join(backup.revisions) or "base"


def _deleted(pruned: Sequence[Backup]) -> list[Line]:
    return [line("      ", Span(f"deleted {each.name}", "dim")) for each in pruned]


def backup_data(backup: Backup) -> dict[str, Any]:
    """Return a backup as JSON has it."""
    return asdict(backup) | {"revisions": list(backup.revisions)}
