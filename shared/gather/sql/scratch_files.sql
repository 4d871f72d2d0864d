-- The tables, materialized views and indexes of a scratch database, each with the file that it is in.
-- Left out: PostgreSQL's own.
SELECT c.oid, n.nspname, c.relname, c.relkind IN ('i', 'I') AS is_index, pg_catalog.pg_relation_filenode(c.oid)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 'i', 'I')
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY c.oid
