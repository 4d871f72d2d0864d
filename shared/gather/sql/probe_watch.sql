-- Cancels the transaction of a probe, and no other, where somebody waits for a lock that it holds, or Prisma's lock is
-- held or waited for. One row: whether it was cancelled. CREATE INDEX CONCURRENTLY waits for its virtual transaction.
WITH lock AS MATERIALIZED (
    SELECT * FROM pg_locks
), own AS (
    SELECT a.pid FROM pg_stat_activity AS a WHERE a.pid = %(pid)s AND a.xact_start = %(began)s::timestamptz
), waiting AS (
    SELECT FROM own
    WHERE EXISTS (
        SELECT FROM lock AS waiter JOIN lock AS held ON held.pid = own.pid AND held.granted AND (
            (held.locktype = 'relation' AND waiter.locktype = 'relation' AND waiter.database = held.database
                AND waiter.relation = held.relation)
            OR (held.locktype = 'virtualxid' AND waiter.locktype = 'virtualxid'
                AND waiter.virtualxid = held.virtualxid))
        WHERE NOT waiter.granted AND waiter.pid IS DISTINCT FROM own.pid)
    OR EXISTS (
        SELECT FROM lock
        WHERE locktype = 'advisory' AND classid = 0 AND objid = %(lock)s::bigint::oid AND objsubid = 1
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
)
SELECT coalesce(bool_or(pg_cancel_backend(own.pid)), false) AS cancelled FROM own WHERE EXISTS (SELECT FROM waiting)
