"""The questions to the system catalogue that make up what a review knows of a database. Pure text.

Names come out as a review writes them: with their schema unless that is `public`.
"""

from __future__ import annotations

_SPACE = """
WITH space AS MATERIALIZED (
    SELECT oid, CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END AS prefix FROM pg_namespace
    WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'
), relation AS MATERIALIZED (
    SELECT c.*, space.prefix || c.relname AS name FROM pg_class c JOIN space ON space.oid = c.relnamespace
)
"""

TABLES = (
    _SPACE
    + """
SELECT r.name, r.relkind::text, GREATEST(r.reltuples, -1)::bigint, pg_total_relation_size(r.oid), coalesce(p.name, ''),
       ARRAY(SELECT a.attname::text FROM pg_attribute a JOIN pg_partitioned_table t ON t.partrelid = r.oid
             WHERE a.attrelid = r.oid AND a.attnum = ANY (t.partattrs::int2[])),
       EXISTS (SELECT FROM pg_policy WHERE polrelid = r.oid),
       coalesce(pg_get_expr(r.relpartbound, r.oid), '') = 'DEFAULT', r.relispopulated
FROM relation r
LEFT JOIN pg_inherits i ON i.inhrelid = r.oid AND r.relispartition
LEFT JOIN relation p ON p.oid = i.inhparent
WHERE r.relkind IN ('r', 'p', 'v', 'm', 'f')
"""
)

COLUMNS = (
    _SPACE
    + """
SELECT r.name, a.attname::text, format_type(a.atttypid, a.atttypmod),
       a.attnotnull AND NOT EXISTS (SELECT FROM pg_constraint n WHERE n.conrelid = r.oid AND n.contype = 'n'
                                    AND NOT n.convalidated AND n.conkey = ARRAY[a.attnum]),
       a.atthasdef OR a.attidentity <> '', a.attgenerated <> '',
       coalesce((SELECT collname::text FROM pg_collation WHERE oid = a.attcollation AND oid <> t.typcollation), ''),
       coalesce((SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef
                 WHERE adrelid = r.oid AND adnum = a.attnum AND a.attgenerated <> ''), '')
FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
WHERE r.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY r.name, a.attnum
"""
)

CONSTRAINTS = (
    _SPACE
    + """
SELECT r.name, c.conname::text, c.contype::text, c.convalidated, coalesce(f.name, ''),
       coalesce(pg_get_expr(c.conbin, c.conrelid), ''),
       ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k(number, place)
             JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = k.number ORDER BY k.place),
       ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k(number, place)
             JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number ORDER BY k.place)
FROM relation r JOIN pg_constraint c ON c.conrelid = r.oid LEFT JOIN relation f ON f.oid = c.confrelid
WHERE c.contype IN ('c', 'f', 'u', 'p', 'x', 'n')
"""
)

INDEXES = (
    _SPACE
    + """
SELECT i.name, r.name, x.indisunique, x.indisvalid, coalesce(pg_get_expr(x.indpred, x.indrelid), ''),
       ARRAY(SELECT coalesce(a.attname::text, '') FROM unnest(x.indkey::int2[]) WITH ORDINALITY k(number, place)
             LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = k.number AND k.number > 0
             WHERE k.place <= x.indnkeyatts ORDER BY k.place),
       coalesce(pg_get_expr(x.indexprs, x.indrelid), ''),
       0 = ALL (x.indoption::int2[]) AND NOT EXISTS (SELECT FROM pg_opclass o
                                                     WHERE o.oid = ANY (x.indclass::oid[]) AND NOT o.opcdefault)
FROM pg_index x JOIN relation i ON i.oid = x.indexrelid JOIN relation r ON r.oid = x.indrelid
"""
)

# Each trigger and policy with the columns of its table that its definition names.
ATTACHED = (
    _SPACE
    + """
, attached AS (
    SELECT 'pg_trigger'::regclass AS class, oid, tgrelid AS relation, 'trigger ' || tgname AS name, tgfoid AS function
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'pg_policy'::regclass, oid, polrelid, 'policy ' || polname, 0 FROM pg_policy
)
SELECT r.name, a.name::text,
       ARRAY(SELECT c.attname::text FROM pg_depend d
             JOIN pg_attribute c ON c.attrelid = r.oid AND c.attnum = d.refobjsubid
             WHERE d.classid = a.class AND d.objid = a.oid AND d.refclassid = 'pg_class'::regclass
             AND d.refobjid = r.oid AND d.refobjsubid > 0),
       coalesce((SELECT space.prefix || proname FROM pg_proc p JOIN space ON space.oid = p.pronamespace
                 WHERE p.oid = a.function), '')
FROM attached a JOIN relation r ON r.oid = a.relation
"""
)

# Each table: whether its updates or deletes are published, and the index by which a subscriber finds the row.
IDENTITIES = (
    _SPACE
    + """
, published AS MATERIALIZED (
    SELECT DISTINCT t.schemaname, t.tablename
    FROM pg_publication p JOIN pg_publication_tables t ON t.pubname = p.pubname
    WHERE p.pubupdate OR p.pubdelete
)
SELECT r.name, (r.relnamespace::regnamespace::text, r.relname) IN (SELECT schemaname::text, tablename FROM published),
       CASE r.relreplident WHEN 'f' THEN '*' WHEN 'n' THEN '' ELSE coalesce(
           (SELECT i.name FROM pg_index x JOIN relation i ON i.oid = x.indexrelid
            WHERE x.indrelid = r.oid
            AND CASE r.relreplident WHEN 'i' THEN x.indisreplident ELSE x.indisprimary END), '') END
FROM relation r WHERE r.relkind = 'r'
"""
)

EXTENSIONS = "SELECT extname::text FROM pg_extension"

ENUMS = (
    _SPACE
    + """
SELECT space.prefix || t.typname, array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
FROM pg_type t JOIN space ON space.oid = t.typnamespace JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY 1
"""
)

DOMAINS = (
    _SPACE
    + """
SELECT space.prefix || t.typname, format_type(t.typbasetype, t.typtypmod), t.typnotnull,
       ARRAY(SELECT conname::text FROM pg_constraint WHERE contypid = t.oid AND contype = 'c' ORDER BY conname),
       ARRAY(SELECT pg_get_expr(conbin, 0) FROM pg_constraint WHERE contypid = t.oid AND contype = 'c' ORDER BY conname)
FROM pg_type t JOIN space ON space.oid = t.typnamespace WHERE t.typtype = 'd'
"""
)

# Each view or materialized view with the columns that its rule reads.
USES = (
    _SPACE
    + """
SELECT DISTINCT v.name, r.name, a.attname::text
FROM relation v JOIN pg_rewrite w ON w.ev_class = v.oid
JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
JOIN relation r ON r.oid = d.refobjid AND r.oid <> v.oid
JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = d.refobjsubid
WHERE v.relkind IN ('v', 'm')
"""
)

QUERIES = _SPACE + "SELECT name, rtrim(pg_get_viewdef(oid), ';') FROM relation WHERE relkind IN ('v', 'm')"

# Below 16384 (FirstNormalObjectId) are the server's own; what came with an extension does what its documentation says.
FUNCTIONS = """
SELECT proname::text, bool_or(provolatile = 'v'),
       bool_or(p.oid >= 16384
               AND NOT EXISTS (SELECT FROM pg_depend d
                               WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'))
FROM pg_proc p WHERE prokind IN ('f', 'p') GROUP BY 1
"""

SERVER = "SELECT current_setting('server_version_num')::int, upper(current_setting('TimeZone'))"
