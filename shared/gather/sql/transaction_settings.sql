-- The transaction's own settings. Leaves out everything that would need a parameter at connecting (PgBouncer
-- takes none) and everything that would outlive the transaction.
-- row_security off: rows that a policy hides become an error instead of a count that is too low.
-- jit off: compiling a catalog query takes longer than running it.
SELECT
    pg_catalog.set_config('search_path', 'pg_catalog', true),
    pg_catalog.set_config('statement_timeout', %(statement_timeout)s, true),
    pg_catalog.set_config('lock_timeout', %(lock_timeout)s, true),
    pg_catalog.set_config('idle_in_transaction_session_timeout', '60s', true),
    pg_catalog.set_config('row_security', 'off', true),
    pg_catalog.set_config('jit', 'off', true),
    pg_catalog.set_config('TimeZone', 'UTC', true)
