"""What a review must not let pass. Each case names the hazard that it has to be found for."""

from __future__ import annotations

from interlocking.review.surroundings.mapped import Mapped, MappedColumn, MappedTable
from tests.review.corpus.case import Case

_BLOCK = "with op.get_context().autocommit_block():\n    "
_EVENTS = """
op.execute("CREATE TABLE events (id bigint, at date NOT NULL, kind text) PARTITION BY RANGE (at)")
op.execute("CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')")
op.execute("CREATE TABLE events_old (id bigint, at date NOT NULL, kind text)")
"""


def _mapped(*columns: str, table: str = "users") -> Mapped:
    found = {name: MappedColumn(name, name, line=7) for name in columns}
    return Mapped({table: MappedTable(table, "app/models.py", 5, found)}, commit="abc1234")


INDEXES = (
    Case("index", 'op.create_index("ix_users_email", "users", ["email"])', {"index-not-concurrent"}),
    Case(
        "unique index", 'op.create_index("ix_users_email", "users", ["email"], unique=True)', {"index-not-concurrent"}
    ),
    Case("index by raw SQL", 'op.execute("CREATE INDEX ix ON users (lower(email))")', {"index-not-concurrent"}),
    Case("gin index", 'op.create_index("ix", "users", ["name"], postgresql_using="gin")', {"index-not-concurrent"}),
    Case(
        "partial index",
        'op.create_index("ix", "users", ["email"], postgresql_where=sa.text("age > 3"))',
        {"index-not-concurrent"},
    ),
    Case(
        "index in batch",
        'with op.batch_alter_table("users") as b:\n    b.create_index("ix", ["email"])',
        {"index-not-concurrent"},
    ),
    Case(
        "index dropped",
        'op.drop_index("ix", table_name="users")',
        {"drop-index-not-concurrent"},
        setup='op.create_index("ix", "users", ["email"])',
    ),
    Case(
        "index dropped by raw SQL",
        'op.execute("DROP INDEX ix")',
        {"drop-index-not-concurrent"},
        setup='op.create_index("ix", "users", ["email"])',
    ),
    Case(
        "concurrent index in the transaction",
        'op.create_index("ix", "users", ["email"], postgresql_concurrently=True)',
        {"concurrently-in-transaction"},
    ),
    Case(
        "concurrent index by raw SQL in the transaction",
        'op.execute("CREATE INDEX CONCURRENTLY ix ON users (email)")',
        {"concurrently-in-transaction"},
    ),
    Case(
        "concurrent drop in the transaction",
        'op.drop_index("ix", "users", postgresql_concurrently=True)',
        {"concurrently-in-transaction"},
    ),
    Case(
        "concurrent index beside another statement",
        _BLOCK + 'op.execute("SET statement_timeout = 0; CREATE INDEX CONCURRENTLY ix ON users (email)")',
        {"concurrently-in-transaction"},
    ),
    Case("reindex table", 'op.execute("REINDEX TABLE users")', {"reindex-not-concurrent"}),
    Case(
        "reindex index",
        'op.execute("REINDEX INDEX ix")',
        {"reindex-not-concurrent"},
        setup='op.create_index("ix", "users", ["email"])',
    ),
    Case(
        "reindex concurrently in the transaction",
        'op.execute("REINDEX TABLE CONCURRENTLY users")',
        {"concurrently-in-transaction"},
    ),
    Case(
        "index on a partitioned table",
        'op.execute("CREATE INDEX ix ON events (kind)")',
        {"index-on-partitioned-table"},
        setup=_EVENTS,
    ),
    Case(
        "concurrent index on a partitioned table",
        _BLOCK + 'op.execute("CREATE INDEX CONCURRENTLY ix ON events (kind)")',
        {"index-on-partitioned-table"},
        setup=_EVENTS,
    ),
    Case(
        "add_column with index=True",
        'op.add_column("users", sa.Column("city", sa.Text, index=True))',
        {"index-not-concurrent"},
    ),
    Case(
        "add_column with index=True in batch",
        'with op.batch_alter_table("users") as b:\n    b.add_column(sa.Column("city", sa.Text, index=True))',
        {"index-not-concurrent"},
    ),
    Case(
        "index turned unique",
        _BLOCK
        + 'op.drop_index("ix", "users", postgresql_concurrently=True)\n    op.create_index("ix", "users", ["email"], unique=True, postgresql_concurrently=True)',
        {"unique-over-duplicates", "index-replaced-too-early"},
        setup='op.create_index("ix", "users", ["email"])',
    ),
    Case(
        "unique over rows that the history doubled",
        _BLOCK + 'op.create_index("uq", "users", ["email"], unique=True, postgresql_concurrently=True)',
        {"unique-over-duplicates"},
        setup="op.execute(\"INSERT INTO users (id, email) VALUES (1, 'a@b'), (2, 'a@b')\")",
    ),
    Case(
        "unique IF NOT EXISTS: the first run may have met a duplicate",
        _BLOCK
        + 'op.create_index("ix", "users", ["email"], unique=True, if_not_exists=True, postgresql_concurrently=True)',
        {"invalid-index-kept"},
    ),
    Case(
        "IF NOT EXISTS under a timeout that may have ended the first run",
        "op.execute(\"SET lock_timeout = '2s'\")\n"
        + _BLOCK
        + 'op.create_index("ix", "users", ["email"], if_not_exists=True, postgresql_concurrently=True)',
        {"invalid-index-kept"},
    ),
    Case(
        "index replaced, old first",
        _BLOCK
        + 'op.drop_index("ix", "users", postgresql_concurrently=True)\n    op.create_index("ix2", "users", ["email", "name"], postgresql_concurrently=True)',
        {"index-replaced-too-early"},
        setup='op.create_index("ix", "users", ["email"])',
    ),
)

