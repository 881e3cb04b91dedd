"""Who still uses a name that goes: the models now, and at the merge base."""

from __future__ import annotations

from interlocking.review.model import Severity
from interlocking.review.rules.place import Place
from interlocking.review.surroundings.mapped import Mapped

BATCH_TABLE = "_alembic_tmp_"  # what Alembic's batch mode calls its copy


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
