-- The schema of the connection's database, read from pg_catalog: nothing but CONNECT needed, PostgreSQL 13 to 18.
-- Each SELECT is one kind; each row is its name and a JSON object, as text, without nulls and without what is false (one
-- jsonb value for all would end at 256 MB). They are sent together, in one snapshot whose settings make the server spell
-- names and constants in one way (transaction_settings.sql).
--
-- Left out, because the release does not make it or it is no part of the model:
--   system schemas, temporary tables, all that an extension owns, Prisma's own table of migrations;
--   not-null constraints as objects (pg_constraint 'n' since 18: the column says all of it), internal triggers
--     (whether a foreign key is enforced says it);
--   what a partition or an inheriting table has from its parent (columns say so, the rest is the parent's);
--   indexes of constraints (the constraint says it), sequences of identity columns (the column says it);
--   window functions, foreign servers, constraints and triggers of foreign tables, members that are added to
--   operator families of the system and of extensions,
--   operators that are only announced, connections of subscriptions, defaults of views' columns, comments,
--   privileges, ownership, tablespaces, how columns of indexes and materialized views are stored, the order of columns.
--
-- Older servers lack some columns: to_jsonb(row) -> 'name' reads them without asking for the version.
SELECT 'schema', json_build_object('name', nspname)::text
FROM pg_namespace n
WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_namespace'::regclass AND objid = n.oid AND deptype = 'e')
ORDER BY nspname;

SELECT 'table', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'name', c.relname,
    'unlogged', NULLIF(c.relpersistence = 'u', false),
    'partition_by', CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
    'bound', pg_get_expr(c.relpartbound, c.oid),
    'bound_types', CASE WHEN c.relispartition THEN (
        SELECT json_agg(format_type(CASE WHEN kt.typtype = 'p' THEN a.atttypid ELSE kt.oid END, NULL) ORDER BY k.place)
        FROM pg_inherits i
        JOIN pg_partitioned_table p ON p.partrelid = i.inhparent
        CROSS JOIN unnest(p.partattrs::int2[], p.partclass::oid[]) WITH ORDINALITY k (number, class, place)
        JOIN pg_opclass oc ON oc.oid = k.class
        JOIN pg_type kt ON kt.oid = oc.opcintype
        LEFT JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = k.number
        WHERE i.inhrelid = c.oid) END,
    'partition', NULLIF(c.relispartition, false),
    'parents', (
        SELECT json_agg(json_build_array(pn.nspname, p.relname) ORDER BY i.inhseqno)
        FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
        WHERE i.inhrelid = c.oid),
    'parameters', c.reloptions,
    'toast_parameters', o.reloptions,
    'no_toast', NULLIF(o.oid IS NULL, false),
    'row_security', NULLIF(c.relrowsecurity, false),
    'forced_row_security', NULLIF(c.relforcerowsecurity, false),
    'replica_identity', NULLIF(c.relreplident, 'd'),
    'replica_index', CASE WHEN c.relreplident = 'i' THEN (
        SELECT json_build_array(xn.nspname, x.relname, con.contype)
        FROM pg_index i
        JOIN pg_class x ON x.oid = i.indexrelid
        JOIN pg_namespace xn ON xn.oid = x.relnamespace
        LEFT JOIN pg_constraint con ON con.conindid = i.indexrelid AND con.contype IN ('p', 'u', 'x')
        WHERE i.indrelid = c.oid AND i.indisreplident) END,
    'columns', (
        SELECT json_agg(json_build_object(
            'name', a.attname,
            'type', format_type(a.atttypid, a.atttypmod),
            'not_null', NULLIF(a.attnotnull, false),
            'not_null_as', CASE WHEN a.attnotnull AND current_setting('server_version_num')::int >= 180000 THEN (
                SELECT json_build_object(
                    'name', NULLIF(con.conname, c.relname || '_' || a.attname || '_not_null'),
                    'not_valid', NULLIF(NOT con.convalidated, false),
                    'no_inherit', NULLIF(con.connoinherit, false))
                FROM pg_constraint con
                WHERE con.conrelid = a.attrelid AND con.contype = 'n' AND con.conkey[1] = a.attnum
                  AND (con.conname <> c.relname || '_' || a.attname || '_not_null' OR NOT con.convalidated
                       OR con.connoinherit)) END,
            'default', pg_get_expr(d.adbin, d.adrelid),
            'identity', NULLIF(a.attidentity, ''),
            'generated', NULLIF(a.attgenerated, ''),
            'inherited', NULLIF(a.attinhcount > 0, false),
            'storage', NULLIF(a.attstorage, t.typstorage),
            'compression', NULLIF(attcompression, ''),
            'statistics', NULLIF(a.attstattarget, -1),
            'options', a.attoptions,
            'collation', CASE WHEN a.attcollation <> t.typcollation THEN (
                SELECT json_build_array(ln.nspname, l.collname)
                FROM pg_collation l JOIN pg_namespace ln ON ln.oid = l.collnamespace WHERE l.oid = a.attcollation) END,
            'sequence', CASE WHEN a.attidentity <> '' THEN (
                SELECT json_build_object('type', format_type(s.seqtypid, NULL), 'start', s.seqstart, 'increment',
                    s.seqincrement, 'minimum', s.seqmin, 'maximum', s.seqmax, 'cache', s.seqcache, 'cycle', s.seqcycle)
                FROM pg_depend o JOIN pg_sequence s ON s.seqrelid = o.objid
                WHERE o.classid = 'pg_class'::regclass AND o.refclassid = 'pg_class'::regclass
                  AND o.refobjid = c.oid AND o.refobjsubid = a.attnum AND o.deptype = 'i') END
        ) ORDER BY a.attnum)
        FROM pg_attribute a
        JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)))::text
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class o ON o.oid = c.reltoastrelid
-- Before 14 there is no pg_attribute.attcompression, and the name leads here.
CROSS JOIN (SELECT ''::"char" AS attcompression) older
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND c.relname <> '_prisma_migrations'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
ORDER BY n.nspname, c.relname;

