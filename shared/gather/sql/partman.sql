-- The tables that pg_partman divides, as its settings name them. Leaves out how it divides them.
SELECT parent_table::text AS parent FROM {config} ORDER BY parent_table
