-- What limits and leads a deployment: for each setting the value with which sessions of the history's owner begin, in
-- the unit that it has, and where it is set. Leaves out an owner that cannot log in: its members have settings of their own. NULL
-- where the server's value is hidden by a setting of the role that reads: pg_settings shows that one. Who reads it with
-- the owner's own role reads what a deployment by the same URL begins with. backend_pid: of this transaction, which a
-- pool may have given another session than the one before it.
WITH deployer AS (
    SELECT r.oid, r.rolname, r.rolname = session_user AS is_own
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_roles AS r ON r.oid = c.relowner
    WHERE n.nspname = %(schema)s AND c.relname = '_prisma_migrations' AND c.relkind IN ('r', 'p') AND r.rolcanlogin
),
stated AS (
    SELECT
        s.setrole,
        s.setdatabase,
        lower(split_part(each, '=', 1)) AS name,
        substr(each, strpos(each, '=') + 1) AS value
    FROM pg_db_role_setting AS s CROSS JOIN unnest(s.setconfig) AS each
    WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
)
SELECT
    quote_ident(d.rolname) AS role,
    d.rolname::text AS role_name,
    quote_ident(current_database()) AS database,
    coalesce(d.is_own, false) AS is_own,
    pg_backend_pid() AS backend_pid,
    lower(g.name) AS name,
    CASE
        WHEN d.is_own THEN g.reset_val || coalesce(g.unit, '')
        WHEN found.value IS NOT NULL THEN found.value
        WHEN NOT EXISTS (
            SELECT FROM stated AS own
            WHERE own.name = lower(g.name) AND own.setrole = (SELECT oid FROM pg_roles WHERE rolname = session_user)
        ) THEN g.reset_val || coalesce(g.unit, '')
    END AS value,
    CASE
        WHEN found.value IS NULL THEN 'server'
        WHEN found.setrole <> 0 AND found.setdatabase <> 0 THEN 'role in this database'
        WHEN found.setrole <> 0 THEN 'role'
        WHEN found.setdatabase <> 0 THEN 'database'
        ELSE 'all roles'
    END AS set_for
FROM pg_settings AS g
LEFT JOIN deployer AS d ON true
LEFT JOIN LATERAL (
    SELECT s.value, s.setrole, s.setdatabase
    FROM stated AS s
    WHERE s.name = lower(g.name) AND s.setrole IN (0, d.oid)
    ORDER BY s.setrole <> 0 DESC, s.setdatabase <> 0 DESC
    LIMIT 1
) AS found ON true
WHERE g.name IN (
    'statement_timeout', 'lock_timeout', 'transaction_timeout', 'default_transaction_read_only', 'search_path', 'TimeZone'
)
