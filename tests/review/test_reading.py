"""A revision is read as Alembic would run it: the statements, where each came from, and what went wrong."""

from __future__ import annotations

import pytest

from interlocking.review.lint_settings import LintSettings
from interlocking.review.model import Reading, Statement
from tests.review.projects import History


def texts(reading: Reading) -> list[str]:
    return [" ".join(statement.sql.split()) for statement in reading.upgrade]


def test_what_alembic_adds_by_itself_belongs_to_the_call_that_asked_for_it(history: History) -> None:
    reading = history.read_one("""
        op.add_column("t", sa.Column("a", sa.Integer(), sa.ForeignKey("o.id"), index=True))
        op.create_table("n", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("b", sa.Text(), index=True))
    """)
    assert [(each.operation.name, each.implicit, each.line) for each in reading.upgrade] == [
        ("add_column", False, 9),
        ("add_column", True, 9),
        ("add_column", True, 9),
        ("create_table", False, 10),
        ("create_table", True, 10),
    ]
    assert texts(reading)[1:3] == ["ALTER TABLE t ADD FOREIGN KEY(a) REFERENCES o (id)", "CREATE INDEX ix_t_a ON t (a)"]


def test_calls_of_a_batch_a_loop_and_a_helper_keep_their_own_lines(history: History) -> None:
    reading = history.read_one("""
        def index(table):
            op.create_index(f"ix_{table}", table, ["a"])
        with op.batch_alter_table("t") as batch:
            batch.add_column(sa.Column("a", sa.Text()))
            batch.alter_column(
                "b", nullable=False)
        for table in ("u", "v"):
            index(table)
    """)
    assert [(each.line, each.operation.batch) for each in reading.upgrade] == [
        (12, True),
        (13, True),
        (10, False),
        (10, False),
    ]


def test_an_autocommit_block_splits_the_transaction(history: History) -> None:
    reading = history.read_one("""
        op.execute("CREATE TABLE a ()")
        with op.get_context().autocommit_block():
            op.create_index("ix", "t", ["a"], postgresql_concurrently=True)
            op.create_index("iy", "t", ["b"], postgresql_concurrently=True)
        op.execute("CREATE TABLE b ()")
    """)
    first, one, other, last = reading.upgrade
    assert [each.autocommit for each in reading.upgrade] == [False, True, True, False]
    assert len({first.transaction, one.transaction, other.transaction, last.transaction}) == 4


def test_a_commit_written_by_hand_ends_the_transaction(history: History) -> None:
    reading = history.read_one("""
        op.execute("CREATE TABLE a ()")
        op.execute("COMMIT")
        op.execute("VACUUM a")
        op.execute("BEGIN")
        op.execute("CREATE TABLE b ()")
        op.execute("CREATE TABLE c ()")
    """)
    by_text = {each.sql: each for each in reading.upgrade}
    assert by_text["VACUUM a"].autocommit
    assert not by_text["CREATE TABLE b ()"].autocommit
    assert by_text["CREATE TABLE b ()"].transaction == by_text["CREATE TABLE c ()"].transaction


def test_options_are_those_that_were_given(history: History) -> None:
    reading = history.read_one("""
        op.alter_column("t", "c", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False)
    """)
    assert reading.upgrade[0].operation.options == {
        "table_name": "t",
        "column_name": "c",
        "existing_type": "INTEGER",
        "existing_nullable": False,
        "modify_type": "BIGINT",
    }


def test_values_are_written_into_the_text_and_revisionsare_split(history: History) -> None:
    reading = history.read_one("""
        op.execute("UPDATE t SET a = 'x;y'; DELETE FROM t")
        op.execute(sa.text("UPDATE t SET a = :a").bindparams(a="it's 50%"))
        op.bulk_insert(sa.table("t", sa.column("a")), [{"a": 1}, {"a": 2}])
    """)
    assert texts(reading) == [
        "UPDATE t SET a = 'x;y'",
        "DELETE FROM t",
        "UPDATE t SET a = 'it''s 50%'",
        "INSERT INTO t (a) VALUES ($1)",
    ]
    assert [(each.part, each.parts) for each in reading.upgrade[:2]] == [(0, 2), (1, 2)]
    assert (reading.upgrade[3].rows, reading.upgrade[3].parameters) == (2, ("1", "2"))


