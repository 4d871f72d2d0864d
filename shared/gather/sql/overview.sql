-- Where we are. Leaves out what is inside the watched schema, but for whether it is there and holds any table: Prisma
-- refuses to deploy to such a schema without a history (P3005). Of other schemas only those with a table of the
-- history's name, temporary ones left out.
SELECT
    current_database()::text AS database,
    split_part(current_setting('server_version'), ' ', 1) AS server_version,
    now() AS now,
    quote_ident(current_user) AS quoted_role,
    EXISTS (SELECT FROM pg_namespace WHERE nspname = %(schema)s) AS schema_exists,
    EXISTS (
        SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = %(schema)s AND c.relkind IN ('r', 'p')
    ) AS schema_has_tables,
    ARRAY(
        SELECT n.nspname::text COLLATE "C" FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relname = '_prisma_migrations' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            AND n.nspname <> %(schema)s AND n.nspname !~ '^pg_'
        ORDER BY 1
        LIMIT 100
    ) AS history_elsewhere,
    EXISTS (SELECT FROM pg_namespace WHERE nspname = 'prisma_contract') AS has_prisma_8_history,
    pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees_all_sessions,
    pg_is_in_recovery() AS in_recovery,
    pg_last_wal_receive_lsn()::text AS received,
    has_function_privilege('pg_control_system()', 'EXECUTE') AS may_identify_server,
    has_function_privilege('pg_control_checkpoint()', 'EXECUTE')
        AND has_function_privilege('pg_walfile_name(pg_lsn)', 'EXECUTE')
        AND has_function_privilege('pg_current_wal_lsn()', 'EXECUTE')
        AND has_function_privilege('pg_last_wal_replay_lsn()', 'EXECUTE') AS may_see_position,
    pg_backend_pid() AS backend_pid
