-- For the conditions of seeds: names without a schema mean the watched one, after PostgreSQL's own. Leaves the
-- catalog queries before it as they were: with the watched schema out of the path they spell every name in full.
SELECT set_config('search_path', 'pg_catalog, ' || quote_ident(%(schema)s), true)
