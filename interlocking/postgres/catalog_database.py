"""Queries for what belongs to the database as a whole: schemas, extensions, servers, publications, defaults.

Every query yields the five columns that `catalog_statement.statement` describes and reads the named subqueries
that stand before them there (`space`, `annotation`, `extension_member`). Options that may hold a password
are kept as a fingerprint: whether one changed is all that a comparison needs.

Source: https://www.postgresql.org/docs/18/catalogs.html.
"""

from __future__ import annotations

SCHEMAS = """
SELECT 'schema', n.nspname, '', n.nspname, json_build_object('comment', x.comment, 'privileges', x.privileges)
FROM space n
LEFT JOIN annotation x ON x.classid = 'pg_namespace'::regclass AND x.objid = n.oid
WHERE n.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_namespace'::regclass)
"""

EXTENSIONS = """
SELECT 'extension', '', '', e.extname, json_build_object(
    'version', e.extversion,
    'schema', e.extnamespace::regnamespace::text,
    'comment', x.comment)
FROM pg_extension e
LEFT JOIN annotation x ON x.classid = 'pg_extension'::regclass AND x.objid = e.oid
"""

EVENT_TRIGGERS = """
SELECT 'event trigger', '', '', e.evtname, json_build_object(
    'event', e.evtevent,
    'function', e.evtfoid::regprocedure::text,
    'tags', ARRAY(SELECT unnest(e.evttags) ORDER BY 1),
    'enabled', CASE e.evtenabled WHEN 'O' THEN 'origin' WHEN 'D' THEN 'disabled'
                                 WHEN 'R' THEN 'replica' ELSE 'always' END,
    'comment', x.comment)
FROM pg_event_trigger e
LEFT JOIN annotation x ON x.classid = 'pg_event_trigger'::regclass AND x.objid = e.oid
WHERE e.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_event_trigger'::regclass)
"""

LANGUAGES = """
SELECT 'language', '', '', l.lanname, json_build_object(
    'trusted', l.lanpltrusted,
    'handler', NULLIF(l.lanplcallfoid, 0)::regproc::text,
    'comment', x.comment,
    'privileges', x.privileges)
FROM pg_language l
LEFT JOIN annotation x ON x.classid = 'pg_language'::regclass AND x.objid = l.oid
WHERE l.lanispl
"""

FOREIGN_DATA_WRAPPERS = """
SELECT 'foreign data wrapper', '', '', w.fdwname, json_build_object(
    'handler', NULLIF(w.fdwhandler, 0)::regproc::text,
    'validator', NULLIF(w.fdwvalidator, 0)::regproc::text,
    'options', 'md5:' || md5(w.fdwoptions::text),
    'comment', x.comment,
    'privileges', x.privileges)
FROM pg_foreign_data_wrapper w
LEFT JOIN annotation x ON x.classid = 'pg_foreign_data_wrapper'::regclass AND x.objid = w.oid
WHERE w.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_foreign_data_wrapper'::regclass)
"""

FOREIGN_SERVERS = """
SELECT 'foreign server', '', '', s.srvname, json_build_object(
    'wrapper', (SELECT fdwname FROM pg_foreign_data_wrapper WHERE oid = s.srvfdw),
    'type', s.srvtype,
    'version', s.srvversion,
    'options', 'md5:' || md5(s.srvoptions::text),
    'comment', x.comment,
    'privileges', x.privileges)
FROM pg_foreign_server s
LEFT JOIN annotation x ON x.classid = 'pg_foreign_server'::regclass AND x.objid = s.oid
UNION ALL
SELECT 'user mapping', '', '', u.usename || ' on ' || u.srvname, json_build_object(
    'options', 'md5:' || md5(u.umoptions::text),
    'within', json_build_array(json_build_array('foreign server', '', '', u.srvname)))
FROM pg_user_mappings u
"""