SELECT 'constraint', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'table', c.relname,
    'name', con.conname,
    'type', con.contype,
    'columns', (
        SELECT json_agg(a.attname ORDER BY k.place)
        FROM unnest(con.conkey) WITH ORDINALITY k (number, place)
        JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.number),
    'include', (
        SELECT json_agg(a.attname ORDER BY k.place)
        FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (number, place)
        JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.number
        WHERE k.place > i.indnkeyatts),
    'nulls_not_distinct', CASE WHEN con.contype = 'u' THEN to_jsonb(i) -> 'indnullsnotdistinct' END,
    'period', NULLIF(to_jsonb(con) -> 'conperiod', 'false'),
    'expression', CASE WHEN con.contype = 'c' THEN pg_get_expr(con.conbin, con.conrelid) END,
    'definition', CASE WHEN con.contype = 'x' THEN pg_get_constraintdef(con.oid) END,
    'parameters', x.reloptions,
    'deferrable', NULLIF(con.condeferrable, false),
    'deferred', NULLIF(con.condeferred, false),
    'not_valid', NULLIF(NOT con.convalidated, false),
    'no_inherit', CASE WHEN con.contype = 'c' THEN NULLIF(con.connoinherit, false) END,
    'enforced', CASE
        WHEN con.contype = 'f' AND con.oid IN (
            -- DISABLE TRIGGER ALL, on either table or on a partition of it, switches the checking off.
            WITH RECURSIVE off AS (
                SELECT o.oid, o.conparentid FROM pg_trigger t JOIN pg_constraint o ON o.oid = t.tgconstraint
                WHERE t.tgisinternal AND t.tgenabled IN ('D', 'R') AND o.contype = 'f'
                UNION SELECT o.oid, o.conparentid FROM off JOIN pg_constraint o ON o.oid = off.conparentid)
            SELECT oid FROM off) THEN to_jsonb(false)
        WHEN con.contype IN ('c', 'f') THEN to_jsonb(con) -> 'conenforced' END,
    'referenced', CASE WHEN con.contype = 'f' THEN json_build_object(
        'schema', rn.nspname,
        'table', r.relname,
        'columns', (
            SELECT json_agg(a.attname ORDER BY k.place)
            FROM unnest(con.confkey) WITH ORDINALITY k (number, place)
            JOIN pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.number),
        'on_update', con.confupdtype,
        'on_delete', con.confdeltype,
        'match', con.confmatchtype,
        'on_delete_columns', (
            SELECT json_agg(a.attname ORDER BY k.place)
            FROM jsonb_array_elements_text(NULLIF(to_jsonb(con) -> 'confdelsetcols', 'null')) WITH ORDINALITY k (number, place)
            JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.number::int2)) END))::text
FROM pg_constraint con
JOIN pg_class c ON c.oid = con.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_index i ON i.indexrelid = con.conindid AND con.contype IN ('p', 'u')
LEFT JOIN pg_class x ON x.oid = con.conindid AND con.contype IN ('p', 'u', 'x')
LEFT JOIN pg_class r ON r.oid = con.confrelid
LEFT JOIN pg_namespace rn ON rn.oid = r.relnamespace
WHERE con.contype IN ('p', 'u', 'f', 'c', 'x') AND con.conparentid = 0 AND (con.conislocal OR con.coninhcount = 0)
  AND c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND c.relname <> '_prisma_migrations'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
ORDER BY n.nspname, c.relname, con.conname;

SELECT 'index', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'name', x.relname,
    'table_schema', cn.nspname,
    'table', c.relname,
    'materialized_view', NULLIF(c.relkind = 'm', false),
    'definition', pg_get_indexdef(i.indexrelid),
    'parameters', x.reloptions,
    'invalid', NULLIF(NOT i.indisvalid, false)))::text
