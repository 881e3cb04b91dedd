"""The safe way to write an operation, as Alembic code with the names filled in. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from textwrap import indent

from pglast.keywords import RESERVED_KEYWORDS, TYPE_FUNC_NAME_KEYWORDS

from interlocking.postgres.identifiers import quote
from interlocking.review.reading.nodes import Node, constraint_kind, relation_name, split_name, written
from interlocking.review.schema.sqltypes import type_of
from interlocking.review.schema.usual_names import usual_name

_SPACES = "    "
_PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w)")


def block(*lines: str) -> str:
    """Return lines inside an `autocommit_block`."""
    return "with op.get_context().autocommit_block():\n" + indent("\n".join(lines), _SPACES)


def quoted(text: str) -> str:
    """Return a text as a Python literal in double quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def quoted_sql(sql: str) -> str:
    """Return SQL as a Python literal for SQLAlchemy's `text()`, which takes a word behind a colon for a parameter."""
    return quoted(_PARAMETER.sub(r"\\:", sql))


def listed(names: Iterable[str]) -> str:
    """Return names as a Python list."""
    return f"[{', '.join(map(quoted, names))}]"


def place_of(table: str, argument: str = "schema") -> tuple[str, str]:
    """Return a table's bare name as a literal, and the keyword argument for its schema (empty for none)."""
    schema, bare = split_name(table)
    return quoted(bare), f", {argument}={quoted(schema)}" if schema else ""


def call(name: str, *arguments: str) -> str:
    """Return a call of an operation; empty arguments are left out."""
    return f"op.{name}({', '.join(each for each in arguments if each)})"


def later(title: str, *lines: str) -> str:
    """Return code for a later revision, under a comment that says so."""
    return "\n".join((f"# {title}", *lines))


def fixed_name(name: str) -> str:
    """Return the name of a constraint as code that no naming convention changes: other statements name it, too."""
    return f"op.f({quoted(name)})"


def create_index(node: Node) -> str:
    """Return the call that builds the index of an IndexStmt concurrently."""
    table, schema = place_of(relation_name(node.relation))
    columns = [_element(each) for each in node.indexParams or ()]
    name = node.idxname or "_".join(("ix", node.relation.relname, *(each.name or "expr" for each in node.indexParams)))
    return call(
        "create_index",
        quoted(name),
        table,
        f"[{', '.join(columns)}]",
        "unique=True" if node.unique else "",
        schema.removeprefix(", "),
        f"postgresql_using={quoted(node.accessMethod)}" if node.accessMethod not in ("btree", None) else "",
        f"postgresql_include={listed(each.name for each in node.indexIncludingParams)}"
        if node.indexIncludingParams
        else "",
        f"postgresql_where=sa.text({quoted_sql(written(node.whereClause))})" if node.whereClause is not None else "",
        *_storage(node),
        "postgresql_concurrently=True",
    )


def _storage(node: Node) -> Iterator[str]:
    if node.nulls_not_distinct:
        yield "postgresql_nulls_not_distinct=True"
    if node.options:
        options = (f"{quoted(each.defname)}: {quoted(written(each.arg) or 'true')}" for each in node.options)
        yield f"postgresql_with={{{', '.join(options)}}}"
    if node.tableSpace:
        yield f"postgresql_tablespace={quoted(node.tableSpace)}"


def _element(node: Node) -> str:
    plain = node.name and node.ordering.name == "SORTBY_DEFAULT" and not node.opclass and not node.collation
    if plain:
        return quoted(node.name)
    text = f"{written(node)}" if not node.name else " ".join(written(node).split())
    return f"sa.text({quoted_sql(text)})"


def drop_index(name: str, table: str) -> str:
    """Return the call that drops an index concurrently."""
    bare = split_name(name)[1]
    where, schema = place_of(table)
    return call(
        "drop_index", quoted(bare), where if table else "", schema.removeprefix(", "), "postgresql_concurrently=True"
    )


def execute(sql: str) -> str:
    """Return the call that runs a statement."""
    return f"op.execute({quoted_sql(sql)})"


def validation(table: str, name: str) -> str:
    """Return the code that validates a constraint in a revision of its own."""
    return later(
        "in the next revision:",
        execute(f"ALTER TABLE {sql_name(table)} VALIDATE CONSTRAINT {sql_name(name)}"),
    )


def check(table: str, name: str, condition: str) -> str:
    """Return code for a CHECK that looks at no row, and its validation in the next revision."""
    where, schema = place_of(table)
    made = call(
        "create_check_constraint",
        fixed_name(name),
        where,
        quoted_sql(condition),
        schema.removeprefix(", "),
        "postgresql_not_valid=True",
    )
    return "\n".join((made, validation(table, name)))


def set_not_null(table: str, column: str, version: int) -> str:
    """Return the code that makes a column NOT NULL without a scan under a strong lock."""
    where, schema = place_of(table)
    name = usual_name(table, [column], "not_null")
    if version >= _NOT_NULL_NOT_VALID:
        added = f"ALTER TABLE {sql_name(table)} ADD CONSTRAINT {sql_name(name)} NOT NULL {sql_name(column)} NOT VALID"
        return "\n".join((execute(added), validation(table, name)))
    return "\n".join(
        (
            check(table, name, f"{sql_name(column)} IS NOT NULL"),
            call("alter_column", where, quoted(column), "nullable=False", schema.removeprefix(", ")),
            call("drop_constraint", fixed_name(name), where, 'type_="check"', schema.removeprefix(", ")),
        )
    )


