-- Which of the named routines, operators' functions and casts' functions may run with the monitor's rights: those of
-- pg_catalog and of extensions that are not volatile. Leaves out all others, overloaded ones as a whole.
SELECT given.schema || '.' || given.name AS routine
FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS given (schema, name)
JOIN pg_namespace AS n ON n.nspname = given.schema
JOIN pg_proc AS p ON p.pronamespace = n.oid AND p.proname = given.name
GROUP BY given.schema, given.name
HAVING bool_and(
    p.provolatile <> 'v'
    AND (given.schema = 'pg_catalog' OR EXISTS (
        SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')))
