-- What would run code of other people, with the monitor's rights, if the named relations were read. For each such relation and each thing that would run: a view or a foreign table in its place or
-- beneath it, and functions, operators and types outside pg_catalog in the expressions of its indexes, statistics and
-- partition keys, which the planner may run even for a bare count. Leaves out what the settings of the transaction keep from running
-- (policies: row_security off; CHECKs: constraint_exclusion off), defaults and triggers, which no SELECT runs, and what
-- only a superuser can make (operator classes, access methods).
WITH RECURSIVE asked AS (
    SELECT DISTINCT c.oid, n.nspname::text AS schema, c.relname::text AS name
    FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS given (schema, name)
    JOIN pg_namespace AS n ON n.nspname = given.schema
    JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = given.name
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
), family AS (
    SELECT oid AS root, oid FROM asked
    UNION
    SELECT family.root, i.inhrelid FROM family JOIN pg_inherits AS i ON i.inhparent = family.oid
), expression AS (
    SELECT family.root, 'its index ' || quote_ident(c.relname) AS holder, 'pg_class'::regclass AS catalog, c.oid
    FROM family
    JOIN pg_index AS i ON i.indrelid = family.oid AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
    JOIN pg_class AS c ON c.oid = i.indexrelid
    UNION ALL
    SELECT family.root, 'its statistics ' || quote_ident(s.stxname), 'pg_statistic_ext'::regclass, s.oid
    FROM family JOIN pg_statistic_ext AS s ON s.stxrelid = family.oid
    UNION ALL
    SELECT family.root, 'the partition key of ' || quote_ident(c.relname), 'pg_class'::regclass, c.oid
    FROM family
    JOIN pg_partitioned_table AS p ON p.partrelid = family.oid AND p.partexprs IS NOT NULL
    JOIN pg_class AS c ON c.oid = family.oid
), code AS (
    SELECT
        family.root,
        CASE WHEN family.root = family.oid THEN 'it is ' ELSE quote_ident(c.relname) || ' beneath it is ' END
            || CASE c.relkind WHEN 'v' THEN 'a view' WHEN 'f' THEN 'a foreign table' ELSE 'not a table' END AS what
    FROM family JOIN pg_class AS c ON c.oid = family.oid
    WHERE c.relkind NOT IN ('r', 'p', 'm')
    UNION
    SELECT expression.root, expression.holder || ' calls ' || called.what
    FROM expression
    JOIN pg_depend AS d ON d.classid = expression.catalog AND d.objid = expression.oid AND d.objsubid = 0
    CROSS JOIN LATERAL (
        SELECT 'the function ' || n.nspname || '.' || p.proname AS what
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE d.refclassid = 'pg_proc'::regclass AND p.oid = d.refobjid AND n.nspname <> 'pg_catalog'
        UNION ALL
        SELECT 'the operator ' || n.nspname || '.' || o.oprname
        FROM pg_operator AS o JOIN pg_namespace AS n ON n.oid = o.oprnamespace
        WHERE d.refclassid = 'pg_operator'::regclass AND o.oid = d.refobjid AND n.nspname <> 'pg_catalog'
        UNION ALL
        SELECT 'the input of the type ' || n.nspname || '.' || t.typname
        FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace
        WHERE d.refclassid = 'pg_type'::regclass AND t.oid = d.refobjid AND n.nspname <> 'pg_catalog'
            AND t.typtype <> 'e' AND t.oid <> coalesce((SELECT c.reloftype FROM pg_class AS c WHERE c.oid = expression.oid), 0)
    ) AS called
)
SELECT asked.schema, asked.name, min(code.what) AS what
FROM asked JOIN code ON code.root = asked.oid
GROUP BY asked.schema, asked.name
