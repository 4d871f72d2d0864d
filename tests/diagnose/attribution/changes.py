"""Changes by hand to the objects of one table, each with the finding that it makes; and what writes the same rows again."""

from shared.model.value import dataclass

_SHAPE = """
CREATE TABLE {t} (id integer PRIMARY KEY, a integer NOT NULL DEFAULT 1, b text, c varchar(10), d integer DEFAULT 1, e text);
ALTER TABLE {t} DROP COLUMN e;
CREATE UNIQUE INDEX {t}_i ON {t} (id);
CREATE INDEX {t}_b ON {t} (b);
ALTER TABLE {t} ADD CONSTRAINT {t}_a_check CHECK (a > 0);
CREATE TABLE {t}_y ({t}_id integer);
CREATE TYPE {t}_mood AS ENUM ('x', 'y');
CREATE FUNCTION {t}_fn() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER {t}_trg BEFORE INSERT ON {t} FOR EACH ROW EXECUTE FUNCTION {t}_fn();
CREATE VIEW {t}_v AS SELECT id FROM {t};
CREATE VIEW {t}_w AS SELECT id FROM {t};
CREATE SEQUENCE {t}_seq;
CREATE POLICY {t}_p ON {t} USING (id > 0);
"""


@dataclass(frozen=True, slots=True)
class ChangeByHand:
    """*sql* makes the finding *key*. *has_row*: a row of the catalog holds it. *light*: it can stay open for long."""

    sql: str
    key: str
    has_row: bool = True
    light: bool = False


CHANGES = (
    ChangeByHand("ALTER TABLE {t} ALTER COLUMN a TYPE bigint", "schema-changed:column public.{t}.a"),
    ChangeByHand("ALTER TABLE {t} ALTER COLUMN a DROP NOT NULL", "schema-changed:column public.{t}.a"),
    ChangeByHand("ALTER TABLE {t} ALTER COLUMN b SET NOT NULL", "schema-changed:column public.{t}.b"),
    ChangeByHand("ALTER TABLE {t} ALTER COLUMN a SET DEFAULT 2", "schema-changed:column public.{t}.a"),
    ChangeByHand("ALTER TABLE {t} ALTER COLUMN a DROP DEFAULT", "schema-changed:column public.{t}.a"),
    ChangeByHand("ALTER TABLE {t} DROP COLUMN c", "schema-missing:column public.{t}.c"),
    ChangeByHand("ALTER TABLE {t} ADD COLUMN z integer", "schema-unexpected:column public.{t}.z"),
    ChangeByHand("CREATE INDEX {t}_z ON {t} (c)", "schema-unexpected:index public.{t}_z"),
    ChangeByHand("ALTER TABLE {t} ADD CONSTRAINT {t}_u UNIQUE (c)", "schema-unexpected:unique public.{t}.{t}_u"),
    ChangeByHand("ALTER TYPE {t}_mood ADD VALUE 'z'", "schema-changed:enum public.{t}_mood", light=True),
    ChangeByHand(
        "CREATE OR REPLACE FUNCTION {t}_fn() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
        "schema-changed:function public.{t}_fn()",
        light=True,
    ),
    ChangeByHand("ALTER TABLE {t} DISABLE TRIGGER {t}_trg", "schema-changed:trigger public.{t}.{t}_trg", light=True),
    ChangeByHand("CREATE OR REPLACE VIEW {t}_v AS SELECT id FROM {t} WHERE id > 0", "schema-changed:view public.{t}_v"),
    ChangeByHand("ALTER SEQUENCE {t}_seq INCREMENT 2", "schema-changed:sequence public.{t}_seq", light=True),
    ChangeByHand("ALTER TABLE {t} ENABLE ROW LEVEL SECURITY", "schema-unexpected:row security public.{t}"),
    ChangeByHand("ALTER POLICY {t}_p ON {t} USING (id > 1)", "schema-changed:policy public.{t}.{t}_p"),
    ChangeByHand("ALTER TABLE {t} SET UNLOGGED", "schema-changed:table public.{t}"),
    ChangeByHand("CREATE TABLE {t}_x (key text, id integer REFERENCES {t})", "schema-unexpected:table public.{t}_x"),
    ChangeByHand("CREATE SCHEMA {t}_s", "schema-unexpected:schema {t}_s", light=True),
    # These keep rows that are older than the name.
    ChangeByHand(
        "ALTER TABLE {t}_y RENAME TO {t}_o; CREATE TABLE {t}_y ({t}_id integer)", "schema-unexpected:table public.{t}_o"
    ),
    ChangeByHand(
        "ALTER TYPE {t}_mood RENAME TO {t}_o; CREATE TYPE {t}_mood AS ENUM ('x', 'y')",
        "schema-unexpected:enum public.{t}_o",
    ),
    ChangeByHand(
        "ALTER TABLE {t} RENAME d TO z; ALTER TABLE {t} ALTER z SET NOT NULL", "schema-unexpected:column public.{t}.z"
    ),
    ChangeByHand(
        "ALTER TABLE {t} RENAME d TO z; ALTER TABLE {t} ALTER z SET NOT NULL",
        "schema-missing:column public.{t}.d",
        has_row=False,
    ),
    ChangeByHand(
        "ALTER TABLE {t} ADD CONSTRAINT {t}_k UNIQUE USING INDEX {t}_i", "schema-unexpected:unique public.{t}.{t}_k"
    ),
    # Nothing is left of these: only own checks bound them.
    ChangeByHand("DROP INDEX {t}_b", "schema-missing:index public.{t}_b", has_row=False),
    ChangeByHand(
        "ALTER TABLE {t} DROP CONSTRAINT {t}_a_check", "schema-missing:check public.{t}.{t}_a_check", has_row=False
    ),
    ChangeByHand("DROP VIEW {t}_w", "schema-missing:view public.{t}_w", has_row=False),
    ChangeByHand("DROP TABLE {t}_y", "schema-missing:table public.{t}_y", has_row=False),
)
# They change nothing of what the changes above are.
TOUCHES = (
    "GRANT SELECT ON {t} TO PUBLIC",
    "GRANT SELECT (id) ON {t} TO PUBLIC",
    "GRANT SELECT (a, b) ON {t} TO PUBLIC",
    # A difference of its own, of a column that no change here is of.
    "ALTER TABLE {t} ALTER COLUMN id SET STATISTICS 50",
    "REINDEX TABLE {t}",
    "VACUUM FULL {t}",
    # So is its mark.
    "CLUSTER {t} USING {t}_pkey",
    "TRUNCATE {t} CASCADE",
    "ANALYZE {t}",
)
GRANT_EVERYTHING = (
    "GRANT SELECT ON {t} TO PUBLIC; GRANT SELECT (a, b) ON {t} TO PUBLIC; GRANT USAGE ON TYPE {t}_mood TO PUBLIC"
)


def shape(table: str) -> str:
    return _SHAPE.format(t=table)
