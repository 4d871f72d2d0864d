-- The transaction's own settings. Leaves out everything that would need a parameter at connecting (PgBouncer
-- takes none) and everything that would outlive the transaction.
-- row_security off: rows that a policy hides become an error instead of a count that is too low.
-- constraint_exclusion off: planning must not run the functions of a table's CHECKs.
-- pg_temp last: not named, it would come first, and behind a pool it may hold what another client left.
-- jit off: compiling a catalog query takes longer than running it.
-- The rest lets the catalog be deparsed in one spelling, whatever the role's own settings are: names fully qualified
-- but for the server's own, constants in one form.
SELECT
    pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true),
    pg_catalog.set_config('statement_timeout', %(statement_timeout)s, true),
    pg_catalog.set_config('lock_timeout', %(lock_timeout)s, true),
    pg_catalog.set_config('idle_in_transaction_session_timeout', '60s', true),
    pg_catalog.set_config('row_security', 'off', true),
    pg_catalog.set_config('constraint_exclusion', 'off', true),
    pg_catalog.set_config('jit', 'off', true),
    pg_catalog.set_config('TimeZone', 'UTC', true),
    pg_catalog.set_config('DateStyle', 'ISO, YMD', true),
    pg_catalog.set_config('IntervalStyle', 'postgres', true),
    pg_catalog.set_config('bytea_output', 'hex', true),
    pg_catalog.set_config('extra_float_digits', '1', true),
    pg_catalog.set_config('lc_monetary', 'C', true),
    pg_catalog.set_config('quote_all_identifiers', 'off', true),
    pg_catalog.set_config('standard_conforming_strings', 'on', true)
