"""Queries for tables and what belongs to one: columns, constraints, indexes, triggers, policies, rules.

Every query yields the five columns that `catalog_statement.statement` describes and reads the named subqueries
that stand before them there (`space`, `relation`, `annotation`, `owned_sequence`, `extension_member`).
A percent sign would have to be doubled for the driver; none is used.

Source: https://www.postgresql.org/docs/18/catalogs.html and the System Information Functions chapter.
"""

from __future__ import annotations

TABLES = """
SELECT 'table', c.nspname, '', c.relname, json_build_object(
    'variety', CASE c.relkind WHEN 'p' THEN 'partitioned' WHEN 'f' THEN 'foreign' ELSE 'ordinary' END,
    'persistence', CASE c.relpersistence WHEN 'u' THEN 'unlogged' ELSE 'permanent' END,
    'columns', ARRAY(SELECT attname FROM pg_attribute
                     WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum),
    'options', CASE WHEN c.reloptions IS NOT NULL THEN ARRAY(SELECT unnest(c.reloptions) ORDER BY 1) END,
    'toast options', ARRAY(SELECT unnest(toast.reloptions) FROM pg_class toast
                           WHERE toast.oid = c.reltoastrelid ORDER BY 1),
    'tablespace', (SELECT spcname FROM pg_tablespace WHERE oid = c.reltablespace),
    'access method', (SELECT amname FROM pg_am WHERE oid = c.relam),
    'row security', c.relrowsecurity,
    'forced row security', c.relforcerowsecurity,
    'replica identity', CASE c.relreplident WHEN 'd' THEN 'default' WHEN 'n' THEN 'nothing'
                                            WHEN 'f' THEN 'full' ELSE 'index' END,
    'row type', CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END,
    'parents', ARRAY(SELECT inhparent::regclass::text FROM pg_inherits WHERE inhrelid = c.oid ORDER BY inhseqno),
    'partition key', pg_get_partkeydef(c.oid),
    'partition bound', pg_get_expr(c.relpartbound, c.oid),
    'server', (SELECT s.srvname FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = f.ftserver
               WHERE f.ftrelid = c.oid),
    'server options', (SELECT 'md5:' || md5(ftoptions::text) FROM pg_foreign_table WHERE ftrelid = c.oid),
    'comment', x.comment,
    'privileges', x.privileges,
    'within', (SELECT json_agg(json_build_array('table', p.nspname, '', p.relname))
               FROM pg_inherits i JOIN relation p ON p.oid = i.inhparent
               WHERE i.inhrelid = c.oid AND c.relispartition))
FROM relation c
LEFT JOIN annotation x ON x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.objsubid = 0
WHERE c.relkind IN ('r', 'p', 'f')
"""

# Views, materialized views and composite types have columns as well. A NOT NULL is a property of its
# column: PostgreSQL 18 also keeps it as a constraint, whose generated name must not count.
COLUMNS = """
SELECT 'column', c.nspname, c.relname, a.attname, json_build_object(
    'type', format_type(a.atttypid, a.atttypmod),
    'collation', CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END,
    'nullability', CASE WHEN a.attnotnull THEN 'not null' ELSE 'nullable' END,
    'validity', CASE WHEN NOT k.convalidated THEN 'NOT VALID' ELSE 'validated' END,
    'inheritance', CASE WHEN k.connoinherit THEN 'no inherit' END,
    'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
    'generated', CASE a.attgenerated WHEN 's' THEN 'stored ' WHEN 'v' THEN 'virtual ' END
                 || pg_get_expr(d.adbin, d.adrelid),
    'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
    'identity sequence', s.sequence,
    'identity options', s.options,
    'storage', CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END,
    'compression', NULLIF(a.attcompression, ''),
    'statistics target', NULLIF(a.attstattarget, -1),
    'options', CASE WHEN a.attoptions IS NOT NULL THEN ARRAY(SELECT unnest(a.attoptions) ORDER BY 1) END,
    'server options', 'md5:' || md5(a.attfdwoptions::text),
    'comment', x.comment,
    'privileges', x.privileges,
    'within', CASE WHEN a.attinhcount > 0 THEN (
        SELECT json_agg(json_build_array('column', p.nspname, p.relname, a.attname))
        FROM pg_inherits i JOIN relation p ON p.oid = i.inhparent WHERE i.inhrelid = c.oid) END)
FROM relation c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'n' AND k.conkey[1] = a.attnum
LEFT JOIN owned_sequence s ON s.deptype = 'i' AND s.refobjid = a.attrelid AND s.refobjsubid = a.attnum
LEFT JOIN annotation x ON x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.objsubid = a.attnum
WHERE c.relkind <> 'S'
"""

