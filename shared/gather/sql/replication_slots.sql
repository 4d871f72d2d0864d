-- What the replication slots hold back of the WAL, most first. Leaves out slots that hold nothing back, and what other
-- settings keep (wal_keep_size). A standby keeps WAL as far as it has received it.
SELECT
    slot_name::text AS name,
    active,
    greatest(pg_wal_lsn_diff(
        CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END, restart_lsn
    ), 0)::bigint AS held
FROM pg_replication_slots
WHERE restart_lsn IS NOT NULL
ORDER BY 3 DESC NULLS LAST, 1
LIMIT 1
