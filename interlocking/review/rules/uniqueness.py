"""Can what shall be unique have duplicates?"""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.knowledge import Index
from interlocking.review.model import Finding
from interlocking.review.rules.place import Place


def possible_duplicates(
    place: Place, table: str, columns: tuple[str, ...], *, partial: bool = False
) -> Iterator[Finding]:
    """Say what is known about duplicates: counted where a database is at hand, else guessed from what came before.

    Without a database this is only a reminder, but a warning when an index on the same columns was not unique
    until now: then duplicates were allowed, and probably used.
    """
    if place.is_new(table) or _all_new(place, table, columns) or _implied(place, table, columns):
        return
    count = _count(place, table, columns) if not partial else None
    if count == 0:
        return
    names = ", ".join(name or "the expression" for name in columns)
    if count or (not partial and place.known.seen_twice(table, columns)):
        how_many = f"{count:,} values" if count else "values"
        message = f"{how_many} of {names} in {table} occur more than once: the index cannot be built"
        severity = None
    elif not place.downgrade and _was_not_unique(place, table, columns) and not _constraint_dropped(place, table):
        message, severity = (
            f"the old index on {names} allowed duplicates in {table}; the new one fails on them",
            "warning",
        )
    else:
        message, severity = f"duplicates of {names} in {table} would make this fail", "info"
    yield place.found(
        "unique-over-duplicates",
        message,
        table=table,
        column=columns[0] if len(columns) == 1 else "",
        severity=severity,  # type: ignore[arg-type]
        why="a concurrent build that fails leaves an INVALID index behind; look first and mend the rows",
        replacement=_look_first(table, columns),
    )


def _count(place: Place, table: str, columns: tuple[str, ...]) -> int | None:
    return place.context.database.duplicates(table, columns) if place.context.database and all(columns) else None


def _all_new(place: Place, table: str, columns: tuple[str, ...]) -> bool:
    """A column that the release adds holds NULL in every row, unless it has a default."""
    fresh = [place.known.column(table, each) for each in columns if each]
    return any(each.made_by in place.release and not each.default and each.made_by for each in fresh)


def _implied(place: Place, table: str, columns: tuple[str, ...]) -> bool:
    if any(index.unique and len(index.columns) == len(columns) for index in _gone(place, table)):
        return True
    keys = [*place.known.table(table).keys()]
    keys += [
        each.columns
        for each in place.known.indexes_of(table).values()
        if each.unique and each.valid and not each.partial
    ]
    return any(key and set(key) <= set(columns) and all(key) for key in keys)


def _was_not_unique(place: Place, table: str, columns: tuple[str, ...]) -> bool:
    now = place.known.indexes_of(table).values()
    return any(not index.unique and index.columns == columns for index in (*now, *_gone(place, table)))


def _constraint_dropped(place: Place, table: str) -> bool:
    """Say whether the revision drops a constraint of the table that we do not know: it may have been the unique one."""
    return table in place.before.loosened


def _gone(place: Place, table: str) -> list[Index]:
    """Return the indexes of a table that the revision has dropped."""
    return [index for _, _, index in place.before.drops_on(table)]


def _look_first(table: str, columns: tuple[str, ...]) -> str:
    if not all(columns):
        return ""
    names = ", ".join(columns)
    return f"# look first:\n# SELECT {names}, count(*) FROM {table} GROUP BY {names} HAVING count(*) > 1;"
