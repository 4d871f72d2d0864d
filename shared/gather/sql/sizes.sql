-- How much the tables hold, in one row of equally long arrays. Leaves out partitioned tables, whose rows are in others,
-- and views; needs no right to read any. reltuples is negative (before 14: 0 with 0 pages) where a table was never
-- analysed. Those of indexes are from the last VACUUM or CREATE INDEX: to measure each would cost a lock and an
-- access to the disk for each index. So is the size of a table that somebody has locked against all reading, or is
-- about to: to measure that one would wait for the lock; -1 where it was never analysed. *file* changes with each
-- rewrite of the table. toast_bytes: of its long values. counted_bytes: its size when rows and index pages were counted,
-- by VACUUM, ANALYZE or CREATE INDEX.
WITH locked AS MATERIALIZED (
    SELECT relation AS oid FROM pg_locks
    WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock' AND pid IS DISTINCT FROM pg_backend_pid()
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
SELECT
    array_agg(n.nspname::text ORDER BY c.oid) AS schemas,
    array_agg(c.relname::text ORDER BY c.oid) AS names,
    array_agg(c.relkind = 'm' ORDER BY c.oid) AS materialized,
    array_agg(CASE WHEN c.reltuples > 0 OR (c.reltuples = 0 AND c.relpages > 0) THEN c.reltuples::bigint ELSE -1 END
        ORDER BY c.oid) AS tuples,
    array_agg(
        CASE
            WHEN c.oid NOT IN (SELECT oid FROM locked) THEN coalesce(pg_relation_size(c.oid), -1)
            WHEN c.relpages > 0 THEN c.relpages * current_setting('block_size')::bigint
            ELSE -1
        END
        ORDER BY c.oid
    ) AS bytes,
    array_agg(coalesce(i.pages, 0) * current_setting('block_size')::bigint ORDER BY c.oid) AS index_bytes,
    array_agg(c.relfilenode ORDER BY c.oid) AS files,
    array_agg(
        CASE WHEN c.reltoastrelid = 0 OR c.reltoastrelid IN (SELECT oid FROM locked) THEN 0
            ELSE coalesce(pg_relation_size(c.reltoastrelid), 0) END
        ORDER BY c.oid
    ) AS toast_bytes,
    array_agg(c.relpages * current_setting('block_size')::bigint ORDER BY c.oid) AS counted_bytes,
    array_agg(
        CASE WHEN c.reloptions IS NULL THEN 100 ELSE coalesce((
            SELECT split_part(each, '=', 2)::int FROM unnest(c.reloptions) AS each WHERE each LIKE 'fillfactor=%'
        ), 100) END
        ORDER BY c.oid
    ) AS fillfactors
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN (
    SELECT x.indrelid, sum(ic.relpages)::bigint AS pages
    FROM pg_index AS x JOIN pg_class AS ic ON ic.oid = x.indexrelid GROUP BY x.indrelid
) AS i ON i.indrelid = c.oid
WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
