"""The same dangers and safe ways in other spellings, which the rules were not written for."""

from __future__ import annotations

from tests.review.corpus.case import Case

_BLOCK = "with op.get_context().autocommit_block():\n    "
_ITEMS = 'op.create_table("items", sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("a", sa.Text))\n'

DANGEROUS = (
    Case(
        "lower case and line breaks",
        'op.execute("""\n    create  index\n      ix on public.users\n    using btree (email)\n""")',
        {"index-not-concurrent"},
    ),
    Case("quoted names", 'op.execute(\'ALTER TABLE "users" ALTER COLUMN "email" SET NOT NULL\')', {"set-not-null"}),
    Case("schema-qualified", 'op.create_index("ix", "users", ["email"], schema="public")', {"index-not-concurrent"}),
    Case(
        "another schema",
        'op.create_index("ix", "rows", ["x"], schema="app")',
        {"index-not-concurrent"},
        setup='op.execute("CREATE SCHEMA app; CREATE TABLE app.rows (x int)")',
    ),
    Case("IF EXISTS", 'op.execute("ALTER TABLE IF EXISTS ONLY users DROP COLUMN IF EXISTS age")', {"drop-column"}),
    Case("drop table IF EXISTS", 'op.drop_table("users", if_exists=True)', {"drop-table"}),
    Case("sa.text", 'op.execute(sa.text("UPDATE users SET status = :s").bindparams(s="x"))', {"whole-table-update"}),
    Case(
        "a helper function",
        "add(['email', 'name'])",
        {"index-not-concurrent"},
        head="def add(columns):\n    for each in columns:\n        op.create_index(f'ix_{each}', 'users', [each])",
    ),
    Case(
        "a loop over tables",
        'for table in ("users", "orders"):\n    op.add_column(table, sa.Column("tenant", sa.Integer, nullable=False))',
        {"column-required"},
    ),
    Case(
        "several statements in a text",
        "op.execute(\"SET lock_timeout = '1s'; ALTER TABLE users ADD COLUMN x int; CREATE INDEX ix ON users (x);\")",
        {"index-not-concurrent"},
    ),
    Case(
        "several changes in one ALTER",
        'op.execute("ALTER TABLE users ADD COLUMN x int, ALTER COLUMN email SET NOT NULL, DROP COLUMN age")',
        {"set-not-null", "drop-column"},
    ),
    Case(
        "comments in SQL",
        'op.execute("-- speed\\n/* up */ CREATE INDEX ix ON users (email) -- done")',
        {"index-not-concurrent"},
    ),
    Case(
        "connection.execute",
        'c = op.get_bind()\nc.execute(sa.text("ALTER TABLE users ALTER COLUMN age TYPE bigint"))',
        {"type-change-rewrites"},
    ),
    Case("exec_driver_sql", 'op.get_bind().exec_driver_sql("DELETE FROM orders")', {"whole-table-delete"}),
    Case(
        "a list of statements",
        'STATEMENTS = ["ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0)"]\nfor each in STATEMENTS:\n    op.execute(each)',
        {"check-validated"},
    ),
    Case(
        "foreign key in a batch, named by convention",
        'with op.batch_alter_table("orders", schema=None) as batch_op:\n    batch_op.create_foreign_key(None, "users", ["user_id"], ["id"], ondelete="CASCADE")',
        {"foreign-key-validated"},
    ),
    Case(
        "unique in a batch",
        'with op.batch_alter_table("users") as batch_op:\n    batch_op.create_unique_constraint("uq", ["email"])',
        {"unique-constraint"},
    ),
    Case(
        "NOT NULL in a batch",
        'with op.batch_alter_table("users") as batch_op:\n    batch_op.alter_column("email", existing_type=sa.VARCHAR(50), nullable=False)',
        {"set-not-null"},
    ),
    Case(
        "type in a batch",
        'with op.batch_alter_table("users") as batch_op:\n    batch_op.alter_column("age", existing_type=sa.INTEGER(), type_=sa.BigInteger(), existing_nullable=True)',
        {"type-change-rewrites"},
    ),
    Case(
        "rename in a batch",
        'with op.batch_alter_table("users") as batch_op:\n    batch_op.alter_column("name", new_column_name="title")',
        {"rename-column"},
    ),
    Case(
        "func.gen_random_uuid",
        'op.add_column("users", sa.Column("k", postgresql.UUID(as_uuid=True), server_default=sa.func.gen_random_uuid(), nullable=False))',
        {"volatile-default"},
    ),
    Case(
        "Sequence as default",
        'op.add_column("users", sa.Column("n", sa.BigInteger, server_default=sa.Sequence("n_seq").next_value()))',
        {"volatile-default"},
    ),
    Case(
        "default of another schema's function",
        'op.execute("ALTER TABLE users ADD COLUMN k uuid DEFAULT extensions.uuid_generate_v4()")',
        {"volatile-default"},
    ),
    Case(
        "enum column, text before",
        'mood = postgresql.ENUM("a", "b", name="mood")\nmood.create(op.get_bind())\nop.alter_column("users", "status", existing_type=sa.String(20), type_=mood, postgresql_using="status::mood")',
        {"type-change-rewrites"},
    ),
    Case(
        "enum value and its use in a CHECK",
        "op.execute(\"ALTER TYPE mood ADD VALUE 'z'\")\nop.execute(\"ALTER TABLE t ADD CONSTRAINT c CHECK (m <> 'z') NOT VALID\")",
        {"enum-value-used-at-once"},
        setup="op.execute(\"CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (m mood)\")",
    ),
    Case(
        "partial index on a new enum value",
        "op.execute(\"ALTER TYPE mood ADD VALUE 'z'\")\nop.create_index('ix', 't', ['m'], postgresql_where=sa.text(\"m = 'z'\"))",
        {"enum-value-used-at-once"},
        setup="op.execute(\"CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (m mood)\")",
    ),
    Case("update with a true condition", "op.execute('UPDATE users SET age = 0 WHERE true')", {"whole-table-update"}),
    Case(
        "update by Core where",
        'u = sa.table("users", sa.column("age"), sa.column("status"))\nop.execute(u.update().where(u.c.status == "new").values(age=1))',
        {"whole-table-update"},
    ),
    Case(
        "delete with USING",
        'op.execute("DELETE FROM orders USING users WHERE users.id = orders.user_id AND users.age < 3")',
        {"whole-table-delete"},
    ),
    Case(
        "update through a CTE",
        "op.execute(\"WITH old AS (SELECT id FROM users WHERE age > 9) UPDATE users SET status = 'o' FROM old WHERE users.id = old.id\")",
        {"whole-table-update"},
    ),
    Case(
        "update behind two harmless steps",
        'op.add_column("users", sa.Column("x", sa.Integer))\nop.execute("COMMENT ON COLUMN users.x IS \'n\'")\nop.execute("UPDATE users SET x = age")',
        {"backfill-under-lock"},
    ),
    Case(
        "insert from select under a lock",
        'op.add_column("users", sa.Column("x", sa.Integer))\nop.execute("INSERT INTO teams (id) SELECT DISTINCT age FROM users")',
        {"backfill-under-lock"},
    ),
    Case(
        "while loop with CTE batches",
        'bind = op.get_bind()\nwhile True:\n    r = bind.execute(sa.text("WITH b AS (SELECT id FROM users WHERE age IS NULL LIMIT 500) UPDATE users u SET age = 0 FROM b WHERE u.id = b.id"))\n    if r.rowcount == 0:\n        break',
        {"batches-without-commit"},
    ),
    Case(
        "ORM loop",
        'session = sa.orm.Session(bind=op.get_bind())\nfor user in session.scalars(sa.text("SELECT * FROM users")).all():\n    user.name = user.name.strip()\nsession.flush()',
        {"batches-without-commit"},
        head="import sqlalchemy.orm",
    ),
    Case(
        "DO with a named tag",
        "op.execute(\"DO $body$ BEGIN EXECUTE 'DROP TABLE ' || current_schema || '.users'; END $body$ LANGUAGE plpgsql\")",
        {"opaque-sql"},
    ),
    Case(
        "DO that drops a column",
        'op.execute("DO $$ BEGIN IF EXISTS (SELECT 1 FROM information_schema.columns) THEN ALTER TABLE users DROP COLUMN age; END IF; END $$")',
        {"drop-column"},
    ),
    Case(
        "% formatting from a module",
        'import os\nop.execute("ALTER TABLE %s ADD COLUMN x int" % os.environ.get("TABLE", "users"))',
        {"opaque-sql"},
    ),
    Case(
        "format from a function",
        "op.execute(\"COMMENT ON TABLE {} IS 'x'\".format(name()))",
        {"opaque-sql"},
        head="def name():\n    import random\n    return random.choice(['users', 'orders'])",
    ),
    Case(
        "concurrently by IF NOT EXISTS in the transaction",
        'op.execute("create index concurrently if not exists ix on users (email)")',
        {"concurrently-in-transaction"},
    ),
    Case("drop two indexes", 'op.execute("DROP INDEX IF EXISTS a, b")', {"drop-index-not-concurrent"}),
    Case(
        "NOT VALID and VALIDATE in one text",
        'op.execute("ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID; ALTER TABLE users VALIDATE CONSTRAINT c")',
        {"validated-in-same-transaction"},
    ),
    Case(
        "drop cascade through raw SQL",
        'op.execute("drop table if exists teams cascade")',
        {"drop-table", "drop-cascade"},
    ),
    Case("truncate restart identity", 'op.execute("truncate users restart identity")', {"truncate"}),
    Case(
        "primary key swapped",
        'op.execute("ALTER TABLE users DROP CONSTRAINT users_pkey, ADD PRIMARY KEY (id, email)")',
        {"primary-key"},
    ),
    Case(
        "identity through raw SQL",
        'op.execute("ALTER TABLE users ADD n int GENERATED BY DEFAULT AS IDENTITY")',
        {"identity-column"},
    ),
    Case(
        "row level security forced",
        'op.execute("ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")',
        {"row-security"},
    ),
    Case(
        "narrower numeric",
        'op.alter_column("orders", "total", type_=sa.Numeric(8, 2), existing_type=sa.Numeric(10, 2))',
        {"type-change-rewrites", "type-change-loses-values"},
    ),
    Case(
        "text column limited",
        'op.execute("ALTER TABLE users ALTER name SET DATA TYPE character varying(40)")',
        {"type-change-rewrites"},
    ),
    Case(
        "under a view of a view's table with a star",
        'op.alter_column("users", "age", existing_type=sa.Integer, type_=sa.BigInteger)',
        {"type-change-under-view"},
        setup='op.execute("CREATE VIEW v AS SELECT * FROM users")',
    ),
    Case(
        "under a materialized view",
        'op.execute("ALTER TABLE users ALTER COLUMN email TYPE text")',
        {"type-change-under-view"},
        setup='op.execute("CREATE MATERIALIZED VIEW m AS SELECT lower(email) AS e FROM users")',
    ),
    Case(
        "attach with a CHECK that is not validated",
        "op.execute('ALTER TABLE ev ATTACH PARTITION e1 FOR VALUES FROM (0) TO (9)')",
        {"attach-partition"},
        setup='op.execute("CREATE TABLE ev (id bigint) PARTITION BY RANGE (id); CREATE TABLE e1 (id bigint); ALTER TABLE e1 ADD CHECK (id >= 0 AND id < 9) NOT VALID")',
    ),
)