COLUMNS = (
    Case(
        "NOT NULL without default",
        'op.add_column("users", sa.Column("city", sa.Text, nullable=False))',
        {"column-required"},
    ),
    Case(
        "NOT NULL with a default in Python",
        'op.add_column("users", sa.Column("city", sa.Text, nullable=False, default="x"))',
        {"column-required"},
    ),
    Case("NOT NULL by raw SQL", 'op.execute("ALTER TABLE users ADD COLUMN city text NOT NULL")', {"column-required"}),
    Case(
        "NOT NULL in batch",
        'with op.batch_alter_table("users") as b:\n    b.add_column(sa.Column("city", sa.Text(), nullable=False))',
        {"column-required"},
    ),
    Case(
        "default dropped at once",
        'op.add_column("users", sa.Column("city", sa.Text, nullable=False, server_default=""))\nop.alter_column("users", "city", server_default=None)',
        {"default-dropped-early"},
    ),
    Case(
        "random uuid",
        'op.add_column("users", sa.Column("key", sa.Uuid, server_default=sa.text("gen_random_uuid()")))',
        {"volatile-default"},
    ),
    Case(
        "random uuid, NOT NULL",
        'op.add_column("users", sa.Column("key", sa.Uuid, nullable=False, server_default=sa.text("uuid_generate_v4()")))',
        {"volatile-default"},
    ),
    Case(
        "clock_timestamp",
        'op.add_column("users", sa.Column("at", sa.DateTime, server_default=sa.text("clock_timestamp()")))',
        {"volatile-default"},
    ),
    Case("random", 'op.execute("ALTER TABLE users ADD COLUMN lot float DEFAULT random()")', {"volatile-default"}),
    Case(
        "volatile inside another call",
        'op.execute("ALTER TABLE users ADD COLUMN tag text DEFAULT md5(random()::text)")',
        {"volatile-default"},
    ),
    Case(
        "a function of one's own",
        'op.execute("ALTER TABLE users ADD COLUMN key text DEFAULT make_key()")',
        {"volatile-default"},
    ),
    Case(
        "sequence as default",
        "op.execute(\"ALTER TABLE users ADD COLUMN n bigint DEFAULT nextval('s')\")",
        {"volatile-default"},
    ),
    Case("serial", 'op.execute("ALTER TABLE users ADD COLUMN n bigserial")', {"serial-column"}),
    Case(
        "identity",
        'op.add_column("users", sa.Column("n", sa.BigInteger, sa.Identity(always=True), nullable=False))',
        {"identity-column"},
    ),
    Case(
        "stored generated",
        'op.add_column("users", sa.Column("n", sa.Integer, sa.Computed("age * 2", persisted=True)))',
        {"stored-generated-column"},
    ),
    Case(
        "stored generated by raw SQL",
        'op.execute("ALTER TABLE users ADD n int GENERATED ALWAYS AS (age * 2) STORED")',
        {"stored-generated-column"},
        version=18,
    ),
    Case("inline check", 'op.execute("ALTER TABLE users ADD COLUMN n int CHECK (n > 0)")', {"column-with-check"}),
    Case(
        "constrained domain",
        'op.execute("ALTER TABLE users ADD COLUMN n positive")',
        {"column-of-constrained-domain"},
        setup='op.execute("CREATE DOMAIN positive AS int CHECK (VALUE > 0)")',
    ),
    Case("unique column", 'op.execute("ALTER TABLE users ADD COLUMN handle text UNIQUE")', {"column-with-unique"}),
    Case(
        "add_column with unique=True",
        'op.add_column("users", sa.Column("handle", sa.Text, unique=True))',
        {"unique-constraint"},
    ),
    Case(
        "primary key column",
        'op.execute("ALTER TABLE tags ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY")',
        {"column-with-unique", "identity-column"},
        setup='op.execute("CREATE TABLE tags (name text)")',
    ),
    Case(
        "column with a foreign key",
        'op.add_column("users", sa.Column("team_id", sa.BigInteger, sa.ForeignKey("teams.id")))',
        {"foreign-key-validated"},
    ),
    Case(
        "column with a foreign key and a default",
        'op.execute("ALTER TABLE users ADD COLUMN team_id bigint DEFAULT 1 REFERENCES teams")',
        {"column-with-foreign-key"},
    ),
    Case("json", 'op.add_column("users", sa.Column("data", sa.JSON))', {"json-column"}),
    Case(
        "SET NOT NULL",
        'op.alter_column("users", "email", existing_type=sa.String(50), nullable=False)',
        {"set-not-null"},
    ),
    Case("SET NOT NULL by raw SQL", 'op.execute("ALTER TABLE users ALTER email SET NOT NULL")', {"set-not-null"}),
    Case(
        "SET NOT NULL over a CHECK that is not validated",
        'op.alter_column("users", "email", nullable=False)',
        {"set-not-null"},
        setup='op.create_check_constraint("c", "users", "email IS NOT NULL", postgresql_not_valid=True)',
    ),
    Case(
        "SET NOT NULL over a CHECK that proves nothing",
        'op.alter_column("users", "age", nullable=False)',
        {"set-not-null"},
        setup='op.create_check_constraint("c", "users", "age > 0")',
    ),
    Case(
        "SET NOT NULL over an OR",
        'op.alter_column("users", "age", nullable=False)',
        {"set-not-null"},
        setup='op.create_check_constraint("c", "users", "age IS NOT NULL OR name IS NOT NULL")',
    ),
    Case(
        "NOT NULL column unknown to the running code",
        'op.alter_column("users", "name", nullable=False)',
        {"not-null-breaks-inserts"},
        setup='op.create_check_constraint("c", "users", "name IS NOT NULL")',
        deployed=_mapped("id", "email"),
    ),
)

