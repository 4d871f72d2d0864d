-- Who holds a lock on a table, an index or a view of this database, for longer than a deployment should wait: sessions
-- in a transaction older than *older_than* seconds, and whatever their age dumps (pg_dump names itself; else COPY TO),
-- prepared transactions, and autovacuums against wraparound. Leaves out ourselves, the system's own tables, all other
-- autovacuums, which give way by themselves, parallel workers, whose leader holds the same, and sessions whose
-- beginning the role may not see. The 500 oldest locks at most.
SELECT * FROM (
    SELECT
        n.nspname::text AS schema,
        c.relname::text AS name,
        l.mode,
        CASE
            WHEN l.pid IS NULL THEN 'prepared'
            WHEN a.backend_type = 'autovacuum worker'
                THEN CASE WHEN a.query LIKE '%%(to prevent wraparound)' THEN 'vacuum' END
            WHEN a.application_name LIKE 'pg\_dump%%' OR a.query ~* '^\s*COPY\M.*\mTO\s+STDOUT' THEN 'dump'
            ELSE 'session'
        END AS kind,
        l.pid,
        CASE WHEN l.pid IS NULL THEN p.gid ELSE nullif(a.application_name, '') END AS application,
        coalesce(p.owner, a.usename)::text AS "user",
        -- One moment for all: what one transaction holds is then in the order of its names.
        greatest((SELECT clock_timestamp()) - coalesce(p.prepared, a.xact_start), '0') AS open_for
    FROM pg_locks AS l
    JOIN pg_class AS c ON c.oid = l.relation
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
    -- A prepared transaction holds the lock on its own number beside all others.
    LEFT JOIN pg_locks AS own ON l.pid IS NULL AND own.pid IS NULL AND own.granted AND own.locktype = 'transactionid'
        AND own.virtualtransaction = l.virtualtransaction
    LEFT JOIN pg_prepared_xacts AS p ON p.transaction::text = own.transactionid::text
    WHERE l.granted AND l.locktype = 'relation' AND l.pid IS DISTINCT FROM pg_backend_pid()
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND a.backend_type IS DISTINCT FROM 'parallel worker'
) AS held
WHERE kind <> 'session' OR open_for > make_interval(secs => %(older_than)s)
ORDER BY open_for DESC NULLS LAST, pid, schema, name, mode
LIMIT 500
