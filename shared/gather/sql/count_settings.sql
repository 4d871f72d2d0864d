-- The settings of a transaction that counts rows: for the condition of a seed, names without a schema mean the watched
-- one, after PostgreSQL's own. Leaves out everything that would outlive the transaction.
-- pg_temp last: not named, it would come first, and behind a pool it may hold what another client left.
-- row_security off: rows that a policy hides become an error, and no policy's function runs.
-- constraint_exclusion off: planning a count must not run the functions of the tables' CHECKs.
-- The rest keeps a count small: one process, little memory, no compiling.
SELECT
    pg_catalog.set_config('search_path', 'pg_catalog, ' || pg_catalog.quote_ident(%(schema)s) || ', pg_temp', true),
    pg_catalog.set_config('statement_timeout', %(statement_timeout)s, true),
    pg_catalog.set_config('lock_timeout', %(lock_timeout)s, true),
    pg_catalog.set_config('idle_in_transaction_session_timeout', '60s', true),
    pg_catalog.set_config('row_security', 'off', true),
    pg_catalog.set_config('constraint_exclusion', 'off', true),
    pg_catalog.set_config('max_parallel_workers_per_gather', '0', true),
    pg_catalog.set_config('work_mem', '16MB', true),
    pg_catalog.set_config('jit', 'off', true),
    pg_catalog.set_config('TimeZone', 'UTC', true),
    pg_catalog.set_config('DateStyle', 'ISO, YMD', true),
    pg_catalog.set_config('IntervalStyle', 'postgres', true),
    pg_catalog.set_config('standard_conforming_strings', 'on', true)
