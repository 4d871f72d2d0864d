-- For each expected seed, in order, the table that its name means: the one of that whole name in the watched schema,
-- else that of the part after the first dot in the schema before it. Leaves out what has no rows (sequences,
-- indexes, composite types). similar: the same name in other letters, for the hint. quoted_column: the one column that a
-- role must be able to read to count the rows, of the primary key where there is one.
SELECT
    seed.position::int AS position,
    found.schema,
    found.name,
    quote_ident(found.schema) AS quoted_schema,
    quote_ident(found.schema) || '.' || quote_ident(found.name) AS quoted_table,
    (
        SELECT quote_ident(a.attname)
        FROM pg_attribute AS a
        LEFT JOIN pg_index AS i ON i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey)
        WHERE a.attrelid = found.oid AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY i.indexrelid IS NULL, a.attnum
        LIMIT 1
    ) AS quoted_column,
    coalesce(has_schema_privilege(found.schema_oid, 'USAGE'), false) AS schema_usable,
    coalesce(has_any_column_privilege(found.oid, 'SELECT'), false) AS readable,
    coalesce(row_security_active(found.oid), false) AS rows_hidden,
    CASE WHEN found.oid IS NULL THEN (
        SELECT min(c.relname::text)
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
            AND n.nspname = coalesce(seed.schema, %(schema)s) AND lower(c.relname) = lower(seed.name)
    ) END AS similar
FROM unnest(%(wholes)s::text[], %(schemas)s::text[], %(names)s::text[])
    WITH ORDINALITY AS seed (whole, schema, name, position)
LEFT JOIN LATERAL (
    SELECT c.oid, n.oid AS schema_oid, n.nspname::text AS schema, c.relname::text AS name
    FROM (VALUES (1, %(schema)s, seed.whole), (2, seed.schema, seed.name)) AS meaning (rank, schema, name)
    JOIN pg_namespace AS n ON n.nspname = meaning.schema
    JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = meaning.name
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    ORDER BY meaning.rank
    LIMIT 1
) AS found ON true
ORDER BY seed.position
