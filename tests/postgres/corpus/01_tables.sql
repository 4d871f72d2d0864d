-- Tables, columns, constraints: what ORMs write all day.
CREATE TYPE "Role" AS ENUM ('USER', 'ADMIN', 'it''s');
CREATE TABLE "User" (
    "id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "name" VARCHAR(191),
    "role" "Role" NOT NULL DEFAULT 'USER',
    "roles" "Role"[] DEFAULT ARRAY['USER', 'ADMIN']::"Role"[],
    "tags" TEXT[],
    "matrix" INTEGER[][] DEFAULT '{}',
    "score" DECIMAL(10,2) NOT NULL DEFAULT 0.00,
    "ratio" DOUBLE PRECISION DEFAULT 1e3,
    "ok" BOOLEAN NOT NULL DEFAULT false,
    "data" JSONB DEFAULT '{"a": 1, "b" : [true]}',
    "raw" JSON DEFAULT '{"a":1}',
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(6) DEFAULT now(),
    "day" DATE DEFAULT '2024-01-01',
    "clock" TIME(0) DEFAULT '12:00',
    "span" INTERVAL DEFAULT '1 day',
    "blob" BYTEA DEFAULT '\xdead',
    "uid" UUID NOT NULL DEFAULT gen_random_uuid(),
    "big" BIGINT DEFAULT 9223372036854775807,
    "small" SMALLINT DEFAULT -1,
    "char1" CHAR DEFAULT 'a',
    "chars" CHAR(5),
    "bits" BIT(3) DEFAULT B'101',
    "vbits" BIT VARYING(8),
    "addr" INET,
    "net" CIDR,
    "mac" MACADDR,
    "cash" MONEY,
    "doc" XML,
    "search" TSVECTOR,
    "rng" INT4RANGE DEFAULT '[1,10)',
    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");
CREATE INDEX "User_createdAt_idx" ON "User"("createdAt" DESC);
CREATE TABLE "Post" (
    "id" SERIAL NOT NULL,
    "authorId" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    CONSTRAINT "Post_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "Post" ADD CONSTRAINT "Post_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE TABLE serials (a serial, b bigserial, c smallserial, d serial4 primary key, e serial8 unique);
CREATE TABLE unnamed (
    id integer primary key,
    a integer unique check (a > 0),
    b integer references unnamed,
    c integer constraint named_check check (c in (1, 2, 3)),
    d text not null default 'x' check (d <> '' and length(d) < 10),
    e integer,
    check (a < c),
    check (true),
    check (e > 0),
    unique (a, c),
    unique nulls not distinct (d), -- since 15
    unique (d), -- before 15
    foreign key (a, c) references unnamed (a, c)
    on delete set null (a) -- since 15
    deferrable initially deferred
);
ALTER TABLE unnamed ADD CHECK (e < 100);
ALTER TABLE unnamed ADD CHECK (e < 1000);
ALTER TABLE unnamed ADD UNIQUE (e);
ALTER TABLE unnamed ADD UNIQUE (e, d);
ALTER TABLE unnamed ADD FOREIGN KEY (e) REFERENCES unnamed (a) MATCH FULL NOT VALID;
ALTER TABLE unnamed VALIDATE CONSTRAINT unnamed_e_fkey;
ALTER TABLE unnamed ADD CONSTRAINT later CHECK (e <> 7) NOT VALID;
ALTER TABLE unnamed VALIDATE CONSTRAINT later;
ALTER TABLE unnamed ADD COLUMN f integer NOT NULL DEFAULT 1 REFERENCES serials (d) ON UPDATE SET DEFAULT;
ALTER TABLE unnamed ADD COLUMN IF NOT EXISTS f text;
ALTER TABLE unnamed ADD COLUMN g integer, ADD COLUMN h text DEFAULT 'h', DROP COLUMN f;
ALTER TABLE unnamed DROP COLUMN g, ADD COLUMN g bigint;
ALTER TABLE unnamed ALTER COLUMN h SET NOT NULL, ALTER COLUMN h DROP DEFAULT, ALTER COLUMN g SET DEFAULT 5;
ALTER TABLE unnamed ALTER COLUMN h DROP NOT NULL;
ALTER TABLE unnamed ALTER COLUMN h TYPE varchar(40) USING h::varchar(40), ALTER COLUMN g SET DATA TYPE numeric(12);
ALTER TABLE unnamed DROP CONSTRAINT named_check;
ALTER TABLE unnamed DROP CONSTRAINT IF EXISTS nobody;
ALTER TABLE unnamed RENAME CONSTRAINT later TO sooner;
ALTER TABLE unnamed RENAME COLUMN a TO aa;
ALTER TABLE unnamed DROP COLUMN c;
ALTER TABLE unnamed RENAME TO named;
ALTER TABLE named DROP COLUMN IF EXISTS zzz;
ALTER TABLE IF EXISTS nowhere ADD COLUMN a int;
CREATE TABLE IF NOT EXISTS named (other text);
CREATE UNLOGGED TABLE unlogged (a int);
ALTER TABLE unlogged SET LOGGED;
ALTER TABLE serials SET UNLOGGED;
CREATE TABLE pair (id integer UNIQUE PRIMARY KEY, other integer UNIQUE, UNIQUE (other), UNIQUE (id, other));
CREATE TABLE unenforced (id int REFERENCES pair CHECK (id > 0) NOT ENFORCED, other int REFERENCES pair NOT ENFORCED, CHECK (other > 0) NOT ENFORCED, FOREIGN KEY (other) REFERENCES pair NOT ENFORCED); -- since 18
ALTER TABLE unenforced ADD CHECK (id < 9) NOT ENFORCED, ADD FOREIGN KEY (id) REFERENCES pair NOT ENFORCED; -- since 18
ALTER TABLE unenforced ALTER CONSTRAINT unenforced_other_fkey ENFORCED; -- since 18
CREATE TABLE likes_unenforced (LIKE unenforced INCLUDING CONSTRAINTS); -- since 18
CREATE TABLE named_pk (id integer CONSTRAINT my_pk PRIMARY KEY, x integer CONSTRAINT my_uq UNIQUE DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE named_pk DROP CONSTRAINT my_pk;
ALTER TABLE named_pk ADD PRIMARY KEY (x, id);
ALTER TABLE named_pk ADD COLUMN tmp int, ADD CONSTRAINT tmp_positive CHECK (tmp > 0), ADD UNIQUE (tmp);
ALTER TABLE "Post" ADD COLUMN "parentId" INTEGER, ADD CONSTRAINT "Post_parentId_fkey" FOREIGN KEY ("parentId") REFERENCES "Post"("id") ON DELETE SET NULL;
ALTER TABLE "Post" ALTER CONSTRAINT "Post_parentId_fkey" DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE "User" RENAME COLUMN "id" TO "key";
ALTER TABLE "User" DROP CONSTRAINT "User_pkey" CASCADE;
ALTER TABLE "User" ADD CONSTRAINT "User_pkey" PRIMARY KEY ("key");
ALTER TABLE "Post" ADD CONSTRAINT "Post_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "User" ON DELETE CASCADE;
CREATE TABLE likes (LIKE "User");
CREATE TABLE likes_all (extra text, LIKE named INCLUDING ALL);
CREATE TABLE likes_some (LIKE named INCLUDING CONSTRAINTS INCLUDING DEFAULTS);
DROP TABLE "User" CASCADE;
DROP TABLE likes, likes_all;
DROP TABLE IF EXISTS likes_all, likes_some, nowhere;
CREATE TABLE alone ();
ALTER TABLE alone ADD COLUMN id serial PRIMARY KEY;
ALTER TABLE alone DROP COLUMN id;
ALTER TABLE alone ADD COLUMN id serial;
ALTER TABLE alone ADD COLUMN "timestamp" timestamp with time zone DEFAULT CURRENT_TIMESTAMP(3);
COMMENT ON TABLE alone IS 'nothing';
INSERT INTO alone DEFAULT VALUES;
UPDATE alone SET id = id + 1;
DELETE FROM alone;
TRUNCATE alone;
CREATE TEMP TABLE alone (shadow int);
ALTER TABLE alone ADD COLUMN hidden int;
CREATE INDEX ON alone (hidden);
DROP TABLE alone;
ALTER TABLE alone ADD COLUMN seen int;
SELECT id INTO TEMP scratch FROM alone;
DROP TABLE scratch;
CREATE TABLE copied AS SELECT id, "timestamp", 1 AS one, 'x'::varchar(3) AS word, count(*) AS n FROM alone GROUP BY 1, 2;
CREATE TABLE copied_named (a, b) AS TABLE pair WITH NO DATA;
SELECT * INTO copied_star FROM alone;
