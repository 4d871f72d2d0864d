-- The role with which the monitor reads a database, and the least that it needs there. Nothing here lets it write.
--
-- 1. Only for a managed identity, once a server, in the database postgres, by the server's Entra administrator
--    (MONITOR_IDENTITY and MONITOR_PRINCIPAL_ID are what `azd env get-values` says):
--
--      psql "host=… dbname=postgres user=… sslmode=verify-full" -f infra/grants.sql \
--          -v role="$MONITOR_IDENTITY" -v principal_id="$MONITOR_PRINCIPAL_ID"
--
--    A person or a group instead: -v principal_type=user, or group.
--
-- 2. In each watched database. A role with a password needs this step alone: MONITOR_PASSWORD in the environment makes
--    it, or gives it a new password.
--
--      psql "${DATABASE_URL%%\?*}" -f infra/grants.sql -v role="$MONITOR_IDENTITY" \
--          -v tables='users, pipeline_rules(enabled deleted_at)'
--
-- role, schema  names as they are stored; in double quotes they mean the same, as in SQL. The schema is where
--               _prisma_migrations is; public by default
-- tables        the tables of the settings' seeds, with the columns that their `where` needs
-- probe         the tables whose rows a plan may read with this role, with the columns that it asks for: those of
--               the queries that `deploy-not-probed` prints. For a table without columns, a plan reads
--               only whether it holds a row. Needed with `plan = "hourly"`, and where the Azure Functions app itself answers
--               `verify` before a deployment. A pipeline that plans with the credential that deploys needs none of it.
--
--                 -v probe='users(email), folders(project_id parent_id), audit."Odd, name"("when")'
--
--               Both lists are written so: names as they are stored, in double quotes where they hold a comma, a
--               parenthesis or, as a column, a space; a quote within is doubled. The schema and a dot may stand before,
--               the schema in double quotes where it holds a dot.
-- logs          off: keep the errors of failed migrations from the monitor; they may quote rows
-- close_public  on: take from PUBLIC what lets any role write, the monitor's too (docs/deploy.md says what)
--
-- It may be run again at any time, also by several people in turn, for roles and tables rarely have the same master:
-- each run grants what is missing, as far as its role may, and fails with a list of what is still missing.
\set ON_ERROR_STOP on
\set QUIET on
\set SHOW_CONTEXT never
\getenv password MONITOR_PASSWORD
-- A name that is written in double quotes, as in SQL.
\set quoted '^"([^"]|"")+"$'
\if :{?role}
\else
    \set role ''
\endif
SELECT
    CASE WHEN :'role' ~ :'quoted' THEN replace(substr(:'role', 2, length(:'role') - 2), '""', '"') ELSE :'role' END AS role
\gset
SELECT :'role' = '' AS no_role \gset
\if :no_role
    DO $$ BEGIN RAISE EXCEPTION 'say for which role: -v role=NAME'; END $$;
\endif
\if :{?schema}
\else
    \set schema public
\endif
SELECT
    CASE WHEN :'schema' ~ :'quoted' THEN replace(substr(:'schema', 2, length(:'schema') - 2), '""', '"') ELSE :'schema' END
        AS schema
\gset
\if :{?tables}
\else
    \set tables ''
\endif
\if :{?probe}
\else
    \set probe ''
\endif
\if :{?logs}
\else
    \set logs on
\endif
\if :{?close_public}
\else
    \set close_public off
\endif

SET client_min_messages = notice;
SET default_transaction_read_only = off;
-- Nothing of the database's own may stand in for what is called here.
SET search_path = pg_catalog, pg_temp;
SET monitor.role = :'role';
SET monitor.schema = :'schema';
SET monitor.tables = :'tables';
SET monitor.probe = :'probe';
SET monitor.logs = :'logs';
SET monitor.close_public = :'close_public';
-- A table with its columns: two groups.
SET monitor.entry = '((?:"(?:[^"]|"")*"|[^",()])*)(?:\(((?:"(?:[^"]|"")*"|[^"()])*)\))?\s*';

