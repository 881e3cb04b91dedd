"""What a review must let pass without a word above info."""

from __future__ import annotations

from interlocking.review.surroundings.mapped import Mapped, MappedColumn, MappedTable
from tests.review.corpus.case import Case

_BLOCK = "with op.get_context().autocommit_block():\n    "
_MOOD = "op.execute(\"CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (id int, m mood)\")"
_NEW = 'op.create_table("items", sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("a", sa.Text))\n'


def _mapped(*columns: str, table: str = "users") -> Mapped:
    found = {name: MappedColumn(name, name, line=7) for name in columns}
    return Mapped({table: MappedTable(table, "app/models.py", 5, found)}, commit="abc1234")


INDEXES = (
    Case(
        "concurrent index",
        _BLOCK + 'op.create_index("ix", "users", ["email"], postgresql_concurrently=True)',
        downgrade=_BLOCK + 'op.drop_index("ix", "users", postgresql_concurrently=True)',
    ),
    Case(
        "concurrent unique index",
        _BLOCK + 'op.create_index("ix", "users", ["email"], unique=True, postgresql_concurrently=True)',
    ),
    Case("concurrent index by raw SQL", _BLOCK + 'op.execute("CREATE INDEX CONCURRENTLY ix ON users (email)")'),
    Case(
        "concurrent drop",
        _BLOCK + 'op.drop_index("ix", "users", postgresql_concurrently=True)',
        setup='op.create_index("ix", "users", ["email"])',
    ),
    Case(
        "rebuilt after dropping what a failure left",
        _BLOCK
        + 'op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix")\n    op.create_index("ix", "users", ["email"], if_not_exists=True, postgresql_concurrently=True)',
    ),
    Case(
        "concurrent index IF NOT EXISTS",
        _BLOCK + 'op.create_index("ix", "users", ["email"], if_not_exists=True, postgresql_concurrently=True)',
    ),
    Case(
        "concurrent index IF NOT EXISTS, with timeouts off",
        'op.execute("SET statement_timeout = 0")\nop.execute("SET LOCAL lock_timeout = \'1s\'")\n'
        + _BLOCK
        + 'op.create_index("ix", "users", ["email"], if_not_exists=True, postgresql_concurrently=True)',
    ),
    Case(
        "unique IF NOT EXISTS on what is unique already",
        _BLOCK
        + 'op.create_index("ix", "users", ["id", "name"], unique=True, if_not_exists=True, postgresql_concurrently=True)',
    ),
    Case(
        "two concurrent indexes",
        _BLOCK
        + 'op.create_index("a", "users", ["email"], postgresql_concurrently=True)\n    op.create_index("b", "users", ["name"], postgresql_concurrently=True)',
        mode="one",
    ),
    Case(
        "new index first, then the old one dropped",
        _BLOCK
        + 'op.create_index("ix2", "users", ["email", "name"], postgresql_concurrently=True)\n    op.drop_index("ix", "users", postgresql_concurrently=True)',
        setup='op.create_index("ix", "users", ["email"])',
    ),
    Case("reindex concurrently", _BLOCK + 'op.execute("REINDEX TABLE CONCURRENTLY users")'),
    Case(
        "index on a table of this revision",
        _NEW + 'op.create_index("ix", "items", ["a"])',
        downgrade='op.drop_table("items")',
    ),
    Case("index on a table of this release", 'op.create_index("ix", "items", ["a"])', together=(_NEW,)),
    Case("index on a small table", 'op.create_index("ix", "users", ["email"])', sizes={"users": 40}),
    Case(
        "index only on the partitioned parent",
        'op.execute("CREATE INDEX ix ON ONLY events (id)")',
        setup='op.execute("CREATE TABLE events (id bigint) PARTITION BY HASH (id)")',
    ),
)

