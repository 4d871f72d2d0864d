-- The tables that probes are to read, by their names. Leaves out whatever is no plain or partitioned table, or an
-- extension's. *bytes* is about what is read: of the table and all beneath it, as of the last VACUUM or ANALYZE. Only
-- what never had one is measured, since that waits for a session that has locked it. Needs no right to read any.
WITH RECURSIVE asked AS (
    SELECT DISTINCT c.oid, n.nspname::text AS schema, c.relname::text AS name
    FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS given (schema, name)
    JOIN pg_namespace AS n ON n.nspname = given.schema
    JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = given.name
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
        AND NOT EXISTS (
            SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
), family AS (
    SELECT oid AS root, oid FROM asked
    UNION
    SELECT family.root, i.inhrelid FROM family JOIN pg_inherits AS i ON i.inhparent = family.oid
)
SELECT
    asked.schema,
    asked.name,
    asked.oid::bigint AS oid,
    coalesce(sum(
        CASE WHEN c.relpages > 0 THEN c.relpages::bigint * current_setting('block_size')::bigint
        ELSE pg_relation_size(c.oid) END
    ), 0)::bigint AS bytes
FROM asked
JOIN family ON family.root = asked.oid
JOIN pg_class AS c ON c.oid = family.oid AND c.relkind IN ('r', 'm')
GROUP BY asked.schema, asked.name, asked.oid
UNION ALL
-- A partitioned table without any partition holds nothing.
SELECT asked.schema, asked.name, asked.oid::bigint, 0
FROM asked
WHERE NOT EXISTS (
    SELECT FROM family JOIN pg_class AS c ON c.oid = family.oid AND c.relkind IN ('r', 'm') WHERE family.root = asked.oid)
