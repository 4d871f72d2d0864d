"""What earlier statements of a run leave decides how a later one ends: each case is predicted, and then run."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import psycopg
import pytest

from shared.model.plan import Outcome
from shared.postgres.parse import read
from tests.postgres.plan.outcomes import sent
from tests.postgres.plan.over_rows import Database, verdict
from tests.postgres.servers import usual_major
from tests.postgres.versions import of_version
from tests.tables import hold

SETUP = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN pos AS integer CHECK (VALUE > 0);
CREATE TABLE p (id integer PRIMARY KEY, code text UNIQUE, n integer);
CREATE TABLE t (id integer PRIMARY KEY, n integer, s text, v varchar(5), m mood, p_id integer, d timestamptz);
CREATE TABLE c (id integer PRIMARY KEY, t_id integer REFERENCES t (id) ON DELETE CASCADE, n integer NOT NULL);
CREATE TABLE r (id integer PRIMARY KEY, t_id integer REFERENCES t (id) ON DELETE SET NULL, n integer);
CREATE TABLE k (id serial PRIMARY KEY, p_id integer REFERENCES p (id), u integer UNIQUE, w integer CHECK (w < 100));
CREATE TABLE g (id integer PRIMARY KEY, a integer, b integer GENERATED ALWAYS AS (a * 2) STORED UNIQUE);
CREATE TABLE part (id integer, s text) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (1) TO (10);
CREATE TABLE part_rest PARTITION OF part DEFAULT;
CREATE TABLE loose (id integer, s text);
CREATE TABLE base (id integer PRIMARY KEY, n integer CONSTRAINT base_n CHECK (n > 0));
CREATE TABLE heir (more text) INHERITS (base);
INSERT INTO heir VALUES (1, 5);
INSERT INTO p VALUES (1, 'a', 7), (2, 'b', NULL), (3, NULL, 7);
INSERT INTO t VALUES (1, 1, '1', 'abc', 'ok', 1, now()), (2, NULL, 'x', NULL, 'sad', 9, now()), (3, 1, '3', 'abc', NULL, NULL, NULL);
INSERT INTO c VALUES (1, 1, 1), (2, 2, 2);
INSERT INTO r VALUES (1, 3, 1);
INSERT INTO k (p_id, u, w) VALUES (1, 1, 1), (2, 2, 2);
INSERT INTO g VALUES (1, 1), (2, 2);
INSERT INTO part VALUES (1, 'a'), (50, 'b');
INSERT INTO loose VALUES (20, 'a'), (21, NULL);
"""
OK, OPEN = "ok", "depends"
# What PostgreSQL 13 calls an error of syntax, and later ones do not.
SYNTAX_OF_13 = frozenset({"428C9"})
# How the last statement ends: OK, an SQLSTATE, or OPEN. All before it run.
CASES = [
    # backfills
    ("UPDATE t SET n = 0 WHERE n IS NULL", "ALTER TABLE t ALTER COLUMN n SET NOT NULL", OK),
    ("UPDATE t SET n = 0 WHERE id = 1", "ALTER TABLE t ALTER COLUMN n SET NOT NULL", "23502"),
    ("UPDATE t SET n = NULL WHERE id = 1", "ALTER TABLE t ALTER COLUMN id SET NOT NULL", OK),
    ("UPDATE t SET n = id", "CREATE UNIQUE INDEX x ON t (n)", OK),
    ("UPDATE t SET n = 5", "CREATE UNIQUE INDEX x ON t (n)", "23505"),
    ("UPDATE t SET s = COALESCE(s, '0')", "ALTER TABLE t ALTER COLUMN s TYPE integer USING s::integer", "22P02"),
    ("UPDATE t SET s = '2' WHERE s = 'x'", "ALTER TABLE t ALTER COLUMN s TYPE integer USING s::integer", OK),
    ("UPDATE t SET p_id = NULL WHERE p_id = 9", "ALTER TABLE t ADD FOREIGN KEY (p_id) REFERENCES p (id)", OK),
    ("UPDATE t SET p_id = 4 WHERE id = 3", "ALTER TABLE t ADD FOREIGN KEY (p_id) REFERENCES p (id)", "23503"),
    ("UPDATE t SET n = p.n FROM p WHERE p.id = t.p_id", "ALTER TABLE t ADD CHECK (n <> 7)", "23514"),
    ("UPDATE t SET n = p.n FROM p WHERE p.id = t.p_id", "ALTER TABLE t ADD CHECK (n <> 8)", OK),
    ("UPDATE t SET n = p.id FROM p WHERE p.n = t.id + 6", "CREATE UNIQUE INDEX x ON t (n)", OPEN),
    # rows that are added and deleted
    ("DELETE FROM t WHERE n IS NULL", "ALTER TABLE t ALTER COLUMN n SET NOT NULL", OK),
    ("DELETE FROM t WHERE id = 99", "ALTER TABLE t ALTER COLUMN n SET NOT NULL", "23502"),
    ("DELETE FROM t WHERE id = 2", "ALTER TABLE c ADD CHECK (n = 1)", OK),
    ("DELETE FROM t WHERE id = 1", "ALTER TABLE c ADD CHECK (n = 1)", "23514"),
    ("DELETE FROM t WHERE id = 3", "ALTER TABLE r ALTER COLUMN t_id SET NOT NULL", "23502"),
    ("TRUNCATE t CASCADE", "ALTER TABLE c ADD COLUMN x integer NOT NULL", OK),
    ("INSERT INTO p VALUES (9, 'c', NULL)", "ALTER TABLE t ADD FOREIGN KEY (p_id) REFERENCES p (id)", OK),
    ("INSERT INTO p VALUES (8, 'c', NULL)", "ALTER TABLE t ADD FOREIGN KEY (p_id) REFERENCES p (id)", "23503"),
    ("INSERT INTO p VALUES (4, 'a', NULL)", "SELECT 1", "23505"),
    ("INSERT INTO p VALUES (4, 'd', NULL), (4, 'e', NULL)", "SELECT 1", "23505"),
    ("INSERT INTO p VALUES (NULL, 'd', NULL)", "SELECT 1", "23502"),
    ("INSERT INTO p VALUES (1, 'z', NULL) ON CONFLICT DO NOTHING", "ALTER TABLE p ADD CHECK (code <> 'z')", OK),
    ("INSERT INTO p VALUES (4, 'z', NULL) ON CONFLICT DO NOTHING", "ALTER TABLE p ADD CHECK (code <> 'z')", "23514"),
    ("INSERT INTO p VALUES (NULL, 'a', NULL) ON CONFLICT DO NOTHING", "SELECT 1", "23502"),
    ("INSERT INTO k (p_id, u) VALUES (7, 7)", "SELECT 1", OPEN),
    ("INSERT INTO k (id, p_id, u) VALUES (7, 7, 7)", "SELECT 1", "23503"),
    ("INSERT INTO k (id, p_id, u, w) VALUES (70, 1, 7, 100)", "SELECT 1", "23514"),
    ("INSERT INTO k (p_id, u) VALUES (1, 7)", "SELECT 1", OPEN),
    ("INSERT INTO k (id, u, w) SELECT id + 10, id + 10, id FROM t", "ALTER TABLE k ADD CHECK (w < 3)", "23514"),
    ("INSERT INTO t (id, v) VALUES (7, 'abcdef')", "SELECT 1", "22001"),
    ("INSERT INTO t (id, v) VALUES (7, 'abc  ')", "SELECT 1", OK),
    ("INSERT INTO p (id, n) VALUES (7, 9999999999)", "SELECT 1", "22003"),
    ("CREATE TABLE x (id integer, a integer)", "INSERT INTO x VALUES (1, NULL)", OK),
    ("CREATE TABLE x AS SELECT id, n FROM t", "ALTER TABLE x ALTER COLUMN n SET NOT NULL", "23502"),
    ("CREATE TABLE x AS SELECT id, n FROM t WHERE n IS NOT NULL", "ALTER TABLE x ALTER COLUMN n SET NOT NULL", OK),
    # columns that change before
    ("ALTER TABLE t ADD COLUMN x integer", "ALTER TABLE t ALTER COLUMN x SET NOT NULL", "23502"),
    ("ALTER TABLE t ADD COLUMN x integer DEFAULT 1", "ALTER TABLE t ALTER COLUMN x SET NOT NULL", OK),
    ("ALTER TABLE t ADD COLUMN x integer; UPDATE t SET x = id", "CREATE UNIQUE INDEX i ON t (x)", OK),
    ("ALTER TABLE t ADD COLUMN x integer; UPDATE t SET x = n", "ALTER TABLE t ALTER COLUMN x SET NOT NULL", "23502"),
    ("ALTER TABLE t RENAME COLUMN n TO x", "ALTER TABLE t ALTER COLUMN x SET NOT NULL", "23502"),
    ("ALTER TABLE t RENAME TO x", "ALTER TABLE x ALTER COLUMN n SET NOT NULL", "23502"),
    ("ALTER TABLE t RENAME TO x; UPDATE x SET n = 1", "ALTER TABLE x ALTER COLUMN n SET NOT NULL", OK),
    ("ALTER TABLE t ALTER COLUMN n TYPE text", "ALTER TABLE t ADD CHECK (n <> '1')", "23514"),
    ("ALTER TABLE t ALTER COLUMN n TYPE boolean USING n::boolean", "CREATE UNIQUE INDEX x ON t (n)", "23505"),
    ("ALTER TABLE t DROP COLUMN n; ALTER TABLE t ADD COLUMN n integer DEFAULT 1", "ALTER TABLE t ADD CHECK (n = 1)", OK),
    # constraints that a table has from its parent
    ("ALTER TABLE base ADD CONSTRAINT x CHECK (n < 5) NOT VALID", "ALTER TABLE heir VALIDATE CONSTRAINT x", "23514"),
    ("ALTER TABLE base ADD CONSTRAINT x CHECK (n < 9) NOT VALID", "ALTER TABLE heir VALIDATE CONSTRAINT x", OK),
    ("ALTER TABLE base ADD CONSTRAINT x CHECK (n < 9) NO INHERIT NOT VALID", "ALTER TABLE heir VALIDATE CONSTRAINT x", "42704"),
    ("SELECT 1", "ALTER TABLE heir VALIDATE CONSTRAINT base_n", OK),
    ("SELECT 1", "ALTER TABLE heir DROP CONSTRAINT base_n", "42P16"),
    ("SELECT 1", "ALTER TABLE heir DROP CONSTRAINT IF EXISTS base_n", "42P16"),
    ("SELECT 1", "ALTER TABLE heir RENAME CONSTRAINT base_n TO x", "42P16"),
    ("SELECT 1", "ALTER TABLE heir ADD CONSTRAINT base_n CHECK (n > 1)", "42710"),
    ("SELECT 1", "ALTER TABLE heir ADD CONSTRAINT base_n CHECK (n > 0)", OK),
    ("SELECT 1", "ALTER TABLE heir ADD CONSTRAINT base_n UNIQUE (id)", "42710"),
    ("ALTER TABLE heir ADD CONSTRAINT x CHECK (n > 1)", "ALTER TABLE heir RENAME CONSTRAINT x TO base_n", "42710"),
    ("ALTER TABLE base ADD CONSTRAINT x CHECK (n < 9) NO INHERIT", "ALTER TABLE heir ADD CONSTRAINT x CHECK (n < 8)", OK),
    ("CREATE TABLE grand () INHERITS (heir)", "ALTER TABLE grand DROP CONSTRAINT base_n", "42P16"),
    ("CREATE TABLE grand () INHERITS (heir)", "ALTER TABLE grand VALIDATE CONSTRAINT base_n", OK),
    ("ALTER TABLE heir NO INHERIT base", "ALTER TABLE heir DROP CONSTRAINT base_n", OK),
    ("CREATE TABLE q (id integer REFERENCES p (id)) PARTITION BY RANGE (id); CREATE TABLE q_1 PARTITION OF q DEFAULT",
     "ALTER TABLE q_1 DROP CONSTRAINT q_id_fkey", "42P16"),
    ("CREATE TABLE q (id integer REFERENCES p (id)) PARTITION BY RANGE (id); CREATE TABLE q_1 PARTITION OF q DEFAULT",
     "ALTER TABLE q_1 VALIDATE CONSTRAINT q_id_fkey", OK),
    ("ALTER TABLE part ADD CONSTRAINT x UNIQUE (id)", "ALTER TABLE part_1 DROP CONSTRAINT part_1_id_key", "42P16"),
    ("ALTER TABLE part ADD CONSTRAINT x UNIQUE (id)", "ALTER TABLE part_1 VALIDATE CONSTRAINT part_1_id_key", "42809"),
    ("ALTER TABLE part ADD CONSTRAINT x UNIQUE (id)", "ALTER TABLE part_1 ADD CONSTRAINT part_1_id_key UNIQUE (s)", "42P07"),
    ("SELECT 1", "UPDATE heir SET n = -1", "23514"),
    ("SELECT 1", "INSERT INTO heir VALUES (2, 0)", "23514"),
    ("SELECT 1", "INSERT INTO heir VALUES (2, 1)", OK),
    ("ALTER TABLE base ADD CHECK (id < 9) NO INHERIT", "UPDATE heir SET id = 10", OK),
    ("CREATE TABLE grand () INHERITS (heir)", "INSERT INTO grand VALUES (2, 0)", "23514"),
    # expressions that are kept with the type that a column had
    ("ALTER TABLE t ADD CHECK (s >= NULL)", "ALTER TABLE t ALTER COLUMN s TYPE uuid USING s::uuid", "42883"),
    ("ALTER TABLE t ADD CHECK (s IN ('x', NULL))", "ALTER TABLE t ALTER COLUMN s TYPE uuid USING s::uuid", "42883"),
    ("ALTER TABLE t ADD CHECK (n > NULL)", "ALTER TABLE t ALTER COLUMN n TYPE bigint", OK),
    ("ALTER TABLE t ADD CHECK (n > NULL)", "ALTER TABLE t ALTER COLUMN n TYPE text", "42883"),
    # a type that changes in a table and in those below it
    ("ALTER TABLE heir ALTER COLUMN id SET DEFAULT 3", "ALTER TABLE base ALTER COLUMN id TYPE boolean USING id::text::boolean", "42804"),
    ("ALTER TABLE heir ALTER COLUMN id SET DEFAULT 3", "ALTER TABLE base ALTER COLUMN id TYPE text USING id::text", OK),
    ("ALTER TABLE heir ALTER COLUMN id SET DEFAULT 3",
     "ALTER TABLE base ALTER COLUMN id DROP DEFAULT, ALTER COLUMN id TYPE boolean USING id = 1", OK),
    ("ALTER TABLE heir ADD UNIQUE (id); CREATE TABLE x (id integer REFERENCES heir (id))",
     "ALTER TABLE base ALTER COLUMN id TYPE text USING id::text", "42804"),
    ("DELETE FROM heir; ALTER TABLE heir ADD FOREIGN KEY (id) REFERENCES p (id)",
     "ALTER TABLE base ALTER COLUMN id TYPE text USING id::text", "42804"),
    ("CREATE TABLE grand () INHERITS (heir); ALTER TABLE grand ALTER COLUMN id SET DEFAULT 3",
     "ALTER TABLE base ALTER COLUMN id TYPE boolean USING id::text::boolean", "42804"),
    # indexes over EXTRACT, which 13 names and reads as date_part
    ("CREATE INDEX ON t ((EXTRACT(year FROM d)))", "SELECT 1", "42P17"),
    ("CREATE INDEX ON t ((EXTRACT(year FROM d AT TIME ZONE 'UTC')))", "SELECT 1", OK),
    ("CREATE INDEX ON t ((EXTRACT(year FROM d AT TIME ZONE 'UTC')))", "CREATE INDEX ON t ((EXTRACT(month FROM d AT TIME ZONE 'UTC')))", OK),
    ("CREATE INDEX ON t ((date_part('year', d AT TIME ZONE 'UTC')))", "CREATE INDEX ON t ((EXTRACT(year FROM d AT TIME ZONE 'UTC')))", OK),
    ("CREATE INDEX ON t ((EXTRACT(year FROM d AT TIME ZONE 'UTC')))", "ALTER TABLE t DROP COLUMN d", OK),
    ("CREATE INDEX ON t ((EXTRACT(year FROM d AT TIME ZONE 'UTC')))", "ALTER TABLE t ALTER COLUMN d TYPE text", "42883"),
    ("CREATE UNIQUE INDEX ON t ((EXTRACT(century FROM d AT TIME ZONE 'UTC')))", "SELECT 1", "23505"),
    ("CREATE UNIQUE INDEX x ON t (lower(id::text))", "ALTER TABLE t ALTER COLUMN id TYPE timestamptz USING id::text::timestamptz", "42P17"),
    ("CREATE INDEX x ON t (n) WHERE id::text <> ''", "ALTER TABLE t ALTER COLUMN id TYPE date USING '2020-01-01'", "42P17"),
    ("CREATE INDEX x ON t (lower(id::text))", "ALTER TABLE t ALTER COLUMN id TYPE bigint", OK),
    ("CREATE INDEX x ON heir (lower(id::text))", "ALTER TABLE base ALTER COLUMN id TYPE date USING '2020-01-01'", "42P17"),
    # tables that belong to another one
    ("DROP TABLE part_1", "ALTER TABLE part ADD CHECK (id > 20)", OPEN),
    ("DROP TABLE heir", "ALTER TABLE base ADD CHECK (n > 5)", OPEN),
    ("DROP TABLE part_rest", "CREATE UNIQUE INDEX x ON part (id)", OPEN),
    ("SELECT 1", "ALTER TABLE t DETACH PARTITION p -- before 18", "42P17"),
    ("SELECT 1", "ALTER TABLE t DETACH PARTITION p -- since 18", "42809"),
    ("SELECT 1", "ALTER TABLE base DETACH PARTITION heir -- before 18", "42P17"),
    ("SELECT 1", "ALTER TABLE base DETACH PARTITION heir -- since 18", "42809"),
    ("SELECT 1", "ALTER TABLE t DETACH PARTITION missing -- before 18", "42P17"),
    ("SELECT 1", "ALTER TABLE part DETACH PARTITION missing", "42P01"),
    ("SELECT 1", "ALTER TABLE part DETACH PARTITION loose", "42P01"),
    ("SELECT 1", "ALTER TABLE t ATTACH PARTITION loose DEFAULT -- before 18", "42P17"),
    ("SELECT 1", "ALTER TABLE t ATTACH PARTITION loose DEFAULT -- since 18", "42809"),
    # a column twice
    ("CREATE UNIQUE INDEX x ON p (code, code)", "ALTER TABLE p ADD UNIQUE USING INDEX x", "42701"),
    ("CREATE UNIQUE INDEX x ON p (id, id)", "ALTER TABLE p DROP CONSTRAINT p_pkey CASCADE, ADD PRIMARY KEY USING INDEX x", "42701"),
    ("CREATE UNIQUE INDEX x ON p (id) INCLUDE (id)", "ALTER TABLE p ADD UNIQUE USING INDEX x", OK),
    ("SELECT 1", "ALTER TABLE p ADD UNIQUE (code, code)", "42701"),
    ("SELECT 1", "CREATE TABLE x (y int, UNIQUE (y, y))", "42701"),
    # what the server reads of an index before it looks up its columns
    ("SELECT 1", "CREATE UNIQUE INDEX x ON t (missing) WHERE n > 'x'", "22P02"),
    ("SELECT 1", "CREATE UNIQUE INDEX x ON t (missing) WHERE s > 2", "42883"),
    ("SELECT 1", "CREATE INDEX x ON t (missing, (s + 2))", "42883"),
    ("SELECT 1", "CREATE INDEX x ON t (missing) WHERE n > 2", "42703"),
    # keys that a table below does not share
    ("INSERT INTO base VALUES (1, 1)", "MERGE INTO t AS one USING base AS two ON one.id = two.id WHEN MATCHED THEN UPDATE SET s = 'a' -- since 15", "21000"),
    ("INSERT INTO base VALUES (1, 1)", "UPDATE t SET n = base.n FROM base WHERE base.id = t.id", OPEN),
    # NOT NULL, which has a name from 18 on
    ("SELECT 1", "ALTER TABLE c DROP CONSTRAINT c_n_not_null -- before 18", "42704"),
    ("SELECT 1", "ALTER TABLE c DROP CONSTRAINT IF EXISTS c_n_not_null", OK),
    ("SELECT 1", "ALTER TABLE c DROP CONSTRAINT c_n_not_null -- since 18", OK),
    ("SELECT 1", "ALTER TABLE c DROP CONSTRAINT c_id_not_null CASCADE -- since 18", "42P16"),
    ("SELECT 1", "ALTER TABLE c VALIDATE CONSTRAINT c_n_not_null -- before 18", "42704"),
    ("SELECT 1", "ALTER TABLE c VALIDATE CONSTRAINT c_n_not_null -- since 18", OK),
    ("ALTER TABLE c RENAME TO x", "ALTER TABLE x VALIDATE CONSTRAINT c_n_not_null -- since 18", OK),
    ("ALTER TABLE c RENAME TO x", "ALTER TABLE x DROP CONSTRAINT c_n_not_null -- since 18", OK),
    ("SELECT 1", "ALTER TABLE g ADD FOREIGN KEY (b) REFERENCES p (code) ON DELETE SET NULL", "42601"),
    ("SELECT 1", "ALTER TABLE g ADD FOREIGN KEY (b) REFERENCES p (code)", "42804"),
    # expressions over a type that changes before
    ("ALTER TYPE mood ADD VALUE 'new'", "CREATE INDEX ON t (date_part('year', m))", OPEN),
    ("ALTER TYPE mood ADD VALUE 'new'", "CREATE INDEX ON t ((m::integer))", OPEN),
    ("ALTER TYPE mood ADD VALUE 'new'", "CREATE INDEX ON t (id) WHERE m = 'ok'", OK),
    ("ALTER TYPE mood ADD VALUE 'new'", "CREATE INDEX ON t (id) WHERE m IN ('ok', 'sad') AND m IS NOT NULL", OK),
    # explicit casts of an enum that changes before
    ("ALTER TYPE mood ADD VALUE 'new'; ALTER TABLE p ADD COLUMN b boolean; CREATE POLICY x ON p USING (b)",
     "ALTER TABLE p ALTER COLUMN b TYPE mood USING b::mood", "42846"),
    ("ALTER TYPE mood ADD VALUE 'new'", "ALTER TABLE p ALTER COLUMN n TYPE mood USING n::mood", "42846"),
    ("ALTER TYPE mood ADD VALUE 'new'", "ALTER TABLE t ALTER COLUMN m TYPE integer USING m::integer", "42846"),
    ("ALTER TYPE mood ADD VALUE 'new'; CREATE TYPE other AS ENUM ('ok')", "ALTER TABLE t ALTER COLUMN m TYPE other USING m::other", "42846"),
    ("ALTER TYPE mood ADD VALUE 'new'; DELETE FROM t WHERE m = 'sad'; CREATE TYPE other AS ENUM ('ok')",
     "ALTER TABLE t ALTER COLUMN m TYPE other USING m::text::other", OPEN),
    ("ALTER TYPE mood ADD VALUE 'new'", "ALTER TABLE t ALTER COLUMN v TYPE mood USING v::mood", "22P02"),
    # a temporary table hides a permanent one
    ("CREATE TEMPORARY TABLE t (id integer, n integer)", "ALTER TABLE t ALTER COLUMN n SET NOT NULL", OK),
    ("CREATE TEMPORARY TABLE t (id integer, n integer)", "ALTER TABLE public.t ALTER COLUMN n SET NOT NULL", "23502"),
    ("CREATE TEMPORARY TABLE t AS SELECT * FROM p", "INSERT INTO t VALUES (1, 'a', 2)", OPEN),
    ("CREATE TEMPORARY TABLE t (id integer); DROP TABLE t", "ALTER TABLE t ALTER COLUMN id SET NOT NULL", OK),
    ("CREATE TEMPORARY TABLE t (id integer); DROP TABLE t", "ALTER TABLE t ALTER COLUMN n SET NOT NULL", "23502"),
    ("CREATE TEMPORARY TABLE t (id integer)", "UPDATE t SET id = 'x'", OPEN),
    ("CREATE TEMPORARY TABLE t (id integer); ALTER TABLE t ADD COLUMN y integer", "ALTER TABLE public.t DROP COLUMN y", "42703"),
    # values of another table's column of the same name
    ("CREATE TABLE x (id integer, v uuid); INSERT INTO x VALUES (9, '11111111-1111-1111-1111-111111111111')",
     "INSERT INTO t (id, v) SELECT id, v FROM x", "22001"),
    ("CREATE TABLE x (id integer, v text); INSERT INTO x VALUES (1, 'longer than five')",
     "UPDATE t SET v = x.v FROM x WHERE x.id = t.id", "22001"),
    ("CREATE TABLE x (id integer PRIMARY KEY, v varchar(5)); INSERT INTO x VALUES (9, 'abc')", "INSERT INTO t (id, v) SELECT id, v FROM x", OK),
    ("CREATE TABLE x (id integer PRIMARY KEY, code text); INSERT INTO x VALUES (2, 'a')",
     "UPDATE p SET code = x.code FROM x WHERE x.id = p.id", "23505"),
    # what a drop meets before what the same statement adds
    ("SELECT 1", "ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (missing)", "2BP01"),
    ("SELECT 1", "ALTER TABLE c DROP CONSTRAINT c_pkey, ADD PRIMARY KEY (missing)", "42703"),
    ("SELECT 1", "ALTER TABLE t DROP COLUMN id, ADD COLUMN n integer", "2BP01"),
    ("CREATE UNIQUE INDEX x ON c (n, n)", "ALTER TABLE k ADD FOREIGN KEY (u) REFERENCES c (n)", "42830"),
    # columns in their order
    ("ALTER TABLE loose ALTER COLUMN id TYPE bigint", "INSERT INTO loose VALUES (1, 'abc')", OK),
    ("ALTER TABLE loose ALTER COLUMN id TYPE text", "INSERT INTO loose VALUES ('abc', 1)", OK),
    ("ALTER TABLE loose RENAME TO x", "INSERT INTO x VALUES (1, 'abc')", OK),
    ("ALTER TABLE loose RENAME TO x; ALTER TABLE x RENAME COLUMN id TO y; ALTER TABLE x ALTER y TYPE bigint", "INSERT INTO x VALUES (1, 'abc')", OK),
    ("CREATE SCHEMA y; ALTER TABLE loose SET SCHEMA y", "INSERT INTO y.loose VALUES (1, 'abc')", OK),
    ("ALTER TABLE loose DROP COLUMN id, ADD COLUMN id integer", "INSERT INTO loose VALUES ('abc', 1)", OK),
    ("ALTER TABLE loose DROP COLUMN id, ADD COLUMN id integer", "ALTER TABLE loose ALTER COLUMN id SET NOT NULL", "23502"),
    ("ALTER TABLE base RENAME COLUMN id TO x", "INSERT INTO heir VALUES (1, 2, 'abc')", OK),
    ("ALTER TABLE loose ALTER COLUMN id SET NOT NULL, ALTER COLUMN id TYPE bigint", "INSERT INTO loose VALUES (NULL, 'a')", "23502"),
    ("ALTER TABLE loose RENAME COLUMN id TO x", "INSERT INTO loose VALUES (1, 'abc')", OK),
    ("SELECT 1", "INSERT INTO loose SELECT * FROM part WHERE false", OK),
    ("SELECT 1", "INSERT INTO p SELECT * FROM p", "23505"),
    ("SELECT 1", "INSERT INTO p SELECT p.* FROM p WHERE id > 5", OK),
    ("SELECT 1", "INSERT INTO p SELECT x.* FROM p AS x WHERE x.id > 1", "23505"),
    ("SELECT 1", "INSERT INTO loose SELECT *, 1 FROM part", "42601"),
    ("SELECT 1", "INSERT INTO loose (id) SELECT * FROM part", "42601"),
    ("SELECT 1", "INSERT INTO p (id, code) SELECT * FROM loose WHERE id > 20", OK),
    ("UPDATE loose SET s = 'a'", "INSERT INTO p (id, code) SELECT * FROM loose", "23505"),
    ("CREATE TABLE x AS SELECT * FROM t", "ALTER TABLE x ALTER COLUMN n SET NOT NULL", "23502"),
    ("CREATE TABLE x AS SELECT *, 1 AS y FROM t WHERE n > 0", "ALTER TABLE x ALTER COLUMN n SET NOT NULL", OK),
    # values for a generated column
    ("SELECT 1", "UPDATE g SET b = 2", "428C9"),
    # enums
    ("ALTER TYPE mood RENAME VALUE 'sad' TO 'bad'", "UPDATE t SET m = 'sad'", "22P02"),
    ("ALTER TYPE mood RENAME VALUE 'sad' TO 'bad'", "UPDATE t SET m = 'bad' WHERE m = 'ok'", OK),
    ("ALTER TYPE mood RENAME VALUE 'sad' TO 'bad'; DELETE FROM t WHERE m = 'bad'", "ALTER TABLE t ADD CHECK (id <> 2)", OK),
    ("ALTER TYPE mood RENAME TO old", "ALTER TABLE t ALTER COLUMN m SET NOT NULL", "23502"),
    ("CREATE TYPE x AS ENUM ('ok'); UPDATE t SET m = 'ok' WHERE m = 'sad'", "ALTER TABLE t ALTER COLUMN m TYPE x USING m::text::x", OK),
    ("CREATE TYPE x AS ENUM ('ok')", "ALTER TABLE t ALTER COLUMN m TYPE x USING m::text::x", "22P02"),
    # what is only pending, and is not
    ("DROP TABLE k; DROP TABLE p", "CREATE TABLE x (p_id integer REFERENCES p (id))", "42P01"),
    ("DROP TABLE k; DROP TABLE p", "ALTER TABLE p ADD COLUMN x integer", "42P01"),
    ("ALTER TABLE t RENAME COLUMN n TO x", "UPDATE t SET n = 1", "42703"),
    ("ALTER TABLE t ALTER COLUMN n TYPE text", "UPDATE t SET n = d WHERE n = '1'", OK),
    ("ALTER TABLE t ALTER COLUMN n TYPE text", "UPDATE t SET p_id = n", "42804"),
    ("ALTER TABLE t ADD COLUMN x integer", "INSERT INTO t (id, x) VALUES (9, 'a')", "22P02"),
    ("ALTER TABLE t ADD COLUMN x numeric(4,1)", "ALTER TABLE t ALTER COLUMN x SET DEFAULT 'x'", "22P02"),
    ("SELECT 1", "CREATE TABLE x AS SELECT id FROM gone", "42P01"),
    ("SELECT 1", "CREATE VIEW x AS SELECT gone FROM t", "42703"),
    ("SELECT 1", "CREATE VIEW x AS SELECT id FROM gone", "42P01"),
    ("ALTER TABLE t ADD COLUMN id2 integer", "CREATE VIEW x AS SELECT id2 FROM t, gone", "42P01"),
    ("ALTER TABLE t ADD COLUMN id2 integer", "CREATE VIEW x AS SELECT id2 FROM gone", "42P01"),
    ("ALTER TABLE t ADD COLUMN id2 integer", "CREATE TABLE x AS SELECT 1 AS id2 FROM public.gone", "42P01"),
    ("ALTER TABLE t ADD COLUMN id2 integer", "WITH gone AS (SELECT 1 AS id2) SELECT id2 FROM gone", OK),
    ("ALTER TABLE t ADD COLUMN id2 integer", "CREATE VIEW x AS WITH w AS (SELECT id2 FROM t) SELECT id2 FROM w", OK),
    ("ALTER TABLE t ADD COLUMN id2 integer", "CREATE VIEW x AS WITH w AS (SELECT id3 AS id2 FROM t) SELECT id2 FROM w", "42703"),
    ("ALTER TABLE t ADD COLUMN id2 integer", "CREATE VIEW x AS WITH RECURSIVE w AS (SELECT id2 FROM t UNION SELECT w.id2 FROM w) SELECT id2 FROM w", OK),
    ("ALTER TABLE t ADD COLUMN id2 integer", "CREATE VIEW x AS SELECT id AS id2, gone FROM r", "42703"),
    ("ALTER TABLE t ADD COLUMN id2 integer", "CREATE VIEW x AS SELECT id2, gone FROM public.t", OPEN),
    ("ALTER TABLE t ADD COLUMN id2 integer", "CREATE VIEW x AS SELECT id AS id2, gone FROM public.r", "42703"),
    ("DROP TABLE c", "CREATE VIEW x AS SELECT id FROM c", "42P01"),
    ("DROP TABLE c", "SELECT id INTO TEMP c FROM r", OK),
    ("ALTER TABLE t ADD COLUMN id2 integer", "SELECT id2 INTO TEMP y FROM t", OK),
    ("CREATE VIEW y AS SELECT id, s FROM t", "CREATE VIEW x AS SELECT gone FROM y WHERE s = 'a'", OPEN),
    ("ALTER TYPE mood ADD VALUE 'x'", "CREATE VIEW x AS SELECT gone FROM t WHERE m = 'x'", OPEN),
    ("ALTER TABLE c RENAME TO x", "CREATE TABLE y AS SELECT id FROM c", "42P01"),
    ("DROP TABLE c; CREATE TABLE c (id integer)", "CREATE VIEW x AS SELECT id FROM c", OK),
    ("CREATE TEMPORARY TABLE x AS SELECT id FROM t", "CREATE TABLE y AS SELECT id FROM x", OPEN),
    ("CREATE TEMPORARY TABLE x (id integer)", "INSERT INTO x VALUES (1)", OPEN),
    ("ALTER TABLE t ADD CHECK (v <> 'x')", "ALTER TABLE t ALTER COLUMN v TYPE jsonb USING to_jsonb(v)", OK),
    ("ALTER TABLE t ADD CHECK (n <> 5)", "ALTER TABLE t ALTER COLUMN n TYPE text", "42883"),
    ("ALTER TABLE t ADD x pos; ALTER TABLE t ADD CHECK (x <> 5)", "ALTER TABLE t ALTER COLUMN x TYPE text", OK),
    ("ALTER TABLE t DROP COLUMN m; DROP TYPE mood", "ALTER TABLE t ADD COLUMN m mood", "42704"),
    ("ALTER TABLE t DROP COLUMN m; DROP TYPE mood", "ALTER TYPE mood ADD VALUE 'x'", "42704"),
    ("SELECT 1", "ALTER TABLE t ADD COLUMN x numeric(4,1) DEFAULT 12345.25", "22003"),
    ("SELECT 1", "ALTER TABLE t ADD COLUMN x varchar(5) DEFAULT 'longer'", "22001"),
    ("CREATE TABLE x (id integer)", "ALTER TABLE x ADD COLUMN y smallint DEFAULT 99999", "22003"),
    ("CREATE TABLE x (id integer)", "ALTER TABLE x ADD COLUMN y smallint DEFAULT 32767", OK),
    ("SELECT 1", "ALTER TABLE t ADD COLUMN x varchar(5) DEFAULT 'short'", OK),
    ("CREATE TYPE x AS RANGE (subtype = float8)", "CREATE TABLE y (r x, rs x[])", OK),
    ("CREATE AGGREGATE x (integer) (sfunc = int4pl, stype = integer)", "CREATE VIEW y AS SELECT x(n) AS n FROM t", OPEN),
    ("CREATE EXTENSION IF NOT EXISTS plpgsql", "CREATE TABLE y (a of_an_extension)", OPEN),
    ("CREATE EXTENSION IF NOT EXISTS plpgsql", "ALTER TABLE t ALTER COLUMN s SET DEFAULT of_an_extension()", OPEN),
    ("ALTER TABLE t ADD COLUMN x integer", "CREATE VIEW y AS SELECT id, x, count(*) AS n FROM t GROUP BY id", OPEN),
    # keys
    ("ALTER TABLE t ADD FOREIGN KEY (p_id) REFERENCES p (id) NOT VALID", "UPDATE t SET p_id = COALESCE(p_id, 1)", OPEN),
    ("ALTER TABLE t ADD x integer REFERENCES t (id)", "ALTER TABLE t ALTER COLUMN id TYPE text", "42804"),
    ("SELECT 1", "UPDATE g SET id = id + 1", OPEN),
    ("SELECT 1", "UPDATE p SET id = id + 10 WHERE id = 3", OK),
    ("SELECT 1", "UPDATE p SET id = 10 WHERE id = 1", "23503"),
    ("SELECT 1", "UPDATE p SET code = COALESCE(code, 'a') WHERE id > 1", "23505"),
    ("SELECT 1", "UPDATE g SET a = 1", OPEN),
    ("SELECT 1", "INSERT INTO g (id, a) VALUES (3, 2)", "23505"),
    ("SELECT 1", "INSERT INTO g (id, b) VALUES (3, 2)", "428C9"),
    ("SELECT 1", "ALTER TABLE p ALTER COLUMN id TYPE boolean USING id::boolean", "42804"),
    ("SELECT 1", "ALTER TABLE k ALTER COLUMN u TYPE boolean USING u::boolean", "23505"),
    ("SELECT 1", "ALTER TABLE t ALTER COLUMN m TYPE integer USING m::integer", "42846"),
    ("CREATE TABLE x (id integer PRIMARY KEY, n integer REFERENCES x (id))", "ALTER TABLE x DROP CONSTRAINT x_pkey", "2BP01"),
    ("CREATE TABLE x (id integer PRIMARY KEY, n integer REFERENCES x (id))", "ALTER TABLE x DROP CONSTRAINT x_pkey, ADD PRIMARY KEY (id)", "2BP01"),
    ("CREATE TABLE x (id integer PRIMARY KEY, n integer REFERENCES x (id))", "ALTER TABLE x DROP COLUMN id", "2BP01"),
    ("CREATE TABLE x (id integer PRIMARY KEY, n integer REFERENCES x (id))", "ALTER TABLE x DROP CONSTRAINT x_pkey CASCADE", OK),
    ("CREATE TABLE x (id integer PRIMARY KEY, n integer REFERENCES x (id))", "ALTER TABLE x DROP CONSTRAINT x_n_fkey, DROP CONSTRAINT x_pkey", OK),
    ("CREATE TABLE x (id integer PRIMARY KEY, n integer REFERENCES x (id))", "ALTER TABLE x DROP CONSTRAINT x_pkey, DROP CONSTRAINT x_n_fkey", "2BP01"),
    ("CREATE TABLE x (id integer PRIMARY KEY, n integer REFERENCES x (id))", "ALTER TABLE x DROP COLUMN n, DROP COLUMN id", OK),
    ("CREATE TABLE x (id integer PRIMARY KEY, n integer REFERENCES x (id))", "ALTER TABLE x DROP COLUMN id, DROP COLUMN n", "2BP01"),
    ("CREATE TABLE x (id integer PRIMARY KEY, n integer REFERENCES x (id))", "ALTER TABLE x DROP COLUMN n", OK),
    ("CREATE TABLE x (id integer PRIMARY KEY REFERENCES x (id))", "ALTER TABLE x DROP COLUMN id", OK),
    ("CREATE TABLE x (a integer, b integer, UNIQUE (a, b), FOREIGN KEY (a, b) REFERENCES x (a, b))", "ALTER TABLE x DROP COLUMN b", OK),
    ("CREATE TABLE x (a integer UNIQUE, b integer REFERENCES x (a), CHECK (a < b))", "ALTER TABLE x DROP COLUMN a", "2BP01"),
    ("CREATE TABLE x (id integer PRIMARY KEY, n integer REFERENCES x); ALTER TABLE x ADD CONSTRAINT y UNIQUE (id)", "ALTER TABLE x DROP CONSTRAINT y", OK),
    ("CREATE TABLE x (id integer PRIMARY KEY, n integer REFERENCES x); ALTER TABLE x ADD CONSTRAINT y UNIQUE (id)", "ALTER TABLE x DROP CONSTRAINT x_pkey", "2BP01"),
    ("CREATE TABLE x (id integer PRIMARY KEY, n integer REFERENCES x); CREATE UNIQUE INDEX y ON x (id)", "DROP INDEX y", OK),
    # what has a column whose type changes
    ("CREATE TABLE x (id integer, n integer); CREATE TABLE y (CHECK (n >= 9)) INHERITS (x)", "ALTER TABLE x ALTER COLUMN n TYPE text", "42883"),
    ("CREATE TABLE x (id integer, n integer); CREATE TABLE y () INHERITS (x); CREATE INDEX ON y (id) WHERE n > 2", "ALTER TABLE x ALTER COLUMN n TYPE text", "42883"),
    ("CREATE TABLE x (id integer, n integer); CREATE TABLE y () INHERITS (x); CREATE INDEX ON y (id) WHERE n > 2", "ALTER TABLE x ALTER COLUMN n TYPE bigint", OK),
    ("CREATE TABLE x (id integer, n integer CHECK (n > 2)); CREATE TABLE y () INHERITS (x)", "ALTER TABLE x ALTER COLUMN n TYPE text", "42883"),
    ("ALTER TABLE part_1 ADD CHECK (s <> 'x')", "ALTER TABLE part ALTER COLUMN s TYPE jsonb USING to_jsonb(s)", "42883"),
    ("ALTER TABLE part_1 ADD CHECK (s IN ('a', 'x'))", "ALTER TABLE part ALTER COLUMN s TYPE jsonb USING to_jsonb(s)", "42883"),
    ("ALTER TABLE part_1 ADD CHECK (s IN ('a', 'x'))", "ALTER TABLE part ALTER COLUMN s TYPE varchar", OK),
    ("CREATE INDEX ON t (id) WHERE d > '2020-01-01 00:00+00'", "ALTER TABLE t ALTER COLUMN d TYPE text", "42883"),
    ("CREATE INDEX ON t (id) WHERE d > '2020-01-01 00:00+00'", "ALTER TABLE t ALTER COLUMN d TYPE timestamptz(3)", OK),
    ("ALTER TABLE t ADD CHECK (m <> 'sad' OR m IS NOT NULL)", "ALTER TABLE t ALTER COLUMN m TYPE text", "42883"),
    ("CREATE TABLE x (j jsonb, CHECK (j ->> 'a' <> 'b' AND j ? 'a'))", "ALTER TABLE x ALTER COLUMN j TYPE text", "42883"),
    ("CREATE TABLE x (j jsonb, CHECK (j ->> 'a' <> 'b'))", "ALTER TABLE x ALTER COLUMN j TYPE json", OK),
    ("CREATE TABLE x (d date, CHECK (d + '1 day'::interval > '2020-01-01'))", "ALTER TABLE x ALTER COLUMN d TYPE timestamp", OK),
    ("CREATE TABLE x (a text[], CHECK ('x' = ANY (a)))", "ALTER TABLE x ALTER COLUMN a TYPE varchar[]", OK),
    ("CREATE INDEX ON t (id) WHERE m = 'ok'", "ALTER TABLE t ALTER COLUMN m TYPE text", "42883"),
    ("SELECT 1", "ALTER TABLE p ALTER COLUMN id TYPE text[] USING ARRAY[id::text]", "42804"),
    ("CREATE INDEX ON p (n) WHERE id > 2", "ALTER TABLE p ALTER COLUMN id TYPE text[] USING ARRAY[id::text]", "42883"),
    ("ALTER TABLE p ADD CHECK (id > 0)", "ALTER TABLE p ALTER COLUMN id TYPE text[] USING ARRAY[id::text]", "42883"),
    ("ALTER TABLE k ADD CHECK (p_id > 0)", "ALTER TABLE k ALTER COLUMN p_id TYPE text[] USING ARRAY[p_id::text]", "42804"),
    ("CREATE INDEX ON k (id) WHERE p_id > 0", "ALTER TABLE k ALTER COLUMN p_id TYPE text[] USING ARRAY[p_id::text]", "42883"),
    ("SELECT 1", "UPDATE t AS one SET missing = two.n FROM t AS two WHERE two.id = one.d", "42883"),
    ("ALTER TABLE t ADD COLUMN x integer", "UPDATE t AS one SET missing = two.n FROM t AS two WHERE two.id = one.d", "42883"),
    ("ALTER TABLE t ADD COLUMN x integer", "UPDATE t AS one SET missing = two.n FROM t AS two WHERE two.id = one.n", "42703"),
    ("ALTER TABLE g ADD COLUMN x integer", "UPDATE g SET b = 1 WHERE id = true", "42883"),
    # partitions
    ("SELECT 1", "CREATE TABLE x PARTITION OF part FOR VALUES FROM (5) TO (20)", "42P17"),
    ("SELECT 1", "CREATE TABLE x PARTITION OF part FOR VALUES FROM (40) TO (60)", "23514"),
    ("DELETE FROM part_rest WHERE id = 50", "CREATE TABLE x PARTITION OF part FOR VALUES FROM (40) TO (60)", OK),
    ("SELECT 1", "ALTER TABLE part ATTACH PARTITION loose FOR VALUES FROM (20) TO (22)", OK),
    ("SELECT 1", "ALTER TABLE part ATTACH PARTITION loose FOR VALUES FROM (20) TO (21)", "23514"),
    ("SELECT 1", "INSERT INTO part_1 VALUES (11, 'x')", "23514"),
    ("SELECT 1", "ALTER TABLE part_1 ADD COLUMN id integer", "42809"),
    ("SELECT 1", "ALTER TABLE part_1 RENAME COLUMN id TO x", "42P16"),
    ("SELECT 1", "ALTER TABLE part DROP COLUMN id", "42P16"),
    ("SELECT 1", "ALTER TABLE part DROP COLUMN id CASCADE, ADD COLUMN x integer", "42P16"),
    ("SELECT 1", "ALTER TABLE part DROP COLUMN id, ADD COLUMN id text[]", "42P16"),
    ("CREATE TABLE x (a integer, b text) PARTITION BY LIST (lower(b))", "ALTER TABLE x DROP COLUMN b, ADD COLUMN b integer", "42P16"),
    ("CREATE TABLE x (a integer, b text) PARTITION BY LIST (lower(b))", "ALTER TABLE x ALTER COLUMN b TYPE varchar", "42P16"),
    ("CREATE TABLE x PARTITION OF part FOR VALUES FROM (60) TO (70) PARTITION BY LIST (s)", "ALTER TABLE part DROP COLUMN s, ADD s integer", "42P16"),
    # what settings decide
    ("SELECT 1", "CREATE INDEX ON t ((d::text))", "42P17"),
    ("SELECT 1", "CREATE INDEX ON t ((m::text))", "42P17"),
    ("SELECT 1", "CREATE INDEX ON t ((n::text))", OK),
    ("SELECT 1", "CREATE INDEX ON t (date_trunc('day', d))", "42P17"),
]  # fmt: skip