HARMLESS = (
    Case("raw SQL column", "op.execute(\"alter table users add column if not exists city text default '' not null\")"),
    Case(
        "several safe changes in one ALTER",
        "op.execute(\"ALTER TABLE users ADD COLUMN a int, ADD COLUMN b text, ALTER name SET DEFAULT 'x'\")",
    ),
    Case(
        "new table by raw SQL",
        'op.execute("CREATE TABLE items (id bigserial PRIMARY KEY, user_id bigint REFERENCES users, at timestamptz DEFAULT now())")\nop.execute("CREATE INDEX ix ON items (user_id)")',
        downgrade='op.execute("DROP TABLE items")',
    ),
    Case(
        "new table, then constraints in a batch",
        _ITEMS
        + 'with op.batch_alter_table("items") as b:\n    b.create_index("ix", ["a"])\n    b.create_unique_constraint("uq", ["a"])',
        downgrade='op.drop_table("items")',
    ),
    Case(
        "new table filled from an old one",
        _ITEMS + 'op.execute("INSERT INTO items (id, a) SELECT id, name FROM users")',
        downgrade='op.drop_table("items")',
    ),
    Case(
        "association table",
        'op.create_table("members", sa.Column("user_id", sa.BigInteger, sa.ForeignKey("users.id"), primary_key=True), sa.Column("team_id", sa.BigInteger, sa.ForeignKey("teams.id"), primary_key=True))',
        downgrade='op.drop_table("members")',
    ),
    Case(
        "func.now with a zone",
        'op.add_column("users", sa.Column("t", sa.DateTime(timezone=True), server_default=sa.text("(now() AT TIME ZONE \'utc\')")))',
    ),
    Case(
        "negative constant",
        'op.add_column("users", sa.Column("n", sa.Integer, server_default=sa.text("-1"), nullable=False))',
    ),
    Case(
        "enum default",
        'op.execute("CREATE TYPE mood AS ENUM (\'a\')")\nop.add_column("users", sa.Column("m", sa.Enum("a", name="mood", create_type=False), server_default="a", nullable=False))',
        downgrade='op.drop_column("users", "m")\nop.execute("DROP TYPE mood")',
    ),
    Case(
        "array of text as default by cast",
        "op.execute(\"ALTER TABLE users ADD tags text[] NOT NULL DEFAULT '{}'::text[]\")",
    ),
    Case(
        "wider in a batch",
        'with op.batch_alter_table("users") as b:\n    b.alter_column("email", existing_type=sa.VARCHAR(length=50), type_=sa.String(length=255), existing_nullable=True)',
    ),
    Case(
        "varchar to Unicode text",
        'op.alter_column("users", "email", existing_type=sa.VARCHAR(length=50), type_=sa.UnicodeText())',
    ),
    Case(
        "same type again",
        'op.alter_column("users", "age", existing_type=sa.INTEGER(), type_=sa.Integer(), nullable=True)',
    ),
    Case("NOT NULL again", 'op.alter_column("users", "status", existing_type=sa.VARCHAR(length=20), nullable=False)'),
    Case(
        "CHECK validated before, named otherwise",
        'op.execute("ALTER TABLE users ALTER age SET NOT NULL")',
        setup='op.execute("ALTER TABLE users ADD CONSTRAINT \\"Age known\\" CHECK ((age IS NOT NULL)) NOT VALID")\nop.execute("ALTER TABLE users VALIDATE CONSTRAINT \\"Age known\\"")',
    ),
    Case(
        "concurrent index by lower case SQL in a block",
        _BLOCK + 'op.execute("create index concurrently ix on users using gin (name)")',
        downgrade=_BLOCK + 'op.execute("drop index concurrently if exists ix")',
    ),
    Case(
        "two concurrent indexes",
        _BLOCK
        + 'for c in ("email", "name"):\n        op.create_index(f"ix_{c}", "users", [c], postgresql_concurrently=True)',
    ),
    Case("delete by key list", "op.execute(\"delete from users where email = any('{a@b,c@d}')\")", downgrade="pass"),
    Case(
        "setting changed by its key",
        "op.execute(\"UPDATE settings SET value = '2' WHERE key = 'limit'\")",
        downgrade="pass",
        setup='op.execute("CREATE TABLE settings (key text PRIMARY KEY, value text)")',
    ),
    Case(
        "upsert",
        "op.execute(\"INSERT INTO teams (id, title) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET title = excluded.title\")",
        downgrade="pass",
    ),
    Case(
        "temporary table",
        'op.execute("CREATE TEMP TABLE scratch AS SELECT id FROM users")\nop.execute("CREATE INDEX ix ON scratch (id)")\nop.execute("DROP TABLE scratch")',
        downgrade="pass",
    ),
    Case(
        "column added and dropped again",
        'op.add_column("users", sa.Column("x", sa.Text))\nop.drop_column("users", "x")',
        downgrade="pass",
    ),
    Case(
        "view made and dropped",
        'op.execute("CREATE VIEW v AS SELECT id FROM users")',
        downgrade='op.execute("DROP VIEW v")',
    ),
    Case("grant to a role", 'op.execute("GRANT SELECT ON users TO reader")', downgrade="pass"),
    Case(
        "statistics and fillfactor",
        'op.execute("ALTER TABLE users SET (autovacuum_vacuum_scale_factor = 0.01)")\nop.execute("CREATE STATISTICS st ON email, name FROM users")',
        downgrade="pass",
    ),
)

