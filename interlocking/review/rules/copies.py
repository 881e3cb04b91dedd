"""Rows that are copied by one statement: from another table, or from a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from interlocking.review.model import COPY, Finding
from interlocking.review.reading.nodes import Node, is_a, relation_name, written
from interlocking.review.rules import recipes
from interlocking.review.rules.data import lock_held, under_lock
from interlocking.review.rules.place import Place, Rule
from interlocking.review.schema.batch import is_copy
from interlocking.review.schema.locks import ROW_EXCLUSIVE, Effect
from interlocking.review.schema.sources import read_whole
from interlocking.review.schema.sqltypes import WHOLE_NUMBERS

_LONG = (
    "one long transaction: VACUUM removes no row that its snapshot may see, replicas fall behind, an interrupted run "
    "starts again from nothing"
)
_KEYS = "who writes the same keys waits for its end"


def copy_rows(place: Place, node: Node) -> Iterator[Finding]:
    """INSERT ... SELECT; batch mode's own copy is another hazard."""
    table = relation_name(node.relation)
    if node.selectStmt is not None and not is_copy(table):
        sources = read_whole(node.selectStmt, place.known, node.withClause)
        yield from _copied(place, sources, table, _in_batches(place, node), twin=_takes_all(node.selectStmt))


def make_table(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE TABLE ... AS."""
    if node.objtype.name == "OBJECT_TABLE" and is_a(node.query, "SelectStmt") and not node.into.skipData:
        replacement = "# the table first, without rows; then its rows in batches, each a transaction of its own"
        sources = read_whole(node.query, place.known)
        yield from _copied(place, sources, relation_name(node.into.rel), replacement, makes=True)


def _takes_all(query: Node) -> bool:
    """`SELECT * FROM ...`: the target has the same columns, and is to take the place of the source."""
    targets = [each.val for each in query.targetList or ()]
    return len(targets) == 1 and is_a(targets[0], "ColumnRef") and is_a(targets[0].fields[-1], "A_Star")


def _copied(
    place: Place, read: Iterable[str], table: str, replacement: str, *, makes: bool = False, twin: bool = False
) -> Iterator[Finding]:
    sources = sorted((each for each in read if not place.is_new(each)), key=place.is_small)
    if not sources:
        return
    holder = lock_held(place)
    if holder:
        yield under_lock(
            place, table, holder, f"rows are copied to {table}", recipes.later("in a revision of its own, in batches")
        )
        return
    new = makes or place.is_new(table)
    missed = "what is written to it meanwhile is missing from its twin; " if new and twin else ""
    yield place.found(
        "whole-table-copy",
        f"the rows of {', '.join(sources)} are copied to {table} in one statement",
        table=sources[0],
        effect=None if new else Effect(table, ROW_EXCLUSIVE, "rows"),
        severity="info" if new and not twin else None,
        why=f"{missed}{_LONG}" + ("" if new else f"; {_KEYS}"),
        replacement=replacement,
    )


def copy_file(place: Place, node: Node) -> Iterator[Finding]:
    """COPY ... FROM."""
    if not node.is_from:
        return
    table = relation_name(node.relation)
    if node.filename:
        yield _from_server(place, node, table)
    elif place.statement.operation.name != COPY:
        yield _without_rows(place, node, table)
        return
    if not (place.is_new(table) or (not node.filename and place.statement.rows <= place.context.settings.small_rows)):
        yield _loaded(place, node, table)


def _from_server(place: Place, node: Node, table: str) -> Finding:
    needed = "pg_execute_server_program" if node.is_program else "pg_read_server_files"
    what = f"{node.filename} is run" if node.is_program else f"{node.filename} is read"
    return place.found(
        "copy-from-server",
        f"{what} on the machine of the database server, not on the one that migrates",
        table=table,
        why=f"it has to be there, and the role needs to be a superuser or a member of {needed}",
        replacement=_sent(table, node),
    )


def _without_rows(place: Place, node: Node, table: str) -> Finding:
    return place.found(
        "copy-from-stdin",
        "COPY FROM STDIN waits for rows that are not sent with the statement: the driver refuses it",
        table=table,
        why="copy_expert() of psycopg2's cursor sends them",
        replacement=_sent(table, node),
    )


def _sent(table: str, node: Node) -> str:
    columns = f" ({', '.join(recipes.sql_name(each.sval) for each in node.attlist)})" if node.attlist else ""
    text = recipes.quoted(f"COPY {recipes.sql_name(table)}{columns} FROM STDIN WITH (FORMAT csv)")
    return "\n".join(
        (
            "import io",
            'rows = io.StringIO("")  # its rows, or a file beside the revision',
            "with op.get_bind().connection.cursor() as cursor:",
            f"    cursor.copy_expert({text}, rows)",
        )
    )


def _loaded(place: Place, node: Node, table: str) -> Finding:
    source = node.filename or "the file"
    apart = "# load them into a table of their own, in a revision of its own; from there in batches, each a transaction"
    holder = lock_held(place)
    if holder:
        return under_lock(place, table, holder, f"rows are copied to {table}", apart)
    return place.found(
        "whole-table-copy",
        f"all rows of {source} are copied to {table} in one statement",
        table=table,
        effect=Effect(table, ROW_EXCLUSIVE, "rows"),
        why=f"{_LONG}; {_KEYS}",
        replacement=apart,
    )


def _in_batches(place: Place, node: Node) -> str:
    """Return the loop along a key, where the query is so plain that a condition can be written after it."""
    query = node.selectStmt
    source = query.fromClause[0] if query.fromClause and len(query.fromClause) == 1 else None
    key = _key_of(place, relation_name(source)) if is_a(source, "RangeVar") else ""
    more = (query.whereClause, query.groupClause, query.havingClause, query.sortClause, query.distinctClause)
    if not key or any(each is not None for each in (*more, query.lockingClause, node.onConflictClause, query.larg)):
        return "# in batches along the primary key of the table that is read, each a transaction of its own"
    name = recipes.sql_name(relation_name(source))
    last = recipes.quoted(f"SELECT max({key}) FROM {name}")
    text = recipes.quoted(f"{written(node)} WHERE {key} >= {{first}} AND {key} < {{first + 1000}}")
    return recipes.block(
        f"last = op.get_bind().exec_driver_sql({last}).scalar() or 0",
        "for first in range(0, last + 1, 1000):",
        f"    op.execute(f{text})",
    )


def _key_of(place: Place, table: str) -> str:
    """Return the one column of a primary key that is a whole number; empty when there is none."""
    columns = place.known.table(table).primary_key
    kind = place.known.column(table, columns[0]).type if len(columns) == 1 else None
    return recipes.sql_name(columns[0]) if kind and kind.name in WHOLE_NUMBERS else ""


RULES: dict[str, tuple[Rule, ...]] = {
    "InsertStmt": (copy_rows,),
    "CreateTableAsStmt": (make_table,),
    "CopyStmt": (copy_file,),
}
