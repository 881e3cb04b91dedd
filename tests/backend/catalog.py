"""What a database holds besides rows, as text that can be compared."""

from __future__ import annotations

import psycopg2

_OBJECTS = """
WITH ours AS (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
SELECT 'relation', relname, relkind::text FROM pg_class WHERE oid IN (SELECT oid FROM ours)
UNION ALL
SELECT 'column', attrelid::regclass || '.' || attname,
       concat_ws(' ', format_type(atttypid, atttypmod), attnotnull, attidentity, pg_get_expr(adbin, adrelid))
FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attrelid IN (SELECT oid FROM ours) AND attnum > 0 AND NOT attisdropped
UNION ALL
SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE conrelid IN (SELECT oid FROM ours)
UNION ALL
SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'label', enumtypid::regtype || '.' || enumlabel, enumsortorder::text FROM pg_enum
UNION ALL
SELECT 'type', typname, typtype::text FROM pg_type WHERE typnamespace = 'public'::regnamespace
"""
_NOT_OURS = ("alembic_version", "interlocking_")


def schema_of(url: str) -> set[tuple[str, str, str]]:
    """Return every object of the schema `public` but Alembic's and the guard's own: its kind, name and definition."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(_OBJECTS)
        objects = {row for row in cursor.fetchall() if not any(name in row[1] for name in _NOT_OURS)}
    connection.close()
    return objects
