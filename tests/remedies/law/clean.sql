-- All that a clean database has, a line for each thing, without regard to the order in which columns came.
WITH relation AS (
  SELECT c.oid, c.relname, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relowner, c.relacl, c.relpartbound
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname NOT IN ('information_schema', 'pg_catalog', 'pg_toast') AND c.relname !~ '^_prisma_migrations'
)
SELECT format('%s %s%s%s of %s', relkind, relname, CASE WHEN relrowsecurity THEN ' secured' END,
              CASE WHEN relforcerowsecurity THEN ' by force' END, relowner::regrole) AS line FROM relation
UNION ALL
SELECT format('partition %s %s of %s', relname, pg_get_expr(relpartbound, oid), inhparent::regclass)
FROM relation JOIN pg_inherits ON inhrelid = oid
UNION ALL
SELECT format('column %s.%s %s %s %s%s%s', relname, attname, format_type(atttypid, atttypmod), attnotnull,
              pg_get_expr(adbin, adrelid), attidentity, attgenerated)
FROM relation
JOIN pg_attribute a ON a.attrelid = relation.oid AND attnum > 0 AND NOT attisdropped AND relkind <> 'i'
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
UNION ALL
SELECT format('constraint %s %s %s', conname, pg_get_constraintdef(c.oid), convalidated)
FROM pg_constraint c JOIN relation ON relation.oid = c.conrelid
UNION ALL
SELECT format('index %s %s', pg_get_indexdef(indexrelid), indisvalid) FROM pg_index JOIN relation ON relation.oid = indexrelid
UNION ALL
SELECT format('enum %s %s', typname, array_agg(enumlabel ORDER BY enumlabel))
FROM pg_enum JOIN pg_type t ON t.oid = enumtypid GROUP BY typname
UNION ALL
SELECT format('view %s %s', relname, pg_get_viewdef(oid)) FROM relation WHERE relkind IN ('v', 'm')
UNION ALL
SELECT format('function %s', pg_get_functiondef(p.oid))
FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
WHERE nspname NOT IN ('information_schema', 'pg_catalog') AND prokind IN ('f', 'p')
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
UNION ALL
SELECT format('trigger %s %s', pg_get_triggerdef(t.oid), tgenabled)
FROM pg_trigger t JOIN relation ON relation.oid = tgrelid WHERE NOT tgisinternal
UNION ALL
SELECT format('policy %s %s %s %s %s %s %s', relname, polname, polcmd, polpermissive, polroles::regrole[],
              pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
FROM pg_policy JOIN relation ON relation.oid = polrelid
UNION ALL
SELECT format('right %s %s %s', relname, a.grantee::regrole, a.privilege_type)
FROM relation CROSS JOIN aclexplode(relacl) a WHERE a.grantee NOT IN (0, relowner)
UNION ALL
SELECT format('right %s.%s %s %s', relname, attname, x.grantee::regrole, x.privilege_type)
FROM relation JOIN pg_attribute a ON a.attrelid = relation.oid CROSS JOIN aclexplode(a.attacl) x
UNION ALL
SELECT format('right %s %s %s', p.oid::regprocedure, CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END, x.privilege_type)
FROM pg_proc p CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
WHERE p.pronamespace = 'public'::regnamespace AND x.grantee <> p.proowner
UNION ALL
SELECT format('sequence %s %s %s %s %s %s', relname, seqtypid::regtype, seqstart, seqincrement, seqmax, seqcache)
FROM pg_sequence JOIN relation ON relation.oid = seqrelid
UNION ALL
SELECT format('owned %s by %s', relname, pg_describe_object(refclassid, refobjid, refobjsubid))
FROM relation JOIN pg_depend ON objid = relation.oid AND relkind = 'S' AND deptype IN ('a', 'i') AND refclassid = 'pg_class'::regclass
UNION ALL
-- A sequence that gives a default has given numbers to rows of attempts that failed as well.
SELECT format('sequence %s at %s', sequencename, last_value)
FROM pg_sequences JOIN relation ON relname = sequencename AND relkind = 'S'
WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.refobjid = relation.oid AND d.classid = 'pg_attrdef'::regclass)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = relation.oid AND d.deptype = 'i')
UNION ALL
SELECT format('comment on %s: %s', pg_describe_object(classoid, objoid, objsubid), description)
FROM pg_description WHERE objoid >= 16384
UNION ALL
SELECT format('right to schema %s %s %s', nspname, grantee::regrole, privilege_type)
FROM pg_namespace CROSS JOIN aclexplode(nspacl) WHERE oid >= 16384 AND grantee <> nspowner
UNION ALL
SELECT format('default right %s %s %s', defaclobjtype, grantee::regrole, privilege_type)
FROM pg_default_acl CROSS JOIN aclexplode(defaclacl) WHERE grantee <> defaclrole
UNION ALL
SELECT format('extension %s in %s', extname, extnamespace::regnamespace) FROM pg_extension
UNION ALL
SELECT format('domain %s %s %s', t.oid::regtype, format_type(typbasetype, typtypmod), pg_get_constraintdef(c.oid))
FROM pg_type t LEFT JOIN pg_constraint c ON contypid = t.oid WHERE typtype = 'd' AND t.oid >= 16384
UNION ALL
SELECT format('statistics %s', pg_get_statisticsobjdef(oid)) FROM pg_statistic_ext
ORDER BY line
