"""The catalogue: every hazard that the rules know, as a table. Pure data.

`harm` says what a hazard does, and so when it matters less:

* `lock`: someone waits. Not on a small table, and a downgrade is run in an emergency, by hand.
* `fails`: the statement, or the next run, fails or does not do what it says.
* `breaks`: the code that runs now stops working. A downgrade goes together with the older code.
* `loses`: rows or values are gone.
* `habit`: nothing happens today.
"""

from __future__ import annotations

from typing import Literal

from interlocking.review.model import Hazard, Severity

Harm = Literal["lock", "fails", "breaks", "loses", "habit"]

_ROWS: tuple[tuple[str, Severity, Harm, str, tuple[int, ...]], ...] = (
    # indexes
    ("index-not-concurrent", "error", "lock", "an index is built while nobody can write", (1, 7)),
    ("drop-index-not-concurrent", "warning", "lock", "an index is dropped under a lock on its table", (2,)),
    ("concurrently-in-transaction", "error", "fails", "CONCURRENTLY inside a transaction", (3, 4)),
    ("reindex-not-concurrent", "error", "lock", "an index is built again under a lock", (5,)),
    ("index-on-partitioned-table", "error", "lock", "an index on all partitions at once", (6,)),
    ("unique-over-duplicates", "error", "fails", "values that shall be unique may not be", (8,)),
    ("invalid-index-kept", "warning", "fails", "IF NOT EXISTS may keep an INVALID index", (9,)),
    ("index-name-taken", "error", "fails", "an index of that name is there already", (9,)),
    ("index-replaced-too-early", "warning", "lock", "the old index goes before the new one is there", (10,)),
    ("concurrent-index-corruption", "error", "fails", "PostgreSQL 14.0 to 14.3 corrupt concurrent builds", (11,)),
    ("index-too-wide", "info", "habit", "an index on more than three columns", (12,)),
    ("hash-index", "info", "habit", "a hash index", (13,)),
    ("foreign-key-without-index", "info", "habit", "no index on the side of the key", (14,)),
    # columns
    ("column-required", "error", "fails", "a NOT NULL column that nothing fills", (15,)),
    ("default-dropped-early", "warning", "breaks", "the default goes while old code still needs it", (15, 33)),
    ("volatile-default", "error", "lock", "a default that differs from row to row", (17, 18)),
    ("serial-column", "error", "lock", "a serial column on an old table", (19,)),
    ("identity-column", "error", "lock", "an identity column on an old table", (20,)),
    ("stored-generated-column", "error", "lock", "a stored generated column on an old table", (21,)),
    ("column-with-check", "error", "lock", "a new column with a CHECK", (22,)),
    ("column-of-constrained-domain", "error", "lock", "a new column of a domain with a constraint", (23,)),
    ("column-with-unique", "error", "lock", "a new column that is unique or primary key", (24,)),
    ("column-with-foreign-key", "error", "lock", "a new column with a foreign key and a default", (25,)),
    ("json-column", "warning", "habit", "json has no equality", (26,)),
    ("type-choice", "info", "habit", "a type that is hard to change later", (27,)),
    ("short-primary-key", "info", "habit", "a primary key that can run out", (28,)),
    ("column-order", "info", "habit", "columns in an order that wastes space", (29,)),
    ("set-not-null", "error", "lock", "SET NOT NULL reads the whole table", (30, 37)),
    ("not-null-over-nulls", "error", "fails", "there are NULL values", (30, 31)),
    ("not-null-breaks-inserts", "warning", "breaks", "the running code does not fill the column", (15, 30)),
    ("drop-not-null", "info", "habit", "readers may meet NULL", (32,)),
    ("default-changed", "info", "habit", "another default", (33,)),
    ("type-change-rewrites", "error", "lock", "the table is rewritten for a new type", (34, 37, 75)),
    ("type-change-rechecks", "error", "lock", "a CHECK is tested again for a new type", (36,)),
    ("type-change-rebuilds-index", "error", "lock", "indexes are built again for a new type or collation", (34, 39)),
    ("type-change-under-view", "error", "fails", "a view reads the column", (38,)),
    ("type-change-under-generated", "error", "fails", "another column is computed from it", (38,)),
    ("type-change-under-trigger", "error", "fails", "a trigger or policy names the column", (38,)),
    ("type-change-loses-values", "warning", "loses", "values may not fit the new type", (34,)),
    # constraints
    ("foreign-key-validated", "error", "lock", "a foreign key is checked under locks on both tables", (25, 40)),
    ("check-validated", "error", "lock", "a CHECK is tested while nobody can read", (41, 52)),
    ("constraint-violated", "error", "fails", "rows break the constraint", (40, 41)),
    ("validated-in-same-transaction", "error", "lock", "NOT VALID and VALIDATE in one transaction", (42,)),
    ("foreign-keys-together", "warning", "lock", "foreign keys to several tables at once", (43,)),
    ("foreign-key-type-mismatch", "warning", "habit", "a foreign key between different types", (44,)),
    ("unique-constraint", "error", "lock", "a unique index is built while nobody can read", (45,)),
    ("primary-key", "error", "lock", "a primary key is built while nobody can read", (46,)),
    ("using-index-refused", "error", "fails", "a constraint over an index that cannot be its", (45, 46)),
    ("primary-key-on-nullable", "error", "lock", "a primary key over a column that may be NULL", (47,)),
    ("exclusion-constraint", "error", "lock", "an exclusion constraint is built while nobody can read", (48,)),
    ("drop-foreign-key", "warning", "lock", "dropping a foreign key locks both tables", (49,)),
    ("domain-constraint-validated", "error", "lock", "a domain's constraint is tested on every table", (50,)),
    ("domain-with-constraint", "info", "habit", "a domain with a constraint", (51,)),
    # names, drops, tables
    ("rename-column", "error", "breaks", "the running code knows the old name", (53,)),
    ("rename-table", "error", "breaks", "the running code knows the old name", (54,)),
    ("rename-object", "warning", "breaks", "the running code knows the old name", (55,)),
    ("drop-column", "error", "breaks", "the running code may still use the column", (56,)),
    ("drop-table", "error", "breaks", "the running code may still use the table", (57,)),
    ("drop-refused", "error", "fails", "something else needs what is dropped", (56, 57, 58)),
    ("drop-table-locks-others", "warning", "lock", "dropping a table locks those its keys point to", (57,)),
    ("drop-view", "warning", "breaks", "the running code may still read the view", (58,)),
    ("view-columns-changed", "error", "fails", "CREATE OR REPLACE VIEW changes the columns of a view", (58,)),
    ("drop-cascade", "error", "loses", "CASCADE takes what nobody named", (58,)),
    ("drop-database-object", "error", "loses", "a schema or database is dropped", (59,)),
    ("batch-recreates-table", "error", "lock", "batch mode copies the table", (60,)),
    ("no-replica-identity", "error", "fails", "published rows that nobody could find again", (96,)),
    ("truncate", "error", "loses", "all rows go, and readers wait", (61,)),
    ("table-storage-rewrite", "error", "lock", "the table is written again elsewhere", (62,)),
    ("table-rewrite-command", "error", "lock", "VACUUM FULL and CLUSTER stop everybody", (63,)),
    ("detach-partition", "error", "lock", "DETACH locks the parent", (64,)),
    ("refused-on-partitioned-table", "error", "fails", "partitions do not allow that", (6, 40, 45, 64, 65)),
    ("attach-partition", "error", "lock", "ATTACH reads the partition under a lock", (65,)),
    ("refresh-materialized-view", "error", "lock", "REFRESH stops the readers", (66,)),
    ("refresh-without-unique-index", "error", "fails", "REFRESH CONCURRENTLY needs a unique index", (66,)),
    ("refresh-unpopulated", "error", "fails", "REFRESH CONCURRENTLY of a view that holds nothing yet", (66,)),
    ("lock-table", "warning", "lock", "an explicit lock", (67,)),
    ("trigger", "warning", "lock", "a trigger is made under a lock", (68,)),
    ("trigger-disabled", "warning", "loses", "integrity checks are switched off", (68,)),
    ("rewrite-rule", "warning", "breaks", "a rule rewrites the statements of the running code", (68,)),
    ("row-security", "warning", "breaks", "rows may vanish for the application", (69,)),
    ("privileges", "warning", "breaks", "rights change for the application", (69,)),
    ("name-taken", "error", "fails", "something of that name is there already", (70, 77)),
    ("not-there", "error", "fails", "what is changed or dropped is not there", (70,)),
    ("name-too-long", "warning", "fails", "PostgreSQL cuts names at 63 bytes", (70,)),
    # enums
    ("enum-value-used-at-once", "error", "fails", "a new enum value is used in its own transaction", (72,)),
    ("enum-value-without-position", "info", "habit", "a new enum value goes to the end", (73,)),
    ("enum-value-stays", "info", "habit", "an enum value cannot be taken back", (74,)),
    ("new-enum", "info", "habit", "an enum is hard to change", (76,)),
    ("type-left-behind", "warning", "fails", "the downgrade leaves a type", (77,)),
    # data and transactions
    ("no-lock-timeout", "info", "lock", "everybody queues behind a waiting lock", (78, 79)),
    ("long-work-under-lock", "warning", "lock", "long work while readers are locked out", (80, 81, 83)),
    ("several-tables-locked", "warning", "lock", "strong locks on several tables in one transaction", (80,)),
    ("several-scans", "warning", "lock", "one table is read or written several times", (82,)),
    ("whole-table-update", "warning", "lock", "one statement changes many rows", (84,)),
    ("whole-table-delete", "warning", "loses", "one statement deletes many rows", (84,)),
    ("whole-table-copy", "warning", "lock", "one statement copies many rows", (84,)),
    ("copy-from-stdin", "error", "fails", "COPY FROM STDIN without rows", (84,)),
    ("copy-from-server", "warning", "fails", "COPY FROM a file of the server", (84,)),
    ("backfill-under-lock", "error", "lock", "rows are changed in the transaction of the DDL", (85,)),
    ("batches-without-commit", "error", "lock", "batches that all commit at the end", (86,)),
    ("opaque-sql", "warning", "fails", "SQL that nobody can read before it runs", (87,)),
    ("unparsed-sql", "warning", "fails", "SQL that PostgreSQL's grammar does not accept", (87,)),
    ("extension-missing", "error", "fails", "what belongs to an extension that is not there", (95,)),
    ("server-too-old", "error", "fails", "what the server of the target cannot do yet", (95,)),
    ("transaction-control", "error", "fails", "a transaction is ended behind Alembic's back", (88,)),
    ("half-applied", "info", "fails", "a failure leaves half of the revision", (89,)),
    ("application-imported", "warning", "fails", "a revision that imports the application", (90,)),
    ("downgrade-missing", "warning", "fails", "the downgrade does nothing", (92,)),
    ("downgrade-incomplete", "warning", "fails", "the downgrade leaves something behind", (92,)),
    ("downgrade-goes-too-far", "warning", "fails", "the downgrade drops what was there before", (92,)),
    ("downgrade-refuses", "info", "habit", "the downgrade refuses", (92,)),
    ("duplicate-assignment", "error", "fails", "a column is set twice in one statement", (94,)),
)