APART = (
    Case(
        "not valid and validate under a stock env.py, each revision reviewed by itself",
        'op.execute("ALTER TABLE users VALIDATE CONSTRAINT ck")',
        {"validated-in-same-transaction"},
        together=('op.create_check_constraint("ck", "users", "age > 0", postgresql_not_valid=True)',),
        mode="one",
        one_release=False,
    ),
    Case(
        "the same, a transaction each",
        'op.execute("ALTER TABLE users VALIDATE CONSTRAINT ck")',
        together=('op.create_check_constraint("ck", "users", "age > 0", postgresql_not_valid=True)',),
        downgrade="pass",
        one_release=False,
    ),
    Case(
        "unique over rows inserted in bulk",
        """
with op.get_context().autocommit_block():
    op.create_index("uq", "users", ["email"], unique=True, postgresql_concurrently=True)
""",
        {"unique-over-duplicates"},
        setup="""
users = sa.table("users", sa.column("id", sa.BigInteger), sa.column("email", sa.String))
op.bulk_insert(users, [{"id": 1, "email": "a@b"}, {"id": 2, "email": "a@b"}, {"id": 3, "email": "c@d"}])
""",
    ),
    Case("replication role", "op.execute(\"SET session_replication_role = 'replica'\")", {"trigger-disabled"}),
    Case(
        "two statements of a text in a block",
        """
with op.get_context().autocommit_block():
    op.execute("ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID; ALTER TABLE users VALIDATE CONSTRAINT c")
""",
        {"validated-in-same-transaction"},
    ),
)

KNOWN_BEFORE = (
    Case(
        "no way back, in a project that never goes back",
        'op.add_column("users", sa.Column("x", sa.Text))',
        downgrade="pass",
        setup="# a setup of its own",
        setup_downgrade="pass",
    ),
    Case(
        "index made again under its name, and so undone",
        """
with op.get_context().autocommit_block():
    op.drop_index("ix", "users", postgresql_concurrently=True)
    op.create_index("ix", "users", ["name", "email"], postgresql_concurrently=True)
""",
        downgrade="""
with op.get_context().autocommit_block():
    op.drop_index("ix", "users", postgresql_concurrently=True)
    op.create_index("ix", "users", ["email"], postgresql_concurrently=True)
""",
        setup='op.create_index("ix", "users", ["email"])',
    ),
    Case(
        "downgrade that looks first",
        'op.add_column("users", sa.Column("x", sa.Text))',
        downgrade="""
if op.get_bind().execute(sa.text("SELECT FROM information_schema.columns WHERE column_name = 'x'")).first():
    op.drop_column("users", "x")
""",
    ),
)

VARIATIONS = (*DANGEROUS, *HARMLESS, *APART, *KNOWN_BEFORE)