INTERPOLATED = {
    'op.execute("UPDATE t SET a = 1")': False,
    'op.execute("UPDATE t " + "SET a = 1")': False,
    'table = "t"\nop.execute(f"UPDATE {table} SET a = 1")': True,
    'table = "t"\nop.execute("UPDATE %s SET a = 1" % table)': True,
    'table = "t"\nop.execute(\n    "UPDATE {} SET a = 1".format(table))': True,
    'table = "t"\nsql = "UPDATE " + table + " SET a = 1"\nop.execute(sa.text(sql))': True,
}


def test_text_put_together_at_run_time_is_marked(history: History) -> None:
    for number, body in enumerate(INTERPOLATED):
        history.write(f"r{number}", body, down=f"r{number - 1}" if number else None)
    readings = history.read()
    assert [texts(readings[f"r{number}"]) for number in range(6)] == [["UPDATE t SET a = 1"]] * 6
    assert [readings[f"r{n}"].upgrade[0].interpolated for n in range(6)] == list(INTERPOLATED.values())


def test_code_that_asks_the_database_goes_on_as_on_an_empty_one(history: History) -> None:
    reading = history.read_one("""
        bind = op.get_bind()
        assert bind.dialect.name == "postgresql"
        if not sa.inspect(bind).has_table("t"):
            op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True))
        if bind.execute(sa.text("SELECT count(*) FROM t")).scalar() > 0:
            op.execute("DELETE FROM t")
        for row in bind.execute(sa.text("SELECT id FROM t WHERE id > :low"), {"low": 1}):
            bind.execute(sa.text("UPDATE t SET id = 2"))
        bind.execute(sa.text("INSERT INTO t VALUES (1)"))
    """)
    assert not reading.problems
    assert [each.operation.name for each in reading.upgrade] == ["create_table", "bind.execute"]
    assert len(reading.asked) == 3
    assert {"queries-bind", "inspects", "loop"} <= {fact.name for fact in reading.facts}


def test_what_is_dropped_if_it_is_there_is_dropped(history: History) -> None:
    history.write(
        "a",
        """
        bind = op.get_bind()
        sa.Enum(name="mood").drop(bind)
        sa.dialects.postgresql.ENUM(name="kind").drop(bind, checkfirst=True)
        meta = sa.MetaData()
        gone = sa.Table("gone", meta, sa.Column("id", sa.Integer))
        sa.Index("ix", gone.c.id).drop(bind, checkfirst=True)
        gone.drop(bind, checkfirst=True)
        meta.drop_all(bind)
        """,
    )
    dropped = [statement.sql for statement in history.read()["a"].upgrade]
    assert dropped == ["DROP TYPE mood", "DROP TYPE kind", "DROP INDEX ix", "DROP TABLE gone", "DROP TABLE gone"]


def test_a_revision_that_needs_an_answer_is_reported_with_what_came_before(history: History) -> None:
    reading = history.read_one("""
        op.execute("CREATE TABLE a ()")
        first = op.get_bind().execute(sa.text("SELECT id FROM t")).fetchone()[0]
        op.execute(f"DELETE FROM t WHERE id = {first}")
    """)
    (problem, *_) = reading.problems
    assert (problem.kind, problem.direction, problem.line) == ("needs-database", "upgrade", 10)
    assert texts(reading) == ["CREATE TABLE a ()"]


def test_rows_that_a_statement_returns_are_answers_too(history: History) -> None:
    reading = history.read_one("""
        rows = op.get_bind().execute(sa.text("INSERT INTO t (a) VALUES (1), (2) RETURNING id")).fetchall()
        op.execute(f"UPDATE u SET t = {rows[1][0]}")
    """)
    assert [each.kind for each in reading.problems] == ["needs-database"]


def test_the_import_path_is_the_one_that_alembic_uses(history: History) -> None:
    (history.root / "src" / "shop").mkdir(parents=True)
    (history.root / "src" / "shop" / "types.py").write_text("NAME = 'a'\n")
    with (history.root / "alembic.ini").open("a") as ini:
        ini.write("prepend_sys_path = src\n")
    reading = history.read_one("from shop.types import NAME\nop.execute(f'DROP TABLE {NAME}')")
    assert texts(reading) == ["DROP TABLE a"]


