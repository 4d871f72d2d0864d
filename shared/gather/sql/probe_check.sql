-- Asked behind the locks of a probe: is each name still the table that was chosen, and which transaction is this?
SELECT
    pg_catalog.pg_backend_pid() AS pid,
    (SELECT a.xact_start::pg_catalog.text FROM pg_catalog.pg_stat_activity AS a WHERE a.pid = pg_catalog.pg_backend_pid())
        AS began,
    pg_catalog.count(c.oid) AS unchanged
FROM ROWS FROM (
    pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[]),
    pg_catalog.unnest($3::pg_catalog.oid[])
) AS given (schema, name, oid)
LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = given.schema
LEFT JOIN pg_catalog.pg_class AS c
    ON c.relnamespace = n.oid AND c.relname = given.name AND c.oid = given.oid AND c.relkind IN ('r', 'p')