DO $$
DECLARE
    variable text;
BEGIN
    FOREACH variable IN ARRAY ARRAY['tables', 'probe'] LOOP
        IF current_setting('monitor.' || variable) !~ format('^%1$s(?:,%1$s)*$', current_setting('monitor.entry')) THEN
            RAISE EXCEPTION 'cannot read -v %=%', variable, current_setting('monitor.' || variable)
                USING HINT = 'Write TABLE or TABLE(COLUMN COLUMN), with commas between tables.';
        END IF;
    END LOOP;
END $$;

\if :{?principal_type}
\else
    \set principal_type service
\endif
SET monitor.principal_type = :'principal_type';

-- What makes the monitor read-only would shut an administrator out of the next grant.
DO $$
DECLARE
    name text := current_setting('monitor.role');
BEGIN
    IF current_setting('monitor.principal_type') NOT IN ('service', 'user', 'group') THEN
        RAISE EXCEPTION 'principal_type must be service, user or group';
    END IF;
    IF name = current_user OR EXISTS (SELECT FROM pg_roles WHERE rolname = name AND (rolcreaterole OR rolsuper)) THEN
        RAISE EXCEPTION 'the role % is yours, or administers this server: its transactions would become read-only', name
            USING HINT = 'An administrator reads without any grant. For all others, make a role that only reads.';
    END IF;
END $$;

\if :{?principal_id}
    SET monitor.principal_id = :'principal_id';
    SELECT EXISTS (SELECT FROM pg_proc WHERE proname = 'pgaadauth_create_principal_with_oid') AS knows_entra \gset
    \if :knows_entra
        DO $$
        DECLARE
            name text := current_setting('monitor.role');
            home name;
        BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
                RAISE NOTICE 'the role % is there already', name;
                RETURN;
            END IF;
            SELECT n.nspname INTO home FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
            WHERE p.proname = 'pgaadauth_create_principal_with_oid';
            -- By its id: display names are not unique. Neither an administrator nor somebody with a second factor.
            EXECUTE format('SELECT %I.pgaadauth_create_principal_with_oid($1, $2, $3, false, false)', home)
                USING name, current_setting('monitor.principal_id'), current_setting('monitor.principal_type');
            RAISE NOTICE 'the role % is made; now run the same without principal_id in each watched database', name;
        END $$;
        \quit
    \else
        DO $$ BEGIN
            RAISE WARNING 'skipped: pgaadauth_create_principal_with_oid is not here'
                USING HINT = 'Azure has it in the database postgres only, and a plain PostgreSQL not at all.';
        END $$;
    \endif
\endif

SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') AS role_exists \gset
-- An error must not quote the statement, which holds the password.
\set VERBOSITY terse
\if :{?password}
    \if :role_exists
        ALTER ROLE :"role" PASSWORD :'password';
    \else
        CREATE ROLE :"role" LOGIN PASSWORD :'password';
    \endif
\elif :role_exists
\else
    DO $$ BEGIN
        RAISE EXCEPTION 'there is no role %: step 1 makes it for an identity, MONITOR_PASSWORD with a password',
            current_setting('monitor.role');
    END $$;
\endif
\set VERBOSITY default

-- What was given.
CREATE TEMPORARY VIEW given AS
SELECT
    current_setting('monitor.role') AS role,
    current_setting('monitor.schema') AS watched,
    current_setting('monitor.tables') AS tables,
    current_setting('monitor.probe') AS probe,
    current_setting('monitor.logs')::boolean AS logs,
    current_setting('monitor.close_public')::boolean AS close_public;

-- A name as it is stored, of one as it is written: with parts in double quotes, or without.
CREATE FUNCTION pg_temp.stored(written text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(coalesce(replace(part[1], '""', '"'), part[2]), '' ORDER BY place), '')
    FROM regexp_matches(btrim(written), '"((?:[^"]|"")*)"|([^"]+)', 'g') WITH ORDINALITY AS name (part, place)
