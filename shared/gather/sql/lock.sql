-- Who holds Prisma's advisory lock in this database, and who waits for it. Leaves out other databases, whose locks
-- of that number are other locks, and ourselves.
-- waitstart exists since PostgreSQL 14; before that a session has waited no longer than its query runs.
-- A session that began after this transaction is not younger than nothing: that is why clock_timestamp and greatest are used.
SELECT
    l.pid,
    l.granted,
    nullif(a.application_name, '') AS application,
    CASE WHEN a.backend_start IS NOT NULL
        THEN greatest(clock_timestamp() - a.backend_start, '0') END AS connected_for,
    a.backend_start::text AS since,
    a.state,
    CASE WHEN NOT l.granted
        THEN clock_timestamp() - coalesce((to_jsonb(l) ->> 'waitstart')::timestamptz, a.query_start)
        END AS waiting_for,
    a.usename::text AS "user"
FROM pg_locks AS l
LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory'
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.classid = 0 AND l.objid = %(lock)s::bigint::oid AND l.objsubid = 1
    AND l.pid <> pg_backend_pid()
ORDER BY l.granted DESC, a.backend_start NULLS LAST, l.pid
