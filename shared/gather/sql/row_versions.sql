-- Which transaction last wrote each row of the catalog that holds one of the objects asked for, by its number in the row
-- (xmin, 32 bits), and the object's owner. Each object has a number, a kind, a schema, a name in it, and for what is part
-- of a relation its own name there (column, constraint, trigger). Leaves out objects that are gone, but for columns:
-- a dropped one leaves its row, not its name, so all dropped ones of the table are given. Leaves out pg_depend.
-- "row type": a relation's type of its rows, which is written again with a new name, schema or owner alone.
WITH asked AS (
    SELECT a.* FROM unnest(
        %(numbers)s::int[], %(kinds)s::text[], %(schemas)s::text[], %(names)s::text[], %(parts)s::text[]
    ) AS a (number, kind, schema, name, part)
), spaces AS (
    SELECT a.number, a.kind, a.name, a.part, n.oid AS space, n.xmin, n.nspowner
    FROM asked AS a JOIN pg_namespace AS n ON n.nspname = a.schema
), relations AS (
    SELECT s.number, s.kind, s.part, c.oid AS relation, c.xmin, c.relowner
    FROM spaces AS s JOIN pg_class AS c ON c.relnamespace = s.space AND c.relname = s.name
    WHERE s.kind NOT IN ('schema', 'enum', 'domain', 'range type', 'function', 'procedure')
), columns AS (
    SELECT r.number, r.kind, r.part, a.attrelid, a.attnum, a.attname, a.attisdropped, a.xmin
    FROM relations AS r JOIN pg_attribute AS a ON a.attrelid = r.relation
    WHERE r.kind IN ('column', 'view', 'materialized view', 'composite type')
), types AS (
    SELECT s.number, t.oid AS type, t.xmin, t.typowner
    FROM spaces AS s JOIN pg_type AS t ON t.typnamespace = s.space AND t.typname = s.name
    WHERE s.kind IN ('enum', 'domain', 'range type')
), constraints AS (
    SELECT r.number, o.xmin
    FROM relations AS r JOIN pg_constraint AS o ON o.conrelid = r.relation
    WHERE (r.kind IN ('unique', 'foreign key', 'check', 'exclusion') AND o.conname = r.part)
        OR (r.kind = 'primary key' AND o.contype = 'p')
), routines AS (
    SELECT s.number, p.xmin, p.proowner, s.part,
        p.proname || '(' || coalesce((
            SELECT string_agg(format_type(t.type, NULL), ', ' ORDER BY t.place)
            FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t (type, place)), '') || ')' AS signature,
        count(*) OVER (PARTITION BY s.number) AS overloads
    FROM spaces AS s JOIN pg_proc AS p ON p.pronamespace = s.space AND p.proname = s.name
    WHERE s.kind IN ('function', 'procedure')
), versions AS (
    SELECT number, 'schema' AS part, xmin, nspowner AS owner FROM spaces WHERE kind = 'schema'
    UNION ALL
    SELECT number, 'relation', xmin, relowner FROM relations
    WHERE kind IN ('table', 'view', 'materialized view', 'sequence', 'index', 'composite type', 'row security',
        'replica identity')
    UNION ALL
    SELECT r.number, 'row type', t.xmin, NULL FROM relations AS r JOIN pg_type AS t ON t.typrelid = r.relation
    WHERE r.kind <> 'composite type'
    UNION ALL
    SELECT number, 'column', xmin, NULL FROM columns WHERE kind = 'column' AND attname = part AND NOT attisdropped
    UNION ALL
    SELECT number, 'dropped column', xmin, NULL FROM columns WHERE kind = 'column' AND attisdropped
    UNION ALL
    SELECT number, 'columns', xmin, NULL FROM columns
    WHERE kind IN ('view', 'materialized view', 'composite type') AND attnum > 0
    UNION ALL
    SELECT c.number, 'default', d.xmin, NULL
    FROM columns AS c JOIN pg_attrdef AS d ON d.adrelid = c.attrelid AND d.adnum = c.attnum
    WHERE c.kind = 'column' AND c.attname = c.part
    UNION ALL
    SELECT c.number, 'identity', q.xmin, NULL
    FROM columns AS c
    JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = c.attrelid
        AND d.refobjsubid = c.attnum AND d.classid = 'pg_class'::regclass AND d.deptype = 'i'
    JOIN pg_sequence AS q ON q.seqrelid = d.objid
    WHERE c.kind = 'column' AND c.attname = c.part
    UNION ALL
    SELECT number, 'constraint', xmin, NULL FROM constraints
    UNION ALL
    SELECT r.number, 'index', i.xmin, NULL FROM relations AS r JOIN pg_index AS i ON i.indexrelid = r.relation
    WHERE r.kind = 'index'
    UNION ALL
    SELECT r.number, 'options', q.xmin, NULL FROM relations AS r JOIN pg_sequence AS q ON q.seqrelid = r.relation
    WHERE r.kind = 'sequence'
    UNION ALL
    SELECT r.number, 'rule', w.xmin, NULL FROM relations AS r JOIN pg_rewrite AS w ON w.ev_class = r.relation
    WHERE w.rulename = CASE WHEN r.kind = 'rule' THEN r.part ELSE '_RETURN' END
        AND r.kind IN ('rule', 'view', 'materialized view')
    UNION ALL
    SELECT r.number, 'trigger', t.xmin, NULL FROM relations AS r JOIN pg_trigger AS t ON t.tgrelid = r.relation
    WHERE r.kind = 'trigger' AND t.tgname = r.part AND NOT t.tgisinternal
    UNION ALL
    SELECT r.number, 'policy', p.xmin, NULL FROM relations AS r JOIN pg_policy AS p ON p.polrelid = r.relation
    WHERE r.kind = 'policy' AND p.polname = r.part
    UNION ALL
    SELECT number, 'type', xmin, typowner FROM types
    UNION ALL
    SELECT t.number, 'labels', e.xmin, NULL FROM types AS t JOIN pg_enum AS e ON e.enumtypid = t.type
    UNION ALL
    SELECT number, 'routine', xmin, proowner FROM routines WHERE overloads = 1 OR signature = part
    UNION ALL
    SELECT a.number, 'extension', e.xmin, e.extowner FROM asked AS a JOIN pg_extension AS e ON e.extname = a.name
    WHERE a.kind = 'extension'
    UNION ALL
    SELECT a.number, 'publication', p.xmin, p.pubowner FROM asked AS a JOIN pg_publication AS p ON p.pubname = a.name
    WHERE a.kind = 'publication'
    UNION ALL
    SELECT a.number, 'event trigger', e.xmin, e.evtowner
    FROM asked AS a JOIN pg_event_trigger AS e ON e.evtname = a.name
    WHERE a.kind = 'event trigger'
)
SELECT
    v.number,
    v.part,
    v.xmin::text::bigint AS xmin,
    r.rolname::text AS owner,
    CASE WHEN current_setting('track_commit_timestamp') = 'on' THEN pg_xact_commit_timestamp(v.xmin) END AS committed_at,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next_xid
FROM versions AS v LEFT JOIN pg_roles AS r ON r.oid = v.owner
ORDER BY v.number, v.part, v.xmin::text::bigint
