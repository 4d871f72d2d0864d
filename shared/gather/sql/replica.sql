-- How far a standby is behind its primary. Only during recovery: elsewhere the first function is an error. Leaves out the
-- primary's own side (pg_stat_replication), and of the receiver's state what only pg_read_all_stats may see.
-- caught_up: whether all has been replayed that had been received at the beginning of the reading.
SELECT
    pg_is_wal_replay_paused() AS replay_paused,
    EXISTS (SELECT FROM pg_stat_wal_receiver WHERE pid IS NOT NULL AND coalesce(status, 'streaming') = 'streaming')
        AS receives,
    coalesce(pg_last_wal_replay_lsn() >= %(received)s::pg_lsn, false) AS caught_up,
    CASE WHEN pg_last_xact_replay_timestamp() IS NOT NULL
        THEN greatest(clock_timestamp() - pg_last_xact_replay_timestamp(), '0') END AS since_last_replay
