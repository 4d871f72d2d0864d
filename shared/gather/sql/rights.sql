-- Who owns what, and who may do what with it: asked only where a target compares privileges. Nothing but CONNECT needed.
-- Each SELECT is one kind; each row is its name and a JSON object, as text. Access control lists are their own text, and
-- each different one is taken apart once: a thousand tables have a few. None: what every new object has. What a role has
-- that is gone, which the text has by its number, nobody has.
--
-- An empty list, without even the privileges of the owner, is no array that the server takes apart.
--
-- Left out: system schemas, temporary tables, all that an extension owns, Prisma's own table of migrations (but for its
-- owner, the role that deploys); databases, languages, foreign servers, tablespaces, parameters and large objects.
SELECT 'deployer', json_build_object(
    'name', r.rolname, 'version', current_setting('server_version_num')::int)::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
WHERE n.nspname = %(schema)s AND c.relname = '_prisma_migrations' AND c.relkind IN ('r', 'p');

-- Before 16 the member's own INHERIT says whether it has a group's privileges, since then each membership. The owner of
-- the database is a member of pg_database_owner, which no row says.
SELECT 'role', json_build_object(
    'name', r.rolname,
    'superuser', r.rolsuper,
    'bypasses_row_security', r.rolbypassrls,
    'groups', (
        SELECT json_agg(g.rolname) FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
        WHERE m.member = r.oid AND coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, r.rolinherit)),
    'others', (
        SELECT json_agg(g.rolname) FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
        WHERE m.member = r.oid AND NOT coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, r.rolinherit)),
    'owns_database', (SELECT d.datdba = r.oid FROM pg_database d WHERE d.datname = current_database()))::text
FROM pg_roles r
ORDER BY r.rolname;

SELECT 'schema', json_build_object('name', n.nspname, 'owner', pg_get_userbyid(n.nspowner), 'acl', n.nspacl::text)::text
FROM pg_namespace n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_namespace'::regclass AND objid = n.oid AND deptype = 'e')
ORDER BY n.nspname;

SELECT 'relation', json_build_object(
    'schema', n.nspname, 'name', c.relname, 'kind', c.relkind, 'owner', pg_get_userbyid(c.relowner),
    'acl', c.relacl::text)::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND c.relname <> '_prisma_migrations'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
ORDER BY n.nspname, c.relname;

SELECT 'column', json_build_object(
    'schema', n.nspname, 'relation', c.relname, 'name', a.attname, 'acl', a.attacl::text)::text
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attacl IS NOT NULL AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relname <> '_prisma_migrations'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
ORDER BY n.nspname, c.relname, a.attnum;

SELECT 'routine', json_build_object(
    'schema', n.nspname, 'name', p.proname, 'kind', p.prokind, 'owner', pg_get_userbyid(p.proowner),
    'inputs', (
        SELECT json_agg(format_type(k.type, NULL) ORDER BY k.place)
        FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY k (type, place)),
    'acl', p.proacl::text)::text
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind IN ('f', 'p', 'a') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
      SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype IN ('e', 'i'))
ORDER BY n.nspname, p.proname, p.oid;

SELECT 'type', json_build_object(
    'schema', n.nspname, 'name', t.typname, 'kind', t.typtype, 'owner', pg_get_userbyid(t.typowner),
    'acl', t.typacl::text)::text
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE (t.typtype IN ('e', 'd', 'r') OR t.typrelid IN (SELECT oid FROM pg_class WHERE relkind = 'c'))
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_type'::regclass AND objid = t.oid AND deptype = 'e')
ORDER BY n.nspname, t.typname;

SELECT 'defaults', json_build_object(
    'role', pg_get_userbyid(d.defaclrole), 'schema', coalesce(n.nspname, ''), 'objects', d.defaclobjtype,
    'acl', d.defaclacl::text)::text
FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
WHERE d.defaclobjtype IN ('r', 'S', 'f', 'T', 'n')
ORDER BY 2;

WITH lists AS (
    SELECT DISTINCT ON (acl::text) acl
    FROM (
        SELECT nspacl FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
        UNION ALL SELECT relacl FROM pg_class WHERE relacl IS NOT NULL AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        UNION ALL SELECT attacl FROM pg_attribute WHERE attacl IS NOT NULL
        UNION ALL SELECT proacl FROM pg_proc WHERE proacl IS NOT NULL
        UNION ALL SELECT typacl FROM pg_type WHERE typacl IS NOT NULL
        UNION ALL SELECT defaclacl FROM pg_default_acl
    ) AS every (acl)
    WHERE cardinality(acl) > 0
)
SELECT 'list', json_build_object('text', acl::text, 'items', (
    SELECT coalesce(json_agg(json_build_array(
        coalesce(r.rolname, ''), pg_get_userbyid(i.grantor), i.privilege_type, i.is_grantable)), '[]')
    FROM aclexplode(acl) AS i LEFT JOIN pg_roles r ON r.oid = i.grantee
    WHERE i.grantee = 0 OR r.oid IS NOT NULL))::text
FROM lists
ORDER BY acl::text