COLUMNS = (
    Case(
        "nullable column",
        'op.add_column("users", sa.Column("city", sa.Text))',
        downgrade='op.drop_column("users", "city")',
    ),
    Case(
        "nullable column in batch",
        'with op.batch_alter_table("users") as b:\n    b.add_column(sa.Column("city", sa.Text()))',
        downgrade='with op.batch_alter_table("users") as b:\n    b.drop_column("city")',
    ),
    Case("constant default", 'op.add_column("users", sa.Column("n", sa.Integer, nullable=False, server_default="0"))'),
    Case(
        "boolean default",
        'op.add_column("users", sa.Column("ok", sa.Boolean(), nullable=False, server_default=sa.false()))',
    ),
    Case(
        "now() as default",
        'op.add_column("users", sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()))',
    ),
    Case(
        "CURRENT_TIMESTAMP as default",
        'op.execute("ALTER TABLE users ADD COLUMN at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP")',
    ),
    Case(
        "now() at UTC as default",
        "op.add_column('users', sa.Column('at', sa.DateTime, server_default=sa.text(\"timezone('utc', now())\")))",
    ),
    Case(
        "constant json default",
        "op.add_column('users', sa.Column('d', postgresql.JSONB, nullable=False, server_default=sa.text(\"'{}'::jsonb\")))",
    ),
    Case(
        "array default",
        "op.add_column('users', sa.Column('tags', postgresql.ARRAY(sa.Text), nullable=False, server_default='{}'))",
    ),
    Case(
        "virtual generated column",
        'op.execute("ALTER TABLE users ADD COLUMN n int GENERATED ALWAYS AS (age * 2) VIRTUAL")',
        version=18,
    ),
    Case(
        "domain without a constraint",
        'op.execute("ALTER TABLE users ADD COLUMN n word")',
        setup='op.execute("CREATE DOMAIN word AS text")',
    ),
    Case(
        "inline reference without default", 'op.execute("ALTER TABLE users ADD COLUMN team_id bigint REFERENCES teams")'
    ),
    Case("volatile default later", "op.alter_column('users', 'name', server_default=sa.text('gen_random_uuid()'))"),
    Case(
        "NOT NULL over a validated CHECK",
        'op.alter_column("users", "email", existing_type=sa.String(50), nullable=False)\nop.drop_constraint("c", "users", type_="check")',
        setup='op.create_check_constraint("c", "users", "email IS NOT NULL", postgresql_not_valid=True)\nop.execute("ALTER TABLE users VALIDATE CONSTRAINT c")',
    ),
    Case(
        "NOT NULL over a CHECK of two columns",
        'op.alter_column("users", "email", nullable=False)',
        setup='op.create_check_constraint("c", "users", "email IS NOT NULL AND age IS NOT NULL")',
    ),
    Case("NOT NULL NOT VALID", 'op.execute("ALTER TABLE users ADD CONSTRAINT n NOT NULL email NOT VALID")', version=18),
    Case("DROP NOT NULL", 'op.alter_column("users", "status", existing_type=sa.String(20), nullable=True)'),
    Case("another default", 'op.alter_column("users", "status", server_default="fresh")'),
    Case("comment", 'op.create_table_comment("users", "who")\nop.alter_column("users", "name", comment="whole")'),
    Case("statistics target", 'op.execute("ALTER TABLE users ALTER email SET STATISTICS 500")'),
    Case("required column of a new table", _NEW + 'op.add_column("items", sa.Column("b", sa.Text, nullable=False))'),
)

TYPES = (
    Case(
        "wider varchar",
        'op.alter_column("users", "email", existing_type=sa.String(50), type_=sa.String(200))',
        downgrade='op.alter_column("users", "email", existing_type=sa.String(200), type_=sa.String(50))',
    ),
    Case(
        "wider varchar, known by existing_type alone",
        'op.alter_column("elsewhere", "x", existing_type=sa.VARCHAR(length=50), type_=sa.String(length=80), existing_nullable=False)',
    ),
    Case("varchar to text", 'op.alter_column("users", "email", existing_type=sa.String(50), type_=sa.Text())'),
    Case("varchar to text by raw SQL", 'op.execute("ALTER TABLE users ALTER COLUMN email TYPE text")'),
    Case(
        "text to varchar without a limit",
        'op.alter_column("users", "name", existing_type=sa.Text(), type_=sa.String())',
    ),
    Case(
        "numeric precision",
        'op.alter_column("orders", "total", existing_type=sa.Numeric(10, 2), type_=sa.Numeric(14, 2))',
    ),
    Case(
        "numeric without limits",
        'op.alter_column("orders", "total", existing_type=sa.Numeric(10, 2), type_=sa.Numeric())',
    ),
    Case("cidr to inet", 'op.alter_column("orders", "ip", existing_type=postgresql.CIDR, type_=postgresql.INET)'),
    Case(
        "timestamptz under UTC",
        "op.execute(\"SET timezone = 'Etc/Zulu'\")\nop.execute('ALTER TABLE users ALTER seen_at TYPE timestamptz')",
    ),
    Case(
        "timestamp precision",
        'op.execute("ALTER TABLE t ALTER at TYPE timestamp(6)")',
        setup='op.execute("CREATE TABLE t (at timestamp(3))")',
    ),
    Case(
        "wider with a USING that only casts", 'op.execute("ALTER TABLE users ALTER email TYPE text USING email::text")'
    ),
    Case(
        "type of a column of a new table",
        _NEW + 'op.alter_column("items", "a", existing_type=sa.Text, type_=sa.String(5))',
    ),
)

