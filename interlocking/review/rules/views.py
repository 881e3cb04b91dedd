"""Views: replaced, refreshed."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, relation_name, split_name
from interlocking.review.rules import recipes
from interlocking.review.rules.place import Place, Rule
from interlocking.review.schema.locks import ACCESS_EXCLUSIVE, EXCLUSIVE, Effect


def refresh(place: Place, node: Node) -> Iterator[Finding]:
    """REFRESH MATERIALIZED VIEW."""
    name = relation_name(node.relation)
    if node.concurrent:
        yield from _without_key(place, name)
        yield from _without_rows(place, name)
    elif not place.is_new(name) and place.known.table(name).populated:
        yield from _unread(place, name) if node.skipData else _computed(place, name)


def _computed(place: Place, name: str) -> Iterator[Finding]:
    yield place.found(
        "refresh-materialized-view",
        f"nobody can read {name} while it is computed",
        table=name,
        effect=Effect(name, ACCESS_EXCLUSIVE, "rewrite"),
        why=f"CONCURRENTLY lets readers go on ({EXCLUSIVE} lock); it needs a unique index on the view",
        replacement=_refresh_beside_readers(place, name),
    )


def _unread(place: Place, name: str) -> Iterator[Finding]:
    yield place.found(
        "refresh-materialized-view",
        f"WITH NO DATA empties {name}: whoever reads it gets an error until it is refreshed",
        table=name,
        effect=Effect(name, ACCESS_EXCLUSIVE, "rewrite"),
        replacement=_refresh_beside_readers(place, name),
    )


def _without_rows(place: Place, name: str) -> Iterator[Finding]:
    """CONCURRENTLY wants rows to compare with."""
    if not place.known.table(name).populated:
        yield place.found(
            "refresh-unpopulated",
            f"{name} was made WITH NO DATA and never filled: PostgreSQL refuses to refresh it CONCURRENTLY",
            table=name,
            why="nobody can read it yet, so a plain REFRESH is in nobody's way",
            replacement=recipes.execute(f"REFRESH MATERIALIZED VIEW {recipes.sql_name(name)}"),
        )


def _without_key(place: Place, name: str) -> Iterator[Finding]:
    """CONCURRENTLY compares old and new rows by a unique index on plain columns, without a condition."""
    if place.known.table(name).kind == "materialized" and not _has_key(place, name):
        yield place.found(
            "refresh-without-unique-index",
            f"{name} has no unique index on whole columns: PostgreSQL refuses to refresh it CONCURRENTLY",
            table=name,
            why="it tells by that index which rows are new or gone; one on an expression, or with WHERE, is no help",
            replacement=_refresh_beside_readers(place, name),
        )


def _has_key(place: Place, name: str) -> bool:
    indexes = place.known.indexes_of(name).values()
    return any(each.unique and each.valid and not each.partial and all(each.columns) for each in indexes)


def _refresh_beside_readers(place: Place, name: str) -> str:
    refreshed = recipes.execute(f"REFRESH MATERIALIZED VIEW CONCURRENTLY {recipes.sql_name(name)}")
    if _has_key(place, name) or place.known.table(name).kind != "materialized":
        return refreshed
    where, schema = recipes.place_of(name)
    title = recipes.quoted(f"uq_{split_name(name)[1]}")
    built = recipes.call(
        *("create_index", title, where, '["id"]', "unique=True", schema.removeprefix(", ")),
        "postgresql_concurrently=True",
    )
    return "\n".join(("# on the columns that tell its rows apart:", recipes.block(built), refreshed))


RULES: dict[str, tuple[Rule, ...]] = {"RefreshMatViewStmt": (refresh,)}
