-- The sessions of this database that deploy, wait for a lock, or block one that does; a row each, and one row without a
-- session where there is none. Reads statistics and the catalog's names alone: it locks no table of the application.
-- Deploys: who holds Prisma's lock or waits for it, and who runs a text that begins like one of *openings* (in small
-- letters, without blanks), since that lock can be switched off. Leaves out ourselves, the text of all other sessions,
-- which may hold values, but for its first word, and of more than 500 that wait those that came last.
-- pg_blocking_pids stops the lock manager for a moment: it is asked for waiting sessions only, once each.
-- waitstart exists since PostgreSQL 14; before that a session has waited no longer than its query runs.
WITH lock AS MATERIALIZED (
    SELECT l.pid, l.locktype, l.relation, l.mode, l.granted,
        l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AS is_here,
        l.locktype = 'advisory' AND l.classid = 0 AND l.objid = %(lock)s::bigint::oid AND l.objsubid = 1 AS is_prismas,
        CASE WHEN NOT l.granted THEN (to_jsonb(l) ->> 'waitstart')::timestamptz END AS waitstart
    FROM pg_locks AS l
    WHERE l.pid <> pg_backend_pid()
), session AS MATERIALIZED (
    SELECT * FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
), prisma AS (
    SELECT pid, bool_or(granted) AS granted FROM lock WHERE is_prismas AND is_here GROUP BY pid
), deploying AS (
    SELECT pid FROM prisma
    UNION
    SELECT pid FROM session
    WHERE backend_type = 'client backend' AND state IN ('active', 'idle in transaction') AND left(
        regexp_replace(regexp_replace(lower(left(query, 2000)), '^(\s|--[^\n]*\n)+', ''), '\s', '', 'g'), %(length)s
    ) = ANY (%(openings)s)
), waiting AS MATERIALIZED (
    SELECT l.pid, l.locktype, l.relation, l.mode, coalesce(l.waitstart, s.query_start) AS since, l.is_prismas
    FROM lock AS l JOIN session AS s ON s.pid = l.pid
    WHERE NOT l.granted
    ORDER BY since NULLS LAST, l.pid
    LIMIT 500
), edge AS MATERIALIZED (
    SELECT pid, pg_blocking_pids(pid) AS blockers FROM waiting
), involved AS (
    SELECT pid FROM deploying
    UNION SELECT pid FROM edge
    UNION SELECT unnest(blockers) FROM edge
), work AS (
    SELECT pid, relid, command, phase,
        CASE WHEN phase LIKE 'waiting%%' THEN lockers_done WHEN blocks_total > 0 THEN blocks_done ELSE tuples_done END AS done,
        CASE WHEN phase LIKE 'waiting%%' THEN lockers_total WHEN blocks_total > 0 THEN blocks_total ELSE tuples_total END AS total
    FROM pg_stat_progress_create_index
    UNION ALL SELECT pid, relid, command, phase, heap_blks_scanned, heap_blks_total FROM pg_stat_progress_cluster
    UNION ALL SELECT pid, relid, 'VACUUM', phase, heap_blks_scanned, heap_blks_total FROM pg_stat_progress_vacuum
    UNION ALL SELECT pid, relid, 'ANALYZE', phase, sample_blks_scanned, sample_blks_total FROM pg_stat_progress_analyze
), named AS NOT MATERIALIZED (
    -- A lock on an index is shown as one on its table.
    SELECT c.oid, n.nspname::text AS schema, t.relname::text AS name, c.relkind
    FROM pg_class AS c
    LEFT JOIN pg_index AS x ON x.indexrelid = c.oid
    JOIN pg_class AS t ON t.oid = coalesce(x.indrelid, c.oid)
    JOIN pg_namespace AS n ON n.oid = t.relnamespace
), held AS (
    SELECT l.pid, array_agg(o.schema ORDER BY o.oid, l.mode) AS schemas, array_agg(o.name ORDER BY o.oid, l.mode) AS names,
        array_agg(l.mode ORDER BY o.oid, l.mode) AS modes
    FROM lock AS l JOIN named AS o ON o.oid = l.relation
    WHERE l.granted AND l.is_here AND l.locktype = 'relation' AND l.pid IN (SELECT pid FROM deploying)
        AND o.relkind IN ('r', 'p', 'm', 'v', 'f') AND o.schema !~ '^pg_' AND o.schema <> 'information_schema'
    GROUP BY l.pid
)
SELECT
    clock_timestamp() AS at,
    pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees_all_sessions,
    (SELECT count(*) FROM lock JOIN session AS s USING (pid) WHERE NOT lock.granted AND NOT lock.is_prismas) AS waiting,
    i.pid,
    s.backend_start::text AS since,
    s.backend_type AS kind,
    nullif(s.application_name, '') AS application,
    s.usename::text AS "user",
    s.state,
    substring(s.query FROM '^\s*([A-Za-z]+)') AS command,
    CASE WHEN i.pid IN (SELECT pid FROM deploying) THEN left(s.query, 1048576) ELSE '' END AS query,
    CASE WHEN s.query_start IS NOT NULL THEN greatest(clock_timestamp() - s.query_start, '0') END AS query_for,
    CASE WHEN s.xact_start IS NOT NULL THEN greatest(clock_timestamp() - s.xact_start, '0') END AS transaction_for,
    s.wait_event_type || ': ' || s.wait_event AS wait,
    coalesce((SELECT blockers FROM edge WHERE edge.pid = i.pid), ARRAY[]::int[]) AS blockers,
    (SELECT granted FROM prisma WHERE prisma.pid = i.pid) AS prisma_lock,
    w.locktype AS awaited_kind,
    w.mode AS awaited_mode,
    coalesce(o.schema, r.schema) AS awaited_schema,
    coalesce(o.name, r.name) AS awaited_name,
    CASE WHEN w.since IS NOT NULL THEN greatest(clock_timestamp() - w.since, '0') END AS waited_for,
    p.command AS work_command,
    p.phase AS work_phase,
    p.done AS work_done,
    p.total AS work_total,
    q.schema AS work_schema,
    q.name AS work_name,
    h.schemas AS lock_schemas,
    h.names AS lock_names,
    h.modes AS lock_modes
FROM (SELECT) AS always
LEFT JOIN involved AS i ON i.pid <> 0
LEFT JOIN session AS s ON s.pid = i.pid
LEFT JOIN waiting AS w ON w.pid = i.pid
LEFT JOIN named AS o ON o.oid = w.relation
-- Who waits for a row waits for its transaction, and holds the lock on the row's place.
LEFT JOIN LATERAL (
    SELECT n.schema, n.name FROM lock AS t JOIN named AS n ON n.oid = t.relation
    WHERE w.locktype = 'transactionid' AND t.pid = i.pid AND t.locktype = 'tuple' AND t.granted AND t.is_here LIMIT 1
) AS r ON true
LEFT JOIN work AS p ON p.pid = i.pid
LEFT JOIN named AS q ON q.oid = p.relid
LEFT JOIN held AS h ON h.pid = i.pid
ORDER BY i.pid