# Read as JSON because the set of options grows with the version.
PUBLICATIONS = """
SELECT 'publication', '', '', p.pubname, json_build_object(
    'options', (to_jsonb(p) - '{oid,pubname,pubowner}'::text[])::text,
    'tables', ARRAY(SELECT concat_ws(' ', r.prrelid::regclass,
                                     (SELECT '(' || string_agg(attname, ', ' ORDER BY attnum) || ')' FROM pg_attribute
                                      WHERE attrelid = r.prrelid AND attnum = ANY(r.prattrs)),
                                     'where ' || pg_get_expr(r.prqual, r.prrelid))
                    FROM pg_publication_rel r WHERE r.prpubid = p.oid ORDER BY 1),
    'schemas', ARRAY(SELECT pnnspid::regnamespace::text FROM pg_publication_namespace
                     WHERE pnpubid = p.oid ORDER BY 1),
    'comment', x.comment)
FROM pg_publication p
LEFT JOIN annotation x ON x.classid = 'pg_publication'::regclass AND x.objid = p.oid
"""

# Column lists, row filters and whole schemas arrived in PostgreSQL 15.
_COLUMN_LISTS = 15_00_00
PUBLICATIONS_BEFORE_15 = """
SELECT 'publication', '', '', p.pubname, json_build_object(
    'options', (to_jsonb(p) - '{oid,pubname,pubowner}'::text[])::text,
    'tables', ARRAY(SELECT prrelid::regclass::text FROM pg_publication_rel WHERE prpubid = p.oid ORDER BY 1),
    'comment', x.comment)
FROM pg_publication p
LEFT JOIN annotation x ON x.classid = 'pg_publication'::regclass AND x.objid = p.oid
"""

# The connection string of a subscription is readable by superusers only, and holds a password.
SUBSCRIPTIONS = """
SELECT 'subscription', '', '', s.subname, json_build_object(
    'enabled', s.subenabled, 'slot', s.subslotname, 'publications', ARRAY(SELECT unnest(s.subpublications) ORDER BY 1))
FROM pg_subscription s
WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
"""

DEFAULT_PRIVILEGES = """
SELECT 'default privileges', coalesce(n.nspname, ''), '',
    concat_ws(' ', 'of', pg_get_userbyid(d.defaclrole), 'on',
              CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
                                   WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE 'large objects' END),
    json_build_object('privileges', array_to_string(ARRAY(SELECT unnest(d.defaclacl)::text ORDER BY 1), ', '))
FROM pg_default_acl d
LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
"""

# The name of the database is left out: snapshots of two copies must compare equal.
DATABASE = """
SELECT 'database', '', '', 'itself', json_build_object(
    'comment', (SELECT description FROM pg_shdescription
                WHERE classoid = 'pg_database'::regclass AND objoid = b.oid),
    'privileges', x.privileges)
FROM pg_database b
LEFT JOIN annotation x ON x.classid = 'pg_database'::regclass AND x.objid = b.oid
WHERE b.datname = current_database()
UNION ALL
SELECT 'database setting', '', '',
    split_part(setting, '=', 1) || CASE WHEN s.setrole <> 0 THEN ' of ' || pg_get_userbyid(s.setrole) ELSE '' END,
    json_build_object('value', 'md5:' || md5(setting))
FROM pg_db_role_setting s
CROSS JOIN LATERAL unnest(s.setconfig) AS setting
WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def queries(server_version: int) -> tuple[str, ...]:
    """Return the queries that a server of `server_version` understands.

    Args:
        server_version: as `connection.server_version` reports it: 150018 for 15.18.
    """
    return (
        SCHEMAS,
        EXTENSIONS,
        EVENT_TRIGGERS,
        LANGUAGES,
        FOREIGN_DATA_WRAPPERS,
        FOREIGN_SERVERS,
        PUBLICATIONS if server_version >= _COLUMN_LISTS else PUBLICATIONS_BEFORE_15,
        SUBSCRIPTIONS,
        DEFAULT_PRIVILEGES,
        DATABASE,
    )
