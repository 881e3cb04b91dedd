"""How an environment's database looks: where it stands, what became of a move, a restore point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from interlocking.checks import Check
from interlocking.console.backups import backup_data, backup_lines
from interlocking.console.doctor import check_lines
from interlocking.console.report import Line, Report, Span, columns, counted, line, mark
from interlocking.console.standing import position_data
from interlocking.postgres.backups import Backup, Backups
from interlocking.release.migrating import Migrated
from interlocking.release.production import Production, Survey
from interlocking.release.saving import Saved
from interlocking.release.watch import Watched


def environment_report(production: Production, found: Survey, checks: Sequence[Check]) -> Report:
    """Return the report of `db.prod-status`.

    Args:
        production: the environment.
        found: where it stands.
        checks: what a change would be refused for, and what it would warn about.
    """
    position, deployed = found.position, found.deployed
    rows: list[tuple[Span, str | Span]] = [
        (Span("environment", "dim"), Span(production.environment, "bold")),
        (Span("database", "dim"), Span(production.reach.target, "accent")),
        (Span("way", "dim"), f"{production.way.via}: {production.way.why}"),
        (Span("server", "dim"), f"PostgreSQL {found.server}" if found.server else "seen only from inside"),
        (Span("deployed", "dim"), f"{deployed.id} {deployed.commit[:12]} {deployed.status}" if deployed else "nothing"),
        (Span("current", "dim"), ", ".join(position.current) or "no revision is applied"),
        (Span("head", "dim"), ", ".join(position.heads) or "there are no revisions yet"),
    ]
    pending = counted(len(position.pending), "pending revision")
    verdict = mark("warn", pending) if position.pending else mark("ok", "the database is at head")
    data = {
        **position_data(position),
        "environment": production.environment,
        "target": production.reach.target,
        "via": production.way.via,
        "server": found.server,
        "mark": found.mark,
        "deployed": asdict(deployed) if deployed else None,
        "checks": [asdict(check) for check in checks],
    }
    lines = [*columns(rows, indent=0), line(""), *([] if position.unknown else [verdict]), *check_lines(checks)]
    return Report(data, lines, next="invoke db.prod-upgrade" if position.pending else "")


def migrated_report(done: Migrated, environment: str) -> Report:
    """Return the report of `db.prod-upgrade` and `db.prod-downgrade`; exit 5 when all is not well."""
    moved = done.moved
    data = {
        "environment": environment,
        "before": list(moved.before),
        "after": list(moved.after),
        "steps": [
            {
                "revision": step.revision,
                "direction": step.direction,
                "seconds": round(step.seconds, 3),
                "tries": step.tries,
                "waited": round(step.waited, 3),
            }
            for step in moved.steps
        ],
        **saved_data(done.saved),
        "checks": [asdict(check) for check in done.checks],
        "watched": asdict(done.watched) if done.watched else None,
        "undo": done.undo,
        "ok": done.ok,
    }
    where = ", ".join(moved.after) or "base: no revision is applied"
    lines = [*check_lines(done.checks), *watched_lines(done.watched)]
    lines.append(mark("ok" if done.ok else "fail", f"{environment} is at ", Span(where, "bold")))
    if done.undo:
        lines.append(line(Span("undo: ", "dim"), done.undo))
    return Report(data, lines, exit_code=0 if done.ok else 5)


def saved_report(saved: Saved, backups: Backups, pruned: Sequence[Backup]) -> Report:
    """Return the report of `db.prod-backup`."""
    lines: list[Line] = []
    if saved.dump:
        lines += backup_lines(saved.dump, backups.dump_path(saved.dump.name), pruned)
    if saved.snapshot:
        expires = f", kept until {saved.snapshot.expires_at}" if saved.snapshot.expires_at else ""
        lines.append(mark("ok", f"Railway keeps the snapshot {saved.snapshot.name}{expires}"))
    return Report({**saved_data(saved), "deleted": [each.name for each in pruned]}, lines)


def watched_lines(watched: Watched | None) -> list[Line]:
    """Return what was seen while watching; nothing when nobody watched."""
    if watched is None:
        return []
    answers = (
        f"{counted(watched.probes, 'answer')} in {watched.seconds:.0f} s, the slowest {watched.slowest * 1000:.0f} ms"
    )
    if watched.ok:
        lines = [mark("ok", f"watched: {answers}, all of them 200")]
    else:
        said = ", ".join(f"{count} times {what}" for what, count in watched.failures.items())
        lines = [mark("fail", f"watched: {answers}; {said}")]
    return lines + [line("      ", Span(text, "warn")) for text in watched.trouble[:10]]


def saved_data(saved: Saved) -> dict[str, Any]:
    """Return a restore point as JSON has it."""
    return {
        "dump": backup_data(saved.dump) if saved.dump else None,
        "snapshot": asdict(saved.snapshot) if saved.snapshot else None,
    }
