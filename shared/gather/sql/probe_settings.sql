-- The settings of a transaction that looks at rows. Leaves out temp_file_limit, which only a superuser may set, and all
-- that would outlive the transaction. A probe hardly waits for a lock: a session that wants to change the table would queue
-- behind it, and all others too.
-- row_security off: rows that a policy hides become an error, and no policy's function runs.
-- constraint_exclusion off: planning must not run the functions of the tables' CHECKs.
-- enable_seqscan off where an index serves it: statistics of yesterday must not have the whole table read.
-- pg_temp last: not named, it would come first, and behind a pool it may hold what another client left.
SELECT
    pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true),
    pg_catalog.set_config('statement_timeout', $1, true),
    pg_catalog.set_config('lock_timeout', '100ms', true),
    pg_catalog.set_config('idle_in_transaction_session_timeout', '1s', true),
    pg_catalog.set_config('max_parallel_workers_per_gather', '0', true),
    pg_catalog.set_config('work_mem', '16MB', true),
    pg_catalog.set_config('jit', 'off', true),
    pg_catalog.set_config('enable_seqscan', $2, true),
    pg_catalog.set_config('row_security', 'off', true),
    pg_catalog.set_config('constraint_exclusion', 'off', true)