FROM pg_index i
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = x.relnamespace
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace cn ON cn.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND cn.nspname !~ '^pg_' AND cn.nspname <> 'information_schema'
  AND c.relname <> '_prisma_migrations'
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND contype IN ('p', 'u', 'x'))
  AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = i.indexrelid)
  AND NOT EXISTS (SELECT FROM pg_depend
                  WHERE classid = 'pg_class'::regclass AND objid IN (i.indrelid, i.indexrelid) AND deptype = 'e')
ORDER BY n.nspname, x.relname;

SELECT 'cluster_mark', json_build_object(
    'schema', n.nspname,
    'name', c.relname,
    'index', json_build_array(xn.nspname, x.relname, con.contype))::text
FROM pg_index i
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_namespace xn ON xn.oid = x.relnamespace
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_constraint con ON con.conindid = i.indexrelid AND con.contype IN ('p', 'u', 'x')
WHERE i.indisclustered AND c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND c.relname <> '_prisma_migrations'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
ORDER BY n.nspname, c.relname;

SELECT 'enum', json_build_object(
    'schema', n.nspname,
    'name', t.typname,
    'values', (SELECT json_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))::text
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_type'::regclass AND objid = t.oid AND deptype = 'e')
ORDER BY n.nspname, t.typname;

SELECT 'domain', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'name', t.typname,
    'type', format_type(t.typbasetype, t.typtypmod),
    'not_null', NULLIF(t.typnotnull, false),
    'default', pg_get_expr(t.typdefaultbin, 0),
    'collation', CASE WHEN t.typcollation <> b.typcollation THEN (
        SELECT json_build_array(ln.nspname, l.collname)
        FROM pg_collation l JOIN pg_namespace ln ON ln.oid = l.collnamespace WHERE l.oid = t.typcollation) END,
    'checks', (
        SELECT json_agg(json_build_object(
            'name', conname, 'expression', pg_get_expr(conbin, 0), 'not_valid', NOT convalidated) ORDER BY conname)
        FROM pg_constraint WHERE contypid = t.oid AND contype = 'c')))::text
FROM pg_type t
JOIN pg_type b ON b.oid = t.typbasetype
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'd' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_type'::regclass AND objid = t.oid AND deptype = 'e')
ORDER BY n.nspname, t.typname;

SELECT 'composite', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'name', c.relname,
    'attributes', (
        SELECT json_agg(json_build_object(
            'name', a.attname,
            'type', format_type(a.atttypid, a.atttypmod),
            'collation', CASE WHEN a.attcollation <> t.typcollation THEN (
                SELECT json_build_array(ln.nspname, l.collname)
                FROM pg_collation l JOIN pg_namespace ln ON ln.oid = l.collnamespace WHERE l.oid = a.attcollation) END
        ) ORDER BY a.attnum)
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)))::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'c' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_type'::regclass AND objid = c.reltype AND deptype = 'e')
ORDER BY n.nspname, c.relname;

SELECT 'range', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'name', t.typname,
    'subtype', format_type(r.rngsubtype, NULL),
    'operator_class', CASE WHEN NOT o.opcdefault THEN o.opcname END,
    'collation', CASE WHEN r.rngcollation <> s.typcollation THEN (
        SELECT json_build_array(ln.nspname, l.collname)
        FROM pg_collation l JOIN pg_namespace ln ON ln.oid = l.collnamespace WHERE l.oid = r.rngcollation) END,
    'canonical', (
        SELECT json_build_array(fn.nspname, f.proname)
        FROM pg_proc f JOIN pg_namespace fn ON fn.oid = f.pronamespace WHERE f.oid = r.rngcanonical),
    'subtype_diff', (
        SELECT json_build_array(fn.nspname, f.proname)
        FROM pg_proc f JOIN pg_namespace fn ON fn.oid = f.pronamespace WHERE f.oid = r.rngsubdiff),
    'multirange', (
        SELECT json_build_array(mn.nspname, m.typname)
        FROM pg_type m JOIN pg_namespace mn ON mn.oid = m.typnamespace
        WHERE m.oid = (to_jsonb(r) ->> 'rngmultitypid')::oid)))::text
FROM pg_range r
JOIN pg_type t ON t.oid = r.rngtypid
JOIN pg_type s ON s.oid = r.rngsubtype
JOIN pg_opclass o ON o.oid = r.rngsubopc
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_type'::regclass AND objid = t.oid AND deptype = 'e')
ORDER BY n.nspname, t.typname;

-- What takes a name besides enums, domains and relations. Arrays make way for a type of their name.
SELECT 'other', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'name', t.typname,
    'multirange', (
        SELECT json_build_array(mn.nspname, m.typname)
        FROM pg_range r
        JOIN pg_type m ON m.oid = (to_jsonb(r) ->> 'rngmultitypid')::oid
        JOIN pg_namespace mn ON mn.oid = m.typnamespace
        WHERE r.rngtypid = t.oid)))::text
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE (t.typtype = 'r' OR t.typtype = 'b' AND t.typcategory <> 'A')
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_type'::regclass AND objid = t.oid AND deptype = 'e')
ORDER BY n.nspname, t.typname;

