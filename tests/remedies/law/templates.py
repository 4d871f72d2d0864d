"""The templates of migrations, each of columns and names of its own."""

from collections.abc import Callable, Sequence

from tests.remedies.law.corpus import PLACES, Line, Places, Script

Template = Callable[[Places], Script]


def script_of(kind: str, *lines: Line | str, alone: bool = False) -> Script:
    return Script(tuple(Line(line) if isinstance(line, str) else line for line in lines), kind, alone)


def _ledger(places: Places) -> str:
    return f"INSERT INTO \"Ledger\" VALUES ('{places.next('ledger')}');"


def _score(places: Places) -> str:
    return f'UPDATE "User" SET score = score + {1 << places.next("score")} WHERE id < 1000;'


def _likes(places: Places) -> str:
    return f'UPDATE "Post" SET likes = likes + {1 << places.next("likes")} WHERE id < 1000;'


def dml(places: Places) -> str:
    return places.random.choice([_ledger, _score, _likes])(places)


def _table(places: Places) -> Script:
    n = places.next("table")
    return script_of(
        "table",
        f'CREATE TABLE "Table{n}" (\n    "id" INTEGER NOT NULL,\n    "name" TEXT,\n    "ownerId" INTEGER,\n\n    CONSTRAINT "Table{n}_pkey" PRIMARY KEY ("id")\n);',
        f'CREATE INDEX "Table{n}_name_idx" ON "Table{n}"("name");',
        f'ALTER TABLE "Table{n}" ADD CONSTRAINT "Table{n}_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE;',
    )  # fmt: skip


def _seeded(places: Places) -> Script:
    n = places.next("table")
    return script_of(
        "table with rows",
        f'CREATE TABLE "Table{n}" ("id" INTEGER PRIMARY KEY, "name" TEXT NOT NULL);',
        f"INSERT INTO \"Table{n}\" VALUES (1001, 'one'), (1002, 'two');",
        f'CREATE UNIQUE INDEX "Table{n}_name_key" ON "Table{n}"("name");',
    )


def _copied(places: Places) -> Script:
    n, m = places.next("table"), places.next("column")
    return script_of(
        "rows moved to a table",
        f'CREATE TABLE "Table{n}" ("userId" INTEGER NOT NULL, "value" TEXT);',
        f'INSERT INTO "Table{n}" SELECT id, r{PLACES} FROM "User" WHERE id < 1000;',
        f'ALTER TABLE "User" ADD COLUMN m{m} TEXT;',
        f'ALTER TABLE "Table{n}" ADD CONSTRAINT "Table{n}_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;',
    )  # fmt: skip


def _backfill(places: Places) -> Script:
    n = places.next("column")
    return script_of(
        "backfill",
        f'ALTER TABLE "User" ADD COLUMN z{n} TEXT;',
        f"UPDATE \"User\" SET z{n} = 'filled' WHERE z{n} IS NULL;",
        f'CREATE INDEX "User_z{n}_idx" ON "User"(z{n});',
    )


def _required(places: Places) -> Script:
    n = places.next("column")
    return script_of(
        "backfill of a required column",
        f'ALTER TABLE "Post" ADD COLUMN z{n} TEXT;',
        f'UPDATE "Post" SET z{n} = title;',
        f'ALTER TABLE "Post" ALTER COLUMN z{n} SET NOT NULL;',
    )


def _columns(places: Places) -> Script:
    n = places.next("column")
    return script_of(
        "columns",
        f'ALTER TABLE "User" ADD COLUMN     p{n} INTEGER NOT NULL DEFAULT 0,\nADD COLUMN     q{n} TEXT;',
    )


def _unique(places: Places) -> Script:
    n = places.next("u")
    if n > PLACES:
        return _columns(places)
    places.making.append(f"unique {n}")
    return script_of("unique", _unique_line(n))


def _unique_line(n: int, how: str = "") -> Line:
    return Line(
        f'CREATE UNIQUE INDEX {how}"User_u{n}_key" ON "User"(u{n});',
        f"UPDATE \"User\" SET u{n} = 'same' WHERE id IN (2, 5);",
        f"UPDATE \"User\" SET u{n} = 'u' || id WHERE id IN (2, 5);",
    )


def _concurrently(places: Places) -> Script:
    n = places.next("u")
    if n > PLACES:
        return _columns(places)
    return script_of("index concurrently", _unique_line(n, "CONCURRENTLY "), alone=True)