CONSTRAINTS = (
    Case(
        "foreign key not valid",
        'op.create_foreign_key("fk", "orders", "users", ["user_id"], ["id"], postgresql_not_valid=True)',
        downgrade='op.drop_constraint("fk", "orders", type_="foreignkey")',
    ),
    Case(
        "foreign key validated later",
        'op.execute("ALTER TABLE orders VALIDATE CONSTRAINT fk")',
        downgrade="pass",
        setup='op.create_foreign_key("fk", "orders", "users", ["user_id"], ["id"], postgresql_not_valid=True)',
    ),
    Case(
        "check not valid",
        'op.create_check_constraint("ck", "users", "age > 0", postgresql_not_valid=True)',
        downgrade='op.drop_constraint("ck", "users", type_="check")',
    ),
    Case("check not valid by raw SQL", 'op.execute("ALTER TABLE users ADD CONSTRAINT ck CHECK (age > 0) NOT VALID")'),
    Case(
        "validated in the next revision, a transaction each",
        'op.execute("ALTER TABLE users VALIDATE CONSTRAINT ck")',
        together=('op.create_check_constraint("ck", "users", "age > 0", postgresql_not_valid=True)',),
    ),
    Case(
        "validated in an autocommit block",
        'op.create_check_constraint("ck", "users", "age > 0", postgresql_not_valid=True)\n'
        + _BLOCK
        + 'op.execute("ALTER TABLE users VALIDATE CONSTRAINT ck")',
    ),
    Case(
        "unique using an index",
        'op.execute("ALTER TABLE users ADD CONSTRAINT uq UNIQUE USING INDEX ix")',
        setup=_BLOCK + 'op.create_index("ix", "users", ["email"], unique=True, postgresql_concurrently=True)',
    ),
    Case(
        "unique index, then constraint",
        _BLOCK
        + 'op.create_index("uq", "users", ["email"], unique=True, postgresql_concurrently=True)\nop.execute("ALTER TABLE users ADD CONSTRAINT uq UNIQUE USING INDEX uq")',
    ),
    Case(
        "primary key using an index on NOT NULL",
        'op.execute("ALTER TABLE tags ADD PRIMARY KEY USING INDEX ix")',
        setup='op.execute("CREATE TABLE tags (name text NOT NULL)")\nop.execute("CREATE UNIQUE INDEX ix ON tags (name)")',
    ),
    Case(
        "check dropped",
        'op.drop_constraint("ck", "users", type_="check")',
        setup='op.create_check_constraint("ck", "users", "age > 0")',
    ),
    Case(
        "new table with keys",
        'op.create_table("items", sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True), sa.Column("user_id", sa.BigInteger, sa.ForeignKey("users.id"), index=True, nullable=False), sa.Column("slug", sa.Text, unique=True), sa.CheckConstraint("slug <> \'\'"))',
        downgrade='op.drop_table("items")',
    ),
    Case(
        "keys between new tables",
        _NEW
        + 'op.create_table("parts", sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("item_id", sa.BigInteger))\nop.create_foreign_key("fk", "parts", "items", ["item_id"], ["id"])\nop.create_unique_constraint("uq", "items", ["a"])',
    ),
    Case(
        "domain constraint not valid",
        'op.execute("ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0) NOT VALID")',
        setup='op.execute("CREATE DOMAIN d AS int; CREATE TABLE t (x d)")',
    ),
)