SELECT 'foreign_table', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'name', c.relname,
    'server', v.srvname,
    'options', f.ftoptions,
    'bound', pg_get_expr(c.relpartbound, c.oid),
    'partition', NULLIF(c.relispartition, false),
    'parents', (
        SELECT json_agg(json_build_array(pn.nspname, p.relname) ORDER BY i.inhseqno)
        FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
        WHERE i.inhrelid = c.oid),
    'columns', (
        SELECT json_agg(json_build_object(
            'name', a.attname,
            'type', format_type(a.atttypid, a.atttypmod),
            'not_null', NULLIF(a.attnotnull, false),
            'default', pg_get_expr(d.adbin, d.adrelid),
            'generated', NULLIF(a.attgenerated, ''),
            'collation', CASE WHEN a.attcollation <> t.typcollation THEN (
                SELECT json_build_array(ln.nspname, l.collname)
                FROM pg_collation l JOIN pg_namespace ln ON ln.oid = l.collnamespace WHERE l.oid = a.attcollation) END,
            'options', a.attfdwoptions) ORDER BY a.attname)
        FROM pg_attribute a
        JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)))::text
FROM pg_foreign_table f
JOIN pg_class c ON c.oid = f.ftrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_foreign_server v ON v.oid = f.ftserver
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
ORDER BY n.nspname, c.relname;

SELECT 'sequence', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'name', c.relname,
    'options', json_build_object('type', format_type(s.seqtypid, NULL), 'start', s.seqstart, 'increment',
        s.seqincrement, 'minimum', s.seqmin, 'maximum', s.seqmax, 'cache', s.seqcache, 'cycle', s.seqcycle),
    'owner', (
        SELECT json_build_array(tn.nspname, t.relname, a.attname)
        FROM pg_depend o
        JOIN pg_class t ON t.oid = o.refobjid
        JOIN pg_namespace tn ON tn.oid = t.relnamespace
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = o.refobjsubid
        WHERE o.classid = 'pg_class'::regclass AND o.objid = c.oid AND o.deptype = 'a'
          AND o.refclassid = 'pg_class'::regclass)))::text
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_sequence s ON s.seqrelid = c.oid
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend
                  WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype IN ('e', 'i'))
ORDER BY n.nspname, c.relname;

SELECT 'view', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'name', c.relname,
    'materialized', NULLIF(c.relkind = 'm', false),
    'columns', (
        SELECT json_agg(attname ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
    'definition', pg_get_viewdef(c.oid),
    'uses', (
        SELECT json_agg(DISTINCT json_build_array(u.relkind, un.nspname, u.relname, a.attname)::jsonb)
        FROM pg_rewrite r
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
            AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> c.oid
        JOIN pg_class u ON u.oid = d.refobjid AND u.relkind IN ('r', 'p', 'v', 'm')
        JOIN pg_namespace un ON un.oid = u.relnamespace
        LEFT JOIN pg_attribute a ON a.attrelid = u.oid AND a.attnum = d.refobjsubid AND d.refobjsubid > 0
        WHERE r.ev_class = c.oid),
    'options', c.reloptions))::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
ORDER BY n.nspname, c.relname;

SELECT 'routine', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'name', p.proname,
    'procedure', NULLIF(p.prokind = 'p', false),
    'inputs', (
        SELECT json_agg(format_type(k.type, NULL) ORDER BY k.place)
        FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY k (type, place)),
    'types', (
        SELECT json_agg(format_type(k.type, NULL) ORDER BY k.place)
        FROM unnest(p.proallargtypes) WITH ORDINALITY k (type, place)),
    'modes', to_json(p.proargmodes),
    'names', p.proargnames,
    'result', CASE WHEN p.prokind = 'f' THEN format_type(p.prorettype, NULL) END,
    'set', NULLIF(p.proretset, false),
    'language', l.lanname,
    'body_digest', encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex'),
    'definition', CASE WHEN to_jsonb(p) ->> 'prosqlbody' IS NOT NULL THEN pg_get_functiondef(p.oid) END,
    'volatility', p.provolatile,
    'strict', NULLIF(p.proisstrict, false),
    'security_definer', NULLIF(p.prosecdef, false),
    'leakproof', NULLIF(p.proleakproof, false),
    'parallel', p.proparallel,
    'defaults', pg_get_expr(p.proargdefaults, 0),
    'settings', p.proconfig))::text
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE p.prokind IN ('f', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend
                  WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype IN ('e', 'i'))
ORDER BY n.nspname, p.proname, p.oid;