$$;

-- The tables to be read: the history, those to be counted, and those to be probed, with the columns that a person
-- named for each.
CREATE TEMPORARY VIEW named AS
SELECT
    watched || '._prisma_migrations' AS written,
    watched AS schema,
    '_prisma_migrations' AS table,
    -- xmin: which transaction last wrote the row.
    ARRAY['id', 'migration_name', 'checksum', 'started_at', 'finished_at', 'rolled_back_at', 'xmin']
        || CASE WHEN logs THEN ARRAY['logs'] ELSE '{}' END AS columns,
    false AS counted
FROM given
UNION ALL
SELECT
    pg_temp.stored(entry[1]),
    pg_temp.stored(dotted[1]),
    pg_temp.stored(dotted[2]),
    ARRAY(
        SELECT coalesce(replace(part[1], '""', '"'), part[2])
        FROM regexp_matches(entry[2], '"((?:[^"]|"")*)"|([^",\s]+)', 'g') AS part
    ),
    counted
FROM given,
    LATERAL (VALUES (tables, true), (probe, false)) AS list (entries, counted),
    LATERAL regexp_matches(entries, '(?:^|,)' || current_setting('monitor.entry'), 'g') AS entry,
    -- At the first dot outside of quotes, and without one at the first of all.
    LATERAL coalesce(
        regexp_match(entry[1], '^((?:"(?:[^"]|"")*"|[^".])*)\.(.*)$'),
        regexp_match(entry[1], '^([^.]*)\.(.*)$')
    ) AS dotted
WHERE btrim(entry[1]) <> '' OR entry[2] IS NOT NULL;

-- Those that are there, found as the settings' seeds are: one of that whole name in the watched schema, else the one of
-- the part after the dot in the schema before it.
CREATE TEMPORARY VIEW found AS
SELECT named.written, named.columns, named.counted, c.oid, c.nspname, c.relname
FROM named CROSS JOIN given LEFT JOIN LATERAL (
    SELECT c.oid, n.nspname, c.relname
    FROM (VALUES
        (1, given.watched, named.written),
        (2, named.schema, named.table)
    ) AS meaning (rank, schema, name)
    JOIN pg_namespace AS n ON n.nspname = meaning.schema
    JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = meaning.name
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    ORDER BY meaning.rank
    LIMIT 1
) AS c ON true;

-- Each column to be read. To be counted a table needs one, whichever: the first of its key is there for good.
-- So does a table where it only matters whether it holds a row.
CREATE TEMPORARY VIEW needed AS
SELECT found.oid, found.written, found.nspname, found.relname, name, a.attnum
FROM found
CROSS JOIN unnest(found.columns || CASE WHEN found.counted OR found.columns = '{}' THEN ARRAY[coalesce(
    (SELECT k.attname::text
        FROM pg_index AS i JOIN pg_attribute AS k ON k.attrelid = i.indrelid AND k.attnum = i.indkey[0]
        WHERE i.indrelid = found.oid AND i.indisprimary),
    (SELECT k.attname::text
        FROM pg_attribute AS k WHERE k.attrelid = found.oid AND k.attnum > 0 AND NOT k.attisdropped
        ORDER BY k.attnum LIMIT 1)
)] ELSE '{}' END) AS name
LEFT JOIN pg_attribute AS a ON a.attrelid = found.oid AND a.attname = name AND NOT a.attisdropped
WHERE found.oid IS NOT NULL AND name IS NOT NULL;

-- What PUBLIC may do that writes, and who of those that log in may do it, now that all may.
CREATE TEMPORARY VIEW open AS
WITH login AS (
    SELECT r.oid, r.rolname FROM pg_roles AS r, given WHERE r.rolcanlogin AND NOT r.rolsuper AND r.rolname <> given.role
)
SELECT 'TEMPORARY' AS privilege, format('DATABASE %I', d.datname) AS thing,
    (SELECT string_agg(format('%I', rolname), ', ')
        FROM login WHERE has_database_privilege(login.oid, d.oid, 'TEMPORARY')) AS keepers
