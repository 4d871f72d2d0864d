-- What the server writes into its log of what changes a schema. Everybody may see these settings. Leaves out where the
-- log goes. pgaudit.log is empty where pgaudit is not loaded.
SELECT
    current_setting('log_statement') AS statement,
    coalesce(current_setting('pgaudit.log', true), '') AS audit,
    current_setting('log_line_prefix') AS prefix,
    current_setting('log_min_messages') AS messages