SELECT 'trigger', json_build_object(
    'schema', n.nspname,
    'table', c.relname,
    'name', t.tgname,
    'definition', pg_get_triggerdef(t.oid),
    'enabled', t.tgenabled)::text
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND c.relkind IN ('r', 'p', 'v') AND c.relname <> '_prisma_migrations'
  AND NOT EXISTS (SELECT FROM pg_depend
                  WHERE deptype = 'e' AND ((classid = 'pg_class'::regclass AND objid = c.oid)
                                        OR (classid = 'pg_trigger'::regclass AND objid = t.oid)))
ORDER BY n.nspname, c.relname, t.tgname;

SELECT 'policy', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'table', c.relname,
    'name', p.polname,
    'command', p.polcmd,
    'restrictive', NULLIF(NOT p.polpermissive, false),
    'roles', (
        SELECT json_agg(COALESCE(r.rolname, 'public') ORDER BY r.rolname)
        FROM unnest(p.polroles) k (role) LEFT JOIN pg_roles r ON r.oid = k.role),
    'using', pg_get_expr(p.polqual, p.polrelid),
    'with_check', pg_get_expr(p.polwithcheck, p.polrelid)))::text
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relname <> '_prisma_migrations'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
ORDER BY n.nspname, c.relname, p.polname;

SELECT 'rule', json_build_object(
    'schema', n.nspname,
    'table', c.relname,
    'name', r.rulename,
    'definition', pg_get_ruledef(r.oid),
    'enabled', r.ev_enabled)::text
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT (r.rulename = '_RETURN' AND c.relkind IN ('v', 'm')) AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema' AND c.relname <> '_prisma_migrations'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
ORDER BY n.nspname, c.relname, r.rulename;

-- The settings by which constants in migrations were read, as far as they are known: what this session began with, and
-- what is set for this database, for all of them, and for roles. Of all other settings nothing is read.
SELECT 'session', json_build_object(
    'role', session_user,
    'database', current_database(),
    'began_with', (
        SELECT json_object_agg(lower(name), reset_val)
        FROM pg_settings WHERE name IN ('TimeZone', 'DateStyle', 'IntervalStyle', 'lc_monetary')),
    'set', (
        SELECT json_agg(json_build_object('role', r.rolname, 'database', s.setdatabase <> 0, 'settings', (
            SELECT json_object_agg(lower(split_part(each, '=', 1)), substr(each, strpos(each, '=') + 1))
            FROM unnest(s.setconfig) each
            WHERE lower(split_part(each, '=', 1)) IN ('timezone', 'datestyle', 'intervalstyle', 'lc_monetary')))
            ORDER BY r.rolname, s.setdatabase)
        FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole
        WHERE s.setdatabase = 0 OR s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())))::text;