OTHERS = (
    Case(
        "column dropped that nobody maps any more",
        'op.drop_column("users", "age")',
        downgrade='op.add_column("users", sa.Column("age", sa.Integer))',
        models=_mapped("id", "name"),
        deployed=_mapped("id", "name"),
    ),
    Case(
        "table dropped that nobody maps any more",
        'op.drop_table("teams")',
        models=_mapped("id"),
        deployed=_mapped("id"),
    ),
    Case(
        "table renamed behind a view",
        'op.rename_table("teams", "groups")\nop.execute("CREATE VIEW teams AS SELECT * FROM groups")',
    ),
    Case("column renamed in a new table", _NEW + 'op.alter_column("items", "a", new_column_name="b")'),
    Case(
        "index renamed", 'op.execute("ALTER INDEX ix RENAME TO ix2")', setup='op.create_index("ix", "users", ["email"])'
    ),
    Case("view replaced", 'op.execute("CREATE OR REPLACE VIEW v AS SELECT id FROM users")'),
    Case(
        "view dropped around a type change",
        'op.execute("DROP VIEW v")\nop.alter_column("users", "email", existing_type=sa.String(50), type_=sa.Text)\nop.execute("CREATE VIEW v AS SELECT id, email FROM users")',
        setup='op.execute("CREATE VIEW v AS SELECT id, email FROM users")',
    ),
    Case(
        "detach concurrently",
        _BLOCK + 'op.execute("ALTER TABLE events DETACH PARTITION e1 CONCURRENTLY")',
        setup='op.execute("CREATE TABLE events (id bigint) PARTITION BY RANGE (id); CREATE TABLE e1 PARTITION OF events FOR VALUES FROM (0) TO (9)")',
    ),
    Case(
        "attach behind a CHECK",
        'op.execute("ALTER TABLE events ATTACH PARTITION e1 FOR VALUES FROM (0) TO (9)")',
        setup='op.execute("CREATE TABLE events (id bigint) PARTITION BY RANGE (id); CREATE TABLE e1 (id bigint NOT NULL, CHECK (id >= 0 AND id < 9))")',
    ),
    Case(
        "view replaced with a column more",
        'op.execute("CREATE OR REPLACE VIEW people AS SELECT id, email, name FROM users")',
        downgrade='op.execute("DROP VIEW people")\nop.execute("CREATE VIEW people AS SELECT id, email FROM users")',
        setup='op.execute("CREATE VIEW people AS SELECT id, email FROM users")',
    ),
    Case(
        "view replaced that nobody knows",
        'op.execute("CREATE OR REPLACE VIEW people AS SELECT id FROM users")',
    ),
    Case(
        "refresh concurrently",
        'op.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY totals")',
        setup='op.execute("CREATE MATERIALIZED VIEW totals AS SELECT id FROM users; CREATE UNIQUE INDEX totals_id ON totals (id)")',
    ),
    Case(
        "several views refreshed concurrently",
        'op.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY totals")\nop.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY sums")',
        setup='op.execute("CREATE MATERIALIZED VIEW totals AS SELECT id FROM users; CREATE UNIQUE INDEX totals_id ON totals (id); CREATE MATERIALIZED VIEW sums AS SELECT id FROM users; CREATE UNIQUE INDEX sums_id ON sums (id)")',
    ),
    Case(
        "refresh of a view that nobody can read yet",
        'op.execute("REFRESH MATERIALIZED VIEW totals")',
        setup='op.execute("CREATE MATERIALIZED VIEW totals AS SELECT id FROM users WITH NO DATA")',
    ),
    Case(
        "refresh concurrently after the first refresh",
        'op.execute("REFRESH MATERIALIZED VIEW totals")\nop.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY totals")',
        setup='op.execute("CREATE MATERIALIZED VIEW totals AS SELECT id FROM users WITH NO DATA; CREATE UNIQUE INDEX totals_id ON totals (id)")',
    ),
    Case(
        "rule on a table of the same revision",
        'op.create_table("log", sa.Column("id", sa.BigInteger, primary_key=True))\nop.execute("CREATE RULE r AS ON DELETE TO log DO INSTEAD NOTHING")',
        downgrade='op.drop_table("log")',
    ),
    Case(
        "rule that makes a view writable",
        'op.execute("CREATE RULE r AS ON DELETE TO v DO INSTEAD DELETE FROM users WHERE id = old.id")',
        setup='op.execute("CREATE VIEW v AS SELECT id FROM users")',
    ),
    Case("rule dropped", 'op.execute("DROP RULE r ON users")'),
    Case(
        "policy, then row level security",
        'op.execute("CREATE POLICY p ON users USING (true)")\nop.execute("ALTER TABLE users ENABLE ROW LEVEL SECURITY")',
    ),
    Case(
        "function",
        'op.execute("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$")',
        downgrade='op.execute("DROP FUNCTION f()")',
    ),
    Case(
        "extension",
        'op.execute("CREATE EXTENSION IF NOT EXISTS citext")',
        downgrade='op.execute("DROP EXTENSION citext")',
    ),
    Case("sequence", 'op.execute("CREATE SEQUENCE s")', downgrade='op.execute("DROP SEQUENCE s")'),
    Case(
        "enum value alone",
        "op.execute(\"ALTER TYPE mood ADD VALUE IF NOT EXISTS 'new' AFTER 'a'\")",
        downgrade="pass",
        setup=_MOOD,
    ),
    Case(
        "enum value in a block, then used",
        _BLOCK + "op.execute(\"ALTER TYPE mood ADD VALUE 'new'\")\nop.execute(\"UPDATE t SET m = 'new' WHERE id = 1\")",
        setup=_MOOD,
    ),
    Case(
        "enum value used by the next revision",
        "op.execute(\"UPDATE t SET m = 'new' WHERE id = 1\")",
        setup=_MOOD,
        together=("op.execute(\"ALTER TYPE mood ADD VALUE 'new'\")",),
    ),
    Case(
        "enum with its table, both gone again",
        'op.create_table("t2", sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("m", sa.Enum("a", name="mood2")))',
        downgrade='op.drop_table("t2")\nop.execute("DROP TYPE mood2")',
    ),
    Case("update of one row", "op.execute(\"UPDATE users SET status = 'x' WHERE id = 7\")", downgrade="pass"),
    Case("delete of some rows", 'op.execute("DELETE FROM users WHERE id IN (1, 2, 3)")', downgrade="pass"),
    Case(
        "rows for a new table",
        _NEW
        + 'items = sa.table("items", sa.column("id"), sa.column("a"))\nop.bulk_insert(items, [{"id": 1, "a": "x"}, {"id": 2, "a": "y"}])',
        downgrade='op.drop_table("items")',
    ),
    Case(
        "rows for an old table",
        "op.execute(\"INSERT INTO teams (id, title) VALUES (1, 'a') ON CONFLICT DO NOTHING\")",
        downgrade='op.execute("DELETE FROM teams WHERE id = 1")',
    ),
    Case(
        "batches in an autocommit block",
        _BLOCK
        + "bind = op.get_bind()\n    while bind.execute(sa.text(\"UPDATE users SET status = 'x' WHERE id IN (SELECT id FROM users WHERE status <> 'x' LIMIT 1000)\")).rowcount:\n        pass",
        downgrade="pass",
    ),
    Case(
        "update of a small table",
        "op.execute(\"UPDATE users SET status = 'x'\")",
        downgrade="pass",
        sizes={"users": 12},
    ),
    Case(
        "lock timeout",
        "op.execute(\"SET LOCAL lock_timeout = '500ms'\")\nop.add_column('users', sa.Column('city', sa.Text))",
    ),
    Case(
        "lock timeout of seconds",
        "op.execute(\"SET lock_timeout = 0; SET lock_timeout = '2s'\")\nop.add_column('users', sa.Column('city', sa.Text))",
    ),
    Case(
        "patience for a concurrent build",
        'op.execute("SET lock_timeout = 0")\n'
        + _BLOCK
        + 'op.create_index("ix", "users", ["email"], postgresql_concurrently=True)\n'
        + 'op.execute("RESET lock_timeout")\nop.add_column("users", sa.Column("city", sa.Text))',
    ),
    Case("nothing", "pass", downgrade="pass"),
    Case(
        "view made again with other columns",
        'op.execute("DROP VIEW v")\nop.execute("CREATE VIEW v AS SELECT id, title FROM teams")',
        setup='op.execute("CREATE VIEW v AS SELECT id FROM teams")',
    ),
    Case(
        "index of a partition goes with its parent",
        'op.execute("CREATE INDEX ix ON ONLY events (kind)")\n'
        + _BLOCK
        + 'op.execute("CREATE INDEX CONCURRENTLY ix_1 ON events_1 (kind)")\n'
        + 'op.execute("ALTER INDEX ix ATTACH PARTITION ix_1")',
        downgrade='op.execute("DROP INDEX ix")',
        setup='op.execute("CREATE TABLE events (at date, kind text) PARTITION BY RANGE (at)")\n'
        'op.execute("CREATE TABLE events_1 PARTITION OF events DEFAULT")',
    ),
    Case(
        "column that may be empty, and no way back",
        'op.alter_column("users", "status", existing_type=sa.String(20), nullable=True)',
        downgrade="pass",
    ),
    Case(
        "column with a key that is not validated",
        'op.add_column("users", sa.Column("team_id", sa.BigInteger))\n'
        'op.create_foreign_key("fk", "users", "teams", ["team_id"], ["id"], postgresql_not_valid=True)',
        downgrade='op.drop_column("users", "team_id")',
        mode="one",
    ),
    Case(
        "functions of PostgreSQL are called",
        "op.execute(\"SELECT setval('users_id_seq', 10), set_config('a.b', '', true)\")",
    ),
)

