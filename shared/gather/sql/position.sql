-- Where the server is at this snapshot: numbers of transactions (64 bits), the place in its log, its timeline. Takes no
-- number itself. Leaves out the transactions that run: all below the oldest have ended.
SELECT
    (SELECT oid::bigint FROM pg_database WHERE datname = current_database()) AS database,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next_xid,
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest_xid,
    CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id FROM pg_control_checkpoint())
        ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END AS timeline,
    (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END - '0/0'::pg_lsn)::bigint
        AS lsn
