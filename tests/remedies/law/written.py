"""What Prisma's users write by hand into migrations: templates of their own, for states of their own numbers.

Extensions, policies, partitions, default privileges, temporary tables, guarded blocks, procedures, writes within queries.
"""

from collections.abc import Sequence

from tests.remedies.law.corpus import PLACES, Line, Places, Script
from tests.remedies.law.others import ROLE, in_trouble
from tests.remedies.law.templates import Template, script_of
from tests.remedies.law.world import World

FIRST = 30_000


def _extension(places: Places) -> Script:
    n = places.next("extension") - 1
    each = [
        ("citext", f'ALTER TABLE "User" ADD COLUMN "ci{n}" citext;'),
        ("pg_trgm", 'CREATE INDEX "Post_title_trgm" ON "Post" USING gin (title gin_trgm_ops);'),
        ("btree_gist", 'ALTER TABLE "Post" ADD CONSTRAINT "Post_apart" EXCLUDE USING gist (id WITH =);'),
        ("hstore", 'CREATE TABLE "Tags" ("id" INTEGER PRIMARY KEY, "tags" hstore NOT NULL DEFAULT \'a=>1\');'),
        ("uuid-ossp", 'ALTER TABLE "Post" ADD COLUMN "uid" UUID DEFAULT uuid_generate_v4();'),
    ]
    if n >= len(each):
        return _policies(places)
    name, using = each[n]
    return script_of("extension", f'CREATE EXTENSION IF NOT EXISTS "{name}";', using)


def _policies(places: Places) -> Script:
    n = places.next("table")
    return script_of(
        "policies",
        f'CREATE TABLE "Table{n}" ("id" INTEGER PRIMARY KEY, "ownerId" INTEGER);',
        f'ALTER TABLE "Table{n}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;',
        f'CREATE POLICY "read" ON "Table{n}" FOR SELECT TO {ROLE} USING (true);',
        f'CREATE POLICY "own" ON "Table{n}" AS RESTRICTIVE FOR UPDATE USING ("ownerId" = 1) WITH CHECK ("ownerId" = 1);',
        f'ALTER POLICY "own" ON "Table{n}" USING ("ownerId" > 1);',
        f'DROP POLICY IF EXISTS "read" ON "Table{n}";',
        f'CREATE POLICY "read" ON "Table{n}" FOR SELECT TO {ROLE} USING ("id" > 0);',
    )


def _default_privileges(places: Places) -> Script:
    n = places.next("default privileges")
    if n > 1:
        return _comments(places)
    return script_of(
        "default privileges",
        Line(
            f"ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO {ROLE};",
            by_hand=f'GRANT USAGE ON SCHEMA "Shop" TO {ROLE};',
        ),
        'CREATE SCHEMA "Shop";',
        'CREATE TABLE "Shop"."Item" ("id" INTEGER PRIMARY KEY, "name" TEXT);',
        'CREATE INDEX "Item_name_idx" ON "Shop"."Item"("name");',
    )


def _comments(places: Places) -> Script:
    n = places.next("comment")
    column, m = "unrda"[n % 5], n // 5 % PLACES + 1
    return script_of(
        "comments",
        f"COMMENT ON COLUMN \"User\".{column}{m} IS 'comment {n}; it''s new';",
        f'COMMENT ON CONSTRAINT "User_pkey" ON "User" IS \'key {n}\';',
        f'CREATE INDEX "User_comment{n}_idx" ON "User"(id, {column}{m});',
        f'COMMENT ON INDEX "User_comment{n}_idx" IS $$index; {n}$$;',
    )


def _generated(places: Places) -> Script:
    n = places.next("table")
    return script_of(
        "generated column",
        f'CREATE TABLE "Table{n}" ("id" INTEGER PRIMARY KEY, "net" INTEGER, "gross" INTEGER GENERATED ALWAYS AS ("net" * 2) STORED);',
        f'INSERT INTO "Table{n}" ("id", "net") VALUES (1, 10), (2, 20);',
        f'ALTER TABLE "Table{n}" ALTER COLUMN "gross" DROP EXPRESSION;',
        f'UPDATE "Table{n}" SET "gross" = "gross" + 1;',
    )


def _partitions(places: Places) -> Script:
    n = places.next("table")
    return script_of(
        "partitions",
        f'CREATE TABLE "Event{n}" ("id" INTEGER NOT NULL, "day" DATE NOT NULL, PRIMARY KEY ("id", "day")) PARTITION BY RANGE ("day");',
        f"CREATE TABLE \"Event{n}_1\" PARTITION OF \"Event{n}\" FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');",
        f"INSERT INTO \"Event{n}\" VALUES (1, '2025-01-05'), (2, '2025-01-06');",
        f'CREATE INDEX "Event{n}_day_idx" ON "Event{n}"("day");',
        f'CREATE TABLE "Event{n}_rest" PARTITION OF "Event{n}" DEFAULT;',
    )


def _attached(places: Places) -> Script:
    n = places.next("table")
    return script_of(
        "partition attached",
        f'CREATE TABLE "Event{n}" ("id" INTEGER NOT NULL, "kind" TEXT NOT NULL) PARTITION BY LIST ("kind");',
        f'CREATE TABLE "Event{n}_a" ("id" INTEGER NOT NULL, "kind" TEXT NOT NULL);',
        f"INSERT INTO \"Event{n}_a\" VALUES (1, 'a');",
        f'ALTER TABLE "Event{n}" ATTACH PARTITION "Event{n}_a" FOR VALUES IN (\'a\');',
        f"INSERT INTO \"Event{n}\" VALUES (2, 'a');",
    )


