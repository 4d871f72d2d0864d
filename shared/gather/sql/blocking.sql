-- Sessions of this database at the head of a queue: they block others and wait for nobody. Leaves out ourselves,
-- and waits for Prisma's advisory lock, which lock.sql shows. pid 0 is what has no session: prepared transactions.
-- pg_blocking_pids stops the lock manager for a moment: it is asked for waiting sessions only.
-- blocked_long counts those that have waited for longer than *long* seconds.
-- waitstart exists since PostgreSQL 14; before that a session has waited no longer than its query runs.
WITH RECURSIVE waiting AS (
    SELECT
        a.pid,
        min(coalesce((to_jsonb(l) ->> 'waitstart')::timestamptz, a.query_start)) AS since
    FROM pg_locks AS l
    JOIN pg_stat_activity AS a ON a.pid = l.pid
    WHERE NOT l.granted AND a.datname = current_database() AND a.pid <> pg_backend_pid()
        AND NOT (l.locktype = 'advisory' AND l.classid = 0 AND l.objid = %(lock)s::bigint::oid AND l.objsubid = 1)
    GROUP BY a.pid
), edge AS MATERIALIZED (
    SELECT DISTINCT waiting.pid AS waiter, waiting.since, blocker
    FROM waiting, LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocker
    WHERE blocker NOT IN (waiting.pid, pg_backend_pid())
), queue AS (
    SELECT blocker AS head, waiter, since
    FROM edge
    WHERE blocker NOT IN (SELECT waiter FROM edge)
    UNION
    SELECT queue.head, edge.waiter, edge.since
    FROM queue JOIN edge ON edge.blocker = queue.waiter
)
SELECT
    queue.head AS pid,
    -- A worker of the server's own has no name, but a kind.
    coalesce(nullif(a.application_name, ''), nullif(a.backend_type, 'client backend')) AS application,
    a.usename::text AS "user",
    a.state,
    CASE WHEN a.xact_start IS NOT NULL THEN greatest(clock_timestamp() - a.xact_start, '0') END AS in_transaction_for,
    CASE WHEN min(queue.since) IS NOT NULL
        THEN greatest(clock_timestamp() - min(queue.since), '0') END AS blocked_for,
    count(DISTINCT queue.waiter) AS blocked,
    count(DISTINCT queue.waiter) FILTER (
        WHERE clock_timestamp() - queue.since > make_interval(secs => %(long)s)
    ) AS blocked_long,
    a.backend_start::text AS since
FROM queue
LEFT JOIN pg_stat_activity AS a ON a.pid = queue.head
GROUP BY queue.head, a.application_name, a.backend_type, a.usename, a.state, a.xact_start, a.backend_start
ORDER BY blocked_for DESC NULLS LAST, pid
