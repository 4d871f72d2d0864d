-- The rows of Prisma's history, oldest first, with the transaction that last wrote each (32 bits). Leaves out applied_steps_count (deprecated, decides nothing), the logs
-- of what finished, and of longer logs all but the beginning, where the error stands. Times that Python cannot
-- hold (infinity, BC) are brought to its edge; least() and greatest() alone would make a NULL of them a date.
{plain_table_only}SELECT
    coalesce(id::text, '') AS id,
    coalesce(migration_name::text, '') AS name,
    coalesce(checksum::text, '') AS checksum,
    CASE WHEN started_at IS NOT NULL
        THEN least(greatest(started_at::timestamptz, '0002-01-01'), '9998-12-31') END AS started_at,
    CASE WHEN finished_at IS NOT NULL
        THEN least(greatest(finished_at::timestamptz, '0002-01-01'), '9998-12-31') END AS finished_at,
    CASE WHEN rolled_back_at IS NOT NULL
        THEN least(greatest(rolled_back_at::timestamptz, '0002-01-01'), '9998-12-31') END AS rolled_back_at,
    CASE WHEN finished_at IS NULL THEN {logs} END AS logs,
    {xmin} AS xmin
FROM {history}
ORDER BY _prisma_migrations.started_at NULLS FIRST, _prisma_migrations.id::text COLLATE "C"
