"""Queries for types, collations, functions, operators and text search: what lives in a schema beside tables.

Every query yields the five columns that `catalog_statement.statement` describes and reads the named subqueries
that stand before them there (`space`, `annotation`, `extension_member`).

Source: https://www.postgresql.org/docs/18/catalogs.html.
"""

from __future__ import annotations

# Row types of tables and array types come and go with what they belong to.
TYPES = """
SELECT 'type', n.nspname, '', t.typname, json_build_object(
    'variety', CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'c' THEN 'composite'
                              WHEN 'r' THEN 'range' WHEN 'p' THEN 'shell' ELSE 'base' END,
    'labels', CASE WHEN t.typtype = 'e' THEN ARRAY(
        SELECT enumlabel FROM pg_enum WHERE enumtypid = t.oid ORDER BY enumsortorder) END,
    'columns', CASE WHEN t.typtype = 'c' THEN ARRAY(
        SELECT attname FROM pg_attribute
        WHERE attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped ORDER BY attnum) END,
    'base type', CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
    'default', t.typdefault,
    'nullability', CASE WHEN t.typnotnull THEN 'not null' ELSE 'nullable' END,
    'collation', CASE WHEN t.typtype = 'd' THEN NULLIF(t.typcollation, 0)::regcollation::text END,
    'range', (SELECT concat_ws(' ', format_type(r.rngsubtype, NULL), NULLIF(r.rngcollation, 0)::regcollation::text,
                               o.opcname, NULLIF(r.rngcanonical, 0)::regproc::text,
                               NULLIF(r.rngsubdiff, 0)::regproc::text)
              FROM pg_range r JOIN pg_opclass o ON o.oid = r.rngsubopc WHERE r.rngtypid = t.oid),
    'input and output', CASE WHEN t.typtype = 'b' THEN concat_ws(' ', t.typinput::text, t.typoutput::text) END,
    'comment', x.comment,
    'privileges', x.privileges)
FROM pg_type t
JOIN space n ON n.oid = t.typnamespace
LEFT JOIN annotation x ON x.classid = 'pg_type'::regclass AND x.objid = t.oid
WHERE (t.typtype IN ('e', 'd', 'r')
       OR t.typtype = 'c' AND (SELECT relkind FROM pg_class WHERE oid = t.typrelid) = 'c'
       OR t.typtype IN ('b', 'p') AND NOT EXISTS (SELECT FROM pg_type element WHERE element.typarray = t.oid))
  AND t.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_type'::regclass)
"""

COLLATIONS = """
SELECT 'collation', n.nspname, '', c.collname, json_build_object(
    'definition', (to_jsonb(c) - '{oid,collname,collnamespace,collowner,collversion}'::text[])::text,
    'comment', x.comment)
FROM pg_collation c
JOIN space n ON n.oid = c.collnamespace
LEFT JOIN annotation x ON x.classid = 'pg_collation'::regclass AND x.objid = c.oid
WHERE c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_collation'::regclass)
"""

# Two functions may share a name: the types of the arguments are part of it. The constructors of a range
# type depend on it internally and come and go with it.
FUNCTIONS = """
SELECT 'function', n.nspname, '', p.proname || '(' || oidvectortypes(p.proargtypes) || ')', json_build_object(
    'variety', CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate'
                              WHEN 'w' THEN 'window function' ELSE 'function' END,
    'definition', CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END,
    'aggregate', (SELECT concat_ws(' ', pg_get_function_arguments(p.oid), format_type(p.prorettype, NULL),
                                   p.proparallel, g.aggkind, format_type(g.aggtranstype, NULL),
                                   g.aggtransfn, g.aggfinalfn, g.aggcombinefn, g.aggserialfn, g.aggdeserialfn,
                                   g.aggmtransfn, g.aggminvtransfn, g.aggmfinalfn, g.aggfinalmodify,
                                   g.aggsortop::regoperator, g.aggtransspace, g.agginitval)
                  FROM pg_aggregate g WHERE g.aggfnoid = p.oid),
    'comment', x.comment,
    'privileges', x.privileges)
FROM pg_proc p
JOIN space n ON n.oid = p.pronamespace
LEFT JOIN annotation x ON x.classid = 'pg_proc'::regclass AND x.objid = p.oid
WHERE p.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i'))
"""

OPERATORS = """
SELECT 'operator', n.nspname, '',
    concat(o.oprname, '(', format_type(NULLIF(o.oprleft, 0), NULL), ',', format_type(NULLIF(o.oprright, 0), NULL), ')'),
    json_build_object(
        'definition', concat_ws(' ', o.oprcode, format_type(o.oprresult, NULL), o.oprcom::regoperator,
                                o.oprnegate::regoperator, o.oprrest, o.oprjoin, o.oprcanmerge, o.oprcanhash),
        'comment', x.comment)
FROM pg_operator o
JOIN space n ON n.oid = o.oprnamespace
LEFT JOIN annotation x ON x.classid = 'pg_operator'::regclass AND x.objid = o.oid
WHERE o.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_operator'::regclass)
"""

