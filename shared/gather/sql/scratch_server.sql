-- What says that a server is used by an application: the first of its databases that is named so, and whether Prisma has
-- run migrations in the one that this session is connected to.
SELECT
    (SELECT min(d.datname) FROM pg_catalog.pg_database AS d WHERE d.datname = ANY(%(databases)s::text[])),
    EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.relname = '_prisma_migrations' AND c.relkind IN ('r', 'p'))
