"""Foreign keys that look at no row at first: the code to write, also for partitioned tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interlocking.review.reading.nodes import Node, relation_name
from interlocking.review.rules import recipes
from interlocking.review.rules.place import Place
from interlocking.review.schema.definitions import constraint_of
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.usual_names import usual_name

PARTITIONED_SINCE = 18
_ACTIONS = {"c": "CASCADE", "n": "SET NULL", "r": "RESTRICT", "d": "SET DEFAULT"}
_NOT_VALID = "postgresql_not_valid=True"


def safe_key(place: Place, table: str, node: Node, columns: Sequence[str]) -> str:
    """Return code for a foreign key that looks at no row, and its validation in the next revision.

    Before PostgreSQL 18 a partitioned table can have no key that is NOT VALID. There each partition gets one; the key
    of the parent takes over what is the same and validated, and reads no row: measured in test_partitioned_keys.py.

    Args:
        place: the statement that makes the key.
        table: whose key it is.
        node: the key.
        columns: of the table.
    """
    if place.known.table(table).partitioned and place.context.server_version < PARTITIONED_SINCE:
        return _by_partition(list(_leaves(place.known, table)) or ["each_partition"], table, node, columns)
    return "\n".join((_new(table, node, columns, _NOT_VALID), recipes.validation(table, _name(table, node, columns))))


def is_of_partitions(place: Place, table: str, node: Node) -> bool:
    """Say whether every partition has this very foreign key, validated: then the parent's reads no row."""
    parts, wanted = list(_leaves(place.known, table)), constraint_of(node)
    return bool(parts) and all(wanted in place.known.table(each).constraints.values() for each in parts)


def _leaves(known: Knowledge, table: str) -> Iterator[str]:
    """Yield the partitions that hold rows, at whatever depth."""
    for part in known.partitions(table):
        yield from _leaves(known, part) if known.table(part).partitioned else (part,)


def _by_partition(parts: Sequence[str], table: str, node: Node, columns: Sequence[str]) -> str:
    made = (_new(each, node, columns, _NOT_VALID) for each in parts)
    validated = (
        recipes.execute(
            f"ALTER TABLE {recipes.sql_name(each)} VALIDATE CONSTRAINT {recipes.sql_name(_name(each, node, columns))}"
        )
        for each in parts
    )
    taken_over = _new(table, node, columns)
    return "\n".join((
        *made,
        recipes.later("in the next revision:", *validated),
        recipes.later("which reads no row any more, in the next revision:", taken_over),
    ))  # fmt: skip


def _name(table: str, node: Node, columns: Sequence[str]) -> str:
    return node.conname or usual_name(table, columns, "fkey")


def _new(table: str, node: Node, columns: Sequence[str], *more: str) -> str:
    where, source = recipes.place_of(table, "source_schema")
    target, referent = recipes.place_of(relation_name(node.pktable), "referent_schema")
    remote = [each.sval for each in node.pk_attrs or ()] or ["id"]
    return recipes.call(
        "create_foreign_key", recipes.quoted(_name(table, node, columns)), where, target, recipes.listed(columns),
        recipes.listed(remote), *options_of(node), (source + referent).removeprefix(", "), *more,
    )  # fmt: skip


def options_of(node: Node) -> Iterator[str]:
    """Yield the arguments of `create_foreign_key` for all that a key says besides its columns."""
    for word, action in (("onupdate", node.fk_upd_action), ("ondelete", node.fk_del_action)):
        columns = node.fk_del_set_cols if word == "ondelete" else ()
        only = f" ({', '.join(recipes.sql_name(each.sval) for each in columns)})" if columns else ""
        if action in _ACTIONS:
            yield f"{word}={recipes.quoted(_ACTIONS[action] + only)}"
    if node.deferrable:
        yield "deferrable=True"
    if node.initdeferred:
        yield 'initially="DEFERRED"'
    if node.fk_matchtype == "f":
        yield 'match="FULL"'
