-- Tables that certainly hold no row: their file has never grown. Leaves out partitioned tables, whose rows are in
-- others, and tables that were emptied by DELETE; needs no right to read them.
SELECT n.nspname::text AS schema, c.relname::text AS name
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND pg_relation_size(c.oid) = 0
