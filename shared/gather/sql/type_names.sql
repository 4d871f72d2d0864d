-- The names of types, by oid and modifier, in the order in which they were asked for. Leaves out nothing.
SELECT pg_catalog.format_type(of.type, of.modifier)
FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.oid[]), pg_catalog.unnest($2::pg_catalog.int4[]))
    WITH ORDINALITY AS of (type, modifier, place)
ORDER BY of.place
