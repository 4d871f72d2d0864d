-- What the conditions of seeds may run besides PostgreSQL's own code and that of extensions: of the named functions
-- those that somebody made, and what a condition may use without naming it, with neither schema nor name: operators in
-- a schema that is searched (one for just these types goes before pg_catalog's), functions of casts, and CHECKs of domains
-- where a condition names a type that may hold one, or a column of a table that it reads has such a type: reading a
-- literal of it runs them. A column of a plain domain is compared as its base type. Leaves out what only a superuser can make.
WITH own AS (
    SELECT p.oid, n.nspname::text AS schema, p.proname::text AS name
    FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.nspname <> 'pg_catalog'
        AND NOT EXISTS (
            SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
), holding AS (
    -- Types, not of pg_catalog, whose literals may hold a value of a domain.
    SELECT t.oid, coalesce(e.typname, t.typname)::text AS name, t.typtype = 'd' AND b.typnamespace = s.oid AS is_plain
    FROM pg_type AS t
    JOIN pg_namespace AS s ON s.nspname = 'pg_catalog'
    LEFT JOIN pg_type AS e ON e.oid = t.typelem AND t.typcategory = 'A'
    LEFT JOIN pg_type AS b ON b.oid = t.typbasetype
    WHERE t.typnamespace <> s.oid AND coalesce(e.typtype, t.typtype) NOT IN ('b', 'e')
), literal AS (
    SELECT FROM holding WHERE name = ANY (%(types)s::text[])
    UNION ALL
    SELECT
    FROM unnest(%(table_schemas)s::text[], %(table_names)s::text[]) AS given (schema, name)
    JOIN pg_namespace AS n ON n.nspname = given.schema
    JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = given.name
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN holding ON holding.oid = a.atttypid AND NOT holding.is_plain
)
SELECT own.schema, own.name, 'it may call the function ' || own.schema || '.' || own.name AS what
FROM own
JOIN unnest(%(schemas)s::text[], %(names)s::text[]) AS given (schema, name)
    ON given.schema = own.schema AND given.name = own.name
UNION
SELECT NULL, NULL, 'it may use the operator ' || n.nspname || '.' || o.oprname
FROM pg_operator AS o
JOIN pg_namespace AS n ON n.oid = o.oprnamespace
WHERE n.nspname = ANY (%(schemas)s::text[])
    AND EXISTS (SELECT FROM own WHERE own.oid = o.oprcode)
UNION
SELECT NULL, NULL, 'a cast in it may call the function ' || own.schema || '.' || own.name
FROM own JOIN pg_cast AS c ON c.castfunc = own.oid
UNION
SELECT NULL, NULL, 'a literal in it may call the function ' || own.schema || '.' || own.name
FROM pg_constraint AS c
JOIN pg_depend AS d ON d.classid = 'pg_constraint'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_proc'::regclass
JOIN own ON own.oid = d.refobjid
WHERE c.contypid <> 0 AND EXISTS (SELECT FROM literal)
ORDER BY what
