"""What depends on what was there before: the same words, dangerous in one place and harmless in the other.

Each case expects these hazards above info, and no other.
"""

from __future__ import annotations

from dataclasses import replace

from interlocking.review.surroundings.mapped import Mapped, MappedColumn, MappedTable
from tests.review.corpus.case import Case

_BLOCK = "with op.get_context().autocommit_block():\n    "
_INDEX = 'op.create_index("ix", "users", ["email"])'
_DOMAINS = 'op.execute("CREATE DOMAIN small AS int CHECK (VALUE < 9); CREATE DOMAIN smaller AS small")'
_MOOD = "op.execute(\"CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE days (id bigint PRIMARY KEY, m mood)\")"
_ADD_VALUE = "op.execute(\"ALTER TYPE mood ADD VALUE 'gone'\")\n"
_TRIGGER = 'op.execute("CREATE TRIGGER t BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION f()")'
_UNIQUE = _BLOCK + 'op.execute("CREATE UNIQUE INDEX CONCURRENTLY uq ON users ({})")'
_HANDLE = 'op.add_column("users", sa.Column("handle", sa.Text(), server_default={}, nullable=False))\n'
_WIDER = 'op.alter_column("users", "email", type_=sa.String(90), existing_type=sa.String(50))'
_ANEW = 'op.drop_table("limits")\nop.create_table("limits", sa.Column("{}", sa.Text()))'
_ANEW_TYPE = "op.execute(\"DROP TYPE IF EXISTS level; CREATE TYPE level AS ENUM ('{}')\")"
_PLANS = "op.execute(\"CREATE TABLE plans (id bigint PRIMARY KEY, kind text NOT NULL DEFAULT 'free')\")"
_LOGS = """
op.execute("CREATE TABLE logs (id bigint, at date NOT NULL) PARTITION BY RANGE (at)")
op.execute("CREATE TABLE part (id bigint, at date NOT NULL)")
op.execute("CREATE TABLE kinds (k text NOT NULL) PARTITION BY LIST (k); CREATE TABLE kind (k text NOT NULL)")
op.execute("ALTER TABLE {} ADD CHECK ({})")
"""
_ATTACH = """op.execute("ALTER TABLE logs ATTACH PARTITION part FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')")"""
_ATTACH_KIND = """op.execute("ALTER TABLE kinds ATTACH PARTITION kind FOR VALUES IN ('a', 'b')")"""
_DEFAULT = 'op.execute("CREATE TABLE other PARTITION OF logs DEFAULT")\n'
_YEAR = "at >= '2025-01-01' AND at < '2026-01-01'"
_PARTED = """
op.execute("CREATE TABLE logs (id bigint, at date NOT NULL) PARTITION BY RANGE (at)")
op.execute("CREATE TABLE logs_1 PARTITION OF logs DEFAULT")
op.execute("CREATE INDEX ON logs (id)")
"""
_USING = 'op.execute("ALTER TABLE users ADD CONSTRAINT uq_users UNIQUE USING INDEX uq")'
_SHARDS = """
op.execute("CREATE TABLE logs (id bigint, at date NOT NULL, kind varchar(9), CONSTRAINT c CHECK (id > 0)) PARTITION BY RANGE (at)")
op.execute("CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')")
op.execute("CREATE TABLE logs_2 PARTITION OF logs DEFAULT; ALTER TABLE logs_2 ADD CHECK (at < '2025-01-01')")
"""
_UNREADABLE_DROP = """
op.execute("DO $$ BEGIN EXECUTE 'DROP VIEW ' || 'tall CASCADE'; END $$")
"""
_NEEDED = """
op.execute("CREATE TYPE sort AS ENUM ('herb', 'tree')")
op.execute('''CREATE TABLE plants (
    id bigint PRIMARY KEY, code text UNIQUE, name text UNIQUE, key text GENERATED ALWAYS AS (lower(name)) STORED,
    kind varchar(9), height int, bed varchar(9), free varchar(9), sort sort
)''')
op.execute("CREATE TABLE seeds (plant bigint REFERENCES plants, code text REFERENCES plants (code), kind varchar(9))")
op.execute("CREATE TABLE loose (id bigint)")
op.execute("CREATE VIEW tall AS SELECT p.id, p.kind FROM plants p JOIN seeds s ON s.plant = p.id")
op.execute("CREATE VIEW taller AS SELECT id FROM tall")
op.execute("CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
op.execute("CREATE TRIGGER t BEFORE UPDATE ON plants FOR EACH ROW WHEN (NEW.height > 3) EXECUTE FUNCTION watch()")
op.execute("CREATE POLICY p ON plants USING (bed = 'x')")
"""
_BECOMES_PART = "ALTER TABLE logs ATTACH PARTITION a FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')"
_TOO_NEW: tuple[tuple[int, str, set[str]], ...] = (
    (18, "ALTER TABLE users ADD COLUMN x int GENERATED ALWAYS AS (age) VIRTUAL", set()),
    (18, "ALTER TABLE users ADD CONSTRAINT n NOT NULL age NOT VALID", set()),
    (18, "CREATE TABLE n (a int, NOT NULL a)", set()),
    (18, "ALTER TABLE users ADD CHECK (age > 3) NOT ENFORCED", set()),
    (18, "CREATE TABLE n (a int CHECK (a > 3) NOT ENFORCED)", set()),
    (18, "CREATE TABLE n (a int4range, b tsrange, PRIMARY KEY (a, b WITHOUT OVERLAPS))", set()),
    (18, "ALTER TABLE orders ALTER COLUMN code SET DEFAULT uuidv7()", set()),
    (18, "UPDATE users SET age = 4 WHERE id = 3 RETURNING old.age", set()),
    (17, "ALTER TABLE users ALTER COLUMN age SET EXPRESSION AS (4)", {"stored-generated-column"}),
    (15, "CREATE UNIQUE INDEX CONCURRENTLY n ON users (email) NULLS NOT DISTINCT", {"concurrently-in-transaction"}),
    (15, "MERGE INTO teams t USING (VALUES (1)) v (id) ON v.id = t.id WHEN MATCHED THEN DO NOTHING", set()),
    (15, "CREATE TABLE n (a int, UNIQUE NULLS NOT DISTINCT (a))", set()),
)