def _materialized(places: Places) -> Script:
    n = places.next("view")
    return script_of(
        "materialized view filled later",
        f'CREATE MATERIALIZED VIEW "Sum{n}" AS SELECT "authorId", count(*) AS posts FROM "Post" GROUP BY 1 WITH NO DATA;',
        f'CREATE UNIQUE INDEX "Sum{n}_key" ON "Sum{n}"("authorId");',
        f'REFRESH MATERIALIZED VIEW "Sum{n}";',
    )


def _types(places: Places) -> Script:
    n, m = places.next("type"), places.next("column")
    return script_of(
        "types",
        f"CREATE TYPE \"Level{n}\" AS ENUM ('low', 'high');",
        f"ALTER TYPE \"Level{n}\" RENAME VALUE 'high' TO 'top';",
        f'CREATE DOMAIN "Email{n}" AS TEXT;',
        f'ALTER DOMAIN "Email{n}" ADD CONSTRAINT "Email{n}_at" CHECK (VALUE LIKE \'%@%\');',
        f'ALTER TABLE "User" ADD COLUMN "mail{m}" "Email{n}", ADD COLUMN "level{m}" "Level{n}" DEFAULT \'low\';',
        f"COMMENT ON TYPE \"Level{n}\" IS 'levels';",
    )


def _guarded(places: Places) -> Script:
    n, m = places.next("type"), places.next("column")
    return script_of(
        "guarded blocks",
        f"DO $$ BEGIN\n  CREATE TYPE \"Level{n}\" AS ENUM ('low');\nEXCEPTION WHEN duplicate_object THEN NULL;\nEND $$;",
        f'ALTER TABLE "Post" ADD COLUMN IF NOT EXISTS "level{m}" "Level{n}";',
        f'CREATE TABLE IF NOT EXISTS "Level{n}Log" ("id" INTEGER PRIMARY KEY);',
        f'INSERT INTO "Level{n}Log" VALUES (1), (2) ON CONFLICT DO NOTHING;',
        f'CREATE INDEX IF NOT EXISTS "Post_level{m}_idx" ON "Post"("level{m}");',
    )


def _temporary(places: Places) -> Script:
    n, m = places.next("temporary"), places.next("column")
    return script_of(
        "temporary table",
        Line(
            f'CREATE TEMP TABLE titles{n} AS SELECT "authorId" AS id, title FROM "Post" WHERE id < 1000;', passing=True
        ),
        f'ALTER TABLE "User" ADD COLUMN "title{m}" TEXT;',
        f'UPDATE "User" SET "title{m}" = t.title FROM titles{n} t WHERE t.id = "User".id;',
        f'CREATE INDEX "User_title{m}_idx" ON "User"("title{m}");',
        Line(f"DROP TABLE titles{n};", passing=True),
    )


def _redefined(places: Places) -> Script:
    n = places.next("table")
    return script_of(
        "table copied, dropped and renamed",
        f'CREATE TABLE "Draft{n}" ("id" INTEGER PRIMARY KEY, "note" TEXT);',
        f"INSERT INTO \"Draft{n}\" VALUES (1, 'one'), (2, 'two');",
        f'CREATE TABLE "new_Draft{n}" ("id" INTEGER NOT NULL, "note" TEXT NOT NULL, CONSTRAINT "Drafts{n}_pkey" PRIMARY KEY ("id"));',
        f'INSERT INTO "new_Draft{n}" SELECT "id", "note" FROM "Draft{n}";',
        f'DROP TABLE "Draft{n}";',
        f'ALTER TABLE "new_Draft{n}" RENAME TO "Draft{n}";',
    )


def _cast(places: Places) -> Script:
    n = places.next("c")
    if n > PLACES:
        return _generated(places)
    return script_of(
        "column copied, dropped and renamed",
        f'ALTER TABLE "Post" ADD COLUMN "new_c{n}" INTEGER;',
        f'UPDATE "Post" SET "new_c{n}" = c{n}::integer;',
        f'ALTER TABLE "Post" DROP COLUMN c{n};',
        f'ALTER TABLE "Post" RENAME COLUMN "new_c{n}" TO c{n};',
    )


def _programs(places: Places) -> Script:
    n = places.next("function")
    return script_of(
        "procedure called",
        f"CREATE PROCEDURE add{n}(mark TEXT) LANGUAGE sql AS 'INSERT INTO \"Ledger\" VALUES ($1)';",
        f"CALL add{n}('called {n}');",
        f"WITH made AS (INSERT INTO \"Ledger\" VALUES ('within {n}') RETURNING tag) INSERT INTO \"Ledger\" SELECT tag || '!' FROM made;",
        f'CREATE STATISTICS "Stats{n}" ON id, title FROM "Post";',
    )


def _owned(places: Places) -> Script:
    n = places.next("table")
    return script_of(
        "owner and names",
        f'CREATE TABLE "Table{n}" ("id" INTEGER, "name" TEXT, CONSTRAINT "Table{n}_key" UNIQUE ("id") DEFERRABLE INITIALLY DEFERRED);',
        f'ALTER TABLE "Table{n}" RENAME CONSTRAINT "Table{n}_key" TO "Table{n}_id_key";',
        f'ALTER TABLE "Table{n}" OWNER TO {ROLE};',
        f"INSERT INTO \"Table{n}\" VALUES (1, 'one');",
        f'ALTER TABLE "Table{n}" RENAME COLUMN "name" TO "title";',
    )


WRITTEN: Sequence[Template] = (
    _extension, _policies, _default_privileges, _comments, _generated, _partitions, _attached, _materialized, _types,
    _guarded, _temporary, _redefined, _cast, _programs, _owned,
)  # fmt: skip


def written_by_hand(world: World, places: Places) -> None:
    in_trouble(world, places, WRITTEN)
