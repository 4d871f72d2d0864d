"""Migrations of one kind of statement, as many as asked for: no kind may cost more than in proportion to its number.

Each kind is what makes the ground (an older, applied migration) and one statement a number.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """What the history says of the migration, and how much of it is in the schema."""

    APPLIED = "applied"  # all of it
    PENDING = "pending"  # nothing of it
    FAILED = "failed"  # its first half


@dataclass(frozen=True, slots=True)
class Kind:
    statement: Callable[[int], str]
    ground: Callable[[int], str] = lambda _: "SELECT 1;"

    def scripts(self, count: int) -> tuple[bytes, bytes]:
        """The ground, and *count* statements."""
        return self.ground(count).encode(), "\n".join(map(self.statement, range(count))).encode()


def _each(template: str) -> Callable[[int], str]:
    """Give *template* for each number: ``{n}``, and ``{m}``, the number before (the first has 0)."""
    return lambda n: template.format(n=n, m=max(n - 1, 0))


def _ground(template: str) -> Callable[[int], str]:
    return lambda count: "\n".join(map(_each(template), range(count)))


_TABLE = "CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, b text);"
_TABLES = _ground("CREATE TABLE t{n} (id int PRIMARY KEY, a int NOT NULL, b text);")
_FUNCTION = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"


def _one(text: str) -> Callable[[int], str]:
    return lambda _: text


KINDS: Mapping[str, Kind] = {
    "CREATE TABLE": Kind(_each('CREATE TABLE t{n} ("id" SERIAL PRIMARY KEY, "name" TEXT NOT NULL DEFAULT \'x\');')),
    "CREATE TABLE, plain": Kind(_each("CREATE TABLE t{n} (id int);")),
    "CREATE TABLE IF NOT EXISTS": Kind(_each("CREATE TABLE IF NOT EXISTS t{n} (id int PRIMARY KEY);")),
    "CREATE TABLE, of one chain": Kind(_each("CREATE TABLE t{n} (id int PRIMARY KEY, r int REFERENCES t{m});")),
    "CREATE TABLE AS": Kind(_each("CREATE TABLE c{n} AS SELECT id, a FROM t;"), _one(_TABLE)),
    "DROP TABLE": Kind(_each("DROP TABLE t{n};"), _TABLES),
    "ADD COLUMN, tables": Kind(_each("ALTER TABLE t{n} ADD COLUMN c int;"), _TABLES),
    "ADD COLUMN, one table": Kind(_each("ALTER TABLE t ADD COLUMN c{n} int NOT NULL DEFAULT 0;"), _one(_TABLE)),
    "ADD and DROP COLUMN": Kind(
        lambda n: "ALTER TABLE t DROP COLUMN c;" if n % 2 else "ALTER TABLE t ADD COLUMN c int;", _one(_TABLE)
    ),
    "DROP COLUMN": Kind(_each("ALTER TABLE t{n} DROP COLUMN b;"), _TABLES),
    "ALTER COLUMN TYPE": Kind(_each("ALTER TABLE t{n} ALTER COLUMN a TYPE bigint;"), _TABLES),
    "ALTER COLUMN TYPE, one column": Kind(
        lambda n: f"ALTER TABLE t ALTER COLUMN a TYPE numeric({n % 100 + 1});", _one(_TABLE)
    ),
    "SET DEFAULT, one column": Kind(_each("ALTER TABLE t ALTER COLUMN a SET DEFAULT {n};"), _one(_TABLE)),
    "SET NOT NULL": Kind(_each("ALTER TABLE t{n} ALTER COLUMN b SET NOT NULL;"), _TABLES),
    "ADD FOREIGN KEY, to one table": Kind(
        _each("ALTER TABLE t{n} ADD CONSTRAINT f{n} FOREIGN KEY (a) REFERENCES t0 (id);"), _TABLES
    ),
    "ADD FOREIGN KEY, one table": Kind(
        _each("ALTER TABLE t ADD CONSTRAINT f{n} FOREIGN KEY (a) REFERENCES t (id);"), _one(_TABLE)
    ),
    "ADD CHECK": Kind(_each("ALTER TABLE t{n} ADD CONSTRAINT k{n} CHECK (a > {n});"), _TABLES),
    "ADD CHECK, one table": Kind(_each("ALTER TABLE t ADD CONSTRAINT k{n} CHECK (a > {n});"), _one(_TABLE)),
    "ADD CHECK, unnamed": Kind(_each("ALTER TABLE t ADD CHECK (a > {n});"), _one(_TABLE)),
    "ADD UNIQUE": Kind(_each("ALTER TABLE t{n} ADD CONSTRAINT u{n} UNIQUE (a);"), _TABLES),
    "DROP CONSTRAINT": Kind(_each("ALTER TABLE t{n} DROP CONSTRAINT t{n}_pkey;"), _TABLES),
    "CREATE INDEX": Kind(_each("CREATE INDEX i{n} ON t{n} (a);"), _TABLES),
    "CREATE INDEX, one table": Kind(_each("CREATE INDEX i{n} ON t (a, b);"), _one(_TABLE)),
    "CREATE INDEX, unnamed": Kind(_each("CREATE INDEX ON t (a);"), _one(_TABLE)),
    "CREATE UNIQUE INDEX, partial": Kind(_each("CREATE UNIQUE INDEX i{n} ON t{n} (a) WHERE b IS NULL;"), _TABLES),
    "DROP INDEX": Kind(_each("DROP INDEX i{n};"), lambda n: _TABLE + _ground("CREATE INDEX i{n} ON t (a);")(n)),
    "DROP INDEX IF EXISTS": Kind(_each("DROP INDEX IF EXISTS i{n};"), _one(_TABLE)),
    "RENAME COLUMN, tables": Kind(_each("ALTER TABLE t{n} RENAME COLUMN b TO c;"), _TABLES),
    "RENAME COLUMN, one column": Kind(
        lambda n: f"ALTER TABLE t RENAME COLUMN c{n} TO c{n + 1};", _one("CREATE TABLE t (c0 int);")
    ),
    "RENAME TABLE": Kind(_each("ALTER TABLE t{n} RENAME TO r{n};"), _TABLES),
    "RENAME TABLE, one table": Kind(
        lambda n: f"ALTER TABLE t{n} RENAME TO t{n + 1};", _one("CREATE TABLE t0 (a int, b int);")
    ),
    "RENAME INDEX": Kind(
        _each("ALTER INDEX i{n} RENAME TO j{n};"), lambda n: _TABLE + _ground("CREATE INDEX i{n} ON t (a);")(n)
    ),
    "CREATE VIEW": Kind(_each("CREATE VIEW v{n} AS SELECT id, a FROM t WHERE a > {n};"), _one(_TABLE)),
    "CREATE VIEW, of one chain": Kind(
        lambda n: f"CREATE VIEW v{n} AS SELECT id FROM {f'v{n - 1}' if n else 't'};", _one(_TABLE)
    ),
    "CREATE OR REPLACE VIEW, one view": Kind(
        _each("CREATE OR REPLACE VIEW v AS SELECT id FROM t WHERE a > {n};"), _one(_TABLE)
    ),
    "DROP VIEW": Kind(_each("DROP VIEW v{n};"), lambda n: _TABLE + _ground("CREATE VIEW v{n} AS SELECT id FROM t;")(n)),
    "CREATE FUNCTION": Kind(_each("CREATE FUNCTION f{n}(a int) RETURNS int LANGUAGE sql AS 'SELECT {n}';")),
    "CREATE FUNCTION, overloaded": Kind(
        _each("CREATE FUNCTION f(a numeric, b t{n}) RETURNS int LANGUAGE sql AS 'SELECT 1';"), _TABLES
    ),
    "CREATE OR REPLACE FUNCTION, one": Kind(
        _each("CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT {n}';")
    ),
    "DROP FUNCTION": Kind(
        _each("DROP FUNCTION f{n}(int);"),
        _ground("CREATE FUNCTION f{n}(a int) RETURNS int LANGUAGE sql AS 'SELECT {n}';"),
    ),
    "CREATE TRIGGER": Kind(
        _each("CREATE TRIGGER g{n} BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();"), _one(_TABLE + _FUNCTION)
    ),
    "CREATE TRIGGER, tables": Kind(
        _each("CREATE TRIGGER g BEFORE UPDATE ON t{n} FOR EACH ROW EXECUTE FUNCTION f();"),
        lambda n: _FUNCTION + _TABLES(n),
    ),
    "CREATE POLICY": Kind(_each("CREATE POLICY p{n} ON t USING (a > {n});"), _one(_TABLE)),
    "ENABLE ROW LEVEL SECURITY": Kind(_each("ALTER TABLE t{n} ENABLE ROW LEVEL SECURITY;"), _TABLES),
    "CREATE TYPE, enum": Kind(_each("CREATE TYPE e{n} AS ENUM ('a', 'b');")),
    "ALTER TYPE ADD VALUE": Kind(_each("ALTER TYPE e ADD VALUE 'v{n}';"), _one("CREATE TYPE e AS ENUM ('a');")),
    "ALTER TYPE ADD VALUE BEFORE": Kind(
        _each("ALTER TYPE e ADD VALUE 'v{n}' BEFORE 'a';"), _one("CREATE TYPE e AS ENUM ('a');")
    ),
    "ALTER TYPE RENAME VALUE": Kind(
        lambda n: f"ALTER TYPE e RENAME VALUE 'v{n}' TO 'v{n + 1}';", _one("CREATE TYPE e AS ENUM ('v0');")
    ),
    "CREATE SEQUENCE": Kind(_each("CREATE SEQUENCE s{n};")),
    "CREATE SCHEMA": Kind(_each("CREATE SCHEMA s{n};")),
    "CREATE DOMAIN": Kind(_each("CREATE DOMAIN d{n} AS int CHECK (VALUE > {n});")),
    "PARTITION OF": Kind(
        lambda n: f"CREATE TABLE p{n} PARTITION OF p FOR VALUES FROM ({n}) TO ({n + 1});",
        _one("CREATE TABLE p (a int PRIMARY KEY) PARTITION BY RANGE (a);"),
    ),
    "INHERITS": Kind(_each("CREATE TABLE c{n} () INHERITS (t);"), _one(_TABLE)),
    "DO, IF NOT EXISTS": Kind(
        _each(
            "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'e{n}') THEN"
            " CREATE TYPE e{n} AS ENUM ('a'); END IF; END $$;"
        )
    ),
    "DO, IF NOT EXISTS a column": Kind(
        _each(
            "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = 't'"
            " AND column_name = 'c{n}') THEN ALTER TABLE t ADD COLUMN c{n} int; END IF; END $$;"
        ),
        _one(_TABLE),
    ),
    "DO, duplicate_object": Kind(
        _each(
            "DO $$ BEGIN ALTER TABLE t ADD CONSTRAINT k{n} CHECK (a > {n});"
            " EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
        ),
        _one(_TABLE),
    ),
    "DO, of rows": Kind(
        _each("DO $$ BEGIN IF (SELECT count(*) FROM t) > {n} THEN ALTER TABLE t ADD COLUMN c{n} int; END IF; END $$;"),
        _one(_TABLE),
    ),
    "ALTER COLUMN DROP DEFAULT": Kind(
        _each("ALTER TABLE t{n} ALTER COLUMN a DROP DEFAULT;"), _ground("CREATE TABLE t{n} (a int DEFAULT 1);")
    ),
    "ALTER COLUMN DROP NOT NULL": Kind(_each("ALTER TABLE t{n} ALTER COLUMN a DROP NOT NULL;"), _TABLES),
    "VALIDATE CONSTRAINT": Kind(
        _each("ALTER TABLE t{n} VALIDATE CONSTRAINT k;"),
        lambda n: _TABLES(n) + _ground("ALTER TABLE t{n} ADD CONSTRAINT k CHECK (a > 0) NOT VALID;")(n),
    ),
    "RENAME CONSTRAINT": Kind(_each("ALTER TABLE t{n} RENAME CONSTRAINT t{n}_pkey TO k{n};"), _TABLES),
    "DROP TYPE": Kind(_each("DROP TYPE e{n};"), _ground("CREATE TYPE e{n} AS ENUM ('a', 'b');")),
    "DROP TRIGGER": Kind(
        _each("DROP TRIGGER g{n} ON t;"),
        lambda n: (
            _TABLE + _FUNCTION + _ground("CREATE TRIGGER g{n} BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();")(n)
        ),
    ),
    "DROP POLICY": Kind(
        _each("DROP POLICY p{n} ON t;"), lambda n: _TABLE + _ground("CREATE POLICY p{n} ON t USING (a > {n});")(n)
    ),
    "CREATE MATERIALIZED VIEW": Kind(_each("CREATE MATERIALIZED VIEW v{n} AS SELECT id, a FROM t;"), _one(_TABLE)),
    "TRUNCATE": Kind(_each("TRUNCATE t{n};"), _TABLES),
    "INSERT, of a query": Kind(_each("INSERT INTO t{n} SELECT id, a, b FROM t{m};"), _TABLES),
    "UPDATE, tables": Kind(_each("UPDATE t{n} SET b = 'x' WHERE a = {n};"), _TABLES),
    "INSERT": Kind(_each("INSERT INTO t VALUES ({n}, 1, 'x');"), _one(_TABLE)),
    "UPDATE": Kind(_each("UPDATE t SET b = 'x' WHERE id = {n};"), _one(_TABLE)),
    "DELETE": Kind(_each("DELETE FROM t WHERE id = {n};"), _one(_TABLE)),
    "SELECT": Kind(_each("SELECT {n};")),
    "COMMENT": Kind(_each("COMMENT ON TABLE t IS '{n}';"), _one(_TABLE)),
    "COMMENT, columns": Kind(_each("COMMENT ON COLUMN t{n}.a IS '{n}';"), _TABLES),
    "REVOKE": Kind(_each("REVOKE SELECT ON t{n} FROM PUBLIC;"), _TABLES),
    "GRANT": Kind(_each("GRANT SELECT ON t{n} TO PUBLIC;"), _TABLES),
    "SET": Kind(_each("SET lock_timeout = {n};")),
    "SET search_path": Kind(_each("SET search_path = public;")),
    "BEGIN and COMMIT": Kind(lambda n: "COMMIT;" if n % 2 else "BEGIN;"),
    "CREATE and DROP TABLE": Kind(lambda n: "DROP TABLE t;" if n % 2 else "CREATE TABLE t (id int);"),
    "CREATE and DROP TABLE, tables": Kind(lambda n: f"CREATE TABLE t{n} (id int); DROP TABLE t{n};"),
    "unknown tables": Kind(_each("ALTER TABLE x{n} ADD COLUMN c int;")),
    "CREATE EXTENSION": Kind(_each('CREATE EXTENSION IF NOT EXISTS "x{n}";')),
    "CREATE RULE": Kind(_each("CREATE RULE r{n} AS ON DELETE TO t DO INSTEAD NOTHING;"), _one(_TABLE)),
}