FROM pg_database AS d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS acl
WHERE d.datname = current_database() AND acl.grantee = 0 AND acl.privilege_type = 'TEMPORARY'
UNION ALL
SELECT 'CREATE', format('SCHEMA %I', n.nspname),
    (SELECT string_agg(format('%I', rolname), ', ')
        FROM login WHERE has_schema_privilege(login.oid, n.oid, 'CREATE'))
FROM pg_namespace AS n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS acl
WHERE acl.grantee = 0 AND acl.privilege_type = 'CREATE' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
-- They run with their owner's rights. Leaves out what extensions own; triggers fire without this right.
SELECT 'EXECUTE', format('ROUTINE %s', p.oid::regprocedure),
    (SELECT string_agg(format('%I', rolname), ', ')
        FROM login WHERE has_function_privilege(login.oid, p.oid, 'EXECUTE'))
FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace,
    aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS acl
WHERE p.prosecdef AND acl.grantee = 0 AND acl.privilege_type = 'EXECUTE'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e');

-- What must be so, what makes it so (nothing, where a person must look), and whether it is.
CREATE TEMPORARY VIEW wanted AS
SELECT 'it may connect' AS what, format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role) AS statement,
    has_database_privilege(role, current_database(), 'CONNECT') AS is_so
FROM given
UNION ALL
SELECT 'it sees which session blocks which', format('GRANT pg_read_all_stats TO %I', role),
    pg_has_role(role, 'pg_read_all_stats', 'USAGE')
FROM given
UNION ALL
SELECT 'its transactions are read-only unless it says otherwise',
    format('ALTER ROLE %I SET default_transaction_read_only = on', role),
    EXISTS (
        SELECT FROM pg_db_role_setting AS s JOIN pg_roles AS r ON r.oid = s.setrole
        WHERE r.rolname = role AND s.setdatabase = 0 AND 'default_transaction_read_only=on' = ANY (s.setconfig)
    )
FROM given
UNION ALL
SELECT DISTINCT format('it reaches the schema %s', nspname), format('GRANT USAGE ON SCHEMA %I TO %I', nspname, role),
    has_schema_privilege(role, nspname, 'USAGE')
FROM found, given WHERE found.oid IS NOT NULL
UNION ALL
SELECT format('it reads %s', written),
    format('GRANT SELECT (%s) ON %I.%I TO %I',
        string_agg(format('%I', name), ', ' ORDER BY attnum), nspname, relname, role),
    bool_and(has_column_privilege(role, oid, attnum, 'SELECT'))
FROM needed, given WHERE attnum IS NOT NULL
GROUP BY written, oid, nspname, relname, role
UNION ALL
SELECT format('%s has no column %s', written, name), NULL, false FROM needed WHERE attnum IS NULL
UNION ALL
SELECT format('there is no table %s', written), NULL, false FROM found WHERE oid IS NULL
UNION ALL
SELECT format('only those who have it now have %s on %s', privilege, thing),
    coalesce(format('GRANT %s ON %s TO %s; ', privilege, thing, keepers), '')
        || format('REVOKE %s ON %s FROM PUBLIC', privilege, thing),
    false
FROM open, given WHERE close_public;

DO $$
DECLARE
    step text;
BEGIN
    FOR step IN SELECT statement FROM wanted WHERE NOT is_so AND statement IS NOT NULL LOOP
        BEGIN
            EXECUTE step;
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE NOTICE 'not allowed to %: %', current_user, step;
        END;
    END LOOP;
END $$;

DO $$
DECLARE
    missing text;
BEGIN
    SELECT string_agg(what || coalesce(':  ' || statement, ''), E'\n  ') INTO missing FROM wanted WHERE NOT is_so;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION E'missing still:\n  %', missing
            USING HINT = 'Let the owner of each object run what is named, then run this again.';
    END IF;
    RAISE NOTICE '% may read what the monitor needs here', current_setting('monitor.role');
END $$;
