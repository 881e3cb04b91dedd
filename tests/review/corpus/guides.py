"""What the guides of other projects show as bad, and as good: each good one in as many revisions as they say.

Each case expects these hazards above info, and no other: what is good is quiet, but for a trigger, for which every later
write pays.

Taken from what these teach: strong_migrations, online_migrations, squawk, eugene, Atlas, pgroll,
django-pg-zero-downtime-migrations, and the migration guides of GitLab, GoCardless and Braintree.
"""

from __future__ import annotations

from tests.review.corpus.case import Case

_BLOCK = "with op.get_context().autocommit_block():\n    "
_FILL = "from interlocking.upgrade import backfill\n"
_BATCHES = """
with op.get_context().autocommit_block():
    while op.get_bind().execute(sa.text({!r})).rowcount:
        pass
"""
_CHECK = 'op.create_check_constraint("{0}", "users", "{1}", postgresql_not_valid=True)'
_VALIDATE = 'op.execute("ALTER TABLE {} VALIDATE CONSTRAINT {}")'
_KEY = 'op.create_foreign_key("fk", "orders", "users", ["user_id"], ["id"], postgresql_not_valid=True)'
_NOT_NULL = (_CHECK.format("email_not_null", "email IS NOT NULL"), _VALIDATE.format("users", "email_not_null"))
_SEQUENCE = (
    'op.add_column("users", sa.Column("number", sa.BigInteger()))\nop.execute("CREATE SEQUENCE users_number_seq OWNED BY '
    'users.number")\nop.execute("ALTER TABLE users ALTER number SET DEFAULT nextval(\'users_number_seq\')")'
)
_SYNC = '''
op.add_column("orders", sa.Column("user_id_new", sa.BigInteger()))
op.execute("""CREATE FUNCTION copy_user_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.user_id_new := NEW.user_id; RETURN NEW; END $$""")
op.execute("""CREATE TRIGGER copy_user_id BEFORE INSERT OR UPDATE ON orders
FOR EACH ROW EXECUTE FUNCTION copy_user_id()""")
'''


def _good(name: str, *revisions: str, **more: object) -> Case:
    return Case(name, revisions[-1], together=revisions[:-1], **more)  # type: ignore[arg-type]  # as Case has them