_FIXABLE = {
    "index-not-concurrent",
    "drop-index-not-concurrent",
    "foreign-key-validated",
    "check-validated",
    "set-not-null",
    "unique-constraint",
    "volatile-default",
}

HAZARDS: dict[str, Hazard] = {
    id_: Hazard(id_, severity, title, rows, docs=f"hazards/{id_}.md", fixable=id_ in _FIXABLE)
    for id_, severity, _, title, rows in _ROWS
}
HARMS: dict[str, Harm] = {id_: harm for id_, _, harm, _, _ in _ROWS}

# What squawk says about these, the hazards above say too, with what surrounds the statement in view.
SQUAWK_COUNTERPARTS = frozenset(
    (
        *("require-concurrent-index-creation", "require-concurrent-index-deletion", "require-concurrent-reindex"),
        *("require-concurrent-partition-detach", "ban-concurrent-index-creation-in-transaction", "ban-drop-index"),
        *("adding-required-field", "adding-field-with-default", "adding-not-nullable-field", "changing-column-type"),
        *("adding-foreign-key-constraint", "constraint-missing-not-valid", "disallowed-unique-constraint"),
        *("adding-serial-primary-key-field", "renaming-column", "renaming-table", "renaming-object", "ban-set-schema"),
        *(
            "ban-drop-column",
            "ban-drop-table",
            "ban-drop-database",
            "ban-drop-schema",
            "ban-drop-view",
            "ban-drop-type",
        ),
        *("ban-drop-constraint", "ban-drop-not-null", "ban-set-default", "ban-drop-domain", "ban-truncate-cascade"),
        *("ban-alter-domain-with-add-constraint", "ban-create-domain-with-constraint", "ban-disable-trigger"),
        *("ban-alter-row-level-security", "ban-create-policy", "ban-revoke", "ban-add-enum-value", "ban-add-column"),
        *("require-enum-value-ordering", "identifier-too-long", "ban-duplicate-column-assignments"),
        *("transaction-nesting", "ban-uncommitted-transaction", "require-lock-timeout", "require-statement-timeout"),
        *(
            "syntax-error",
            "require-timeout-settings",
            "prefer-robust-stmts",
            "prefer-bigint-over-int",
            "prefer-bigint-over-smallint",
        ),
        *("prefer-identity", "prefer-text-field", "prefer-timestamp-tz", "prefer-repack", "ban-char-field"),
    )
)

# Rows of docs/hazards.md that no rule answers; it says why.
NOT_COVERED = frozenset((16, 35, 71, 91, 93))