def test_what_is_said_of_a_problem_is_the_same_each_time(history: History) -> None:
    reading = history.read_one("raise ValueError(f'{object()} is strange')")
    assert [each.message for each in reading.problems] == ["ValueError: <object object> is strange"]


def test_a_revision_finds_the_files_beside_it(history: History) -> None:
    """As Alembic loads it, it knows its own place."""
    reading = history.read_one(
        "from pathlib import Path\nop.execute(f'COMMENT ON TABLE t IS $${Path(__file__).name}$$')"
    )

    assert ["COMMENT ON TABLE t IS $$one.py$$"] == [each.sql for each in reading.upgrade]


def test_facts_about_the_python(history: History) -> None:
    (history.root / "shop").mkdir()
    (history.root / "shop" / "__init__.py").write_text("")
    reading = history.read_one("import shop\nop.execute('SELECT 1')", "pass")
    assert {("imports-application", "shop"), ("empty-downgrade", "")} <= {(f.name, f.detail) for f in reading.facts}


def test_what_revisions_share_is_no_application(history: History) -> None:
    """A module beside env.py belongs to the migrations, and changes with them."""
    (history.root / "migrations" / "helpers.py").write_text("TABLE = 'a'\n")

    reading = history.read_one("from migrations.helpers import TABLE\nop.execute(f'DROP TABLE {TABLE}')")

    assert "DROP TABLE a" == reading.upgrade[0].sql
    assert "imports-application" not in {fact.name for fact in reading.facts}


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"tools.py": "from alembic import op\nimport sqlalchemy\n"}, False),
        ({"tools/__init__.py": "", "tools/steps.py": "from alembic import op\n"}, False),
        ({"tools.py": "import sqlalchemy\n"}, True),
        ({"tools.py": "from alembic import op\nimport shop\n", "shop.py": ""}, True),
        ({"tools/__init__.py": "import shop\n", "tools/steps.py": "from alembic import op\n", "shop.py": ""}, True),
        ({"tools/__init__.py": "from . import steps\n", "tools/steps.py": "from alembic import op\n"}, True),
    ],
)
def test_what_was_made_for_revisions_is_no_application(history: History, files: dict[str, str], told: bool) -> None:
    """It imports Alembic, and nothing of the project."""
    for name, text in files.items():
        (history.root / name).parent.mkdir(exist_ok=True)
        (history.root / name).write_text(text)
    module = "tools.steps" if "tools/steps.py" in files else "tools"

    reading = history.read_one(f"import {module}\nop.execute('SELECT 1')")

    assert told == ("imports-application" in {fact.name for fact in reading.facts})


BAD = {
    "import nothing_of_that_name": ("import", None),
    "raise SystemExit(3)": ("import", None),
    "import os; os._exit(7)": ("ended", None),
    "x = 'a' * 10**11": ("memory", None),
    "def upgrade(): op.no_such_operation('t')": ("failed", "upgrade"),
    "def upgrade():\n    def deeper(): deeper()\n    deeper()": ("failed", "upgrade"),
    "def upgrade(): raise NotImplementedError": ("failed", "upgrade"),
}


ENDLESS = {
    "while True: pass": ("deadline", None),
    "while True:\n    try:\n        while True: pass\n    except BaseException: pass": ("deadline", None),
    "def upgrade():\n    while True: op.execute('SELECT 1')": ("deadline", "upgrade"),
}


@pytest.mark.parametrize(("revisions", "deadline"), [(BAD, 60.0), (ENDLESS, 0.5)], ids=["bad", "endless"])
def test_what_cannot_be_read_is_a_problem_and_never_a_hang(
    history: History, revisions: dict[str, tuple[str, str | None]], deadline: float
) -> None:
    """Nor does it keep those behind it from being read."""
    for number, text in enumerate(revisions):
        down = f"r{number - 1}" if number else None
        history.raw(f"r{number}", f"from alembic import op\nrevision = 'r{number}'\ndown_revision = {down!r}\n{text}\n")
    readings = history.read(LintSettings(deadline=deadline))
    problems = [readings[f"r{number}"].problems for number in range(len(revisions))]
    assert [[(each.kind, each.direction) for each in found] for found in problems] == [
        [one] for one in revisions.values()
    ]