_GOOD = (
    # strong_migrations, online_migrations
    _good("sm: column, its default, then the rows in batches",
          'op.add_column("users", sa.Column("token", sa.Uuid()))',
          'op.alter_column("users", "token", server_default=sa.text("gen_random_uuid()"))',
          _FILL + 'backfill(op, "users", set={"token": "gen_random_uuid()"}, where="token IS NULL")'),
    _good("sm: constant default", 'op.add_column("users", sa.Column("beta", sa.Boolean(), server_default=sa.false()))'),
    _good("sm: backfill outside a transaction",
          _BATCHES.format("UPDATE users SET age = 1 WHERE id IN (SELECT id FROM users WHERE age IS NULL LIMIT 1000)")),
    _good("sm: check, then its validation", _CHECK.format("grown", "age > 17"), _VALIDATE.format("users", "grown")),
    _good("sm: SET NOT NULL by a check", *_NOT_NULL, 'op.alter_column("users", "email", nullable=False)',
          'op.drop_constraint("email_not_null", "users", type_="check")'),
    _good("sm: SET NOT NULL and the check dropped at once", *_NOT_NULL,
          'op.alter_column("users", "email", nullable=False)\n'
          'op.drop_constraint("email_not_null", "users", type_="check")'),
    _good("sm: index", _BLOCK + 'op.create_index("ix", "users", ["age"], postgresql_concurrently=True)',
          downgrade=_BLOCK + 'op.drop_index("ix", "users", postgresql_concurrently=True)'),
    _good("sm: reference without a key, its index, the key, its validation",
          'op.add_column("users", sa.Column("team_id", sa.BigInteger()))',
          _BLOCK + 'op.create_index("ix", "users", ["team_id"], postgresql_concurrently=True)',
          'op.create_foreign_key("fk", "users", "teams", ["team_id"], ["id"], postgresql_not_valid=True)',
          _VALIDATE.format("users", "fk")),
    _good("sm: unique by an index", 'op.add_column("users", sa.Column("nick", sa.Text()))',
          _BLOCK + 'op.create_index("uq", "users", ["nick"], unique=True, postgresql_concurrently=True)',
          'op.execute("ALTER TABLE users ADD CONSTRAINT uq UNIQUE USING INDEX uq")'),
    _good("sm: jsonb", 'op.add_column("users", sa.Column("properties", postgresql.JSONB()))'),
    _good("sm: wider varchar", 'op.alter_column("users", "email", type_=sa.String(255), existing_type=sa.String(50))'),
    _good("sm: varchar to text", 'op.alter_column("users", "email", type_=sa.Text(), existing_type=sa.String(50))'),
    _good("sm: more precision",
          'op.alter_column("orders", "total", type_=sa.Numeric(12, 2), existing_type=sa.Numeric(10, 2))'),
    _good("sm: index dropped", _BLOCK + 'op.drop_index("ix", "users", postgresql_concurrently=True)',
          setup='op.create_index("ix", "users", ["email"])'),
    _good("om: table renamed behind a view",
          'op.rename_table("teams", "groups")\nop.execute("CREATE VIEW teams AS SELECT * FROM groups")'),
    _good("om: text limit", _CHECK.format("name_limit", "length(name) <= 255"), _VALIDATE.format("users", "name_limit")),
    _good("om: index in the place of another",
          _BLOCK + 'op.create_index("ix_new", "users", ["email", "age"], postgresql_concurrently=True)',
          _BLOCK + 'op.drop_index("ix", "users", postgresql_concurrently=True)',
          setup='op.create_index("ix", "users", ["email"])'),
    # squawk, eugene
    _good("squawk: identity in a new table", 'op.execute("CREATE TABLE posts (id bigint GENERATED ALWAYS AS IDENTITY '
          'PRIMARY KEY, title text NOT NULL, at timestamptz)")'),
    _good("squawk: check beside a new column", 'op.add_column("users", sa.Column("score", sa.BigInteger()))\n'
          + _CHECK.format("positive", "score >= 0"), _VALIDATE.format("users", "positive")),
    _good("squawk: timeouts before a change",
          "op.execute(\"SET LOCAL lock_timeout = '1s'\")\nop.execute(\"SET LOCAL statement_timeout = '5s'\")\n"
          'op.add_column("users", sa.Column("a", sa.Text()))'),
    _good("squawk: index that may be there, the broken one removed first",
          _BLOCK + 'op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix")\n    '
          'op.create_index("ix", "users", ["age"], postgresql_concurrently=True)'),
    _good("squawk: reindex", _BLOCK + 'op.execute("REINDEX INDEX CONCURRENTLY ix")',
          setup='op.create_index("ix", "users", ["email"])'),
    _good("squawk: partition detached concurrently",
          _BLOCK + 'op.execute("ALTER TABLE logs DETACH PARTITION logs_1 CONCURRENTLY")',
          setup='op.execute("CREATE TABLE logs (id bigint, at date NOT NULL) PARTITION BY RANGE (at)")\n'
          "op.execute(\"CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')\")"),
    _good("eugene: NOT NULL by a check of the name that is usual",
          _CHECK.format("email_nn", "email IS NOT NULL"), _VALIDATE.format("users", "email_nn"),
          'op.alter_column("users", "email", nullable=False)'),
    _good("eugene: enum as a table", 'op.create_table("levels", sa.Column("id", sa.Text(), primary_key=True))\n'
          'op.bulk_insert(sa.table("levels", sa.column("id")), [{"id": "low"}, {"id": "high"}])'),
    # Atlas, pgroll
    _good("atlas: primary key by an index of a NOT NULL column",
          _BLOCK + 'op.execute("CREATE UNIQUE INDEX CONCURRENTLY pk ON plans (kind)")',
          'op.execute("ALTER TABLE plans ADD CONSTRAINT pk PRIMARY KEY USING INDEX pk")',
          setup='op.execute("CREATE TABLE plans (kind text NOT NULL)")'),
    _good("atlas: optional column", 'op.add_column("users", sa.Column("nick", sa.Text(), nullable=True))'),
    _good("pgroll: new column in sync by a trigger, filled in batches", _SYNC,
          _FILL + 'backfill(op, "orders", set={"user_id_new": "user_id"}, where="user_id_new IS NULL")', expect={"trigger"}),
    # django-pg-zero-downtime-migrations
    _good("dz: key, then its validation", _KEY, _VALIDATE.format("orders", "fk")),
    _good("dz: NOT NULL dropped", 'op.alter_column("users", "status", nullable=True)'),
    _good("dz: sequence apart", _SEQUENCE,
          _FILL + """backfill(op, "users", set={"number": "nextval('users_number_seq')"}, where="number IS NULL")"""),
    # GitLab, GoCardless, Braintree
    _good("gitlab: new table with keys and indexes",
          'op.create_table("notes", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("user_id", '
          'sa.BigInteger(), sa.ForeignKey("users.id"), index=True, nullable=False))'),
    _good("gitlab: batches by key",
          _FILL + 'backfill(op, "users", set={"name": "\'nobody\'"}, where="name IS NULL")'),
    _good("gitlab: default changed", 'op.alter_column("users", "status", server_default="active")'),
    _good("gocardless: enum value apart",
          _BLOCK + "op.execute(\"ALTER TYPE mood ADD VALUE IF NOT EXISTS 'great' AFTER 'ok'\")",
          setup="op.execute(\"CREATE TYPE mood AS ENUM ('sad', 'ok')\")"),
    _good("braintree: index on each partition, then attached",
          'op.execute("CREATE INDEX ix ON ONLY logs (id)")',
          _BLOCK + 'op.execute("CREATE INDEX CONCURRENTLY ix_1 ON logs_1 (id)")',
          'op.execute("ALTER INDEX ix ATTACH PARTITION ix_1")',
          setup='op.execute("CREATE TABLE logs (id bigint, at date NOT NULL) PARTITION BY RANGE (at)")\n'
          "op.execute(\"CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')\")"),
)  # fmt: skip

