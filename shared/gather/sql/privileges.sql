-- What the monitor's own role could change. Leaves out system schemas, views, and roles that it could only switch to.
-- Columns are asked one by one only where some column has a grant of its own: few tables do, and 25,000 may exist.
WITH usable AS MATERIALIZED (
    SELECT oid, nspname
    FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND has_schema_privilege(oid, 'USAGE')
), writable AS MATERIALIZED (
    SELECT usable.nspname || '.' || c.relname AS name
    FROM pg_class AS c JOIN usable ON usable.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p')
        AND (
            has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
            OR (
                c.oid IN (SELECT attrelid FROM pg_attribute WHERE attacl IS NOT NULL)
                AND has_any_column_privilege(c.oid, 'INSERT, UPDATE')
            )
        )
)
SELECT
    current_user::text AS role,
    (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
    coalesce(
        (SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = %(schema)s), false
    ) AS creates_in_schema,
    ARRAY(SELECT name FROM writable ORDER BY name COLLATE "C" LIMIT 5) AS writable,
    (SELECT count(*) FROM writable) AS writable_count,
    ARRAY(
        SELECT rolname::text
        FROM pg_roles
        WHERE rolname IN ('pg_write_server_files', 'pg_execute_server_program')
            AND pg_has_role(current_user, oid, 'USAGE')
            AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
        ORDER BY rolname
    ) AS server_powers