-- Those of the database and of all roles matter, and of single roles those of the ones that own tables or may write to
-- them: the deploying one and the application's. What an application names (app.key) may be a secret: its digest is enough.
SELECT 'setting', json_strip_nulls(json_build_object(
    'role', r.rolname,
    'all_roles', NULLIF(s.setrole = 0 AND s.setdatabase = 0, false),
    'here', NULLIF(s.setrole <> 0 AND s.setdatabase <> 0, false),
    'matters', NULLIF(s.setrole = 0 OR s.setrole IN (
        SELECT u.role
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL (
            SELECT c.relowner AS role
            UNION ALL SELECT grantee FROM aclexplode(c.relacl) WHERE privilege_type IN ('INSERT', 'UPDATE', 'DELETE')) u
        WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'), false),
    'name', k.name,
    'value', CASE
        WHEN strpos(k.name, '.') > 0 THEN 'sha256 ' || encode(sha256(convert_to(k.value, 'UTF8')), 'hex')
        ELSE k.value END))::text
FROM pg_db_role_setting s
CROSS JOIN unnest(s.setconfig) each
CROSS JOIN LATERAL (SELECT lower(split_part(each, '=', 1)) AS name, substr(each, strpos(each, '=') + 1) AS value) k
LEFT JOIN pg_roles r ON r.oid = s.setrole
WHERE s.setdatabase = 0 OR s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY r.rolname, s.setdatabase, k.name;

SELECT 'extension', json_build_object('name', e.extname, 'version', e.extversion, 'schema', n.nspname)::text
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql'
ORDER BY e.extname;

SELECT 'publication', json_strip_nulls(json_build_object(
    'name', p.pubname,
    'all_tables', NULLIF(p.puballtables, false),
    'insert', p.pubinsert,
    'update', p.pubupdate,
    'delete', p.pubdelete,
    'truncate', p.pubtruncate,
    'via_root', NULLIF(p.pubviaroot, false),
    'generated_columns', to_jsonb(p) -> 'pubgencols',
    'tables', (
        SELECT json_agg(json_build_object(
            'schema', n.nspname,
            'name', c.relname,
            'columns', (
                SELECT json_agg(a.attname ORDER BY a.attname)
                FROM jsonb_array_elements_text(NULLIF(r.columns, 'null')) k (number)
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number::int2),
            'where', r.condition) ORDER BY n.nspname, c.relname)
        -- Of the two columns prqual the nearer one counts: before 15, a table has none of its own.
        FROM (SELECT NULL::pg_node_tree AS prqual) before_15
        CROSS JOIN LATERAL (
            SELECT t.prrelid, to_jsonb(t) -> 'prattrs' AS columns, pg_get_expr(prqual, t.prrelid) AS condition
            FROM pg_publication_rel t WHERE t.prpubid = p.oid) r
        JOIN pg_class c ON c.oid = r.prrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace),
    'schemas', (
        -- By what it depends on: before 15 there is no such table.
        SELECT json_agg(n.nspname ORDER BY n.nspname)
        FROM pg_depend d
        JOIN pg_depend o ON o.classid = d.classid AND o.objid = d.objid AND o.refclassid = 'pg_namespace'::regclass
        JOIN pg_namespace n ON n.oid = o.refobjid
        WHERE d.classid = to_regclass('pg_catalog.pg_publication_namespace')
          AND d.refclassid = 'pg_publication'::regclass AND d.refobjid = p.oid)))::text
FROM pg_publication p
ORDER BY p.pubname;

-- An ordinary reader may read these columns alone; the connection string holds a password.
SELECT 'subscription', json_strip_nulls(json_build_object(
    'name', s.subname,
    'disabled', NULLIF(NOT s.subenabled, false),
    'slot', s.subslotname,
    'publications', s.subpublications))::text
FROM pg_subscription s
WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY s.subname;

SELECT 'event_trigger', json_strip_nulls(json_build_object(
    'name', e.evtname,
    'event', e.evtevent,
    'function', (
        SELECT json_build_array(n.nspname, f.proname)
        FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace WHERE f.oid = e.evtfoid),
    'tags', e.evttags,
    'enabled', e.evtenabled))::text
FROM pg_event_trigger e
WHERE NOT EXISTS (SELECT FROM pg_depend
                  WHERE classid = 'pg_event_trigger'::regclass AND objid = e.oid AND deptype = 'e')
ORDER BY e.evtname;

SELECT 'statistics', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'name', s.stxname,
    'table_schema', cn.nspname,
    'table', c.relname,
    'relation', c.relkind,
    'kinds', s.stxkind,
    'target', to_jsonb(s) -> 'stxstattarget',
    'definition', pg_get_statisticsobjdef(s.oid)))::text
FROM pg_statistic_ext s
JOIN pg_namespace n ON n.oid = s.stxnamespace
JOIN pg_class c ON c.oid = s.stxrelid
JOIN pg_namespace cn ON cn.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND cn.nspname !~ '^pg_'
  AND c.relname <> '_prisma_migrations'
  AND NOT EXISTS (SELECT FROM pg_depend
                  WHERE deptype = 'e' AND ((classid = 'pg_class'::regclass AND objid = c.oid)
                                        OR (classid = 'pg_statistic_ext'::regclass AND objid = s.oid)))
ORDER BY n.nspname, s.stxname;

SELECT 'collation', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'name', l.collname,
    'provider', l.collprovider,
    'locale', COALESCE(to_jsonb(l) ->> 'colllocale', to_jsonb(l) ->> 'colliculocale', l.collcollate),
    'ctype', NULLIF(l.collctype, l.collcollate),
    'not_deterministic', NULLIF(NOT l.collisdeterministic, false),
    'rules', to_jsonb(l) -> 'collicurules'))::text
FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_collation'::regclass AND objid = l.oid AND deptype = 'e')
ORDER BY n.nspname, l.collname;

SELECT 'aggregate', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'name', p.proname,
    'inputs', (
        SELECT json_agg(format_type(k.type, NULL) ORDER BY k.place)
        FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY k (type, place)),
    'modes', to_json(p.proargmodes),
    'names', p.proargnames,
    'functions', (
        SELECT json_agg(json_build_array(k.role, fn.nspname, f.proname) ORDER BY k.place)
        FROM (VALUES
            (1, 'state', a.aggtransfn), (2, 'final', a.aggfinalfn), (3, 'combine', a.aggcombinefn),
            (4, 'serial', a.aggserialfn), (5, 'deserial', a.aggdeserialfn), (6, 'moving state', a.aggmtransfn),
            (7, 'moving inverse', a.aggminvtransfn), (8, 'moving final', a.aggmfinalfn)) k (place, role, function)
        JOIN pg_proc f ON f.oid = k.function
        JOIN pg_namespace fn ON fn.oid = f.pronamespace),
    'state_type', format_type(a.aggtranstype, NULL),
    'initial', a.agginitval,
    'moving_type', CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END,
    'moving_initial', a.aggminitval,
    'form', a.aggkind,
    'direct', a.aggnumdirectargs,
    'extra', json_build_array(a.aggfinalextra, a.aggmfinalextra),
    'modify', json_build_array(a.aggfinalmodify, a.aggmfinalmodify),
    'sort_operator', (SELECT o.oprname FROM pg_operator o WHERE o.oid = a.aggsortop),
    'parallel', p.proparallel))::text