_NEW = 'op.create_table("kept", sa.Column("id", sa.BigInteger, primary_key=True))\n'
_UNDO = 'op.drop_table("kept")'

COPIES = (
    Case(
        "few rows sent through the driver",
        'with op.get_bind().connection.cursor() as cursor:\n    cursor.copy_expert("COPY teams FROM STDIN", io.StringIO("1\\tfirst\\n"))',
        head="import io",
    ),
    Case(
        "many rows sent to a new table",
        'op.create_table("items", sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("a", sa.Text))\n'
        'op.get_bind().connection.cursor().copy_from(io.StringIO("1\\ta\\n" * 20000), "items", "\\t", size=99)',
        head="import io",
        downgrade='op.drop_table("items")',
    ),
    Case("rows written to a file", "op.execute(\"COPY teams TO '/srv/teams.csv'\")", downgrade="pass"),
    Case("rows written out", "op.execute(\"INSERT INTO teams (id, title) VALUES (1, 'a'), (2, 'b')\")"),
    Case(
        "one row unless it is there",
        "op.execute(\"INSERT INTO teams (id) SELECT 7 WHERE NOT EXISTS (SELECT 1 FROM teams WHERE title = 'x')\")",
    ),
    Case("rows of a function", 'op.execute("INSERT INTO teams (id) SELECT n FROM generate_series(1, 9) n")'),
    Case("copied by key", 'op.execute("INSERT INTO teams (id) SELECT id FROM users WHERE id IN (3, 5)")'),
    Case(
        "rows of one parent",
        'op.execute("INSERT INTO teams (id) SELECT o.id FROM orders o JOIN users u ON o.user_id = u.id WHERE u.id = 5")',
    ),
    Case("a batch", 'op.execute("INSERT INTO teams (id) SELECT id FROM users ORDER BY id LIMIT 500")'),
    Case("totals", "op.execute(\"INSERT INTO teams (id, title) SELECT count(*), 'users' FROM users\")"),
    Case("copied to a new table", _NEW + 'op.execute("INSERT INTO kept SELECT id FROM users")', downgrade=_UNDO),
    Case("table made of another", 'op.execute("CREATE TABLE kept AS SELECT id FROM users")', downgrade=_UNDO),
    Case(
        "table made like another, without its rows",
        'op.execute("CREATE TABLE kept AS SELECT id FROM users WITH NO DATA")',
        downgrade=_UNDO,
    ),
    Case(
        "key of a table of the release dropped with CASCADE",
        'op.execute("ALTER TABLE fresh DROP CONSTRAINT fresh_id_key CASCADE")',
        together=('op.execute("CREATE TABLE fresh (id bigint UNIQUE)")',),
    ),
    Case("copied from a small table", 'op.execute("INSERT INTO users (id) SELECT id FROM teams")', sizes={"teams": 9}),
    Case(
        "copied from a table of the release",
        'op.execute("INSERT INTO teams (id) SELECT id FROM fresh")',
        together=('op.execute("CREATE TABLE fresh (id bigint)")',),
    ),
)

SAFE = (*INDEXES, *COLUMNS, *TYPES, *CONSTRAINTS, *OTHERS, *COPIES)
