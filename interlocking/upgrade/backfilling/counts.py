"""How many rows the backfills of pending revisions would change: for `db.upgrade --dry-run`, which runs none of them.

The calls are read from the files. One whose arguments are computed cannot be read without running its revision.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg2
import sqlalchemy as sa
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class, whatever its name says
from sqlalchemy.dialects.postgresql.psycopg2 import dialect

from interlocking.postgres.connect import connect
from interlocking.postgres.url import DatabaseUrl
from interlocking.revisions.functions import function_of
from interlocking.revisions.source import tree_of
from interlocking.upgrade.backfilling.statements import Work

_LONGEST = "5s"


def count_backfills(files: Mapping[str, Path], url: DatabaseUrl) -> dict[str, str]:
    """Return what the backfills of some revisions would do, in words, by the revision's id.

    Args:
        files: the revision files, by id.
        url: the database; only read.

    Raises:
        UnavailableError: the database cannot be reached.
    """
    found = {id_: list(find_backfills(path.read_bytes())) for id_, path in files.items()}
    if not any(found.values()):
        return {}
    with connect(url, readonly=True) as connection:
        return {id_: "\n".join(_in_words(connection, each) for each in works) for id_, works in found.items() if works}


def find_backfills(source: bytes) -> Iterator[Work | None]:
    """Yield every backfill in the upgrade of a revision file, None for one that has no plain arguments. Pure."""
    function = function_of(tree_of(source), "upgrade")
    for node in ast.walk(function) if function else ():
        if isinstance(node, ast.Call) and "backfill" in (getattr(node.func, "id", ""), getattr(node.func, "attr", "")):
            yield _work(node)


def _work(call: ast.Call) -> Work | None:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if len(call.args) > 1:
        given["table"] = call.args[1]
    wanted = {name: given[name] for name in ("table", "schema", "where", "parameters") if name in given}
    try:
        values: dict[str, Any] = {name: ast.literal_eval(value) for name, value in wanted.items()}
    except ValueError:
        return None
    if not isinstance(values.get("table"), str):
        return None
    return Work(values.get("schema"), values["table"], "", values.get("where", ""), values.get("parameters") or {})


def _in_words(connection: Connection, work: Work | None) -> str:
    if work is None:
        return "a backfill, whose rows cannot be counted without running the revision"
    question = sa.text(work.count()).compile(dialect=dialect())  # type: ignore[no-untyped-call]
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", (_LONGEST,))
        try:
            cursor.execute(str(question), dict(work.parameters))
            (count,) = cursor.fetchone() or (0,)
        except psycopg2.Error as error:
            return f"backfill of {work.name}: not to be counted yet: {error.diag.message_primary}"
    return f"backfill of {work.name}: {count:,} {'row' if count == 1 else 'rows'}"