FROM pg_aggregate a
JOIN pg_proc p ON p.oid = a.aggfnoid
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend
                  WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype IN ('e', 'i'))
ORDER BY n.nspname, p.proname, p.oid;

-- The server's own casts have numbers below the first one of an object that a user makes. Leaves out what a range type
-- brings along, the cast to its multirange.
SELECT 'cast', json_strip_nulls(json_build_object(
    'source', format_type(c.castsource, NULL),
    'target', format_type(c.casttarget, NULL),
    'method', c.castmethod,
    'context', c.castcontext,
    'types', (
        SELECT json_agg(json_build_array(COALESCE(r.relkind::text, 'type ' || t.typtype::text), n.nspname, t.typname))
        FROM pg_type k
        JOIN pg_type t ON t.oid = CASE WHEN k.typcategory = 'A' AND k.typelem <> 0 THEN k.typelem ELSE k.oid END
        JOIN pg_namespace n ON n.oid = t.typnamespace
        LEFT JOIN pg_class r ON r.oid = t.typrelid
        WHERE k.oid IN (c.castsource, c.casttarget) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'),
    'function', (
        SELECT json_build_array(fn.nspname, f.proname)
        FROM pg_proc f JOIN pg_namespace fn ON fn.oid = f.pronamespace WHERE f.oid = c.castfunc),
    'inputs', (
        SELECT json_agg(format_type(k.type, NULL) ORDER BY k.place)
        FROM pg_proc f CROSS JOIN unnest(f.proargtypes::oid[]) WITH ORDINALITY k (type, place)
        WHERE f.oid = c.castfunc)))::text
FROM pg_cast c
WHERE c.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_cast'::regclass AND objid = c.oid AND deptype IN ('e', 'i'))
ORDER BY c.oid;

SELECT 'operator', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'name', o.oprname,
    'left', CASE WHEN o.oprleft <> 0 THEN format_type(o.oprleft, NULL) END,
    'right', CASE WHEN o.oprright <> 0 THEN format_type(o.oprright, NULL) END,
    'function', (
        SELECT json_build_array(fn.nspname, f.proname)
        FROM pg_proc f JOIN pg_namespace fn ON fn.oid = f.pronamespace WHERE f.oid = o.oprcode),
    'commutator', (
        SELECT json_build_array(cn.nspname, c.oprname)
        FROM pg_operator c JOIN pg_namespace cn ON cn.oid = c.oprnamespace WHERE c.oid = o.oprcom),
    'negator', (
        SELECT json_build_array(cn.nspname, c.oprname)
        FROM pg_operator c JOIN pg_namespace cn ON cn.oid = c.oprnamespace WHERE c.oid = o.oprnegate),
    'restrict', (
        SELECT json_build_array(fn.nspname, f.proname)
        FROM pg_proc f JOIN pg_namespace fn ON fn.oid = f.pronamespace WHERE f.oid = o.oprrest),
    'join', (
        SELECT json_build_array(fn.nspname, f.proname)
        FROM pg_proc f JOIN pg_namespace fn ON fn.oid = f.pronamespace WHERE f.oid = o.oprjoin),
    'hashes', NULLIF(o.oprcanhash, false),
    'merges', NULLIF(o.oprcanmerge, false)))::text
FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND o.oprcode <> 0
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_operator'::regclass AND objid = o.oid AND deptype = 'e')
ORDER BY n.nspname, o.oprname, o.oid;

SELECT 'operator_family', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'name', f.opfname,
    'method', m.amname,
    'operators', (
        SELECT json_agg(json_build_object(
            'number', a.amopstrategy,
            'left', format_type(a.amoplefttype, NULL),
            'right', format_type(a.amoprighttype, NULL),
            'member', json_build_array(mn.nspname, o.oprname),
            'sort_family', (
                SELECT json_build_array(sn.nspname, s.opfname)
                FROM pg_opfamily s JOIN pg_namespace sn ON sn.oid = s.opfnamespace WHERE s.oid = a.amopsortfamily)))
        FROM pg_amop a JOIN pg_operator o ON o.oid = a.amopopr JOIN pg_namespace mn ON mn.oid = o.oprnamespace
        WHERE a.amopfamily = f.oid),
    'functions', (
        SELECT json_agg(json_build_object(
            'number', a.amprocnum,
            'left', format_type(a.amproclefttype, NULL),
            'right', format_type(a.amprocrighttype, NULL),
            'member', json_build_array(mn.nspname, p.proname),
            'arguments', (
                SELECT coalesce(json_agg(format_type(t.oid, NULL) ORDER BY t.place), '[]')
                FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY t (oid, place))))
        FROM pg_amproc a JOIN pg_proc p ON p.oid = a.amproc JOIN pg_namespace mn ON mn.oid = p.pronamespace
        WHERE a.amprocfamily = f.oid)))::text
