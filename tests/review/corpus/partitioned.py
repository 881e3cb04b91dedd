"""What PostgreSQL refuses on a partitioned table, and what it does there. Each case expects these hazards, and no other."""

from __future__ import annotations

from tests.review.corpus.case import Case

_LOGS = """
op.execute("CREATE TABLE logs (id bigint NOT NULL, at date NOT NULL, kind text) PARTITION BY RANGE (at)")
op.execute("CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')")
op.execute("CREATE INDEX ix_logs ON logs (kind)")
"""
_BLOCK = "with op.get_context().autocommit_block():\n    "
_REFUSED = "refused-on-partitioned-table"
_KEY = 'op.create_foreign_key("fk", "{}", "users", ["id"], ["id"], postgresql_not_valid=True)'
_KEY_NOW = 'op.create_foreign_key("fk", "logs", "users", ["id"], ["id"])'
_UNIQUE = 'op.create_unique_constraint("uq", "{}", {})'
_DETACH = _BLOCK + 'op.execute("ALTER TABLE logs DETACH PARTITION logs_1 CONCURRENTLY")'
_RANGES = 'op.execute("ALTER TABLE logs ADD EXCLUDE USING gist (daterange(at, at) WITH &&)")'


def _case(name: str, upgrade: str, *expect: str, version: int = 15, setup: str = "") -> Case:
    return Case(name, upgrade, set(expect), setup=_LOGS + setup, version=version)


PARTITIONED = (
    _case("foreign key NOT VALID of a partitioned table", _KEY.format("logs"), _REFUSED),
    _case("the same since 18", _KEY.format("logs"), version=18),
    _case("foreign key NOT VALID of a partition", _KEY.format("logs_1")),
    _case("foreign key of a partitioned table", _KEY_NOW, "foreign-key-validated"),
    _case("the same where every partition has it", _KEY_NOW, setup=_KEY_NOW.replace('"logs"', '"logs_1"')),
    _case("the same where it is not validated", _KEY_NOW, "foreign-key-validated", setup=_KEY.format("logs_1")),
    _case(
        "constraint from an index of a partitioned table",
        'op.execute("ALTER TABLE logs ADD CONSTRAINT uq UNIQUE USING INDEX uq")',
        _REFUSED,
        setup='op.execute("CREATE UNIQUE INDEX uq ON logs (id, at)")',
    ),
    _case("unique over some partitions", _UNIQUE.format("logs", ["id"]), _REFUSED, "unique-constraint"),
    _case("unique with what tells partitions apart", _UNIQUE.format("logs", ["id", "at"]), "unique-constraint"),
    _case("unique in one partition", _UNIQUE.format("logs_1", ["id"]), "unique-constraint"),
    _case("primary key over some partitions", 'op.create_primary_key("pk", "logs", ["id"])', _REFUSED, "primary-key"),
    _case("unique index over some partitions", 'op.create_index("ix", "logs", ["id"], unique=True)',
          _REFUSED, "index-on-partitioned-table"),
    _case("unique column of a partitioned table", 'op.execute("ALTER TABLE logs ADD COLUMN n int UNIQUE")',
          _REFUSED, "column-with-unique"),
    _case("index of a partitioned table dropped CONCURRENTLY",
          _BLOCK + 'op.drop_index("ix_logs", postgresql_concurrently=True)', _REFUSED),
    _case("CONCURRENTLY on a partitioned table alone", _BLOCK + 'op.execute("CREATE INDEX CONCURRENTLY i ON ONLY logs (id)")',
          "index-on-partitioned-table"),
    _case("exclusion over partitions", _RANGES, _REFUSED, "exclusion-constraint"),
    _case("exclusion over partitions since 17", _RANGES, "exclusion-constraint", version=17),
    _case("what a table is divided by, dropped", 'op.drop_column("logs", "at")', _REFUSED, "drop-column"),
    _case("what a table is divided by, of another type", 'op.alter_column("logs", "at", type_=sa.DateTime())',
          _REFUSED, "type-change-rewrites"),
    _case("detached beside a default partition", _DETACH, _REFUSED,
          setup='op.execute("CREATE TABLE rest PARTITION OF logs DEFAULT")'),
    _case("detached with none beside it", _DETACH),
)  # fmt: skip
