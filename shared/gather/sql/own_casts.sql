-- One function that a cast calls and that is neither PostgreSQL's own nor an extension's; no row where there is none. A
-- query that casts, or that lets an operator cast, might run it. Leaves out casts that call no function.
SELECT n.nspname || '.' || p.proname AS routine
FROM pg_cast AS c
JOIN pg_proc AS p ON p.oid = c.castfunc
JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname <> 'pg_catalog'
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY routine
LIMIT 1