TYPES = (
    Case(
        "narrower varchar",
        'op.alter_column("users", "email", existing_type=sa.String(50), type_=sa.String(20))',
        {"type-change-rewrites", "type-change-loses-values"},
    ),
    Case(
        "text to varchar(n)",
        'op.alter_column("users", "name", existing_type=sa.Text, type_=sa.String(80))',
        {"type-change-rewrites"},
    ),
    Case(
        "int to bigint",
        'op.alter_column("users", "age", existing_type=sa.Integer, type_=sa.BigInteger)',
        {"type-change-rewrites"},
    ),
    Case(
        "int to bigint by raw SQL",
        'op.execute("ALTER TABLE users ALTER COLUMN age TYPE bigint")',
        {"type-change-rewrites"},
    ),
    Case(
        "bigint to int",
        'op.alter_column("users", "id", existing_type=sa.BigInteger, type_=sa.Integer)',
        {"type-change-rewrites", "type-change-loses-values"},
    ),
    Case(
        "numeric scale",
        'op.alter_column("orders", "total", existing_type=sa.Numeric(10, 2), type_=sa.Numeric(12, 4))',
        {"type-change-rewrites"},
    ),
    Case(
        "char to text",
        'op.alter_column("orders", "code", existing_type=sa.CHAR(5), type_=sa.Text)',
        {"type-change-rewrites"},
    ),
    Case(
        "text to enum",
        'op.execute("ALTER TABLE users ALTER status TYPE mood USING status::mood")',
        {"type-change-rewrites"},
        setup="op.execute(\"CREATE TYPE mood AS ENUM ('new', 'old')\")",
    ),
    Case(
        "enum to text",
        'op.execute("ALTER TABLE t ALTER m TYPE text")',
        {"type-change-rewrites"},
        setup="op.execute(\"CREATE TYPE mood AS ENUM ('new', 'old'); CREATE TABLE t (m mood)\")",
    ),
    Case(
        "timestamp to timestamptz",
        'op.alter_column("users", "seen_at", existing_type=sa.DateTime(), type_=sa.DateTime(timezone=True))',
        {"type-change-rewrites"},
    ),
    Case(
        "timestamp to timestamptz with AT TIME ZONE",
        "op.execute(\"SET timezone = 'UTC'\")\nop.execute(\"ALTER TABLE users ALTER seen_at TYPE timestamptz USING seen_at AT TIME ZONE 'UTC'\")",
        {"type-change-rewrites"},
    ),
    Case(
        "wider column of an index with a condition",
        'op.alter_column("users", "email", type_=sa.String(99))',
        {"type-change-rebuilds-index"},
        setup='op.create_index("ix", "users", ["age"], postgresql_where=sa.text("email IS NOT NULL"))',
    ),
    Case(
        "indexed timestamp under UTC",
        "op.execute(\"SET timezone = 'UTC'\")\nop.execute('ALTER TABLE users ALTER seen_at TYPE timestamptz')",
        {"type-change-rebuilds-index"},
        setup='op.create_index("ix", "users", ["seen_at"])',
    ),
    Case("type unknown", 'op.alter_column("elsewhere", "x", type_=sa.BigInteger)', {"type-change-rewrites"}),
    Case(
        "wider varchar under a CHECK",
        'op.alter_column("users", "email", existing_type=sa.String(50), type_=sa.String(90))',
        {"type-change-rechecks"},
        setup="op.create_check_constraint('c', 'users', \"email <> ''\")",
    ),
    Case(
        "type and NOT NULL",
        'op.alter_column("users", "age", existing_type=sa.Integer, type_=sa.BigInteger, nullable=False)',
        {"type-change-rewrites", "set-not-null"},
    ),
    Case(
        "under a view",
        'op.alter_column("users", "email", existing_type=sa.String(50), type_=sa.Text)',
        {"type-change-under-view"},
        setup='op.execute("CREATE VIEW v AS SELECT id, email FROM users")',
    ),
    Case(
        "collation of an indexed column",
        "op.execute('ALTER TABLE users ALTER name TYPE text COLLATE \"C\"')",
        {"type-change-rebuilds-index"},
        setup='op.create_index("ix", "users", ["name"])',
    ),
    Case(
        "USING that computes",
        'op.execute("ALTER TABLE users ALTER email TYPE varchar(90) USING lower(email)")',
        {"type-change-rewrites"},
    ),
    Case(
        "array of longer texts",
        'op.execute("ALTER TABLE t ALTER a TYPE varchar(50)[]")',
        {"type-change-rewrites"},
        setup='op.execute("CREATE TABLE t (a varchar(20)[])")',
    ),
    Case(
        "enum recreated",
        "op.execute(\"ALTER TYPE mood RENAME TO mood_old; CREATE TYPE mood AS ENUM ('a'); ALTER TABLE t ALTER m TYPE mood USING m::text::mood; DROP TYPE mood_old\")",
        {"type-change-rewrites"},
        setup="op.execute(\"CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE t (m mood)\")",
    ),
    Case(
        "integer to text",
        'op.alter_column("users", "age", existing_type=sa.Integer(), type_=sa.String())',
        {"type-change-rewrites"},
    ),
    Case(
        "json to jsonb",
        'op.alter_column("t", "d", existing_type=sa.JSON(), type_=postgresql.JSONB(), postgresql_using="d::jsonb")',
        {"type-change-rewrites"},
        setup='op.execute("CREATE TABLE t (d json)")',
    ),
)

