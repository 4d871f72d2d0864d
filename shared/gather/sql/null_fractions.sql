-- For columns that may be NULL, the part of their values that were when their table was last analysed. Of pg_stats
-- nothing else is read: most_common_vals and histogram_bounds contain values of rows. The view shows the columns that
-- the role may read. Of a partitioned table the fraction is that of all its partitions.
SELECT
    s.schemaname::text AS schema,
    s.tablename::text AS name,
    s.attname::text AS column,
    s.null_frac::float8 AS fraction
FROM pg_stats AS s
JOIN pg_namespace AS n ON n.nspname = s.schemaname
JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = s.tablename
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = s.attname
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'm')
    AND s.inherited = (c.relkind = 'p') AND NOT a.attnotnull
ORDER BY s.schemaname, s.tablename, s.attname
LIMIT 100000
