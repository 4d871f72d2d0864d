"""Every kind of statement gets an answer, whether or not what it names is known."""

from pathlib import Path

import pytest

from shared.postgres.parse import parse, read
from shared.postgres.plan.footprint import Circumstances
from tests.postgres.plan.run import predictions

FOLDER = Path(__file__).parents[1]
SETUP = (Path(__file__).parent / "lock_cases.sql").read_text(encoding="utf-8").partition("-- cases")[0]
ODD = """
REINDEX SCHEMA public; REINDEX DATABASE d; REINDEX SYSTEM d; REINDEX (CONCURRENTLY) TABLE t; CLUSTER; VACUUM; ANALYZE;
VACUUM (FULL) t; VACUUM t (a); REINDEX INDEX nothing; REINDEX TABLE part; CLUSTER nothing USING i; TRUNCATE nothing, t;
COMMENT ON FUNCTION trg() IS 'x'; COMMENT ON CONSTRAINT t_chk ON t IS 'x'; COMMENT ON TYPE mood IS 'x';
COMMENT ON DATABASE d IS 'x'; COMMENT ON SCHEMA public IS 'x'; COMMENT ON EXTENSION e IS 'x'; COMMENT ON ROLE r IS 'x';
COMMENT ON TRIGGER t_trg ON t IS 'x'; COMMENT ON POLICY pol ON child IS 'x'; COMMENT ON RULE rl ON child IS 'x';
COMMENT ON CONSTRAINT c ON DOMAIN pos IS 'x'; COMMENT ON OPERATOR + (int, int) IS 'x'; COMMENT ON CAST (int AS text) IS 'x';
GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC; REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT a TO b;
GRANT EXECUTE ON FUNCTION trg() TO PUBLIC; GRANT SELECT (a) ON t TO PUBLIC; GRANT USAGE ON TYPE mood TO PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC; ALTER DOMAIN pos SET NOT NULL; ALTER DOMAIN pos DROP DEFAULT;
ALTER DOMAIN pos VALIDATE CONSTRAINT pos_check; ALTER DOMAIN nothing ADD CHECK (VALUE > 1); ALTER DOMAIN pos SET DEFAULT 1;
ALTER TYPE pair ADD ATTRIBUTE a int; ALTER TYPE mood OWNER TO x; ALTER TYPE mood SET SCHEMA other; ALTER TYPE a.b ADD VALUE 'c';
ALTER FUNCTION trg() OWNER TO x; ALTER FUNCTION trg() RENAME TO g; ALTER SCHEMA other RENAME TO o; ALTER SEQUENCE sq SET SCHEMA other;
ALTER INDEX t_a SET (fillfactor = 50); ALTER INDEX t_expr ALTER COLUMN 1 SET STATISTICS 5; ALTER INDEX nothing RENAME TO n;
ALTER VIEW vw RENAME COLUMN a TO b; ALTER VIEW vw ALTER COLUMN a SET DEFAULT 1; ALTER MATERIALIZED VIEW mv RENAME TO m3;
ALTER TABLE t RESET (fillfactor); ALTER TABLE t ALTER COLUMN a SET (n_distinct = 5); ALTER TABLE t SET WITHOUT CLUSTER;
ALTER TABLE t REPLICA IDENTITY USING INDEX t_i; ALTER TABLE t SET TABLESPACE fast; ALTER TABLE t OF pair; ALTER TABLE t NOT OF;
ALTER TABLE kid INHERIT par; ALTER TABLE part DETACH PARTITION part2 CONCURRENTLY; ALTER TABLE t ALTER CONSTRAINT t_chk DEFERRABLE;
ALTER TABLE idn ALTER id SET GENERATED ALWAYS SET INCREMENT 2; ALTER TABLE t ALTER a DROP EXPRESSION; ALTER TABLE IF EXISTS x ADD y int;
ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b; ALTER TABLE t ADD PRIMARY KEY USING INDEX t_i, ADD FOREIGN KEY (a) REFERENCES nothing;
ALTER TABLE t ADD COLUMN zz int[] DEFAULT '{}', ADD COLUMN yy mood DEFAULT 'sad'; ALTER TABLE t ALTER COLUMN q TYPE text[] USING q::text[];
CREATE TABLE a1 (LIKE nothing); CREATE TABLE a2 PARTITION OF nothing DEFAULT; CREATE TABLE a3 () INHERITS (par, nothing);
CREATE TABLE a4 AS EXECUTE p; CREATE TABLE a5 AS VALUES (1); CREATE TEMP TABLE a6 (id int); INSERT INTO a6 VALUES (1); DROP TABLE a6;
CREATE VIEW a7 AS VALUES (1); CREATE RECURSIVE VIEW a8 (n) AS SELECT 1; CREATE MATERIALIZED VIEW a9 AS SELECT * FROM vw WITH NO DATA;
CREATE UNIQUE INDEX ON part (id, k); CREATE INDEX ON mv (b); CREATE INDEX ON nothing (b); CREATE STATISTICS s2 ON a, b FROM nothing;
CREATE CONSTRAINT TRIGGER ct AFTER INSERT ON t FROM child FOR EACH ROW EXECUTE FUNCTION trg(); CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION trg();
CREATE SCHEMA s3 CREATE TABLE x (id int) CREATE VIEW y AS SELECT 1; CREATE AGGREGATE agg (int) (SFUNC = int4pl, STYPE = int); CREATE CAST (int AS mood) WITH INOUT;
CREATE PUBLICATION pa FOR ALL TABLES; ALTER PUBLICATION pa ADD TABLE t; DROP PUBLICATION pa; CREATE SUBSCRIPTION su CONNECTION '' PUBLICATION p;
DROP TYPE IF EXISTS nothing; DROP FUNCTION trg CASCADE; DROP SCHEMA other CASCADE; DROP EXTENSION IF EXISTS e; DROP OWNED BY x; DROP CAST (int AS mood);
DROP TRIGGER IF EXISTS x ON nothing; DROP POLICY IF EXISTS x ON t; DROP ROLE x; DROP DATABASE d; DROP OPERATOR + (int, int); DROP AGGREGATE agg (int);
INSERT INTO t DEFAULT VALUES; INSERT INTO nothing SELECT 1; INSERT INTO t (id) VALUES (1) ON CONFLICT DO NOTHING RETURNING id;
WITH d AS (DELETE FROM child RETURNING *) SELECT * FROM d; UPDATE t SET (a, b) = (1, 'x'); UPDATE t SET q[1] = 2 FROM child; DELETE FROM t USING child;
MERGE INTO t USING child ON t.id = child.id WHEN MATCHED THEN DELETE; COPY t FROM STDIN; COPY (SELECT 1) TO STDOUT; LOCK TABLE t, nothing IN SHARE MODE;
SELECT; SELECT 1 UNION SELECT 2; SELECT trg(); SELECT * INTO b1 FROM t; TABLE t; VALUES (1); EXPLAIN SELECT 1; DO $$ BEGIN DROP TABLE child; END $$;
CALL p(); EXECUTE p; PREPARE p AS SELECT 1; DEALLOCATE p; DECLARE c CURSOR FOR SELECT 1; FETCH c; CLOSE c; LISTEN x; NOTIFY x; UNLISTEN x; LOAD 'x'; CHECKPOINT;
SET LOCAL lock_timeout = 1; RESET ALL; SHOW x; SET SESSION AUTHORIZATION x; SET ROLE x; SET CONSTRAINTS ALL DEFERRED; DISCARD ALL; SAVEPOINT a; ROLLBACK TO a;
SECURITY LABEL ON TABLE t IS 'x'; IMPORT FOREIGN SCHEMA a FROM SERVER b INTO c; CREATE SERVER s FOREIGN DATA WRAPPER w; REASSIGN OWNED BY a TO b;
CREATE FOREIGN TABLE f (id int) SERVER s; ALTER FOREIGN TABLE f ADD x int; CREATE TEXT SEARCH CONFIGURATION c (PARSER = p); CREATE ACCESS METHOD m TYPE INDEX HANDLER h;
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq); CREATE COLLATION c (LOCALE = 'C'); CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION f(internal));
REFRESH MATERIALIZED VIEW nothing; REFRESH MATERIALIZED VIEW vw; ALTER SYSTEM SET a = 1; ALTER DATABASE d SET a = 1; ALTER ROLE r SET a = 1; CREATE TABLESPACE s LOCATION '/';
"""
SCRIPTS = [
    *(pytest.param(file.read_text(encoding="utf-8"), id=file.stem) for file in sorted(FOLDER.glob("corpus/*.sql"))),
    pytest.param((FOLDER / "rich.sql").read_text(encoding="utf-8"), id="rich"),
    pytest.param((FOLDER / "mutations.sql").read_text(encoding="utf-8"), id="mutations"),
    pytest.param(ODD, id="odd"),
]


@pytest.mark.parametrize(
    ("version", "setup"),
    [
        pytest.param(18, SETUP, id="known"),
        pytest.param(13, "", id="nothing known"),
        pytest.param(13, SETUP, id="known, long ago", marks=pytest.mark.long),
        pytest.param(18, "", id="nothing known, today", marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize("script", SCRIPTS)
def test_every_statement_has_an_answer(script: str, setup: str, version: int) -> None:
    statements = list(read(script))
    new = frozenset({("public.mood", "sad")})
    circumstances = Circumstances(version, in_block=None, new_values=new)
    found = list(predictions(statements, circumstances, parse(setup)))
    assert len(found) == len(statements)
    assert all(bool(each.sqlstate or each.because) for _, each in found if each.outcome.value != "ok")