CONSTRAINTS = (
    Case(
        "foreign key", 'op.create_foreign_key("fk", "orders", "users", ["user_id"], ["id"])', {"foreign-key-validated"}
    ),
    Case(
        "foreign key by raw SQL",
        'op.execute("ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users")',
        {"foreign-key-validated"},
    ),
    Case(
        "foreign key in batch",
        'with op.batch_alter_table("orders") as b:\n    b.create_foreign_key("fk", "users", ["user_id"], ["id"])',
        {"foreign-key-validated"},
    ),
    Case("check", 'op.create_check_constraint("ck", "users", "age > 0")', {"check-validated"}),
    Case(
        "check by raw SQL",
        'op.execute("ALTER TABLE users ADD CONSTRAINT ck CHECK (length(name) < 80)")',
        {"check-validated"},
    ),
    Case(
        "not valid and validate in one revision",
        'op.create_check_constraint("ck", "users", "age > 0", postgresql_not_valid=True)\nop.execute("ALTER TABLE users VALIDATE CONSTRAINT ck")',
        {"validated-in-same-transaction"},
    ),
    Case(
        "foreign key validated at once",
        'op.create_foreign_key("fk", "orders", "users", ["user_id"], ["id"], postgresql_not_valid=True)\nop.execute("ALTER TABLE orders VALIDATE CONSTRAINT fk")',
        {"validated-in-same-transaction"},
    ),
    Case(
        "validated in one statement",
        'op.execute("ALTER TABLE users ADD CONSTRAINT ck CHECK (age > 0) NOT VALID, VALIDATE CONSTRAINT ck")',
        {"validated-in-same-transaction"},
    ),
    Case(
        "two revisions, one transaction",
        'op.execute("ALTER TABLE users VALIDATE CONSTRAINT ck")',
        {"validated-in-same-transaction"},
        together=('op.create_check_constraint("ck", "users", "age > 0", postgresql_not_valid=True)',),
        mode="one",
    ),
    Case(
        "foreign keys to two tables",
        'op.create_foreign_key("f1", "orders", "users", ["user_id"], ["id"], postgresql_not_valid=True)\nop.create_foreign_key("f2", "orders", "teams", ["user_id"], ["id"], postgresql_not_valid=True)',
        {"foreign-keys-together"},
    ),
    Case(
        "foreign key to another type",
        'op.create_foreign_key("fk", "users", "teams", ["age"], ["id"], postgresql_not_valid=True)',
        {"foreign-key-type-mismatch"},
    ),
    Case("unique constraint", 'op.create_unique_constraint("uq", "users", ["email"])', {"unique-constraint"}),
    Case(
        "unique constraint by raw SQL",
        'op.execute("ALTER TABLE users ADD UNIQUE (email, name)")',
        {"unique-constraint"},
    ),
    Case(
        "primary key",
        'op.create_primary_key("pk", "tags", ["name"])',
        {"primary-key"},
        setup='op.execute("CREATE TABLE tags (name text NOT NULL)")',
    ),
    Case(
        "primary key over a nullable column",
        'op.execute("ALTER TABLE tags ADD CONSTRAINT pk PRIMARY KEY USING INDEX ix")',
        {"primary-key-on-nullable"},
        setup='op.execute("CREATE TABLE tags (name text)")\nop.execute("CREATE UNIQUE INDEX ix ON tags (name)")',
    ),
    Case(
        "exclusion", 'op.create_exclude_constraint("ex", "users", ("age", "="), using="gist")', {"exclusion-constraint"}
    ),
    Case(
        "foreign key dropped",
        'op.drop_constraint("fk", "orders", type_="foreignkey")',
        {"drop-foreign-key"},
        setup='op.create_foreign_key("fk", "orders", "users", ["user_id"], ["id"])',
    ),
    Case(
        "domain constraint",
        'op.execute("ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0)")',
        {"domain-constraint-validated"},
        setup='op.execute("CREATE DOMAIN d AS int; CREATE TABLE t (x d)")',
    ),
    Case(
        "NOT NULL constraint",
        'op.execute("ALTER TABLE users ADD CONSTRAINT n NOT NULL email")',
        {"set-not-null"},
        version=18,
    ),
    Case(
        "foreign key of a new table to a wider column",
        'op.create_table("lines", sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("order_id", sa.Integer, sa.ForeignKey("orders.id"), index=True))',
        {"foreign-key-type-mismatch"},
        downgrade='op.drop_table("lines")',
    ),
)

