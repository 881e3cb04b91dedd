"""What follows from the corpus: the replacements are right, and a new or small table is in nobody's way."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest

from interlocking.review.hazards import HARMS
from interlocking.review.model import Finding
from interlocking.review.schema.usual_names import usual_name
from tests.review.corpus.case import TABLES, Case
from tests.review.corpus.judging import Judged, judge_all
from tests.review.corpus.unsafe import UNSAFE
from tests.review.corpus.variations import DANGEROUS
from tests.servers import Server

_CASES = (*UNSAFE, *DANGEROUS)
_ON_TABLES = [case for case in _CASES if not case.setup and not case.together]
# What goes is safe one release later; and no way of dropping a foreign key avoids its lock.
_IN_THE_NEXT_RELEASE = {"drop-column", "drop-table", "drop-foreign-key"}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Case, Finding]]:
    """Every finding about an upgrade that comes with a replacement, once a replacement."""
    judged = judge_all(tmp_path_factory.mktemp("dangers"), _CASES)
    findings = [(each.case, finding) for each in judged.values() for finding in each.judgement.findings]
    return list(
        {
            (finding.id, finding.replacement): (case, finding)
            for case, finding in findings
            if finding.replacement and finding.direction == "upgrade"
        }.values()
    )


def test_every_replacement_is_python(found: list[tuple[Case, Finding]]) -> None:
    """It can be pasted as it is."""
    assert len(found) > 100
    for _, finding in found:
        ast.parse(finding.replacement)


def test_replacements_are_not_found_again(
    found: list[tuple[Case, Finding]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Pasted in the place of the call, the hazard is gone; VALIDATE belongs to the revision after it."""
    pasted = {
        f"{case.name}: {finding.id} {place}": (finding.id, replace(case, upgrade=finding.replacement))
        for place, (case, finding) in enumerate(found)
        if ast.parse(finding.replacement).body and finding.id not in _IN_THE_NEXT_RELEASE and case.mode != "one"
    }
    cases = [replace(case, name=name) for name, (_, case) in pasted.items()]

    judged = judge_all(tmp_path_factory.mktemp("replaced"), cases)

    assert [] == [(name, each.reading.problems) for name, each in judged.items() if each.reading.problems]
    assert [] == [name for name, each in judged.items() if pasted[name][0] in each.ids]


def test_a_second_column_takes_what_using_says(tmp_path: Path) -> None:
    """A cast by itself would take the server's time zone, and from one enum to another there is none."""
    using = "op.execute(\"ALTER TABLE users ALTER seen_at TYPE timestamptz USING seen_at AT TIME ZONE 'Etc/UTC'\")"

    (found,) = judge_all(tmp_path, [Case("using", using)])["using"].loud

    assert """{"seen_at_new": "pg_catalog.timezone('Etc/UTC', seen_at)"}""" in found.replacement


def test_names_are_as_long_as_postgresql_takes(server: Server) -> None:
    """SQLAlchemy refuses a longer one; PostgreSQL cuts the longer part of its own."""
    url = server.make_database()
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        for table, columns in (("t" * 40, ["c" * 40]), ("t" * 60, ["c"]), ("t", ["c" * 60]), ("t" * 63, [])):
            kind = f"UNIQUE ({columns[0]})" if columns else "PRIMARY KEY (id)"
            cursor.execute(f"CREATE TABLE {table} ({columns[0] if columns else 'id'} int, {kind})")
            cursor.execute(
                "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype <> 'n'", [table]
            )
            assert [(usual_name(table, columns, "key" if columns else "pkey"),)] == cursor.fetchall()
    connection.close()
    server.drop(url)


def test_what_is_recommended_is_quiet(
    found: list[tuple[Case, Finding]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """In as many revisions as it says. What cannot be known, or has no other way, is left: duplicates, and drops."""
    cases = [
        replace(
            case,
            name=f"{case.name}: {finding.id} {place}",
            together=(*case.together, *revisions[:-1]),
            upgrade=revisions[-1],
            mode="each" if case.mode == "one" else case.mode,
        )
        for place, (case, finding) in enumerate(found)
        if finding.severity != "info"
        for revisions in [_NEXT_REVISION.split(finding.replacement)]
        if all(ast.parse(each).body for each in revisions)
    ]
    assert len(cases) > 100

    judged = judge_all(tmp_path_factory.mktemp("recommended"), cases)

    left = {name: result.ids - _LEFT for name, result in judged.items()}
    assert {} == {name: ids for name, ids in left.items() if ids}


_NEXT_REVISION = re.compile(r"^# .*in the next revision:\n", re.MULTILINE)
_LEFT = {*_IN_THE_NEXT_RELEASE, "drop-table-locks-others", "drop-view", "unique-over-duplicates"}
_LEFT |= {"not-there"}  # a column that another statement of the case adds; what is pasted stands alone here


def test_nobody_waits_for_a_table_of_the_same_release(tmp_path_factory: pytest.TempPathFactory) -> None:
    """It is empty, and the code that runs does not know it."""
    cases = [replace(case, setup="pass", only_setup=True, together=(TABLES,)) for case in _ON_TABLES]

    judged = judge_all(tmp_path_factory.mktemp("new"), cases)

    assert [] == [(name, each.id) for name, result in judged.items() for each in _with(result, "lock", "breaks")]


def test_nobody_waits_long_for_a_small_table(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where a statistics file says that it is small."""
    sizes = {"users": 40, "orders": 7, "teams": 3}
    cases = [replace(case, sizes=sizes) for case in _ON_TABLES if "rows" not in case.upgrade]

    judged = judge_all(tmp_path_factory.mktemp("small"), cases)

    assert [] == [(name, each.id) for name, result in judged.items() for each in _with(result, "lock")]


def _with(result: Judged, *harms: str) -> list[Finding]:
    known = {"elsewhere", "app.rows", "events", ""}  # tables that the case does not make
    return [each for each in result.loud if HARMS[each.id] in harms and each.table not in known]
