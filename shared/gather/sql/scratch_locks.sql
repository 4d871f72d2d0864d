-- The locks on tables, materialized views and indexes that this session holds in a scratch database.
-- Left out: those on PostgreSQL's own, the weak ones on indexes, which reads and writes of rows take, and what serializable
-- transactions note of their reads, which blocks nothing.
SELECT l.relation, l.mode
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted AND l.mode <> 'SIReadLock'
    AND (
        c.relkind IN ('r', 'p', 'm')
        OR (c.relkind IN ('i', 'I') AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock'))
    )
ORDER BY l.relation, l.mode