DROPS = (
    Case("column renamed", 'op.alter_column("users", "name", new_column_name="full_name")', {"rename-column"}),
    Case("column renamed by raw SQL", 'op.execute("ALTER TABLE users RENAME name TO full_name")', {"rename-column"}),
    Case("table renamed", 'op.rename_table("users", "people")', {"rename-table"}),
    Case("schema renamed", 'op.execute("ALTER SCHEMA app RENAME TO core")', {"rename-object"}),
    Case("enum value renamed", "op.execute(\"ALTER TYPE mood RENAME VALUE 'a' TO 'b'\")", {"rename-object"}),
    Case("table moved", 'op.execute("ALTER TABLE users SET SCHEMA archive")', {"rename-object"}),
    Case("column dropped", 'op.drop_column("users", "age")', {"drop-column"}),
    Case(
        "column dropped that a model maps",
        'op.drop_column("users", "age")',
        {"drop-column"},
        models=_mapped("id", "age"),
        deployed=_mapped("id", "age"),
    ),
    Case(
        "column dropped in the release that unmaps it",
        'op.drop_column("users", "age")',
        {"drop-column"},
        models=_mapped("id"),
        deployed=_mapped("id", "age"),
    ),
    Case(
        "column dropped in batch", 'with op.batch_alter_table("users") as b:\n    b.drop_column("age")', {"drop-column"}
    ),
    Case("table dropped", 'op.drop_table("users")', {"drop-table"}),
    Case(
        "table dropped with keys",
        'op.drop_table("orders")',
        {"drop-table", "drop-table-locks-others"},
        setup='op.create_foreign_key("fk", "orders", "users", ["user_id"], ["id"])',
    ),
    Case(
        "column dropped with CASCADE",
        'op.execute("ALTER TABLE users DROP COLUMN email CASCADE")',
        {"drop-column", "drop-cascade"},
    ),
    Case(
        "view dropped with CASCADE",
        'op.execute("DROP VIEW v CASCADE")',
        {"drop-view", "drop-cascade"},
        setup='op.execute("CREATE VIEW v AS SELECT id FROM teams")',
    ),
    Case(
        "view dropped for good",
        'op.execute("DROP VIEW v")',
        {"drop-view"},
        setup='op.execute("CREATE VIEW v AS SELECT id FROM teams")',
    ),
    Case("type dropped with CASCADE", 'op.execute("DROP TYPE mood CASCADE")', {"drop-cascade"}),
    Case("schema dropped", 'op.execute("DROP SCHEMA app CASCADE")', {"drop-database-object"}),
    Case(
        "table recreated by batch mode",
        'with op.batch_alter_table("users", recreate="always", copy_from=sa.Table("users", sa.MetaData(), sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("age", sa.Integer))) as b:\n    b.drop_column("age")',
        {"batch-recreates-table"},
    ),
    Case(
        "primary key dropped with CASCADE",
        'op.execute("ALTER TABLE users DROP CONSTRAINT users_pkey CASCADE")',
        {"drop-cascade"},
    ),
)

