-- Replica identities.
CREATE TABLE plain (id integer PRIMARY KEY, a integer NOT NULL UNIQUE, b integer NOT NULL);
CREATE UNIQUE INDEX plain_b_idx ON plain (b);
ALTER TABLE plain REPLICA IDENTITY FULL;
ALTER TABLE plain REPLICA IDENTITY NOTHING;
ALTER TABLE plain REPLICA IDENTITY USING INDEX plain_b_idx;
ALTER INDEX plain_b_idx RENAME TO plain_by_b;
DROP INDEX plain_by_b;
ALTER TABLE plain REPLICA IDENTITY USING INDEX plain_a_key;
ALTER TABLE plain RENAME CONSTRAINT plain_a_key TO plain_by_a;
CREATE SCHEMA moved;
ALTER TABLE plain SET SCHEMA moved;
ALTER TABLE moved.plain REPLICA IDENTITY USING INDEX plain_pkey;
ALTER TABLE moved.plain RENAME TO simple;
CREATE TABLE copied (LIKE moved.simple INCLUDING ALL);
ALTER TABLE moved.simple DROP CONSTRAINT plain_pkey;
ALTER TABLE moved.simple REPLICA IDENTITY DEFAULT;
CREATE TABLE parted (id integer NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
ALTER TABLE parted REPLICA IDENTITY FULL;
ALTER TABLE parted_1 REPLICA IDENTITY USING INDEX parted_1_pkey;
ALTER TABLE copied REPLICA IDENTITY FULL;
DROP TABLE copied;

-- Publications.
CREATE PUBLICATION nothing;
CREATE PUBLICATION everything FOR ALL TABLES WITH (publish = 'insert,  DELETE');
CREATE TABLE sent (id integer PRIMARY KEY, a text, b integer);
CREATE TABLE heir (c integer) INHERITS (sent);
CREATE TABLE alone (id integer PRIMARY KEY);
CREATE PUBLICATION few FOR TABLE sent, parted WITH (publish_via_partition_root);
CREATE PUBLICATION one FOR TABLE ONLY sent;
ALTER PUBLICATION one ADD TABLE alone;
ALTER PUBLICATION one DROP TABLE ONLY sent;
ALTER PUBLICATION one SET TABLE sent, alone;
ALTER PUBLICATION one SET (publish = 'update', publish_via_partition_root = off);
ALTER PUBLICATION one RENAME TO two;
ALTER TABLE alone RENAME TO lonely;
CREATE PUBLICATION columns FOR TABLE ONLY sent (id, b), lonely (id); -- since 15
CREATE PUBLICATION filtered FOR TABLE sent WHERE (id > 3 AND b IS NOT NULL) WITH (publish = 'insert'); -- since 15
ALTER TABLE sent RENAME COLUMN b TO d;
CREATE PUBLICATION whole FOR TABLES IN SCHEMA public, TABLE moved.simple; -- since 15
ALTER PUBLICATION whole DROP TABLES IN SCHEMA public; -- since 15
ALTER PUBLICATION whole ADD TABLES IN SCHEMA moved; -- since 15
ALTER PUBLICATION whole SET TABLES IN SCHEMA CURRENT_SCHEMA; -- since 15
ALTER TABLE lonely ADD COLUMN further integer;
DROP TABLE lonely;
ALTER TABLE sent DROP COLUMN d CASCADE;
ALTER SCHEMA moved RENAME TO gone;
CREATE PUBLICATION generated FOR TABLE sent WITH (publish_generated_columns = stored); -- since 18
DO $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_publication WHERE pubname = 'later') THEN CREATE PUBLICATION later FOR TABLE sent; END IF;
END $$;
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_publication_tables WHERE pubname = 'later' AND tablename = 'sent') THEN ALTER PUBLICATION later ADD TABLE sent; END IF;
END $$;
DROP PUBLICATION IF EXISTS nothing, never, everything;
DROP SCHEMA gone CASCADE;

-- Event triggers.
CREATE FUNCTION seen() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE DEBUG 'seen'; END $$;
CREATE EVENT TRIGGER seen ON ddl_command_end EXECUTE FUNCTION seen();
CREATE EVENT TRIGGER early ON ddl_command_start WHEN TAG IN ('create index', 'ALTER INDEX') EXECUTE PROCEDURE public.seen();
CREATE EVENT TRIGGER rewriting ON table_rewrite EXECUTE FUNCTION seen();
ALTER EVENT TRIGGER seen ENABLE ALWAYS;
ALTER EVENT TRIGGER early DISABLE;
ALTER EVENT TRIGGER rewriting RENAME TO rewritten;
ALTER FUNCTION seen() RENAME TO noticed;
DROP EVENT TRIGGER early;
DROP FUNCTION noticed() CASCADE;
