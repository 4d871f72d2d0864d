-- How many rows a seeded table holds. Leaves out their content. The setting's condition is put behind it.
{plain_table_only}SELECT count(*) AS count FROM {table}