TABLES_ = (
    Case("truncate", 'op.execute("TRUNCATE users")', {"truncate"}),
    Case("truncate cascade", 'op.execute("TRUNCATE TABLE users, orders CASCADE")', {"truncate"}),
    Case("tablespace", 'op.execute("ALTER TABLE users SET TABLESPACE fast")', {"table-storage-rewrite"}),
    Case("unlogged", 'op.execute("ALTER TABLE users SET UNLOGGED")', {"table-storage-rewrite"}),
    Case("vacuum full", _BLOCK + 'op.execute("VACUUM FULL users")', {"table-rewrite-command"}),
    Case("cluster", 'op.execute("CLUSTER users USING users_pkey")', {"table-rewrite-command"}),
    Case(
        "detach", 'op.execute("ALTER TABLE events DETACH PARTITION events_2024")', {"detach-partition"}, setup=_EVENTS
    ),
    Case(
        "attach",
        "op.execute(\"ALTER TABLE events ATTACH PARTITION events_old FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')\")",
        {"attach-partition"},
        setup=_EVENTS,
    ),
    Case(
        "refresh",
        'op.execute("REFRESH MATERIALIZED VIEW totals")',
        {"refresh-materialized-view"},
        setup='op.execute("CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM users")',
    ),
    Case(
        "view replaced without one of its columns, and read by others",
        'op.execute("CREATE OR REPLACE VIEW people AS SELECT id, email FROM users")',
        {"view-columns-changed"},
        setup='op.execute("CREATE VIEW people AS SELECT id, name, email FROM users; CREATE VIEW ids AS SELECT id FROM people; '
        'CREATE VIEW both AS SELECT ids.id, people.email FROM people JOIN ids ON ids.id = people.id")',
    ),
    Case(
        "view of the same release replaced in another order",
        'op.execute("CREATE OR REPLACE VIEW people AS SELECT email, id FROM users")',
        {"view-columns-changed"},
        together=('op.execute("CREATE VIEW people AS SELECT id, email FROM users")',),
    ),
    Case(
        "view replaced back by the downgrade",
        'op.execute("CREATE OR REPLACE VIEW people AS SELECT id, email FROM users")',
        {"view-columns-changed"},
        downgrade='op.execute("CREATE OR REPLACE VIEW people AS SELECT id FROM users")',
        setup='op.execute("CREATE VIEW people AS SELECT id FROM users")',
    ),
    Case(
        "refresh that empties",
        'op.execute("REFRESH MATERIALIZED VIEW totals WITH NO DATA")',
        {"refresh-materialized-view"},
        setup='op.execute("CREATE MATERIALIZED VIEW totals AS SELECT id FROM users")',
    ),
    Case(
        "refresh concurrently of a view without rows",
        'op.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY totals")',
        {"refresh-unpopulated"},
        setup='op.execute("CREATE MATERIALIZED VIEW totals AS SELECT id FROM users WITH NO DATA; CREATE UNIQUE INDEX totals_id ON totals (id)")',
    ),
    Case(
        "refresh concurrently of a view of the same revision without rows",
        'op.execute("CREATE MATERIALIZED VIEW totals AS SELECT id FROM users WITH NO DATA; CREATE UNIQUE INDEX totals_id ON totals (id); REFRESH MATERIALIZED VIEW CONCURRENTLY totals")',
        {"refresh-unpopulated"},
    ),
    Case(
        "refresh concurrently of a view that was emptied",
        'op.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY totals")',
        {"refresh-unpopulated"},
        setup='op.execute("CREATE MATERIALIZED VIEW totals AS SELECT id FROM users; CREATE UNIQUE INDEX totals_id ON totals (id); REFRESH MATERIALIZED VIEW totals WITH NO DATA")',
    ),
    Case(
        "refresh concurrently without a unique index",
        'op.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY totals")',
        {"refresh-without-unique-index"},
        setup='op.execute("CREATE MATERIALIZED VIEW totals AS SELECT id FROM users")',
    ),
    Case(
        "refresh concurrently with a partial unique index",
        'op.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY totals")',
        {"refresh-without-unique-index"},
        setup='op.execute("CREATE MATERIALIZED VIEW totals AS SELECT id FROM users; CREATE UNIQUE INDEX ix ON totals (id) WHERE id > 3")',
    ),
    Case(
        "refresh concurrently with a unique expression, of a view of the same revision",
        'op.execute("CREATE MATERIALIZED VIEW totals AS SELECT email FROM users; CREATE UNIQUE INDEX ix ON totals (lower(email)); REFRESH MATERIALIZED VIEW CONCURRENTLY totals")',
        {"refresh-without-unique-index"},
    ),
    Case("rule", 'op.execute("CREATE RULE r AS ON DELETE TO users DO INSTEAD NOTHING")', {"rewrite-rule"}),
    Case("rule switched on", 'op.execute("ALTER TABLE users ENABLE REPLICA RULE r")', {"rewrite-rule"}),
    Case("lock", 'op.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")', {"lock-table"}),
    Case(
        "trigger",
        'op.execute("CREATE TRIGGER t BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION f()")',
        {"trigger"},
    ),
    Case("triggers disabled", 'op.execute("ALTER TABLE users DISABLE TRIGGER ALL")', {"trigger-disabled"}),
    Case(
        "row level security without a policy",
        'op.execute("ALTER TABLE users ENABLE ROW LEVEL SECURITY")',
        {"row-security"},
    ),
    Case("revoke", 'op.execute("REVOKE SELECT ON users FROM app")', {"privileges"}),
    Case("name of 70 bytes", f'op.execute("CREATE TABLE {"x" * 70} (id bigint)")', {"name-too-long"}),
)

ENUMS = (
    Case(
        "value used at once",
        "op.execute(\"ALTER TYPE mood ADD VALUE 'new'\")\nop.execute(\"UPDATE t SET m = 'new' WHERE id = 1\")",
        {"enum-value-used-at-once"},
        setup="op.execute(\"CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (id int, m mood)\")",
    ),
    Case(
        "value used as a default at once",
        "op.execute(\"ALTER TYPE mood ADD VALUE 'new'\")\nop.alter_column('t', 'm', server_default='new')",
        {"enum-value-used-at-once"},
        setup="op.execute(\"CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (id int, m mood)\")",
    ),
    Case(
        "value used by the next revision, which may be run with it in one transaction",
        "op.execute(\"UPDATE t SET m = 'new' WHERE id = 1\")",
        {"enum-value-used-at-once"},
        setup="op.execute(\"CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (id int, m mood)\")",
        together=("op.execute(\"ALTER TYPE mood ADD VALUE 'new'\")",),
        mode="one",
        one_release=False,
    ),
    Case(
        "value used by the next revision of one transaction",
        "op.execute(\"UPDATE t SET m = 'new' WHERE id = 1\")",
        {"enum-value-used-at-once"},
        setup="op.execute(\"CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (id int, m mood)\")",
        together=("op.execute(\"ALTER TYPE mood ADD VALUE 'new'\")",),
        mode="one",
    ),
    Case(
        "enum left behind",
        'op.create_table("t", sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("m", sa.Enum("a", "b", name="mood")))',
        {"type-left-behind"},
        downgrade='op.drop_table("t")',
    ),
)

