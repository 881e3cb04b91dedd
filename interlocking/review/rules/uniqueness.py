"""Can what shall be unique have duplicates?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from interlocking.review.model import Finding, Severity
from interlocking.review.reading.nodes import Node, columns_in, functions_in, is_a, written
from interlocking.review.rules import recipes
from interlocking.review.rules.place import Place
from interlocking.review.schema.objects import Index


@dataclass(frozen=True)
class Key:
    """What shall be unique in a table.

    Attributes:
        table: it.
        columns: an empty text stands for an expression.
        texts: the same as SQL, expressions too.
        sources: all columns that it is made of, in order.
        exact: two rows have the same key only if they have the same sources.
        condition: which rows count, as SQL; empty for all.
        nulls_equal: two NULL are the same.
    """

    table: str
    columns: tuple[str, ...]
    texts: tuple[str, ...]
    sources: tuple[str, ...]
    exact: bool = True
    condition: str = ""
    nulls_equal: bool = False

    @property
    def names(self) -> str:
        """As a sentence names it."""
        return ", ".join(self.texts)


def key_of_index(table: str, node: Node) -> Key:
    """Return what a CREATE UNIQUE INDEX makes unique."""
    parts = node.indexParams or ()
    return Key(
        table,
        columns=tuple(each.name or "" for each in parts),
        texts=tuple(recipes.sql_name(each.name) if each.name else f"({written(each.expr)})" for each in parts),
        sources=tuple(name for each in parts for name in ([each.name] if each.name else sorted(columns_in(each.expr)))),
        exact=all(each.name or _keeps_apart(each.expr) for each in parts),
        condition=written(node.whereClause),
        nulls_equal=bool(node.nulls_not_distinct),
    )


def _keeps_apart(expression: Node) -> bool:
    """Say whether an expression is a fingerprint of one column: as different as that, for all that anybody will see."""
    name = expression.funcname[-1].sval if is_a(expression, "FuncCall") else ""
    return name in _FINGERPRINTS and len(columns_in(expression.args)) == 1 and not functions_in(expression.args)


_FINGERPRINTS = {"md5", "sha224", "sha256", "sha384", "sha512"}


def key_of_columns(table: str, columns: tuple[str, ...], *, nulls_equal: bool = False) -> Key:
    """Return what a UNIQUE constraint makes unique."""
    return Key(table, columns, tuple(map(recipes.sql_name, columns)), columns, nulls_equal=nulls_equal)


def possible_duplicates(place: Place, key: Key) -> Iterator[Finding]:
    """Say what is known about duplicates: counted where a database is at hand, else guessed from what came before.

    Without a database this is only a reminder, but a warning when an index on the same columns let them pass until now:
    then duplicates were allowed, and probably used.
    """
    if place.is_new(key.table) or (_all_null(place, key) and not key.nulls_equal) or _implied(place, key):
        return
    count = _count(place, key)
    if count == 0:
        return
    message, severity = _judge(place, key, count)
    yield place.found(
        "unique-over-duplicates",
        message,
        table=key.table,
        column=key.columns[0] if len(key.columns) == 1 else "",
        severity=severity,
        why="the build stops at the first duplicate, and leaves an INVALID index when it is concurrent: look first and "
        "mend the rows",
        replacement=_look_first(key),
    )


def _judge(place: Place, key: Key, count: int | None) -> tuple[str, Severity | None]:
    names, table = key.names, key.table
    if count or (not key.condition and place.known.seen_twice(table, key.columns)):
        how_many = f"{count:,} values" if count else "values"
        return f"{how_many} of {names} in {table} occur more than once: the index cannot be built", None
    if not key.condition and _all_alike(place, key):
        return f"ADD COLUMN gives every row of {table} the same {names}: with two rows the index cannot be built", None
    old = None if place.downgrade or _constraint_dropped(place, table) else _let_pass(place, key)
    if old:
        return f"the old index on {', '.join(old.columns)} allowed duplicates of {names} in {table}", "warning"
    return f"duplicates of {names} in {table} would make this fail", "info"


def _count(place: Place, key: Key) -> int | None:
    rows = place.rows(key.table, key.sources)
    return rows.duplicates(key.table, key.texts, key.condition, nulls_equal=key.nulls_equal) if rows else None


def _all_null(place: Place, key: Key) -> bool:
    """A column that the release adds holds NULL in every row, unless it has a default."""
    fresh = [place.known.column(key.table, each) for each in key.columns if each]
    return any(each.made_by in place.release and not each.default and each.made_by for each in fresh)


def _all_alike(place: Place, key: Key) -> bool:
    """A column that the release adds holds its constant default, or NULL, in every row until something is written."""
    columns = [place.known.column(key.table, each) for each in key.sources]
    written_to = place.known.table(key.table).written & set(key.sources)
    return bool(columns) and all(
        each.made_by in place.release and (each.alike or (key.nulls_equal and not each.default and not written_to))
        for each in columns
    )


def _implied(place: Place, key: Key) -> bool:
    if any(index.unique and len(index.columns) == len(key.columns) for index in _gone(place, key.table)):
        return True
    keys = [*place.known.table(key.table).keys()]
    keys += [
        each.columns
        for each in place.known.indexes_of(key.table).values()
        if each.unique and each.valid and not each.partial
    ]
    names = set(key.sources if key.exact else key.columns)
    return any(each and set(each) <= names and all(each) for each in keys)


def _let_pass(place: Place, key: Key) -> Index | None:
    """Return an index on the same columns that compared them less strictly, if at all."""
    for index in (*place.known.indexes_of(key.table).values(), *_gone(place, key.table)):
        if index.columns == key.sources and not (key.exact and index.unique):
            return index
    return None


def _constraint_dropped(place: Place, table: str) -> bool:
    """Say whether the revision drops a constraint of the table that we do not know: it may have been the unique one."""
    return table in place.before.loosened


def _gone(place: Place, table: str) -> list[Index]:
    """Return the indexes of a table that the revision has dropped."""
    return [index for _, _, index in place.before.drops_on(table)]


def _look_first(key: Key) -> str:
    where = f" WHERE {key.condition}" if key.condition else ""
    query = f"SELECT {key.names}, count(*) FROM {recipes.sql_name(key.table)}{where} GROUP BY {key.names}"
    return f"# look first:\n# {query} HAVING count(*) > 1;"