# A partition's copy of its parent's constraint is the parent's.
CONSTRAINTS = """
SELECT 'constraint', owner.nspname, owner.name, k.conname, json_build_object(
    'definition', regexp_replace(definition, ' NOT VALID$', ''),
    'validity', CASE WHEN definition ~ ' NOT VALID$' THEN 'NOT VALID' ELSE 'validated' END,
    'comment', x.comment)
FROM pg_constraint k
CROSS JOIN LATERAL pg_get_constraintdef(k.oid) definition
JOIN (SELECT oid AS relid, 0::oid AS typid, nspname, relname AS name FROM relation
      UNION ALL
      SELECT 0, t.oid, n.nspname, t.typname FROM pg_type t JOIN space n ON n.oid = t.typnamespace
      WHERE t.typtype = 'd' AND t.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_type'::regclass)
     ) owner ON owner.relid = k.conrelid AND owner.typid = k.contypid
LEFT JOIN annotation x ON x.classid = 'pg_constraint'::regclass AND x.objid = k.oid
WHERE k.contype IN ('c', 'f', 'p', 'u', 'x') AND k.conparentid = 0 AND k.conislocal
"""

# The definition of an index that serves a constraint, or a partition's copy of an index, follows from
# that constraint or index: it would be reported twice.
INDEXES = """
SELECT 'index', c.nspname, '', ic.relname, json_build_object(
    'definition', CASE WHEN k.oid IS NULL AND up.oid IS NULL THEN pg_get_indexdef(ic.oid) END,
    'constraint', k.conname,
    'parent', up.oid::regclass::text,
    'validity', CASE WHEN i.indisvalid AND i.indisready THEN 'valid' ELSE 'INVALID' END,
    'clustered', i.indisclustered,
    'replica identity', i.indisreplident,
    'options', CASE WHEN ic.reloptions IS NOT NULL THEN ARRAY(SELECT unnest(ic.reloptions) ORDER BY 1) END,
    'tablespace', (SELECT spcname FROM pg_tablespace WHERE oid = ic.reltablespace),
    'statistics targets', CASE WHEN i.indexprs IS NOT NULL THEN ARRAY(
        SELECT attname || ' ' || attstattarget FROM pg_attribute
        WHERE attrelid = ic.oid AND attstattarget >= 0 ORDER BY attnum) END,
    'comment', x.comment,
    'within', ARRAY[
        json_build_array(CASE WHEN c.relkind = 'm' THEN 'view' ELSE 'table' END, c.nspname, '', c.relname),
        json_build_array('constraint', c.nspname, c.relname, k.conname),
        json_build_array('index', upn.nspname, '', up.relname)])
FROM pg_index i
JOIN pg_class ic ON ic.oid = i.indexrelid
JOIN relation c ON c.oid = i.indrelid
LEFT JOIN pg_constraint k ON k.conindid = ic.oid AND k.conrelid = c.oid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_inherits h ON h.inhrelid = ic.oid
LEFT JOIN pg_class up ON up.oid = h.inhparent
LEFT JOIN pg_namespace upn ON upn.oid = up.relnamespace
LEFT JOIN annotation x ON x.classid = 'pg_class'::regclass AND x.objid = ic.oid AND x.objsubid = 0
"""

# The sequence of an identity column is part of that column; that of an ignored table is ignored.
SEQUENCES = """
SELECT 'sequence', c.nspname, '', c.relname, json_build_object(
    'type', format_type(s.seqtypid, NULL),
    'start', s.seqstart,
    'increment', s.seqincrement,
    'minimum', s.seqmin,
    'maximum', s.seqmax,
    'cache', s.seqcache,
    'cycle', s.seqcycle,
    'persistence', CASE c.relpersistence WHEN 'u' THEN 'unlogged' ELSE 'permanent' END,
    'owned by', o.owner,
    'comment', x.comment,
    'privileges', x.privileges,
    'within', o.within)
FROM pg_sequence s
JOIN relation c ON c.oid = s.seqrelid
LEFT JOIN owned_sequence o ON o.objid = c.oid
LEFT JOIN annotation x ON x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.objsubid = 0
WHERE o.objid IS NULL OR o.deptype = 'a' AND o.owner IS NOT NULL
"""