def _computed(column: str) -> Mapped:
    columns = {column: MappedColumn(column, column)}
    return replace(_plans(), unnamed=(MappedTable("Team", "app/models.py", 9, columns),))


def _plans(**kind: bool) -> Mapped:
    columns = {"id": MappedColumn("id", "id", primary_key=True), "kind": MappedColumn("kind", "kind", **kind)}
    return Mapped({"plans": MappedTable("plans", "app/models.py", 5, columns)}, commit="abc1234")


def _strange() -> Mapped:
    return Mapped({"strange": MappedTable("strange", "app/models.py", 5, {"id": MappedColumn("id", "id")})})


_DROP_DEFAULT = 'op.alter_column("plans", "kind", server_default=None)'

TRAPS = (
    Case("default NULL", 'op.execute("ALTER TABLE users ADD COLUMN x int DEFAULT NULL NOT NULL")', {"column-required"}),
    Case(
        "domain over a domain",
        'op.execute("ALTER TABLE users ADD COLUMN n smaller")',
        {"column-of-constrained-domain"},
        setup=_DOMAINS,
    ),
    Case(
        "NOT over what proves nothing",
        'op.alter_column("users", "age", nullable=False)',
        {"set-not-null"},
        setup='op.create_check_constraint("c", "users", "NOT (age IS NULL AND name IS NULL)")',
    ),
    Case("merge", 'op.execute("MERGE INTO users u USING teams t ON t.id = u.id WHEN MATCHED THEN DELETE")',
         {"whole-table-update"}),
    Case(
        "merge under a lock",
        'op.add_column("users", sa.Column("x", sa.Text))\n'
        'op.execute("MERGE INTO users u USING teams t ON t.id = u.id WHEN MATCHED THEN UPDATE SET x = t.title")',
        {"backfill-under-lock"},
    ),
    Case(
        "all tables of a tablespace",
        'op.execute("ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE fast")',
        {"table-storage-rewrite"},
    ),
    Case("all rights for everybody", 'op.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC")', {"privileges"}),
    Case("writing for everybody", 'op.execute("GRANT INSERT, UPDATE ON users TO PUBLIC")', {"privileges"}),
    Case("trigger dropped", 'op.execute("DROP TRIGGER t ON users")', {"trigger"}, setup=_TRIGGER),
    Case(
        "value of an older enum in a check, each revision by itself",
        _ADD_VALUE + "op.execute(\"ALTER TABLE days ADD CHECK (m <> 'gone') NOT VALID\")",
        {"enum-value-used-at-once"},
        setup=_MOOD,
        mode="one",
        one_release=False,
    ),
    Case("unique over equal defaults", _HANDLE.format("''") + _UNIQUE.format("handle"), {"unique-over-duplicates"}),
    Case("unique without case", _UNIQUE.format("lower(email)"), {"unique-over-duplicates"}, setup=_INDEX),
    Case(
        "unique without case over a unique index",
        _UNIQUE.format("lower(email)"),
        {"unique-over-duplicates"},
        setup='op.create_index("ix", "users", ["email"], unique=True)',
    ),
    Case(
        "name of another index",
        _BLOCK + 'op.create_index("ix", "users", ["age"], postgresql_concurrently=True, if_not_exists=True)',
        {"index-name-taken"},
        setup=_INDEX,
    ),
    Case(
        "name of an index that is not unique",
        _BLOCK + 'op.execute("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ix ON users (email)")',
        {"index-name-taken"},
        setup=_INDEX,
    ),
    Case(
        "type of what is generated from",
        'op.execute("ALTER TABLE names ALTER COLUMN a TYPE text")',
        {"type-change-under-generated"},
        setup='op.execute("CREATE TABLE names (a varchar(9), b text GENERATED ALWAYS AS (lower(a)) STORED)")',
    ),
    Case("default that the ORM relies on", _DROP_DEFAULT, {"default-dropped-early"}, setup=_PLANS,
         deployed=_plans(has_server_default=True)),
    Case(
        "concurrent index on an expression replaced",
        _BLOCK + 'op.execute("DROP INDEX CONCURRENTLY ix")\n    '
        'op.execute("CREATE INDEX CONCURRENTLY ix ON users (lower(trim(email)))")',
        {"index-replaced-too-early"},
        setup='op.execute("CREATE INDEX ix ON users (lower(email))")',
    ),
    Case("trigger made anew", 'op.execute("DROP TRIGGER t ON users")\n' + _TRIGGER, {"trigger"}, setup=_TRIGGER),
    Case(
        "names that are cut, among others",
        """op.execute('ALTER TABLE "users" ADD CONSTRAINT "' + "é" * 32 + '" CHECK (age > 0) NOT VALID -- "it\\'s\\n')""",
        {"name-too-long"},
    ),
    Case(
        "new table that points to a locked one",
        'op.add_column("teams", sa.Column("x", sa.Text))\nop.execute("CREATE TABLE new (u bigint REFERENCES users)")',
        {"several-tables-locked"},
    ),
    Case(
        "foreign keys to one table are checked one by one",
        'op.create_foreign_key("a", "users", "teams", ["id"], ["id"])\n'
        'op.create_foreign_key("b", "orders", "teams", ["id"], ["id"])',
        {"foreign-key-validated", "several-tables-locked"},
    ),
    Case(
        "enum with fewer labels",
        "op.execute(\"CREATE TYPE less AS ENUM ('sad'); ALTER TABLE days ALTER m TYPE less USING m::text::less\")",
        {"type-change-rewrites", "type-change-loses-values"},
        setup=_MOOD,
    ),
    Case(
        "enum with more labels",
        "op.execute(\"CREATE TYPE more AS ENUM ('ok', 'sad', 'x'); ALTER TABLE days ALTER m TYPE more USING m::text::more\")",
        {"type-change-rewrites"},
        setup=_MOOD,
    ),
    Case(
        "a session's commit, which ends nothing",
        """
from sqlalchemy.orm import Session
s = Session(bind=op.get_bind())
for row in s.execute(sa.text("SELECT id FROM users")):
    s.execute(sa.text("UPDATE users SET age = 1 WHERE id = :id"), {"id": row.id})
    s.commit()
""",
        {"batches-without-commit"},
    ),
    Case(
        "commit of the connection",
        'op.get_bind().commit()\nop.add_column("users", sa.Column("x", sa.Text))',
        {"transaction-control"},
    ),
    Case("rollback of the connection", "op.get_bind().rollback()", {"transaction-control"}, mode="guard"),
    Case("attach with half of the bounds", _ATTACH, {"attach-partition"}, setup=_LOGS.format("part", "at > '2025-01-01'")),
    Case(
        "attach with wider bounds",
        _ATTACH,
        {"attach-partition"},
        setup=_LOGS.format("part", "at BETWEEN '2025-01-01' AND '2026-01-01'"),
    ),
    Case("attach with more values", _ATTACH_KIND, {"attach-partition"}, setup=_LOGS.format("kind", "k IN ('a', 'c')")),
    Case(
        "attach where NULL can be",
        _ATTACH,
        {"attach-partition", "refused-on-partitioned-table"},
        setup=_LOGS.format("part", _YEAR) + 'op.execute("ALTER TABLE part ALTER at DROP NOT NULL")',
    ),
    Case(
        "attach beside a default partition", _ATTACH, {"attach-partition"}, setup=_LOGS.format("part", _YEAR) + _DEFAULT
    ),
    Case(
        "new partition beside a default partition",
        "op.execute(\"CREATE TABLE late PARTITION OF logs FOR VALUES FROM ('2030-01-01') TO (MAXVALUE)\")",
        {"attach-partition"},
        setup=_LOGS.format("part", _YEAR) + _DEFAULT,
    ),
    Case("table of another owner", 'op.execute("ALTER TABLE users OWNER TO other")', {"privileges"}),
    Case(
        "rows deleted inside WITH",
        'op.execute("WITH gone AS (DELETE FROM orders RETURNING id) SELECT count(*) FROM gone")',
        {"whole-table-delete"},
    ),
    Case("rows changed to explain it", 'op.execute("EXPLAIN ANALYZE UPDATE orders SET code = 1")', {"whole-table-update"}),
    Case(
        "unique over equal NULLs",
        'op.add_column("users", sa.Column("z", sa.Text))\n' + _UNIQUE.replace("({})", "(z) NULLS NOT DISTINCT"),
        {"unique-over-duplicates"},
    ),
    Case("block in another language", 'op.execute("DO LANGUAGE plpython3u $$ plpy.execute(\'DROP TABLE users\') $$")',
         {"opaque-sql"}),
    Case("block that performs", 'op.execute("DO $$ BEGIN PERFORM mend_all(); END $$")', {"opaque-sql"}),
    Case("block that assigns", 'op.execute("DO $$ DECLARE n int; BEGIN n := mend_all(); END $$")', {"opaque-sql"}),
    Case("function asked for each row", 'op.execute("SELECT mend(id) FROM users")', {"opaque-sql"}),
    Case("function asked for rows", 'op.execute("SELECT * FROM mend_all()")', {"opaque-sql"}),
    Case("policy dropped", 'op.execute("DROP POLICY p ON users")', {"row-security"},
         setup='op.execute("CREATE POLICY p ON users USING (true)")'),
    # harmless
    Case("policy made anew", 'op.execute("DROP POLICY p ON users; CREATE POLICY p ON users USING (age > 1)")',
         setup='op.execute("CREATE POLICY p ON users USING (true)")'),
    Case("block that counts", 'op.execute("DO $$ DECLARE n int; BEGIN n := 1 + 2; PERFORM set_config(\'a.b\', \'c\', true); END $$")'),
    Case("rows counted", 'op.execute("SELECT count(*), max(lower(name)) FROM users, generate_series(1, 2)")'),
    Case(
        "temporary tables go by themselves",
        'op.execute("CREATE TEMP TABLE ids AS SELECT 1 AS id; CREATE TEMP TABLE more (id int); CREATE INDEX ON ids (id)")',
        downgrade="pass",
    ),
    Case("attach with the bounds", _ATTACH, setup=_LOGS.format("part", _YEAR)),
    Case("attach with narrower bounds", _ATTACH, setup=_LOGS.format("part", "at BETWEEN '2025-02-01' AND '2025-03-01'")),
    Case(
        "attach with the bounds in two",
        _ATTACH,
        setup=_LOGS.format("part", "at >= '2025-01-01'") + "op.execute(\"ALTER TABLE part ADD CHECK (at < '2026-01-01')\")",
    ),
    Case("attach with fewer values", _ATTACH_KIND, setup=_LOGS.format("kind", "k = 'b'")),
    Case(
        "new partition beside a default partition without its rows",
        "op.execute(\"CREATE TABLE late PARTITION OF logs FOR VALUES FROM ('2030-01-01') TO (MAXVALUE)\")",
        setup=_LOGS.format("part", _YEAR) + _DEFAULT + "op.execute(\"ALTER TABLE other ADD CHECK (at < '2020-01-01')\")",
    ),
    Case("update explained", 'op.execute("EXPLAIN UPDATE orders SET code = 1")'),
    Case(
        "a session's commit",
        "from sqlalchemy.orm import Session\ns = Session(op.get_bind())\ns.execute(sa.text('SELECT 1'))\ns.commit()",
    ),
    Case(
        "batches with commits, which what was not reached speaks of",
        """
bind = op.get_bind()
for row in bind.execute(sa.text("SELECT id FROM users")):
    bind.execute(sa.text("UPDATE users SET age = 1 WHERE id = :id"), {"id": row.id})
    op.get_bind().commit()
""",
    ),
    Case("savepoint", "with op.get_bind().begin_nested():\n    op.execute('ANALYZE users')"),
    Case(
        "new tables that point to old ones",
        'op.execute("CREATE TABLE n1 (u bigint REFERENCES users)")\n'
        'op.execute("CREATE TABLE n2 (t bigint REFERENCES teams)")',
    ),
    Case(
        "long texts between quoted names",
        """op.execute('CREATE TABLE "case" (first_of_the_columns text, second_of_the_columns text, third text, "user" text)')""",
    ),
    Case("concurrent index on another expression", _BLOCK + 'op.execute("DROP INDEX CONCURRENTLY ix")\n    '
         'op.execute("CREATE INDEX CONCURRENTLY ix ON users (lower(email))")',
         setup="op.execute(\"CREATE INDEX ix ON users (lower('email'))\")"),
    Case("unique by fingerprints", _UNIQUE.format("md5(email)"),
         setup='op.create_index("ix", "users", ["email"], unique=True)'),
    Case(
        "NOT over IS NULL proves",
        'op.alter_column("users", "age", nullable=False)',
        setup='op.create_check_constraint("c", "users", "NOT (age IS NULL OR name IS NULL)")',
    ),
    Case(
        "merge of values",
        "op.execute(\"MERGE INTO teams t USING (VALUES (1, 'a')) v (id, title) ON v.id = t.id "
        'WHEN NOT MATCHED THEN INSERT VALUES (v.id, v.title)")',
    ),
    Case("reading for everybody", 'op.execute("GRANT SELECT ON users TO PUBLIC")'),
    Case("functions for everybody", 'op.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO PUBLIC")'),
    Case("rights for one role", 'op.execute("GRANT ALL ON users TO app")'),
    Case("partitions go with their parent", _PARTED, downgrade='op.execute("DROP TABLE logs")'),
    Case("table of this session", 'op.execute("DROP TABLE IF EXISTS pg_temp.scratch")'),
    Case(
        "value of an enum of the same transaction",
        _MOOD + "\n" + _ADD_VALUE + "op.execute(\"INSERT INTO days VALUES (1, 'gone')\")",
        downgrade='op.execute("DROP TABLE days; DROP TYPE mood")',
        mode="one",
        version=18,
    ),
    Case(
        "value of an enum of the same transaction, before 18",
        _MOOD + "\n" + _ADD_VALUE + "op.execute(\"INSERT INTO days VALUES (1, 'gone')\")",
        {"enum-value-used-at-once"},
        downgrade='op.execute("DROP TABLE days; DROP TYPE mood")',
        mode="one",
    ),
    *(
        Case(f"constraint over an index that {what}", _USING, {"using-index-refused"}, setup=f'op.execute("{index}")')
        for what, index in {
            "is not unique": "CREATE INDEX uq ON users (email)",
            "has a condition": "CREATE UNIQUE INDEX uq ON users (email) WHERE age > 3",
            "is on an expression": "CREATE UNIQUE INDEX uq ON users (lower(email))",
            "is sorted downwards": "CREATE UNIQUE INDEX uq ON users (email DESC)",
            "is on another table": "CREATE UNIQUE INDEX uq ON teams (title)",
            "is not there": "CREATE UNIQUE INDEX other ON users (email)",
        }.items()
    ),
    Case("constraint over an index", _USING, setup='op.execute("CREATE UNIQUE INDEX uq ON users (email NULLS LAST)")'),
    *(
        Case(f"partitions: {sql}", f'op.execute("{sql}")' if "CONC" not in sql else f'{_BLOCK}op.execute("{sql}")',
             {"refused-on-partitioned-table"} | more, setup=_SHARDS, version=version)
        for sql, version, more in (
            ("ALTER TABLE logs ADD FOREIGN KEY (id) REFERENCES users NOT VALID", 17, set()),
            ("ALTER TABLE logs ADD UNIQUE (id)", 15, {"unique-constraint"}),
            ("CREATE UNIQUE INDEX ON logs (id)", 15, {"index-on-partitioned-table"}),
            ("ALTER TABLE logs ADD UNIQUE USING INDEX uq", 15, set()),
            ("ALTER TABLE logs ADD EXCLUDE USING gist (id WITH =, at WITH =)", 16, {"exclusion-constraint"}),
            ("ALTER TABLE logs_1 ADD COLUMN x int", 15, set()),
            ("ALTER TABLE logs_1 ALTER COLUMN kind TYPE varchar(90)", 15, set()),
            ("ALTER TABLE logs_1 DROP COLUMN kind", 15, {"drop-column"}),
            ("ALTER TABLE logs DETACH PARTITION logs_1 CONCURRENTLY", 15, set()),
            ("CREATE TABLE a (id bigint PRIMARY KEY, at date) PARTITION BY RANGE (at)", 15, set()),
            ("CREATE TABLE a (LIKE logs); " + _BECOMES_PART, 15, set()),
            ("CREATE TABLE a (LIKE logs INCLUDING ALL, x int); " + _BECOMES_PART, 15, set()),
            ("CREATE TABLE a (id bigint, at date, kind varchar(9), CONSTRAINT c CHECK (id > 0)); " + _BECOMES_PART, 15, set()),
            ("CREATE TABLE a (id int, at date NOT NULL, kind varchar(9), CONSTRAINT c CHECK (id > 0)); " + _BECOMES_PART, 15,
             set()),
            ("CREATE TABLE a (id bigint, at date NOT NULL, CONSTRAINT c CHECK (id > 0)); " + _BECOMES_PART, 15, set()),
        )
    ),
    *(
        Case(f"partitions that allow: {sql}", f'op.execute("{sql}")', setup=_SHARDS, version=18)
        for sql in (
            "ALTER TABLE logs ADD FOREIGN KEY (id) REFERENCES users NOT VALID",
            "ALTER TABLE logs ADD COLUMN x int",
            "CREATE TABLE a (id bigint, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
            "CREATE TABLE a (LIKE logs INCLUDING ALL)",
            "ALTER TABLE logs_1 ALTER COLUMN kind SET DEFAULT 'x'",
        )
    ),
    *(
        Case(f"before {version}: {sql}", f'op.execute("{sql}")', {"server-too-old"} | more, version=version - 1)
        for version, sql, more in _TOO_NEW
    ),
    *(
        Case(f"since {version}: {sql}", f'op.execute("{sql}")', more, version=version)
        for version, sql, more in _TOO_NEW
    ),
    *(
        Case(f"needed: {sql}", f'op.execute("{sql}")', {"drop-refused"} | more, setup=_NEEDED, deployed=_plans())
        for sql, more in (
            ("ALTER TABLE plants DROP COLUMN kind", set()),  # a view
            ("ALTER TABLE plants DROP COLUMN height", set()),  # a trigger
            ("ALTER TABLE plants DROP COLUMN bed", set()),  # a policy
            ("ALTER TABLE plants DROP COLUMN name", set()),  # a generated column
            ("ALTER TABLE plants DROP COLUMN id", set()),  # a foreign key
            ("ALTER TABLE plants DROP CONSTRAINT plants_pkey", set()),
            ("ALTER TABLE plants DROP CONSTRAINT plants_code_key", set()),
            ("DROP INDEX plants_name_key", {"drop-index-not-concurrent"}),
            ("DROP TABLE plants", set()),
            ("DROP VIEW tall", {"drop-view"}),
            ("DROP TYPE sort", set()),
            ("DROP FUNCTION watch", set()),
            ("ALTER TABLE plants RENAME TO herbs; DROP TABLE herbs", set()),
            ("ALTER TABLE plants RENAME kind TO genus; ALTER TABLE plants DROP genus", set()),
        )
    ),
    *(
        Case(f"not needed: {sql}", f'op.execute("{sql}")', more, setup=_NEEDED, deployed=_plans())
        for sql, more in (
            ("ALTER TABLE plants DROP COLUMN free", set()),
            ("DROP TABLE seeds", {"drop-table-locks-others", "drop-refused"}),
            ("DROP TABLE loose", set()),
            ("DROP VIEW taller, tall", {"drop-view"}),
            ("DROP VIEW taller; DROP VIEW tall; ALTER TABLE plants DROP COLUMN kind", {"drop-view"}),
            ("DROP TRIGGER t ON plants; DROP FUNCTION watch; ALTER TABLE plants DROP COLUMN height", {"trigger"}),
            ("ALTER TABLE plants DROP CONSTRAINT plants_name_key", set()),
            (
                "ALTER TABLE plants DROP CONSTRAINT plants_code_key CASCADE; ALTER TABLE plants DROP COLUMN code",
                {"drop-cascade"},
            ),
            ("DROP VIEW taller; ALTER TABLE plants DROP kind CASCADE; DROP TABLE loose", {"drop-view", "drop-cascade"}),
        )
    ),
    Case("needed, unless a block that nobody can read dropped it", 'op.execute("ALTER TABLE plants DROP COLUMN kind")',
         setup=_NEEDED + _UNREADABLE_DROP, deployed=_plans()),
    Case("downgrade of an older column", 'op.add_column("users", sa.Column("city", sa.Text))',
         {"downgrade-goes-too-far", "downgrade-incomplete"}, downgrade='op.drop_column("users", "name")'),
    Case("downgrade of an older table", 'op.create_table("cities", sa.Column("id", sa.BigInteger, primary_key=True))',
         {"downgrade-goes-too-far"}, downgrade='op.drop_table("cities")\nop.drop_table("teams")'),
    Case("type under a trigger", 'op.execute("ALTER TABLE plants ALTER height TYPE bigint")',
         {"type-change-under-trigger", "type-change-rewrites"}, setup=_NEEDED),
    Case("type under a policy", 'op.execute("ALTER TABLE plants ALTER bed TYPE varchar(90)")',
         {"type-change-under-trigger"}, setup=_NEEDED),
    Case("type beside a trigger", 'op.execute("ALTER TABLE plants ALTER free TYPE varchar(90)")', setup=_NEEDED),
    Case("a name that two tables have", 'op.execute("ALTER TABLE seeds ALTER kind TYPE text")', setup=_NEEDED),
    Case("function of the same name", "op.execute(\"CREATE FUNCTION uuidv7() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'; "
         'ALTER TABLE users ALTER COLUMN name SET DEFAULT uuidv7()")'),
    Case(
        "domain that lost its constraint",
        'op.execute("ALTER TABLE users ADD COLUMN n small")',
        setup=_DOMAINS + '\nop.execute("ALTER DOMAIN small DROP CONSTRAINT small_check")',
    ),
    Case(
        "domain that lost one of its constraints",
        'op.execute("ALTER TABLE users ADD COLUMN n small")',
        {"column-of-constrained-domain"},
        setup=_DOMAINS + '\nop.execute("ALTER DOMAIN small ADD CHECK (VALUE > 0); ALTER DOMAIN small DROP CONSTRAINT small_check")',
    ),
    Case(
        "domain that may be NULL again",
        'op.execute("ALTER TABLE users ADD COLUMN n loose")',
        setup='op.execute("CREATE DOMAIN loose AS int NOT NULL; ALTER DOMAIN loose DROP NOT NULL")',
    ),
    Case("unique over random defaults", _HANDLE.format('sa.text("gen_random_uuid()::text")') + _UNIQUE.format("handle"),
         {"volatile-default"}),
    Case(
        "unique over what was filled",
        _HANDLE.format("''") + 'op.execute("UPDATE users SET handle = id::text WHERE id = 1")\n'
        + _UNIQUE.format("handle"),
    ),
    Case("unique over some of equal defaults", _HANDLE.format("''") + _UNIQUE.format("handle").replace(
        "(handle)", "(handle) WHERE handle <> ''")),
    Case(
        "the same index if not there",
        _BLOCK + 'op.create_index("ix", "users", ["email"], postgresql_concurrently=True, if_not_exists=True)',
        setup=_INDEX,
    ),
    Case("char of the same width", 'op.execute("ALTER TABLE days ALTER COLUMN m TYPE varchar(3) USING m::text")',
         {"type-change-rewrites"}, setup=_MOOD),
    Case("column of a model whose table's name is computed", 'op.drop_column("teams", "title")', {"drop-column"},
         deployed=_computed("title")),
    Case("column that no model with a computed name has", 'op.drop_column("teams", "title")',
         deployed=_computed("id")),
    Case("varchar made wider under an index on an expression", _WIDER, {"type-change-rebuilds-index"},
         setup='op.execute("CREATE INDEX ix ON users (lower(email))")'),
    Case("varchar made wider that an index has in its condition", _WIDER, {"type-change-rebuilds-index"},
         setup='op.execute("CREATE INDEX ix ON users (age) WHERE email IS NOT NULL")'),
    Case("varchar made wider that an index includes", _WIDER,
         setup='op.execute("CREATE INDEX ix ON users (age) INCLUDE (email)")'),
    Case("varchar made wider beside an index on an expression", _WIDER,
         setup='op.execute("CREATE INDEX ix ON users (lower(name))")'),
    Case("index that goes with a column of its condition",
         'op.add_column("users", sa.Column("gone", sa.Boolean(), server_default=sa.false()))\n' + _BLOCK
         + 'op.create_index("ix", "users", ["age"], postgresql_where=sa.text("NOT gone"), postgresql_concurrently=True)',
         downgrade='op.drop_column("users", "gone")'),
    Case("table made anew both ways", _ANEW.format("a"), {"drop-table"}, downgrade=_ANEW.format("b")),
    Case("type made anew both ways", _ANEW_TYPE.format("a"), downgrade=_ANEW_TYPE.format("b")),
    Case("constraint that a convention names", 'op.create_unique_constraint(None, "users", ["email"])',
         {"unique-constraint"}, downgrade='op.drop_constraint("uq_users_email", "users")'),
    Case("index that a convention names", _BLOCK + 'op.create_index(None, "users", ["age"], postgresql_concurrently=True)',
         downgrade='op.drop_index("users_by_age", table_name="users", if_exists=True)'),
    Case("constraint without a name that stays", 'op.create_unique_constraint(None, "users", ["email"])',
         {"unique-constraint", "downgrade-incomplete"}, downgrade='op.execute("COMMENT ON TABLE users IS NULL")'),
    Case("function that may be made again", 'op.execute("CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1$$")',
         downgrade="pass"),
    Case("function that may not", 'op.execute("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1$$")',
         {"downgrade-missing"}, downgrade="pass"),
    Case("trigger that is dropped first", 'op.execute("DROP TRIGGER IF EXISTS t ON users")\n' + _TRIGGER, {"trigger"},
         downgrade="pass"),
    Case("column that may be there", 'op.execute("ALTER TABLE users ADD COLUMN IF NOT EXISTS nick text")',
         downgrade="pass"),
    Case("table that is gone for good", 'op.execute("DROP TABLE IF EXISTS teams")',
         {"drop-table", "downgrade-missing"}, downgrade="pass"),
    Case("NOT NULL over a default that the revision knows of",
         'op.alter_column("strange", "kind", nullable=False, existing_server_default=sa.text("1"))', {"set-not-null"},
         deployed=_strange()),
    Case("indexes dropped before their table", 'op.drop_index("ix", table_name="teams")\nop.drop_table("teams")',
         setup='op.create_index("ix", "teams", ["title"])', deployed=_strange(), models=_strange()),
    Case("work after a table that nobody knows is gone",
         'op.drop_table("teams")\nop.create_index("ix", "users", ["age"])', {"index-not-concurrent"},
         deployed=_strange(), models=_strange()),
    Case("work on a table under its new name",
         'op.rename_table("teams", "groups")\nop.create_index("ix", "groups", ["title"])',
         {"rename-table", "index-not-concurrent", "long-work-under-lock"}),
    Case("default that the ORM has too", _DROP_DEFAULT, setup=_PLANS,
         deployed=_plans(has_server_default=True, has_default=True)),
)  # fmt: skip
