"""Views: replaced, refreshed."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, is_a, relation_name, split_name, walk, written
from interlocking.review.rules import recipes
from interlocking.review.rules.place import Place, Rule
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.locks import ACCESS_EXCLUSIVE, EXCLUSIVE, Effect
from interlocking.review.schema.view_columns import Output, columns_of_view


def refresh(place: Place, node: Node) -> Iterator[Finding]:
    """REFRESH MATERIALIZED VIEW."""
    name = relation_name(node.relation)
    if node.concurrent:
        yield from _without_key(place, name)
        yield from _without_rows(place, name)
    elif not place.is_new(name) and place.known.table(name).populated:
        emptied = f"WITH NO DATA empties {name}: whoever reads it gets an error until it is refreshed"
        computed = f"nobody can read {name} while it is computed"
        beside = f"CONCURRENTLY lets readers go on ({EXCLUSIVE} lock); it needs a unique index on the view"
        yield _unread(place, name, emptied) if node.skipData else _unread(place, name, computed, beside)


def _unread(place: Place, name: str, message: str, why: str = "") -> Finding:
    return place.found(
        "refresh-materialized-view",
        message,
        table=name,
        effect=Effect(name, ACCESS_EXCLUSIVE, "rewrite"),
        why=why,
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


def make_materialized(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE MATERIALIZED VIEW: its query runs at once, whatever this transaction has locked before."""
    reads = (relation_name(each) for each in walk(node.query) if is_a(each, "RangeVar"))
    fills = node.objtype.name == "OBJECT_MATVIEW" and not node.into.skipData
    held = next((each for each in place.transaction.brief.values() if not place.is_small(each.table)), None)
    if not fills or held is None or all(place.is_new(each) for each in reads):
        return
    name = relation_name(node.into.rel)
    same = held.table == name
    yield place.found(
        "long-work-under-lock",
        f"nobody can read {held.table}, {'dropped' if same else 'locked'} earlier in this transaction, "
        f"while the query of {name} runs",
        table=held.table,
        effect=Effect(held.table, ACCESS_EXCLUSIVE, "rows"),
        why="a lock is held to the end of its transaction",
        replacement=recipes.later(
            "in one revision make it under another name; in the next one drop the old one and rename"
            if same
            else "put this into a revision of its own"
        ),
    )


def replace_view(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE OR REPLACE VIEW: it can add columns at the end, and nothing else can become of them."""
    name = relation_name(node.view)
    old = place.known.table(name)
    new = columns_of_view(node, place.known) if node.replace and old.kind == "view" and old.columns else None
    refused = _refused(list(old.columns.items()), new) if new is not None else ""
    if refused:
        lost = [each for each in old.columns if each not in dict(new or ())]
        yield place.found(
            "view-columns-changed",
            f"{refused}: CREATE OR REPLACE VIEW only adds columns at the end of {name}, and fails",
            table=name,
            why=f"the code that runs now may read {', '.join(lost)}: keep them until it is gone" if lost else "",
            replacement=_made_anew(place, node, name),
        )


def _refused(old: list[Output], new: list[Output]) -> str:
    """Return the first change that checkViewColumns (commands/view.c) refuses, in words; empty for none."""
    lost = [name for name, _ in old if name and name not in dict(new)]
    if lost and len(new) < len(old):
        return f"{', '.join(lost)} would be lost"
    for (name, column), (title, other) in zip(old, new, strict=False):
        if name != title and name and title:
            return f"{name} would become {title}" if lost else f"{title} would take the place of {name}"
        if column.type and other.type and column.type != other.type:
            return f"{name} would change from {column.type} to {other.type}"
        if column.type and other.type and column.collation != other.collation:
            return f"{name} would get another collation"
    return ""


def _made_anew(place: Place, node: Node, name: str) -> str:
    """Drop it and make it again, together with the views that read it: whoever reads it meanwhile waits."""
    readers = _readers(place.known, name)
    made = written(node).replace("CREATE OR REPLACE ", "CREATE ", 1)
    return "\n".join(
        (
            *(view_gone(place.known, each) for each in reversed(readers)),
            view_gone(place.known, name),
            recipes.execute(made),
            *(view_again(place.known, each) for each in readers),
            f"# in this one transaction; what was granted on {', '.join((name, *readers))} has to be granted again",
        )
    )


def _readers(known: Knowledge, name: str) -> list[str]:
    """Return the views that read a view, directly or not, each after those that it reads itself."""
    seen, ordered = {name}, []

    def visit(below: str) -> None:
        for view, uses in known.uses.items():
            if view not in seen and any(table == below for table, _ in uses):
                seen.add(view)
                visit(view)
        ordered.append(below)

    visit(name)
    return ordered[-2::-1]


def view_gone(known: Knowledge, view: str) -> str:
    """Return the code that drops a view."""
    return recipes.execute(f"DROP {_kind(known, view)} {recipes.sql_name(view)}")


def view_again(known: Knowledge, view: str) -> str:
    """Return the code that makes a view again as it was; one that computes its rows does so when no lock is held."""
    query, kind = known.queries.get(view), _kind(known, view)
    made = f"CREATE {kind} {recipes.sql_name(view)} AS"
    code = f"# {made} its query" if query is None else recipes.execute(f"{made} {' '.join(query.split())}")
    return recipes.later("in the next revision:", code) if kind == "MATERIALIZED VIEW" else code


def _kind(known: Knowledge, view: str) -> str:
    return "MATERIALIZED VIEW" if known.table(view).kind == "materialized" else "VIEW"


RULES: dict[str, tuple[Rule, ...]] = {
    "RefreshMatViewStmt": (refresh,),
    "ViewStmt": (replace_view,),
    "CreateTableAsStmt": (make_materialized,),
}
