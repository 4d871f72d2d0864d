-- The prefix of a statement that reads a table; it is never run. A view or a foreign table can take the place of
-- the table after it was found, and code of its owner's would run; but the server refuses to take samples of one before
-- it plans anything. The name is locked from here on: what the statement reads is what was checked.
WITH plain_table_only AS (SELECT FROM {table} TABLESAMPLE SYSTEM (0))