def test_what_comes_after_a_bad_one_is_read(history: History) -> None:
    history.raw("bad", "import os; os._exit(7)\nrevision = 'bad'\ndown_revision = None\n")
    history.write("good", 'op.execute("CREATE TABLE a ()")', down="bad")
    assert texts(history.read()["good"]) == ["CREATE TABLE a ()"]


def test_a_downgrade_that_says_no_is_read_and_one_that_breaks_is_not(history: History) -> None:
    history.write("one", "op.execute('SELECT 1')", "if op:\n    raise NotImplementedError('cannot be undone')")
    history.write("two", "op.execute('SELECT 1')", "op.no_such_thing()", down="one")
    readings = history.read()
    assert not readings["one"].problems
    assert "raising-downgrade" in {fact.name for fact in readings["one"].facts}
    assert [each.kind for each in readings["two"].problems] == ["failed"]


def test_long_and_deep_and_foreign_sql_is_read_and_not_parsed(history: History) -> None:
    reading = history.read_one("""
        op.execute("INSERT INTO t VALUES ('" + "x" * 5_000_000 + "')")
        op.execute("SELECT " + "(" * 5_000 + "1" + ")" * 5_000)
        op.execute("SELEKT no such language")
        op.execute("")
    """)
    assert not reading.problems
    assert [each.node for each in reading.upgrade] == [None] * len(reading.upgrade)
    assert all(each.parsed.error for each in reading.upgrade[:3])


def test_unchanged_files_are_not_run_again(history: History) -> None:
    ran = history.root / "ran"
    body = f'open({str(ran)!r}, "a").write("x")\nop.execute("CREATE TABLE a ()")'
    history.write("one", body)
    first = history.read()
    assert history.read() == first
    assert ran.read_text() == "x"
    history.write("one", body + "\nop.execute('CREATE TABLE b ()')")
    assert len(history.read()["one"].upgrade) == 2


def test_a_file_that_ended_its_child_is_run_again(history: History) -> None:
    """What a busy machine may have caused is not kept."""
    flag = history.root / "busy"
    flag.touch()
    history.write("one", f"import os\nif os.path.exists({str(flag)!r}): os._exit(7)\nop.execute('CREATE TABLE a ()')")
    assert [each.kind for each in history.read()["one"].problems] == ["ended"]
    flag.unlink()
    assert texts(history.read()["one"]) == ["CREATE TABLE a ()"]


def test_a_changed_helper_is_noticed(history: History) -> None:
    (history.root / "helpers.py").write_text('SQL = "CREATE TABLE a ()"')
    history.write("one", "import helpers\nop.execute(helpers.SQL)")
    assert texts(history.read()["one"]) == ["CREATE TABLE a ()"]
    (history.root / "helpers.py").write_text('SQL = "CREATE TABLE bb ()"')
    assert texts(history.read()["one"]) == ["CREATE TABLE bb ()"]


def test_no_database_is_reached_while_reading(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither that of the project's variable, nor one that the revision names, nor libpq's own."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://real.example/production")
    monkeypatch.setenv("PGHOST", "real.example")
    history.write("seen", "import os\nop.execute('SELECT ' + repr(os.environ['DATABASE_URL'] + os.environ['PGHOST']))")
    history.write("engine", 'sa.create_engine("postgresql+psycopg2://real.example/production").connect()', down="seen")
    history.write("libpq", 'import psycopg2\npsycopg2.connect("")', down="engine")
    readings = history.read()
    assert "real.example" not in readings["seen"].upgrade[0].sql
    assert "no database is reached" in readings["engine"].problems[0].message
    assert "127.0.0.1" in readings["libpq"].problems[0].message


def nodes(statements: tuple[Statement, ...]) -> list[str]:
    return [type(each.node).__name__ for each in statements]


def test_statements_parse_as_postgresql_does(history: History) -> None:
    reading = history.read_one("""
        op.create_index("ix", "t", ["a"])
        op.add_column("t", sa.Column("a", sa.Text()))
        op.execute("DO $$ BEGIN PERFORM 1; END $$")
    """)
    assert nodes(reading.upgrade) == ["IndexStmt", "AlterTableStmt", "DoStmt"]