def _foreign_key(places: Places) -> Script:
    n = places.next("f")
    if n > PLACES:
        return _table(places)
    places.making.append(f"foreign key {n}")
    return script_of(
        "foreign key",
        Line(
            f'ALTER TABLE "Post" ADD CONSTRAINT "Post_f{n}_fkey" FOREIGN KEY (f{n}) REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE;',
            f'UPDATE "Post" SET f{n} = 77 WHERE id = 3;',
            f'UPDATE "Post" SET f{n} = 3 WHERE id = 3;',
        ),
    )


def _not_null(places: Places) -> Script:
    n = places.next("n")
    if n > PLACES:
        return _columns(places)
    return script_of(
        "not null",
        Line(
            f'ALTER TABLE "User" ALTER COLUMN n{n} SET NOT NULL;',
            f'UPDATE "User" SET n{n} = NULL WHERE id = 4;',
            f"UPDATE \"User\" SET n{n} = 'n4' WHERE id = 4;",
        ),
    )


def _check(places: Places) -> Script:
    n = places.next("k")
    if n > PLACES:
        return _table(places)
    spoils, fixes = f'UPDATE "Post" SET k{n} = -5 WHERE id = 2;', f'UPDATE "Post" SET k{n} = 20 WHERE id = 2;'
    if places.random.random() < 0.5:
        return script_of(
            "check", Line(f'ALTER TABLE "Post" ADD CONSTRAINT "Post_k{n}_check" CHECK (k{n} >= 0);', spoils, fixes)
        )
    return script_of(
        "check, validated later",
        f'ALTER TABLE "Post" ADD CONSTRAINT "Post_k{n}_check" CHECK (k{n} >= 0) NOT VALID;',
        Line(f'ALTER TABLE "Post" VALIDATE CONSTRAINT "Post_k{n}_check";', spoils, fixes),
    )  # fmt: skip


def _cast(places: Places) -> Script:
    n = places.next("c")
    if n > PLACES:
        return _columns(places)
    return script_of(
        "type",
        Line(
            f'ALTER TABLE "Post" ALTER COLUMN c{n} SET DATA TYPE INTEGER USING c{n}::integer;',
            f"UPDATE \"Post\" SET c{n} = 'many' WHERE id = 5;",
            f"UPDATE \"Post\" SET c{n} = '500' WHERE id = 5;",
        ),
    )


def _enum(places: Places) -> Script:
    n = places.next("e")
    if n > PLACES:
        return _table(places)
    return script_of(
        "enum",
        f"CREATE TYPE \"Status{n}\" AS ENUM ('A', 'B');",
        Line(
            f'ALTER TABLE "Post" ALTER COLUMN e{n} TYPE "Status{n}" USING e{n}::"Status{n}";',
            f"UPDATE \"Post\" SET e{n} = 'other' WHERE id = 1;",
            f"UPDATE \"Post\" SET e{n} = 'A' WHERE id = 1;",
        ),
        f"ALTER TABLE \"Post\" ALTER COLUMN e{n} SET DEFAULT 'A';",
    )


def _enum_value(places: Places) -> Script:
    n = places.next("value")
    return script_of("enum's value", f"ALTER TYPE \"Role\" ADD VALUE 'M{n}';", alone=True)


def _enum_again(places: Places) -> Script:
    n = places.next("t")
    if n > PLACES:
        return _table(places)
    return script_of(
        "enum made again",
        "BEGIN;",
        f"CREATE TYPE \"Kind{n}_new\" AS ENUM ('A', 'C');",
        f'ALTER TABLE "Post" ALTER COLUMN t{n} DROP DEFAULT;',
        Line(
            f'ALTER TABLE "Post" ALTER COLUMN t{n} TYPE "Kind{n}_new" USING (t{n}::text::"Kind{n}_new");',
            f"UPDATE \"Post\" SET t{n} = 'B' WHERE id = 6;",
            f"UPDATE \"Post\" SET t{n} = 'A' WHERE id = 6;",
        ),
        f'ALTER TYPE "Kind{n}" RENAME TO "Kind{n}_old";',
        f'ALTER TYPE "Kind{n}_new" RENAME TO "Kind{n}";',
        f'DROP TYPE "Kind{n}_old";',
        f"ALTER TABLE \"Post\" ALTER COLUMN t{n} SET DEFAULT 'A';",
        "COMMIT;",
    )