OPERATOR_CLASSES = """
SELECT 'operator class', n.nspname, '', o.opcname || ' using ' || m.amname, json_build_object(
    'family', (SELECT opfname FROM pg_opfamily WHERE oid = o.opcfamily),
    'type', format_type(o.opcintype, NULL),
    'stored type', format_type(NULLIF(o.opckeytype, 0), NULL),
    'default', o.opcdefault,
    'comment', x.comment)
FROM pg_opclass o
JOIN pg_am m ON m.oid = o.opcmethod
JOIN space n ON n.oid = o.opcnamespace
LEFT JOIN annotation x ON x.classid = 'pg_opclass'::regclass AND x.objid = o.oid
WHERE o.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_opclass'::regclass)
"""

OPERATOR_FAMILIES = """
SELECT 'operator family', n.nspname, '', f.opfname || ' using ' || m.amname, json_build_object(
    'operators', ARRAY(SELECT amopopr::regoperator::text || ' ' || amopstrategy
                       FROM pg_amop WHERE amopfamily = f.oid ORDER BY 1),
    'functions', ARRAY(SELECT concat_ws(' ', format_type(amproclefttype, NULL), format_type(amprocrighttype, NULL),
                                        amprocnum, amproc)
                       FROM pg_amproc WHERE amprocfamily = f.oid ORDER BY 1),
    'comment', x.comment)
FROM pg_opfamily f
JOIN pg_am m ON m.oid = f.opfmethod
JOIN space n ON n.oid = f.opfnamespace
LEFT JOIN annotation x ON x.classid = 'pg_opfamily'::regclass AND x.objid = f.oid
WHERE f.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_opfamily'::regclass)
"""

# A cast has no schema; oids below 16384 are PostgreSQL's own (FirstNormalObjectId in access/transam.h).
CASTS = """
SELECT 'cast', '', '', format_type(c.castsource, NULL) || ' as ' || format_type(c.casttarget, NULL), json_build_object(
    'function', NULLIF(c.castfunc, 0)::regprocedure::text,
    'context', CASE c.castcontext WHEN 'e' THEN 'explicit' WHEN 'a' THEN 'assignment' ELSE 'implicit' END,
    'method', CASE c.castmethod WHEN 'f' THEN 'function' WHEN 'i' THEN 'input and output' ELSE 'binary' END,
    'comment', x.comment)
FROM pg_cast c
LEFT JOIN annotation x ON x.classid = 'pg_cast'::regclass AND x.objid = c.oid
WHERE c.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype IN ('e', 'i'))
"""

TEXT_SEARCH = """
SELECT 'text search configuration', n.nspname, '', c.cfgname, json_build_object(
    'parser', (SELECT prsname FROM pg_ts_parser WHERE oid = c.cfgparser),
    'mapping', ARRAY(SELECT concat_ws(' ', maptokentype, mapseqno, mapdict::regdictionary) FROM pg_ts_config_map
                     WHERE mapcfg = c.oid ORDER BY maptokentype, mapseqno),
    'comment', x.comment)
FROM pg_ts_config c
JOIN space n ON n.oid = c.cfgnamespace
LEFT JOIN annotation x ON x.classid = 'pg_ts_config'::regclass AND x.objid = c.oid
WHERE c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_ts_config'::regclass)
UNION ALL
SELECT 'text search dictionary', n.nspname, '', d.dictname, json_build_object(
    'template', (SELECT tmplname FROM pg_ts_template WHERE oid = d.dicttemplate),
    'options', d.dictinitoption,
    'comment', x.comment)
FROM pg_ts_dict d
JOIN space n ON n.oid = d.dictnamespace
LEFT JOIN annotation x ON x.classid = 'pg_ts_dict'::regclass AND x.objid = d.oid
WHERE d.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_ts_dict'::regclass)
"""

# Rare enough that a name and a function say all that a comparison needs.
OTHERS = """
SELECT 'text search template', n.nspname, '', t.tmplname, json_build_object('lexize', t.tmpllexize::text)
FROM pg_ts_template t JOIN space n ON n.oid = t.tmplnamespace
WHERE t.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_ts_template'::regclass)
UNION ALL
SELECT 'text search parser', n.nspname, '', p.prsname, json_build_object('start', p.prsstart::text)
FROM pg_ts_parser p JOIN space n ON n.oid = p.prsnamespace
WHERE p.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_ts_parser'::regclass)
UNION ALL
SELECT 'conversion', n.nspname, '', c.conname, json_build_object('function', c.conproc::text, 'default', c.condefault)
FROM pg_conversion c JOIN space n ON n.oid = c.connamespace
WHERE c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_conversion'::regclass)
UNION ALL
SELECT 'access method', '', '', m.amname, json_build_object('handler', m.amhandler::text)
FROM pg_am m
WHERE m.oid >= 16384 AND m.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_am'::regclass)
UNION ALL
SELECT 'transform', '', '', format_type(t.trftype, NULL) || ' for ' || l.lanname,
    json_build_object('from', NULLIF(t.trffromsql, 0)::regprocedure::text,
                      'to', NULLIF(t.trftosql, 0)::regprocedure::text)
FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang
WHERE t.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_transform'::regclass)
"""

QUERIES: tuple[str, ...] = (
    TYPES,
    COLLATIONS,
    FUNCTIONS,
    OPERATORS,
    OPERATOR_CLASSES,
    OPERATOR_FAMILIES,
    CASTS,
    TEXT_SEARCH,
    OTHERS,
)
