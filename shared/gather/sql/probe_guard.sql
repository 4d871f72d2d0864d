-- Why no probe may start now: Prisma's lock is held or waited for in this database, somebody waits for a lock on one of
-- the tables, or this is a standby. NULL where one may. Leaves out who it is.
SELECT CASE
    WHEN pg_is_in_recovery() THEN 'this is a standby'
    WHEN EXISTS (
        SELECT FROM pg_locks
        WHERE locktype = 'advisory' AND classid = 0 AND objid = %(lock)s::bigint::oid AND objsubid = 1
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
        THEN 'a migration runs, or waits to run'
    WHEN EXISTS (
        SELECT FROM pg_locks
        WHERE NOT granted AND locktype = 'relation' AND relation = ANY (%(tables)s::bigint[]::oid[])
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
        THEN 'somebody waits for a lock on its table'
    END AS because