def _block(places: Places) -> Script:
    n = places.next("column")
    return script_of(
        "DO block",
        f'ALTER TABLE "User" ADD COLUMN b{n} INTEGER;',
        f'DO $$\nBEGIN\n  {_score(places)}\n  UPDATE "User" SET b{n} = id;\nEND $$;',
        f'CREATE INDEX "User_b{n}_idx" ON "User"(b{n});',
    )


def _view(places: Places) -> Script:
    n = places.next("view")
    return script_of(
        "view",
        f'CREATE VIEW "View{n}" AS SELECT u.id, count(p.id) AS posts FROM "User" u LEFT JOIN "Post" p ON p."authorId" = u.id GROUP BY u.id;',
    )


def _view_again(places: Places) -> Script:
    n = places.next("seen")
    if n > PLACES:
        return _view(places)
    return script_of(
        "view made again",
        f'DROP VIEW "Seen{n}";',
        f'CREATE VIEW "Seen{n}" AS SELECT id, title, likes FROM "Post";',
    )


def _materialized(places: Places) -> Script:
    n = places.next("view")
    return script_of(
        "materialized view",
        f'CREATE MATERIALIZED VIEW "Sum{n}" AS SELECT count(*) AS users FROM "User" WHERE id < 1000;',
        f'CREATE UNIQUE INDEX "Sum{n}_key" ON "Sum{n}"(users);',
    )


def _function(places: Places) -> Script:
    n = places.next("function")
    return script_of(
        "function and trigger",
        f"CREATE FUNCTION touch{n}() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  NEW.title := coalesce(NEW.title, 'untitled');\n  RETURN NEW;\nEND $$;",
        f'CREATE TRIGGER "Post_touch{n}" BEFORE INSERT ON "Post" FOR EACH ROW EXECUTE FUNCTION touch{n}();',
    )


def _data(places: Places) -> Script:
    return script_of("data alone", *(dml(places) for _ in range(places.random.randint(1, 4))))


def _data_fails(places: Places) -> Script:
    n = places.next("table")
    return script_of(
        "data alone, and some of it fails",
        dml(places),
        Line(
            f"INSERT INTO \"Old{PLACES}\" VALUES ({2000 + n}, 'made');",
            f"INSERT INTO \"Old{PLACES}\" VALUES ({2000 + n}, 'left behind');",
            f"DELETE FROM \"Old{PLACES}\" WHERE id = {2000 + n} AND note = 'left behind';",
        ),
        dml(places),
    )


def _between(places: Places) -> Script:
    n, m = places.next("table"), places.next("column")
    return script_of(
        "data in between",
        f'CREATE TABLE "Table{n}" ("id" INTEGER PRIMARY KEY);',
        dml(places),
        f'ALTER TABLE "Post" ADD COLUMN m{m} INTEGER;',
        dml(places),
        f'CREATE INDEX "Post_m{m}_idx" ON "Post"(m{m});',
    )


def _renamed(places: Places) -> Script:
    n = places.next("r")
    if n >= PLACES:
        return _columns(places)
    return script_of("column renamed", f'ALTER TABLE "User" RENAME COLUMN r{n} TO renamed{n};')


def _dropped(places: Places) -> Script:
    n = places.next("d")
    if n > PLACES:
        return _columns(places)
    return script_of("column dropped", f'ALTER TABLE "User" DROP COLUMN d{n};')


def _table_dropped(places: Places) -> Script:
    n = places.next("old")
    if n >= PLACES:
        return _columns(places)
    return script_of("table dropped", f'DROP TABLE "Old{n}";')


def _commented(places: Places) -> Script:
    n = places.next("table")
    return script_of(
        "comment",
        f'CREATE TABLE "Table{n}" ("id" SERIAL NOT NULL, "at" TIMESTAMP(3), CONSTRAINT "Table{n}_pkey" PRIMARY KEY ("id"));',
        f"COMMENT ON TABLE \"Table{n}\" IS 'it''s new';",
    )


def _secured(places: Places) -> Script:
    n = places.next("table")
    return script_of(
        "row security",
        f'CREATE TABLE "Table{n}" ("id" INTEGER PRIMARY KEY, "ownerId" INTEGER);',
        f'ALTER TABLE "Table{n}" ENABLE ROW LEVEL SECURITY;',
        f'CREATE POLICY "Table{n}_own" ON "Table{n}" USING ("ownerId" = 1);',
    )


