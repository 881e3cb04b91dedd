"""What is learnt from a statement: what it does to the tables, and what it says about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from interlocking.review.model import Statement
from interlocking.review.reading.nodes import Node
from interlocking.review.reading.parsing import split
from interlocking.review.rules import opaque
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.replay import apply
from interlocking.review.schema.replay_rows import remember_rows
from interlocking.review.schema.sqltypes import parse_type


def inside(statement: Statement, node: Node) -> Iterator[Statement]:
    """Yield the statements in a DO block that can be read."""
    body = opaque.read_block(statement.sql) if type(node).__name__ == "DoStmt" else None
    for sql in (piece for text in body.statements for piece in split(text)) if body else ():
        inner = replace(statement, sql=sql, autocommit=False, interpolated=False)
        if inner.node is not None:
            yield inner


def learn(known: Knowledge, statement: Statement) -> None:
    """Learn from a statement that is not judged; what stands in a DO block is learnt as if all of it ran."""
    if statement.node is not None:
        believe(known, statement)
        carry_out(known, statement)
        for inner in inside(statement, statement.node):
            carry_out(known, inner)
    elif statement.parsed.error:
        known.doubtful = True


def carry_out(known: Knowledge, statement: Statement) -> None:
    """Learn what a statement does, or that nobody can see it."""
    known.doubtful = known.doubtful or opaque.hides(statement.node, statement.sql, known)
    apply(known, statement.node, statement.revision)
    if statement.rows > 1 and type(statement.node).__name__ == "InsertStmt":
        remember_rows(known, statement.node, statement.parameters)


def believe(known: Knowledge, statement: Statement) -> None:
    """Take a column's old type from `existing_type=` where nothing better is known."""
    options = statement.operation.options
    said, table, column = options.get("existing_type"), options.get("table_name"), options.get("column_name")
    if not (said and table and column):
        return
    schema = options.get("schema")
    name = f"{schema}.{table}" if schema and schema != "public" else str(table)
    kept = known.column(name, str(column))
    if kept.type is None:
        known.change(name).columns[str(column)] = replace(kept, type=parse_type(str(said)))
