-- What a question to the server's analyser is asked under, up to its Sync. Leaves out everything that would outlive
-- that: through a transaction pool a session's setting would reach the next client. The last word of the path keeps
-- another client's temporary tables from being found first.
SELECT
    pg_catalog.set_config('search_path', $1, true),
    pg_catalog.set_config('lock_timeout', '100ms', true),
    pg_catalog.set_config('transaction_read_only', 'on', true)