_BAD = (
    Case("sm: column removed", 'op.drop_column("users", "name")', {"drop-column"}),
    Case("sm: type changed", 'op.alter_column("users", "age", type_=sa.BigInteger(), existing_type=sa.Integer())',
         {"type-change-rewrites"}),
    Case("sm: column renamed", 'op.alter_column("users", "name", new_column_name="title")', {"rename-column"}),
    Case("sm: table renamed", 'op.rename_table("users", "people")', {"rename-table"}),
    Case("sm: table made by force", 'op.execute("DROP TABLE IF EXISTS users CASCADE")\n'
         'op.create_table("users", sa.Column("id", sa.BigInteger(), primary_key=True))', {"drop-table", "drop-cascade"}),
    Case("sm: numbering column", 'op.execute("ALTER TABLE teams ADD COLUMN number bigserial")', {"serial-column"}),
    Case("sm: generated column",
         'op.add_column("users", sa.Column("loud", sa.Text(), sa.Computed("upper(name)", persisted=True)))',
         {"stored-generated-column"}),
    Case("sm: check", 'op.create_check_constraint("grown", "users", "age > 17")', {"check-validated"}),
    Case("sm: rows in the migration of the column",
         'op.add_column("users", sa.Column("a", sa.Text()))\nop.execute("UPDATE users SET a = name")',
         {"backfill-under-lock"}),
    Case("sm: reference", 'op.add_column("users", sa.Column("team_id", sa.BigInteger(), sa.ForeignKey("teams.id"), '
         'index=True))', {"foreign-key-validated", "index-not-concurrent", "long-work-under-lock", "several-tables-locked"}),
    Case("sm: exclusion", 'op.execute("ALTER TABLE users ADD EXCLUDE USING gist (name WITH =)")', {"exclusion-constraint"}),
    Case("sm: volatile default",
         'op.add_column("users", sa.Column("t", sa.Uuid(), server_default=sa.text("gen_random_uuid()")))',
         {"volatile-default"}),
    Case("sm: json", 'op.add_column("users", sa.Column("p", sa.JSON()))', {"json-column"}),
    Case("sm: NULL refused", 'op.alter_column("users", "email", nullable=False)', {"set-not-null"}),
    Case("sm: schema renamed", 'op.execute("ALTER SCHEMA shop RENAME TO store")', {"rename-object"}),
    Case("sm: validated at once", _KEY + "\n" + _VALIDATE.format("orders", "fk"), {"validated-in-same-transaction"}),
    Case("squawk: required field", 'op.add_column("users", sa.Column("k", sa.Text(), nullable=False))', {"column-required"}),
    Case("squawk: unique", 'op.create_unique_constraint("uq", "users", ["email"])', {"unique-constraint"}),
    Case("squawk: constant text cut", 'op.alter_column("users", "name", type_=sa.String(9), existing_type=sa.Text())',
         {"type-change-rewrites", "type-change-loses-values"}),
    Case("squawk: truncate", 'op.execute("TRUNCATE teams CASCADE")', {"truncate"}),
    Case("squawk: set in two ways", 'op.execute("UPDATE users SET age = 1, age = 2 WHERE id = 3")', {"duplicate-assignment"}),
    Case("squawk: database dropped", 'op.execute("DROP DATABASE shop")', {"drop-database-object"}),
    Case("eugene: vacuum full", _BLOCK + 'op.execute("VACUUM FULL users")', {"table-rewrite-command"}),
    Case("eugene: primary key over NULL",
         _BLOCK + 'op.execute("CREATE UNIQUE INDEX CONCURRENTLY pk ON plans (kind)")\n'
         'op.execute("ALTER TABLE plans ADD CONSTRAINT pk PRIMARY KEY USING INDEX pk")', {"primary-key-on-nullable"},
         setup='op.execute("CREATE TABLE plans (kind text)")'),
    Case("atlas: index in a transaction", 'op.execute("CREATE INDEX CONCURRENTLY ix ON users (age)")',
         {"concurrently-in-transaction"}),
    Case("dz: table moved", 'op.execute("ALTER TABLE users SET TABLESPACE fast")', {"table-storage-rewrite"}),
    Case("dz: unlogged", 'op.execute("ALTER TABLE users SET UNLOGGED")', {"table-storage-rewrite"}),
    Case("gitlab: keys to two tables at once", _KEY + '\nop.create_foreign_key("fk2", "orders", "teams", '
         '["user_id"], ["id"], postgresql_not_valid=True)', {"foreign-keys-together", "several-tables-locked"}),
    Case("gitlab: all rows in one statement", 'op.execute("UPDATE users SET name = lower(name)")', {"whole-table-update"}),
    Case("gocardless: key with a scan", 'op.create_foreign_key("fk", "orders", "users", ["user_id"], ["id"])',
         {"foreign-key-validated"}),
    Case("braintree: index on a partitioned table", 'op.execute("CREATE INDEX ix ON logs (id)")',
         {"index-on-partitioned-table"},
         setup='op.execute("CREATE TABLE logs (id bigint, at date NOT NULL) PARTITION BY RANGE (at)")\n'
         "op.execute(\"CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')\")"),
)  # fmt: skip

GUIDES = (*_GOOD, *_BAD)