@pytest.fixture(scope="module")
def filled(new_database: Callable[..., str]) -> Iterator[Database]:
    with psycopg.connect(new_database(), autocommit=True) as connection:
        yield Database(connection, SETUP)


def test_a_run_ends_as_its_rows_decide(filled: Database) -> None:
    server = usual_major() * 10_000
    known = [(before, own, ends) for before, last, ends in CASES if (own := of_version(last, server)) is not None]
    hold(partial(ends_as_its_rows_decide, filled), known, lambda case: f"{case[0]} ;; {case[1]}")


def ends_as_its_rows_decide(filled: Database, case: tuple[str, str, str]) -> None:
    before, last, ends = case
    script = list(read(f"{before};\n{last}"))
    predictions = []
    for each in filled.predicted(script, in_block=False):
        predictions.append(each)
        if each.outcome is not Outcome.OK:
            break
    outcome, sqlstate, step = verdict(predictions)
    met = _met(filled.connection, [each.sql for each in script])
    if ends == OPEN:
        assert outcome in ("depends", "unknown")
    elif ends == OK:
        assert (outcome, sqlstate) == met == ("ok", None)
    else:
        is_13 = filled.connection.info.server_version < 140_000
        assert (outcome, sqlstate) == met == ("fails", "42601" if is_13 and ends in SYNTAX_OF_13 else ends)
        assert step >= len(script) - 1


def _met(connection: psycopg.Connection[Any], script: list[str]) -> tuple[str, str | None]:
    connection.execute("BEGIN")
    try:
        for each in script:
            _, sqlstate = sent(connection, each)
            if sqlstate is not None:
                return "fails", sqlstate
    finally:
        if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            connection.execute("ROLLBACK")
    return "ok", None