def _defaults(places: Places) -> Script:
    n = places.next("a")
    if n >= PLACES:
        return _columns(places)
    return script_of(
        "default",
        f'ALTER TABLE "User" ALTER COLUMN a{n} SET DEFAULT {n};',
        f'DROP INDEX "User_a{n}_idx";',
        f'CREATE INDEX "User_a{n}_idx" ON "User"(a{n} DESC);',
    )


def _foreign_key_again(places: Places) -> Script:
    n = places.next("g")
    if n >= PLACES:
        return _table(places)
    return script_of(
        "foreign key made again",
        f'ALTER TABLE "Post" DROP CONSTRAINT "Post_g{n}_fkey";',
        f'ALTER TABLE "Post" ADD CONSTRAINT "Post_g{n}_fkey" FOREIGN KEY (g{n}) REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;',
    )


def _relation(places: Places) -> Script:
    n = places.next("relation")
    name = f"_PostToUser{n}"
    return script_of(
        "relation table",
        f'CREATE TABLE "{name}" (\n    "A" INTEGER NOT NULL,\n    "B" INTEGER NOT NULL\n);',
        f'CREATE UNIQUE INDEX "{name}_AB_unique" ON "{name}"("A", "B");',
        f'CREATE INDEX "{name}_B_index" ON "{name}"("B");',
        f'ALTER TABLE "{name}" ADD CONSTRAINT "{name}_A_fkey" FOREIGN KEY ("A") REFERENCES "Post"("id") ON DELETE CASCADE ON UPDATE CASCADE;',
        f'ALTER TABLE "{name}" ADD CONSTRAINT "{name}_B_fkey" FOREIGN KEY ("B") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;',
    )  # fmt: skip


def _expressions(places: Places) -> Script:
    n = places.next("column")
    return script_of(
        "expressions",
        f'ALTER TABLE "User" ADD COLUMN g{n} INTEGER GENERATED ALWAYS AS (id * 2) STORED;',
        f'CREATE INDEX "User_lower{n}_idx" ON "User"(lower(email)) WHERE id > {n};',
    )


def _again(places: Places) -> Script:
    """What an earlier migration made is made again, by the same name, another way."""
    what, _, n = (
        places.made.pop(places.random.randrange(len(places.made))).rpartition(" ") if places.made else ("", "", "")
    )
    if what == "unique":
        return script_of(
            "unique made again",
            f'DROP INDEX "User_u{n}_key";',
            f'CREATE UNIQUE INDEX "User_u{n}_key" ON "User"(u{n}, id);',
        )
    if what == "foreign key":
        return script_of(
            "new foreign key made again",
            f'ALTER TABLE "Post" DROP CONSTRAINT "Post_f{n}_fkey";',
            f'ALTER TABLE "Post" ADD CONSTRAINT "Post_f{n}_fkey" FOREIGN KEY (f{n}) REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;',
        )
    return _index_dropped(places)


def _index_dropped(places: Places) -> Script:
    n = places.next("a")
    if n >= PLACES:
        return _columns(places)
    return script_of("index dropped", f'DROP INDEX "User_a{n}_idx";')


TEMPLATES: Sequence[Template] = (
    _table, _seeded, _copied, _backfill, _required, _columns, _unique, _concurrently, _foreign_key, _not_null, _check,
    _cast, _enum, _enum_value, _enum_again, _block, _view, _view_again, _materialized, _function, _data, _data_fails,
    _between, _renamed, _dropped, _table_dropped, _commented, _secured, _defaults, _foreign_key_again, _relation,
    _expressions, _again, _index_dropped,
)  # fmt: skip
FAILING: Sequence[Template] = (
    _unique, _concurrently, _foreign_key, _not_null, _check, _cast, _enum, _enum_again, _data_fails,
)  # fmt: skip
DATA: Sequence[Template] = (_data, _data_fails)
# What shows, and needs no other migration.
APART: Sequence[Template] = (_table, _seeded, _backfill, _required, _columns, _view, _commented, _relation, _between)
MADE_AGAIN: Sequence[Template] = (_unique, _foreign_key)