_NOT_NULL_NOT_VALID = 18


def unique_constraint(table: str, name: str, columns: Sequence[str], kind: str = "UNIQUE", node: Node = None) -> str:
    """Return the code that builds the index concurrently and makes it the constraint.

    Args:
        table: it.
        name: of the constraint and of its index.
        columns: what is unique.
        kind: `UNIQUE` or `PRIMARY KEY`.
        node: the constraint as it was written, for what else it says; may be None.
    """
    where, schema = place_of(table)
    included = [each.sval for each in (node.including or ())] if node is not None else []
    index = call(
        "create_index",
        quoted(name),
        where,
        listed(columns),
        "unique=True",
        schema.removeprefix(", "),
        f"postgresql_include={listed(included)}" if included else "",
        "postgresql_nulls_not_distinct=True" if node is not None and node.nulls_not_distinct else "",
        "postgresql_concurrently=True",
    )
    using = f"ALTER TABLE {sql_name(table)} ADD CONSTRAINT {sql_name(name)} {kind} USING INDEX {sql_name(name)}"
    if node is not None and node.deferrable:
        using += " DEFERRABLE" + (" INITIALLY DEFERRED" if node.initdeferred else "")
    return "\n".join((block(index), execute(using)))


def backfill(table: str, column: str, expression: str) -> str:
    """Return the code that fills a column in small batches, each a transaction of its own."""
    where, schema = place_of(table)
    condition = quoted(f"{sql_name(column)} IS NULL")
    return "\n".join(
        (
            "from interlocking.upgrade import backfill",
            f"backfill(op, {where}, set={{{quoted(column)}: {quoted_sql(expression)}}}, where={condition}{schema})",
        )
    )


def delete_in_batches(table: str, condition: str = "") -> str:
    """Return the code that deletes rows a thousand at a time, each time in a transaction of its own."""
    name = sql_name(table)
    where = f" WHERE {condition}" if condition else ""
    few = f"DELETE FROM {name} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {name}{where} LIMIT 1000))"
    return block(f"while op.get_bind().execute(sa.text({quoted_sql(few)})).rowcount:", "    pass")


def sql_name(name: str) -> str:
    """Return a name as SQL, quoted where it has to be."""
    return ".".join(
        part if _PLAIN.fullmatch(part) and part not in _RESERVED else quote(part) for part in name.split(".")
    )


_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")
_RESERVED = RESERVED_KEYWORDS | TYPE_FUNC_NAME_KEYWORDS


def column(table: str, node: Node, *, keep_default: bool = False) -> str:
    """Return the call that adds the column of a ColumnDef alone, without keys and checks.

    Args:
        table: it.
        node: the ColumnDef.
        keep_default: with its default, and NOT NULL if it is: right where each row gets the same value.
    """
    kinds = {constraint_kind(each): each for each in node.constraints or ()}
    default = written(kinds["default"].raw_expr) if keep_default and "default" in kinds else ""
    return add_column(
        table,
        node.colname,
        str(type_of(node.typeName)),
        "nullable=False" if default and "notnull" in kinds else "nullable=True",
        f"server_default=sa.text({quoted_sql(default)})" if default else "",
    )


def add_column(table: str, column: str, type_text: str, *arguments: str) -> str:
    """Return the call that adds a column; a type that SQLAlchemy has no word for is added by SQL."""
    has_word = type_text.partition("(")[0] in _PYTHON and "[" not in type_text
    if not has_word or type_text.startswith(("timestamp(", "timestamptz(")):
        return execute(f"ALTER TABLE {sql_name(table)} ADD COLUMN {sql_name(column)} {type_text}")
    where, schema = place_of(table)
    inside = ", ".join((quoted(column), python_type(type_text), *(each for each in arguments if each)))
    return call("add_column", where, f"sa.Column({inside})", schema.removeprefix(", "))


_PYTHON = {
    "integer": "sa.Integer()",
    "bigint": "sa.BigInteger()",
    "smallint": "sa.SmallInteger()",
    "text": "sa.Text()",
    "boolean": "sa.Boolean()",
    "date": "sa.Date()",
    "timestamp": "sa.DateTime()",
    "timestamptz": "sa.DateTime(timezone=True)",
    "double precision": "sa.Double()",
    "uuid": "sa.Uuid()",
    "jsonb": "postgresql.JSONB()",
    "json": "sa.JSON()",
    "bytea": "sa.LargeBinary()",
    "numeric": "sa.Numeric()",
    "varchar": "sa.String()",
}


def python_type(text: str) -> str:
    """Return an SQL type as SQLAlchemy writes it."""
    bare, _, rest = text.partition("(")
    return _PYTHON[bare].replace("()", f"({rest}") if rest else _PYTHON[bare]