VIEWS = """
SELECT 'view', c.nspname, '', c.relname, json_build_object(
    'variety', CASE c.relkind WHEN 'm' THEN 'materialized' ELSE 'ordinary' END,
    'definition', pg_get_viewdef(c.oid),
    'populated', c.relispopulated,
    'options', CASE WHEN c.reloptions IS NOT NULL THEN ARRAY(SELECT unnest(c.reloptions) ORDER BY 1) END,
    'tablespace', (SELECT spcname FROM pg_tablespace WHERE oid = c.reltablespace),
    'access method', (SELECT amname FROM pg_am WHERE oid = c.relam),
    'comment', x.comment,
    'privileges', x.privileges)
FROM relation c
LEFT JOIN annotation x ON x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.objsubid = 0
WHERE c.relkind IN ('v', 'm')
"""

RULES = """
SELECT 'rule', c.nspname, c.relname, r.rulename, json_build_object(
    'definition', pg_get_ruledef(r.oid),
    'enabled', CASE r.ev_enabled WHEN 'O' THEN 'origin' WHEN 'D' THEN 'disabled'
                                 WHEN 'R' THEN 'replica' ELSE 'always' END,
    'comment', x.comment)
FROM pg_rewrite r
JOIN relation c ON c.oid = r.ev_class
LEFT JOIN annotation x ON x.classid = 'pg_rewrite'::regclass AND x.objid = r.oid
WHERE r.rulename <> '_RETURN'
"""

# A partition's copy of a trigger follows its parent's, but can be disabled alone.
TRIGGERS = """
SELECT 'trigger', c.nspname, c.relname, g.tgname, json_build_object(
    'definition', CASE WHEN g.tgparentid = 0 THEN pg_get_triggerdef(g.oid) END,
    'enabled', CASE g.tgenabled WHEN 'O' THEN 'origin' WHEN 'D' THEN 'disabled'
                                WHEN 'R' THEN 'replica' ELSE 'always' END,
    'comment', x.comment,
    'within', CASE WHEN g.tgparentid <> 0 THEN (
        SELECT json_agg(json_build_array('trigger', p.nspname, p.relname, up.tgname))
        FROM pg_trigger up JOIN relation p ON p.oid = up.tgrelid WHERE up.oid = g.tgparentid) END)
FROM pg_trigger g
JOIN relation c ON c.oid = g.tgrelid
LEFT JOIN annotation x ON x.classid = 'pg_trigger'::regclass AND x.objid = g.oid
WHERE NOT g.tgisinternal
"""

POLICIES = """
SELECT 'policy', c.nspname, c.relname, p.polname, json_build_object(
    'command', CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update'
                             WHEN 'd' THEN 'delete' ELSE 'all' END,
    'permissive', p.polpermissive,
    'roles', ARRAY(SELECT CASE role WHEN 0 THEN 'public' ELSE pg_get_userbyid(role) END
                   FROM unnest(p.polroles) AS role ORDER BY 1),
    'using', pg_get_expr(p.polqual, p.polrelid),
    'check', pg_get_expr(p.polwithcheck, p.polrelid),
    'comment', x.comment)
FROM pg_policy p
JOIN relation c ON c.oid = p.polrelid
LEFT JOIN annotation x ON x.classid = 'pg_policy'::regclass AND x.objid = p.oid
"""

STATISTICS = """
SELECT 'statistics', n.nspname, '', s.stxname, json_build_object(
    'definition', pg_get_statisticsobjdef(s.oid),
    'target', NULLIF(s.stxstattarget, -1),
    'comment', x.comment,
    'within', json_build_array(json_build_array('table', c.nspname, '', c.relname)))
FROM pg_statistic_ext s
JOIN space n ON n.oid = s.stxnamespace
JOIN relation c ON c.oid = s.stxrelid
LEFT JOIN annotation x ON x.classid = 'pg_statistic_ext'::regclass AND x.objid = s.oid
"""

QUERIES: tuple[str, ...] = (
    TABLES,
    COLUMNS,
    CONSTRAINTS,
    INDEXES,
    SEQUENCES,
    VIEWS,
    RULES,
    TRIGGERS,
    POLICIES,
    STATISTICS,
)
