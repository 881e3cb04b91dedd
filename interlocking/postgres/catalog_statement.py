"""The whole catalog as one SQL statement, so that a snapshot is one question to the server.

Each row is one object: `kind`, `schema`, `relation` (the table, view or domain that a member belongs to,
else empty), `name`, and `attributes`, a JSON object as text whose key `within` lists what the object vanishes
with, each as kind, schema, relation and name. No oid leaves the server: they change when an object is made
again. Definitions are read with an empty `search_path`, so every name in them is qualified.
"""

from __future__ import annotations

from functools import cache

from interlocking.postgres import catalog_database, catalog_relations, catalog_types

# What a session could have set that changes how PostgreSQL writes a definition, and what would make it
# spend longer on planning or compiling this statement than on running it.
SETTINGS = """
SET LOCAL search_path = '';
SET LOCAL quote_all_identifiers = off;
SET LOCAL DateStyle = 'ISO, YMD';
SET LOCAL IntervalStyle = 'postgres';
SET LOCAL TimeZone = 'UTC';
SET LOCAL extra_float_digits = 1;
SET LOCAL bytea_output = 'hex';
SET LOCAL lc_monetary = 'C';
SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0;
"""

# `annotation`: the comment and the privileges of every object, said once. Privileges that equal what an
# object has when nothing was ever granted are left out: GRANT followed by REVOKE writes them down.
# Oids from 16384 on belong to users' objects (FirstNormalObjectId in access/transam.h); `public` does not.
_COMMON = """
WITH space AS MATERIALIZED (
    SELECT oid, nspname FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'
), extension_member AS MATERIALIZED (
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), relation AS MATERIALIZED (
    SELECT c.*, n.nspname FROM pg_class c JOIN space n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'c')
      AND n.nspname || '.' || c.relname <> ALL (%(ignore)s)
      AND c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
), owned_sequence AS MATERIALIZED (
    SELECT d.objid, d.deptype, d.refobjid, d.refobjsubid,
           c.oid::regclass::text || '.' || a.attname AS owner,
           s.seqrelid::regclass::text AS sequence,
           concat_ws(' ', format_type(s.seqtypid, NULL), 'start', s.seqstart, 'increment', s.seqincrement,
                     'minimum', s.seqmin, 'maximum', s.seqmax, 'cache', s.seqcache,
                     CASE WHEN s.seqcycle THEN 'cycle' END) AS options,
           json_build_array(json_build_array('column', c.nspname, c.relname, a.attname)) AS within
    FROM pg_sequence s
    JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.objsubid = 0
                    AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    LEFT JOIN relation c ON c.oid = d.refobjid
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
), granted AS (
    SELECT 'pg_class'::regclass AS classid, oid AS objid, 0 AS objsubid, relacl AS acl,
           acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner) AS standard
    FROM pg_class WHERE relacl IS NOT NULL AND oid >= 16384
    UNION ALL
    SELECT 'pg_class'::regclass, attrelid, attnum, attacl, '{}' FROM pg_attribute
    WHERE attacl IS NOT NULL AND attrelid >= 16384
    UNION ALL
    SELECT 'pg_proc'::regclass, oid, 0, proacl, acldefault('f', proowner) FROM pg_proc
    WHERE proacl IS NOT NULL AND oid >= 16384
    UNION ALL
    SELECT 'pg_type'::regclass, oid, 0, typacl, acldefault('T', typowner) FROM pg_type WHERE typacl IS NOT NULL
    UNION ALL
    SELECT 'pg_namespace'::regclass, oid, 0, nspacl, acldefault('n', nspowner) FROM pg_namespace
    WHERE nspacl IS NOT NULL
    UNION ALL
    SELECT 'pg_language'::regclass, oid, 0, lanacl, acldefault('l', lanowner) FROM pg_language
    WHERE lanacl IS NOT NULL
    UNION ALL
    SELECT 'pg_foreign_data_wrapper'::regclass, oid, 0, fdwacl, acldefault('F', fdwowner)
    FROM pg_foreign_data_wrapper WHERE fdwacl IS NOT NULL
    UNION ALL
    SELECT 'pg_foreign_server'::regclass, oid, 0, srvacl, acldefault('S', srvowner)
    FROM pg_foreign_server WHERE srvacl IS NOT NULL
    UNION ALL
    SELECT 'pg_database'::regclass, oid, 0, datacl, acldefault('d', datdba)
    FROM pg_database WHERE datacl IS NOT NULL
), annotation AS MATERIALIZED (
    SELECT classid, objid, objsubid, max(comment) AS comment, max(privileges) AS privileges
    FROM (SELECT classoid AS classid, objoid AS objid, objsubid, description AS comment, NULL AS privileges
          FROM pg_description WHERE objoid >= 16384 OR classoid = 'pg_namespace'::regclass
          UNION ALL
          SELECT classid, objid, objsubid, NULL, actual.list
          FROM granted
          CROSS JOIN LATERAL array_to_string(ARRAY(SELECT unnest(acl)::text ORDER BY 1), ', ') AS actual(list)
          CROSS JOIN LATERAL array_to_string(ARRAY(SELECT unnest(standard)::text ORDER BY 1), ', ') AS usual(list)
          WHERE actual.list <> usual.list) AS said
    GROUP BY classid, objid, objsubid
)
SELECT kind, schema, relation, name, attributes::text FROM (
"""

_COMPRESSION_BY_COLUMN = 14_00_00


@cache
def statement(server_version: int) -> str:
    """Return the statement that reads the catalog, for the parameter `ignore` (a list of text).

    Args:
        server_version: as `connection.server_version` reports it: 150018 for 15.18.
    """
    queries = (*catalog_relations.QUERIES, *catalog_types.QUERIES, *catalog_database.queries(server_version))
    text = _COMMON + "UNION ALL".join(queries) + ") AS object (kind, schema, relation, name, attributes)"
    if server_version < _COMPRESSION_BY_COLUMN:
        return text.replace("NULLIF(a.attcompression, '')", "NULL")
    return text
