-- Enums, domains, composite types and the columns of them.
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE empty AS ENUM ();
ALTER TYPE mood ADD VALUE 'happy';
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'happy';
ALTER TYPE mood ADD VALUE 'meh' BEFORE 'ok';
ALTER TYPE mood ADD VALUE 'great' AFTER 'happy';
ALTER TYPE empty ADD VALUE 'first';
CREATE TABLE person (id int, mood mood DEFAULT 'ok', moods mood[] DEFAULT '{sad,ok}', past mood[] DEFAULT ARRAY['sad']::mood[], CHECK (mood <> 'sad'), CHECK (mood IN ('ok', 'happy')));
CREATE INDEX happy_people ON person (id) WHERE mood = 'happy'::mood;
CREATE INDEX sad_people ON person (id) WHERE mood = ANY (ARRAY['sad', 'meh']::mood[]);
ALTER TYPE mood RENAME VALUE 'ok' TO 'fine';
ALTER TYPE mood RENAME VALUE 'sad' TO 'blue; sad';
ALTER TYPE mood RENAME TO "Mood";
ALTER TABLE person ALTER COLUMN mood SET DEFAULT 'great';
-- The way Prisma removes values.
CREATE TYPE "Mood_new" AS ENUM ('fine', 'happy');
ALTER TABLE person DROP CONSTRAINT person_mood_check, DROP CONSTRAINT person_mood_check1;
DROP INDEX happy_people, sad_people;
ALTER TABLE person ALTER COLUMN mood DROP DEFAULT;
ALTER TABLE person ALTER COLUMN mood TYPE "Mood_new" USING (mood::text::"Mood_new");
ALTER TABLE person DROP COLUMN past, ALTER COLUMN moods DROP DEFAULT, ALTER COLUMN moods TYPE "Mood_new"[] USING (moods::text[]::"Mood_new"[]);
ALTER TYPE "Mood" RENAME TO "Mood_old";
ALTER TYPE "Mood_new" RENAME TO "Mood";
DROP TYPE "Mood_old";
ALTER TABLE person ALTER COLUMN mood SET DEFAULT 'fine';
ALTER TABLE person ALTER COLUMN mood SET NOT NULL, ADD COLUMN next "Mood"[] NOT NULL DEFAULT ARRAY[]::"Mood"[];
-- Away from the enum, the default with it.
ALTER TABLE person ALTER COLUMN mood TYPE text;
DROP TYPE "Mood" CASCADE;
CREATE DOMAIN positive AS integer DEFAULT 1 NOT NULL CHECK (VALUE > 0) CONSTRAINT not_huge CHECK (VALUE < 1000000);
CREATE DOMAIN email AS varchar(200) COLLATE "C" CHECK (VALUE ~ '^[^@]+@[^@]+$');
CREATE DOMAIN flags AS text[] DEFAULT '{a,b}';
CREATE DOMAIN positive_even AS positive CHECK (VALUE % 2 = 0);
CREATE TABLE uses_domains (a positive, b email DEFAULT 'x@y', c flags, e positive_even DEFAULT 2);
ALTER DOMAIN positive DROP CONSTRAINT not_huge;
ALTER DOMAIN positive ADD CHECK (VALUE <> 13) NOT VALID;
ALTER DOMAIN positive ADD CHECK (VALUE <> 14);
ALTER DOMAIN positive VALIDATE CONSTRAINT positive_check1;
ALTER DOMAIN positive RENAME CONSTRAINT positive_check TO above_zero;
ALTER DOMAIN positive SET DEFAULT 5;
ALTER DOMAIN positive DROP NOT NULL;
ALTER DOMAIN email SET NOT NULL;
ALTER DOMAIN email DROP DEFAULT;
ALTER DOMAIN positive RENAME TO natural_number;
ALTER DOMAIN natural_number DROP CONSTRAINT IF EXISTS nothing;
CREATE TYPE point3 AS (x float8, y double precision, z numeric(5,2), label text COLLATE "C");
CREATE TABLE located (p point3, ps point3[]);
ALTER TYPE point3 RENAME ATTRIBUTE label TO name;
CREATE TYPE line3 AS (a point3, b point3);
ALTER TYPE line3 ADD ATTRIBUTE c int, DROP ATTRIBUTE b;
ALTER TYPE line3 ALTER ATTRIBUTE c TYPE bigint;
ALTER TYPE line3 RENAME TO segment3;
CREATE TYPE floatrange AS RANGE (subtype = float8);
CREATE TABLE ranged (r floatrange, rs floatrange[]);
DROP TYPE point3 CASCADE;
DROP DOMAIN IF EXISTS natural_number CASCADE;
DROP DOMAIN email CASCADE;
DROP TYPE IF EXISTS segment3, floatrange CASCADE;
CREATE TABLE rowtype (id int);
CREATE TABLE uses_rowtype (r rowtype, rs rowtype[]);
ALTER TABLE rowtype RENAME TO rowtype2;
DROP TABLE rowtype2 CASCADE;
CREATE TABLE types_spelt (
    a int2, b int4, c int8, d float4, e float8, f float(10), g float(30), h bool, i char, j char(10), k varchar, l varchar(5), m bpchar,
    n "char", o name, p timestamp, q timestamptz(3), r timestamp(0) with time zone, s time(2) with time zone, t timetz, u interval, v interval day to second(3), w interval(2),
    x numeric, y numeric(5), z numeric(5,2), aa dec(4,1), bb bit, cc bit(4), dd varbit(7), ee bit varying, ff int[][], gg text array, hh int array[3], ii _int4, jj oid, kk regclass,
    ll national character varying(7), mm nchar(2), nn character varying, oo pg_catalog.int4, pp pg_catalog.varchar(9), qq money,
    rr int4multirange, -- since 14
    ss xid8, tt tsquery, uu macaddr8, vv jsonpath, ww varchar(5)[], xx timestamp(3)[], yy numeric(4,2)[][]
);
