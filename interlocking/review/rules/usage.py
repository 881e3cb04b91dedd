"""Who still uses a name that goes: the models now, and at the merge base."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.model import Finding, Severity
from interlocking.review.rules import recipes
from interlocking.review.rules.place import Place
from interlocking.review.schema.locks import ACCESS_EXCLUSIVE, Effect
from interlocking.review.surroundings.mapped import Mapped


def _use(mapped: Mapped | None, table: str, column: str = "") -> str:
    """Return the file that maps a table (or one column of it); empty when none does."""
    found = mapped.table(table) if mapped else None
    if found is None or (column and found.complete and column not in found.columns):
        return ""
    return f"{found.file}:{found.columns[column].line if column in found.columns else found.line}"


def who_uses(place: Place, table: str, column: str = "") -> tuple[Severity | None, str]:
    """Return how bad it is that this name goes, and why; None when nothing maps it any more."""
    now, deployed = place.context.models, place.context.deployed
    used_now, used_there = _use(now, table, column), _use(deployed, table, column)
    if used_now:
        return "error", f"{used_now} still maps it in this very commit"
    if used_there and deployed:
        return "error", f"the code that runs now ({deployed.commit or 'the merge base'}) maps it in {used_there}"
    maybe = next((found for each in (now, deployed) if each and (found := each.possible(table, column))), None)
    if maybe:
        return "warning", f"{maybe.name} in {maybe.file}:{maybe.line} may map it: the name of its table is computed"
    if deployed is not None and deployed.tables:
        return None, "no model maps it at the merge base: the code that runs does not know it"
    return "warning", "whether the code that runs now uses it could not be seen: no models at the merge base"


def lost_column(place: Place, table: str, column: str) -> Iterator[Finding]:
    """Say that a column goes, and who still uses it."""
    severity, why = who_uses(place, table, column)
    where, schema = recipes.place_of(table)
    yield place.found(
        "drop-column",
        f"{column} of {table} and what it holds are gone",
        table=table,
        column=column,
        effect=Effect(table, ACCESS_EXCLUSIVE),
        severity=severity or "info",
        why=why,
        replacement=recipes.later(
            "in this release take the column out of the models; in the next one:",
            f"op.drop_column({where}, {recipes.quoted(column)}{schema})",
        )
        if severity
        else "",
    )