def composed(places: Places, templates: Sequence[Template], count: int) -> Script:
    """Up to *count* templates in one file, one of them of *templates*."""
    random = places.random
    parts = [random.choice(templates)(places)]
    for _ in range(0 if parts[0].alone else count - 1):
        more = random.choice(TEMPLATES)(places)
        if not more.alone:
            parts.append(more)
    random.shuffle(parts)
    places.made += places.making
    places.making.clear()
    lines = tuple(line for part in parts for line in part.lines)
    return Script(lines, " + ".join(sorted({part.kind for part in parts})), alone=parts[0].alone)


def script_made_again(places: Places) -> Script:
    return _again(places)


# The table whose writes fail, and what it is called by a migration behind that.
WRITTEN, WRITTEN_AFTER = f"Old{PLACES}", f"Older{PLACES}"


def write_that_fails(places: Places) -> Script:
    return _data_fails(places)


def table_renamed() -> Script:
    return script_of("table renamed", f'ALTER TABLE "{WRITTEN}" RENAME TO "{WRITTEN_AFTER}";')


def set_twice(places: Places) -> tuple[Script, Script]:
    """A setting or an object, and the later script that sets it again or removes it, whether the first one ran or not."""
    n, m = places.random.randint(1, PLACES), places.next("twice")
    user, post = f'ALTER TABLE "User" ALTER COLUMN a{n}', 'ALTER TABLE "Post"'
    made = f"CREATE OR REPLACE FUNCTION twice{m}() RETURNS int LANGUAGE sql AS"
    return places.random.choice(
        [
            (script_of("default", f"{user} SET DEFAULT 1;"), script_of("default", f"{user} SET DEFAULT 2;")),
            (script_of("default", f"{user} SET DEFAULT 1;"), script_of("no default", f"{user} DROP DEFAULT;")),
            (
                script_of("default and not null", f"{user} SET DEFAULT 1, ALTER COLUMN n{n} SET NOT NULL;"),
                script_of("default", f"{user} SET DEFAULT 2;"),
            ),
            (script_of("type", f"{user} TYPE bigint;"), script_of("type", f"{user} TYPE numeric;")),
            (
                script_of(
                    "type and values",
                    Line(f"{user} TYPE bigint USING a{n} * 2;", by_hand=f'UPDATE "User" SET a{n} = a{n} * 2;'),
                ),
                script_of("type", f"{user} TYPE numeric;"),
            ),
            (script_of("function", f"{made} 'SELECT 1';"), script_of("function", f"{made} 'SELECT 2';")),
            (
                script_of(
                    "function and values",
                    f"{made} 'SELECT 1';",
                    Line(
                        f'UPDATE "User" SET score = score + 1000 * twice{m}() WHERE id < 1000;',
                        by_hand='UPDATE "User" SET score = score + 1000 WHERE id < 1000;',
                    ),
                ),
                script_of("function", f"{made} 'SELECT 2';"),
            ),
            (
                script_of(
                    "table with rows",
                    f'CREATE TABLE "Gone{m}" (id int PRIMARY KEY);',
                    f'INSERT INTO "Gone{m}" VALUES (1);',
                ),
                script_of("table removed", f'DROP TABLE IF EXISTS "Gone{m}";'),
            ),
            (
                script_of(
                    "column with values",
                    f"{post} ADD COLUMN gone{m} text, ADD COLUMN kept{m} text;",
                    f"UPDATE \"Post\" SET gone{m} = 'x' WHERE id < 1000;",
                ),
                script_of("column removed", f"{post} DROP COLUMN IF EXISTS gone{m};"),
            ),
            (
                script_of("comment", "COMMENT ON TABLE \"User\" IS 'one';"),
                script_of("comment", "COMMENT ON TABLE \"User\" IS 'two';"),
            ),
        ]
    )


def with_script(places: Places, script: Script, *, fails: bool = False) -> Script:
    """The *script* and one or two templates of other objects, in one file; at its end one that *fails*."""
    others = [
        each for _ in range(places.random.randint(1, 2)) if not (each := places.random.choice(APART)(places)).alone
    ]
    places.made += places.making
    places.making.clear()
    parts = [script, *others]
    places.random.shuffle(parts)
    parts += [_data_fails(places)] if fails else []
    kinds = " + ".join(sorted({part.kind for part in parts}))
    return Script(tuple(line for part in parts for line in part.lines), kinds)
