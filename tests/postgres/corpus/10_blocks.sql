-- DO blocks as migrations have them.
DO $$ BEGIN CREATE TYPE "Kind" AS ENUM ('A', 'B'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;
DO $$ BEGIN CREATE TYPE "Kind" AS ENUM ('C'); EXCEPTION WHEN duplicate_object THEN null; END $$;
DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'Level') THEN CREATE TYPE "Level" AS ENUM ('low'); END IF; END $$;
DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'Level') THEN CREATE TYPE "Level" AS ENUM ('other'); END IF; END $$;
CREATE TABLE "Doc" (id int PRIMARY KEY, kind "Kind", parent int);
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'Doc_parent_fkey') THEN
    ALTER TABLE "Doc" ADD CONSTRAINT "Doc_parent_fkey" FOREIGN KEY (parent) REFERENCES "Doc" (id);
  END IF;
END $$;
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'Doc_parent_fkey') THEN
    ALTER TABLE "Doc" ADD CONSTRAINT "Doc_parent_fkey" FOREIGN KEY (parent) REFERENCES "Doc" (id) ON DELETE CASCADE;
  END IF;
END $$;
DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = 'Doc' AND column_name = 'parent') THEN
    ALTER TABLE "Doc" RENAME COLUMN parent TO "parentId";
  END IF;
END $$;
DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'Doc' AND column_name = 'parent') THEN
    ALTER TABLE "Doc" RENAME COLUMN parent TO wrong;
  ELSE
    ALTER TABLE "Doc" ADD COLUMN "right" int;
  END IF;
END $$;
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'Log') THEN
    CREATE TABLE "Log" (id serial, message text);
    CREATE INDEX ON "Log" (message);
  END IF;
END
$$;
DO $$ BEGIN ALTER TABLE "Log" ADD COLUMN extra int; ALTER TABLE "Log" ADD COLUMN message text; EXCEPTION WHEN duplicate_column THEN RAISE NOTICE 'there'; END $$;
DO $$ BEGIN EXECUTE 'ALTER TABLE "Log" ADD COLUMN executed int DEFAULT 1'; END $$;
DO $$ DECLARE t text := 'Log'; BEGIN EXECUTE format('ALTER TABLE %I ADD COLUMN %I text DEFAULT %L', t, 'by format', 'it''s'); EXECUTE 'CREATE INDEX ON "' || t || '" (executed)'; END $$;
DO $$ DECLARE t text; BEGIN FOREACH t IN ARRAY ARRAY['Log', 'Doc'] LOOP EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t); END LOOP; END $$;
DO $$ BEGIN IF (SELECT count(*) FROM pg_indexes WHERE indexname = 'nothing') = 0 THEN CREATE INDEX something ON "Log" (id); END IF; END $$;
DO $$ BEGIN IF to_regclass('public."Log"') IS NOT NULL THEN ALTER TABLE "Log" ADD COLUMN regclassy int; END IF; IF to_regclass('nope') IS NOT NULL THEN DROP TABLE "Log"; END IF; END $$;
DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid WHERE t.typname = 'Kind' AND e.enumlabel = 'B') THEN ALTER TYPE "Kind" RENAME VALUE 'B' TO 'BB'; END IF; END $$;
DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = 'something' AND n.nspname = 'public') THEN DROP TABLE "Doc"; END IF; END $$;
DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'nobody_here') THEN GRANT SELECT ON "Log" TO nobody_here; END IF; END $$;
DO $$ BEGIN IF EXISTS (SELECT 1 FROM "Log" WHERE id > 5) THEN ALTER TABLE "Log" ADD COLUMN perhaps int; END IF; END $$;
DO $$ BEGIN UPDATE "Log" SET message = 'x'; INSERT INTO "Log" (message) VALUES ('y'); PERFORM 1; END $$;
DO LANGUAGE plpgsql $body$ BEGIN BEGIN DROP TABLE absent; EXCEPTION WHEN undefined_table THEN CREATE TABLE handled (id int); END; END $body$;
DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = 'Log' AND column_name = 'message' AND is_nullable = 'NO') THEN ALTER TABLE "Log" ALTER COLUMN message SET NOT NULL; END IF; END $$;
DO $$ BEGIN IF EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = 'Log' AND column_name = 'message' AND data_type = 'text') THEN ALTER TABLE "Log" ALTER COLUMN message TYPE varchar(10); END IF; END $$;
DO $$ BEGIN CREATE POLICY p ON "Log" USING (true); CREATE POLICY p ON "Log" USING (false); EXCEPTION WHEN duplicate_object THEN NULL; END $$;
DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgname = 'tr') AND NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'nope') THEN CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER tr BEFORE INSERT ON "Log" FOR EACH ROW EXECUTE FUNCTION tf(); END IF; END $$;
DO $$ DECLARE r record; BEGIN FOR r IN SELECT 1 AS n LOOP RAISE NOTICE '%', r.n; END LOOP; IF 1 = 1 THEN RETURN; END IF; DROP TABLE "Log"; END $$;
CREATE TABLE IF NOT EXISTS "Log" (a int);
BEGIN;
CREATE TABLE in_transaction (id int);
COMMIT;
SET statement_timeout = '5s';
