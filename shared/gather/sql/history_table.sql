-- What bears the name of Prisma's history table in the watched schema, with its columns. Leaves out indexes,
-- sequences and types of that name, system columns and dropped ones.
SELECT
    quote_ident(n.nspname) AS quoted_schema,
    has_schema_privilege(n.oid, 'USAGE') AS schema_usable,
    row_security_active(c.oid) AS rows_hidden,
    (SELECT r.rolname::text FROM pg_roles AS r WHERE r.rolname = current_user AND r.oid = c.relowner AND NOT r.rolsuper)
        AS owned_as,
    -- -2 is xmin, a system column with rights of its own.
    has_column_privilege(c.oid, -2::smallint, 'SELECT') AS xmin_readable,
    coalesce(
        json_agg(
            json_build_object(
                'name', a.attname,
                'type', format_type(a.atttypid, NULL),
                'built_in', t.typnamespace = 'pg_catalog'::regnamespace,
                'readable', has_column_privilege(c.oid, a.attnum, 'SELECT')
            )
            ORDER BY a.attnum
        ) FILTER (WHERE a.attnum IS NOT NULL),
        '[]'
    ) AS columns
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_type AS t ON t.oid = a.atttypid
WHERE n.nspname = %(schema)s AND c.relname = '_prisma_migrations' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
GROUP BY n.oid, n.nspname, c.oid, c.relowner, c.relkind