DATA = (
    Case(
        "rows of a file",
        "op.execute(\"COPY teams FROM '/srv/teams.csv' WITH (FORMAT csv)\")",
        {"whole-table-copy", "copy-from-server"},
    ),
    Case(
        "rows of a program for a new table",
        'op.create_table("items", sa.Column("id", sa.BigInteger, primary_key=True))\n'
        "op.execute(\"COPY items FROM PROGRAM 'curl example.org'\")",
        {"copy-from-server"},
    ),
    Case(
        "rows that nobody sends",
        'op.get_bind().exec_driver_sql("COPY teams (id, title) FROM STDIN")',
        {"copy-from-stdin"},
    ),
    Case(
        "many rows sent through the driver",
        'rows = io.StringIO("1\\n" * 20000)\nop.get_bind().connection.cursor().copy_from(rows, "teams", columns=("id",))',
        {"whole-table-copy"},
        head="import io",
    ),
    Case(
        "many rows sent behind an ALTER TABLE",
        'op.add_column("teams", sa.Column("city", sa.Text))\nrows = io.BytesIO(b"1\\n" * 20000)\n'
        'with op.get_bind().connection.driver_connection.cursor() as cursor:\n    cursor.copy_expert("COPY teams (id) FROM STDIN", rows)',
        {"backfill-under-lock"},
        head="import io",
    ),
    Case("table copied", 'op.execute("INSERT INTO teams (id) SELECT id FROM users")', {"whole-table-copy"}),
    Case(
        "table copied, twice at once",
        'op.execute("INSERT INTO teams (id) SELECT id FROM users WHERE id = 3 UNION ALL SELECT user_id FROM orders")',
        {"whole-table-copy"},
    ),
    Case(
        "table copied as far as a condition on no key goes",
        "op.execute(\"INSERT INTO teams (id) SELECT id FROM users WHERE status = 'new' ON CONFLICT DO NOTHING\")",
        {"whole-table-copy"},
    ),
    Case(
        "every row of one table with one of another",
        "op.execute(\"INSERT INTO orders (id, user_id) SELECT u.id, t.id FROM users u CROSS JOIN teams t WHERE t.title = 'all' AND t.id = 1\")",
        {"whole-table-copy"},
    ),
    Case(
        "table copied by a CTE",
        'op.execute("WITH old AS (SELECT id FROM users) INSERT INTO teams (id) SELECT id FROM old")',
        {"whole-table-copy"},
    ),
    Case(
        "table made of another under a lock",
        'op.drop_column("orders", "ip")\nop.execute("CREATE TABLE kept AS SELECT * FROM users")',
        {"backfill-under-lock"},
    ),
    Case(
        "timestamptz in a session of another zone",
        "op.execute(\"SET timezone = 'Europe/Berlin'\")\nop.execute('ALTER TABLE users ALTER seen_at TYPE timestamptz')",
        {"type-change-rewrites"},
    ),
    Case(
        "collation of a renamed column with an index",
        "op.execute('ALTER TABLE users ALTER mail TYPE varchar(50) COLLATE \"C\"')",
        {"type-change-rebuilds-index"},
        setup='op.create_index("ix", "users", ["email"])\nop.alter_column("users", "email", new_column_name="mail")',
    ),
    Case("update of all", "op.execute(\"UPDATE users SET status = 'old'\")", {"whole-table-update"}),
    Case(
        "update where NULL",
        "op.execute(\"UPDATE users SET status = 'old' WHERE status IS NULL\")",
        {"whole-table-update"},
    ),
    Case(
        "update by Core",
        'users = sa.table("users", sa.column("status"))\nop.execute(users.update().values(status="x"))',
        {"whole-table-update"},
    ),
    Case(
        "update through the connection",
        "op.get_bind().execute(sa.text(\"UPDATE users SET status = 'x'\"))",
        {"whole-table-update"},
    ),
    Case(
        "update with a join",
        'op.execute("UPDATE orders SET total = 0 FROM users WHERE users.id = orders.user_id")',
        {"whole-table-update"},
    ),
    Case("delete of all", 'op.execute("DELETE FROM users")', {"whole-table-delete"}),
    Case(
        "delete by a key or by age",
        'op.execute("DELETE FROM users WHERE id = 5 OR age > 3")',
        {"whole-table-delete"},
    ),
    Case(
        "delete by age",
        "op.execute(\"DELETE FROM orders WHERE placed_at < now() - interval '1 year'\")",
        {"whole-table-delete"},
    ),
    Case(
        "backfill beside its column",
        'op.add_column("users", sa.Column("city", sa.Text))\nop.execute("UPDATE users SET city = name")',
        {"backfill-under-lock"},
    ),
    Case(
        "add, fill, NOT NULL",
        'op.add_column("users", sa.Column("city", sa.Text))\nop.execute("UPDATE users SET city = name")\nop.alter_column("users", "city", nullable=False)',
        {"backfill-under-lock", "set-not-null"},
    ),
    Case(
        "backfill after the column's revision in one transaction",
        'op.execute("UPDATE users SET city = name")',
        {"backfill-under-lock"},
        together=('op.add_column("users", sa.Column("city", sa.Text))',),
        mode="one",
    ),
    Case(
        "batches in one transaction",
        "bind = op.get_bind()\nwhile True:\n    done = bind.execute(sa.text(\"UPDATE users SET status = 'x' WHERE id IN (SELECT id FROM users WHERE status <> 'x' LIMIT 1000)\"))\n    if not done.rowcount:\n        break",
        {"batches-without-commit"},
    ),
    Case(
        "ranges in one transaction",
        "for first in range(0, 3000, 1000):\n    op.execute(f\"UPDATE users SET status = 'x' WHERE id BETWEEN {first} AND {first + 999}\")",
        {"batches-without-commit"},
    ),
    Case(
        "row by row",
        'bind = op.get_bind()\nfor row in bind.execute(sa.text("SELECT id, name FROM users")):\n    bind.execute(sa.text("UPDATE users SET name = :n WHERE id = :i"), {"n": row.name.lower(), "i": row.id})',
        {"batches-without-commit"},
    ),
    Case(
        "DO block with dynamic SQL",
        "op.execute(\"DO $$ BEGIN EXECUTE format('ALTER TABLE %I ADD x int', current_user); END $$\")",
        {"opaque-sql"},
    ),
    Case(
        "DO block with an index",
        'op.execute("DO $$ BEGIN CREATE INDEX ix ON users (email); END $$")',
        {"index-not-concurrent"},
    ),
    Case(
        "DO block with a loop",
        'op.execute("DO $$ DECLARE r record; BEGIN FOR r IN SELECT id FROM users LOOP UPDATE users SET age = 1 WHERE id = r.id; END LOOP; END $$")',
        {"opaque-sql"},
    ),
    Case(
        "f-string from the environment",
        "import os\nop.execute(f\"COMMENT ON TABLE {os.environ.get('T', 'users')} IS 'x'\")",
        {"opaque-sql"},
    ),
    Case(
        "commit",
        'op.execute("COMMIT")\nop.execute("CREATE INDEX CONCURRENTLY ix ON users (email)")',
        {"transaction-control"},
    ),
    Case(
        "patience switched off",
        'op.execute("SET lock_timeout = 0")\nop.add_column("users", sa.Column("city", sa.Text))',
        {"no-lock-timeout"},
        mode="guard",
    ),
    Case(
        "patience of ten minutes",
        "op.execute(\"SET LOCAL lock_timeout TO '10min'\")\nop.add_column('users', sa.Column('city', sa.Text))",
        {"no-lock-timeout"},
    ),
    Case(
        "two tables locked",
        'op.drop_column("users", "age")\nop.drop_column("orders", "code")',
        {"several-tables-locked"},
    ),
    Case(
        "three tables locked",
        'op.add_column("users", sa.Column("a", sa.Text))\nop.add_column("orders", sa.Column("a", sa.Text))\nop.add_column("teams", sa.Column("a", sa.Text))',
        {"several-tables-locked"},
    ),
    Case(
        "index built under an ALTER",
        'op.add_column("users", sa.Column("city", sa.Text))\nop.create_index("ix", "users", ["city"])',
        {"long-work-under-lock", "index-not-concurrent"},
    ),
    Case(
        "two rewrites",
        'op.alter_column("users", "age", existing_type=sa.Integer, type_=sa.BigInteger)\nop.alter_column("users", "email", existing_type=sa.String(50), type_=sa.String(40))',
        {"several-scans"},
    ),
    Case("model imported", "from app.models import User", {"application-imported"}),
    Case(
        "downgrade that does nothing",
        'op.add_column("users", sa.Column("city", sa.Text))',
        {"downgrade-missing"},
        downgrade="pass",
    ),
    Case(
        "downgrade that does nothing, where others refuse",
        'op.add_column("users", sa.Column("city", sa.Text))',
        {"downgrade-missing"},
        downgrade="pass",
        setup="# where others refuse",
        setup_downgrade="raise NotImplementedError",
    ),
    Case(
        "downgrade that forgets",
        'op.add_column("users", sa.Column("a", sa.Text))\nop.add_column("users", sa.Column("b", sa.Text))',
        {"downgrade-incomplete"},
        downgrade='op.drop_column("users", "b")',
    ),
    Case("column set twice", 'op.execute("UPDATE users SET age = 1, age = 2 WHERE id = 1")', {"duplicate-assignment"}),
    Case("not SQL", 'op.execute("ALTR TABLE users")', {"unparsed-sql"}),
    Case("a function of the project is called", 'op.execute("SELECT move_orders()")', {"opaque-sql"}),
)

UNSAFE = (*INDEXES, *COLUMNS, *TYPES, *CONSTRAINTS, *DROPS, *TABLES_, *ENUMS, *DATA)