FROM pg_opfamily f JOIN pg_am m ON m.oid = f.opfmethod JOIN pg_namespace n ON n.oid = f.opfnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_opfamily'::regclass AND objid = f.oid AND deptype = 'e')
ORDER BY n.nspname, f.opfname, m.amname;

SELECT 'operator_class', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'name', c.opcname,
    'method', m.amname,
    'type', format_type(c.opcintype, NULL),
    'family', json_build_array(fn.nspname, f.opfname),
    'default', NULLIF(c.opcdefault, false),
    'storage', CASE WHEN c.opckeytype <> 0 THEN format_type(c.opckeytype, NULL) END))::text
FROM pg_opclass c
JOIN pg_am m ON m.oid = c.opcmethod
JOIN pg_opfamily f ON f.oid = c.opcfamily
JOIN pg_namespace fn ON fn.oid = f.opfnamespace
JOIN pg_namespace n ON n.oid = c.opcnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_opclass'::regclass AND objid = c.oid AND deptype = 'e')
ORDER BY n.nspname, c.opcname, m.amname;

SELECT 'text_search_parser', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'name', p.prsname,
    'functions', json_build_object(
        'start', (
            SELECT json_build_array(fn.nspname, f.proname)
            FROM pg_proc f JOIN pg_namespace fn ON fn.oid = f.pronamespace WHERE f.oid = p.prsstart),
        'token', (
            SELECT json_build_array(fn.nspname, f.proname)
            FROM pg_proc f JOIN pg_namespace fn ON fn.oid = f.pronamespace WHERE f.oid = p.prstoken),
        'end', (
            SELECT json_build_array(fn.nspname, f.proname)
            FROM pg_proc f JOIN pg_namespace fn ON fn.oid = f.pronamespace WHERE f.oid = p.prsend),
        'types', (
            SELECT json_build_array(fn.nspname, f.proname)
            FROM pg_proc f JOIN pg_namespace fn ON fn.oid = f.pronamespace WHERE f.oid = p.prslextype),
        'headline', (
            SELECT json_build_array(fn.nspname, f.proname)
            FROM pg_proc f JOIN pg_namespace fn ON fn.oid = f.pronamespace WHERE f.oid = p.prsheadline))))::text
FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_ts_parser'::regclass AND objid = p.oid AND deptype = 'e')
ORDER BY n.nspname, p.prsname;

SELECT 'text_search_template', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'name', t.tmplname,
    'functions', json_build_object(
        'init', (
            SELECT json_build_array(fn.nspname, f.proname)
            FROM pg_proc f JOIN pg_namespace fn ON fn.oid = f.pronamespace WHERE f.oid = t.tmplinit),
        'lexize', (
            SELECT json_build_array(fn.nspname, f.proname)
            FROM pg_proc f JOIN pg_namespace fn ON fn.oid = f.pronamespace WHERE f.oid = t.tmpllexize))))::text
FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_ts_template'::regclass AND objid = t.oid AND deptype = 'e')
ORDER BY n.nspname, t.tmplname;

SELECT 'text_search_dictionary', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'name', d.dictname,
    'template', (
        SELECT json_build_array(tn.nspname, t.tmplname)
        FROM pg_ts_template t JOIN pg_namespace tn ON tn.oid = t.tmplnamespace WHERE t.oid = d.dicttemplate),
    'options', d.dictinitoption))::text
FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_ts_dict'::regclass AND objid = d.oid AND deptype = 'e')
ORDER BY n.nspname, d.dictname;

-- What a parser of somebody's calls its tokens is not asked: that would run its function.
SELECT 'text_search_configuration', json_strip_nulls(json_build_object(
    'schema', n.nspname,
    'name', c.cfgname,
    'parser', json_build_array(pn.nspname, p.prsname),
    'standard_tokens', NULLIF(p.prslextype = 'pg_catalog.prsd_lextype'::regproc, false),
    'mappings', (
        SELECT json_agg(json_build_array(m.maptokentype, dn.nspname, d.dictname) ORDER BY m.maptokentype, m.mapseqno)
        FROM pg_ts_config_map m
        JOIN pg_ts_dict d ON d.oid = m.mapdict
        JOIN pg_namespace dn ON dn.oid = d.dictnamespace
        WHERE m.mapcfg = c.oid)))::text
FROM pg_ts_config c
JOIN pg_namespace n ON n.oid = c.cfgnamespace
JOIN pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_namespace pn ON pn.oid = p.prsnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_ts_config'::regclass AND objid = c.oid AND deptype = 'e')
ORDER BY n.nspname, c.cfgname;
