"""Random catalogs, rows, changes by hand and pending runs, drawn on a server so that most statements of a run do run.

Each statement is tried in a transaction that is rolled back: a run goes on for long, and ends with a failure in more
than half of all cases.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.postgres.plan.random_values import literal_of

TYPES = (
    "integer", "bigint", "smallint", "text", "varchar(5)", "varchar(50)", "numeric(4,1)", "numeric", "boolean", "mood",
    "pos", "uuid", "date", "timestamptz", "jsonb", "text[]", "double precision",
)  # fmt: skip
START = (
    "CREATE TYPE mood AS ENUM ('sad', 'ok')",
    "CREATE DOMAIN pos AS integer CHECK (VALUE > 0)",
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
)
_CATALOG = """
SELECT c.relname, c.relkind::text, a.attname, format_type(a.atttypid, a.atttypmod), a.attgenerated::text
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') ORDER BY c.relname, a.attnum
"""
_PARTS = """
SELECT 'constraint', conrelid::regclass::text, conname FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
UNION ALL SELECT 'index', indrelid::regclass::text, c.relname FROM pg_index JOIN pg_class c ON c.oid = indexrelid
WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT 'label', t.typname, enumlabel FROM pg_enum JOIN pg_type t ON t.oid = enumtypid ORDER BY 1, 2, 3
"""
# How likely it is that a run ends with a statement that does not run.
_FAILING = 0.6


@dataclass
class Names:
    """What exists at this moment: the columns of tables and of views with their types, and the parts of tables."""

    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    views: dict[str, dict[str, str]] = field(default_factory=dict)
    generated: set[tuple[str, str]] = field(default_factory=set)
    constraints: list[tuple[str, str]] = field(default_factory=list)
    indexes: list[tuple[str, str]] = field(default_factory=list)
    labels: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, connection: psycopg.Connection[Any]) -> "Names":
        found = cls()
        for relation, kind, column, type_, generated in connection.execute(_CATALOG).fetchall():
            place = found.tables if kind in "rp" else found.views
            place.setdefault(relation, {})[column] = type_
            if generated:
                found.generated.add((relation, column))
        for sort, owner, name in connection.execute(_PARTS).fetchall():
            if sort == "label":
                found.labels.setdefault(owner, []).append(name)
            else:
                (found.constraints if sort == "constraint" else found.indexes).append((owner.strip('"'), name))
        return found


@dataclass
class Dice:
    """One draw: an existing table with two of its columns."""

    chance: random.Random
    names: Names
    new: str

    def __post_init__(self) -> None:
        pick = self.chance.choice
        self.bare = pick(list(self.names.tables) or ["gone"])
        if self.chance.random() < 0.02:
            self.bare = pick(["gone", *self.names.views])
        self.columns = {**self.names.tables, **self.names.views}.get(self.bare, {"id": "integer"}) or {"id": "integer"}
        self.bare_column = pick(list(self.columns)) if self.chance.random() < 0.98 else "missing"
        self.type = self.columns.get(self.bare_column, "integer")
        self.table, self.column, self.other = (
            quoted(self.bare),
            quoted(self.bare_column),
            quoted(pick(list(self.columns))),
        )

    def pick(self, *words: str) -> str:
        return self.chance.choice(words)

    def value(self, type_: str | None = None) -> str:
        return literal_of(self.chance, self.type if type_ is None else type_, self.names.labels)

    def any_type(self) -> str:
        return self.chance.choice((*TYPES, *(each for each in self.names.labels if each != "mood")))

    def where(self) -> str:
        name = self.chance.choice(list(self.columns))
        column, type_ = quoted(name), self.columns[name]
        return self.chance.choice(
            [f"{column} IS NULL", f"{column} IS NOT NULL", f"{column} = {self.value(type_)}", "id = 2", "id > 2",
             f"{column} IN ({self.value(type_)}, {self.value(type_)})", f"{column} <> {self.value(type_)} AND id < 4"]
        )  # fmt: skip

    def referenced(self) -> tuple[str, str]:
        """Another table with the column that a foreign key may refer to."""
        keys = [(table, "id") for table, columns in self.names.tables.items() if "id" in columns]
        table, column = self.chance.choice(keys or [("gone", "id")])
        if self.chance.random() < 0.2:
            column = self.chance.choice(list(self.names.tables.get(table, {"id": ""})))
        return quoted(table), quoted(column)

    def part(self, of: Sequence[tuple[str, str]]) -> tuple[str, str]:
        table, name = self.chance.choice(list(of) or [("gone", "missing")])
        return quoted(table), quoted(name if self.chance.random() < 0.97 else "missing")


def quoted(word: str) -> str:
    return word if word.isidentifier() and word.islower() else f'"{word}"'


def _check(dice: Dice) -> str:
    return dice.pick(
        f"{dice.column} IS NOT NULL", f"{dice.column} <> {dice.value()}", f"{dice.column} >= {dice.value()}", "id > 0",
        f"{dice.column} = {dice.value()} OR {dice.other} IS NOT NULL", f"length({dice.column}::text) < 6",
    )  # fmt: skip


def _using(dice: Dice) -> str:
    type_ = dice.any_type()
    using = dice.pick("", f" USING {dice.column}::{type_}", f" USING {dice.column}::text::{type_}")
    return f"ALTER TABLE {dice.table} ALTER COLUMN {dice.column} TYPE {type_}{using}"


def _add_column(dice: Dice) -> str:
    type_ = dice.any_type()
    rest = dice.pick(
        "", "", f"DEFAULT {dice.value(type_)}", f"NOT NULL DEFAULT {dice.value(type_)}", "NOT NULL", "UNIQUE"
    )
    return f"ALTER TABLE {dice.table} ADD COLUMN {dice.pick(dice.new, dice.new, dice.new, dice.column)} {type_} {rest}"


def _insert(dice: Dice) -> str:
    columns = [name for name in dice.columns if (dice.bare, name) not in dice.names.generated]
    chosen = [name for name in columns if name == "id" or dice.chance.random() < 0.7] or ["id"]
    rows = ", ".join(
        f"({', '.join(dice.value(dice.columns.get(name, 'integer')) for name in chosen)})"
        for _ in range(dice.chance.randrange(1, 3))
    )
    more = dice.pick("", "", "", "", " ON CONFLICT DO NOTHING")
    return f"INSERT INTO {dice.table} ({', '.join(map(quoted, chosen))}) VALUES {rows}{more}"


def _copied(dice: Dice) -> str:
    source, columns = dice.chance.choice(list(dice.names.tables.items()) or [("gone", {"id": "integer"})])
    shared = [name for name in columns if name in dice.columns and (dice.bare, name) not in dice.names.generated]
    listed = ", ".join(map(quoted, shared or ["id"]))
    return f"INSERT INTO {dice.table} ({listed}) SELECT {listed} FROM {quoted(source)} WHERE id > {dice.pick('0', '2', '90')}"


def _update(dice: Dice) -> str:
    value = dice.pick(dice.value(), dice.value(), "NULL", dice.other, f"COALESCE({dice.column}, {dice.value()})", "id")
    where = f" WHERE {dice.where()}" if dice.chance.random() < 0.8 else ""
    return f"UPDATE {dice.table} SET {dice.column} = {value}{where}"


def _update_from(dice: Dice) -> str:
    table, _ = dice.referenced()
    columns = dice.names.tables.get(table.strip('"'), {"id": ""})
    name = quoted(dice.chance.choice(list(columns)))
    return (
        f"UPDATE {dice.table} AS one SET {dice.column} = two.{name} FROM {table} AS two WHERE two.id = one.{dice.other}"
    )


def _merge(dice: Dice) -> str:
    table, _ = dice.referenced()
    return (
        f"MERGE INTO {dice.table} AS one USING {table} AS two ON one.id = two.id "
        f"WHEN MATCHED THEN UPDATE SET {dice.column} = {dice.value()}"
    )


def _create_table(dice: Dice) -> str:
    name = dice.pick(dice.new, dice.new, dice.new, dice.new, dice.table)
    table, column = dice.referenced()
    return (
        f"CREATE TABLE {name} (id {dice.pick('integer', 'integer', 'bigint', 'text')} PRIMARY KEY, n integer "
        f"{dice.pick('', 'NOT NULL', f'REFERENCES {table} ({column})', 'CHECK (n > 0)')}, s text {dice.pick('', 'UNIQUE')})"
    )


def _foreign_key(dice: Dice) -> str:
    table, column = dice.referenced()
    more = dice.pick("", "", " ON DELETE CASCADE", " ON DELETE SET NULL", " NOT VALID")
    return f"ALTER TABLE {dice.table} ADD CONSTRAINT {dice.new} FOREIGN KEY ({dice.column}) REFERENCES {table} ({column}){more}"


def _partition(dice: Dice) -> str:
    parents = [table for table in dice.names.tables if table.startswith("parts")] or ["gone"]
    low = dice.chance.randrange(0, 4)
    bound = dice.pick(f"FROM ({low}) TO ({low + 1})", f"FROM ({low + 4}) TO ({low + 9})")
    return dice.pick(
        f"CREATE TABLE {dice.new} PARTITION OF {parents[0]} FOR VALUES {bound}",
        f"ALTER TABLE {parents[0]} ATTACH PARTITION loose FOR VALUES {bound}",
        f"ALTER TABLE {parents[0]} DETACH PARTITION {dice.table}",
    )


def _two(dice: Dice) -> str:
    return dice.pick(
        f"ALTER TABLE {dice.table} ALTER COLUMN {dice.column} SET NOT NULL, ADD CONSTRAINT {dice.new} UNIQUE ({dice.other})",
        f"ALTER TABLE {dice.table} DROP COLUMN {dice.column}, ADD COLUMN {dice.column} {dice.any_type()}",
        f"ALTER TABLE {dice.table} ADD COLUMN {dice.new} {(type_ := dice.any_type())} DEFAULT {dice.value(type_)}, "
        f"ADD CONSTRAINT {dice.new}_c CHECK ({dice.new} <> {dice.value(type_)})",
        f"ALTER TABLE {dice.table} DROP CONSTRAINT {quoted(dice.bare + '_pkey')}, ADD PRIMARY KEY ({dice.column})",
    )


def _drop_constraint(dice: Dice) -> str:
    table, name = dice.part(dice.names.constraints)
    return f"ALTER TABLE {table} DROP CONSTRAINT {name}{dice.pick('', '', ' CASCADE')}"


def _validate(dice: Dice) -> str:
    table, name = dice.part(dice.names.constraints)
    return f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}"


def _using_index(dice: Dice) -> str:
    table, name = dice.part(dice.names.indexes)
    return f"ALTER TABLE {table} ADD CONSTRAINT {dice.new} {dice.pick('UNIQUE', 'PRIMARY KEY')} USING INDEX {name}"


def _swapped_enum(dice: Dice) -> str:
    """Prisma's own way to drop a value is three statements; the first of them makes the other type."""
    return f"CREATE TYPE {dice.new} AS ENUM ({dice.pick(repr('ok'), repr('sad'))}, 'fine')"


def _in_enum(dice: Dice) -> str:
    own = dice.chance.choice(list(dice.names.labels) or ["mood"])
    label = dice.chance.choice(dice.names.labels.get(own, ["ok"]))
    return dice.pick(
        f"ALTER TYPE {own} ADD VALUE '{dice.new}'", f"ALTER TYPE {own} ADD VALUE '{label}'",
        f"ALTER TYPE {own} RENAME VALUE '{label}' TO '{dice.new}'", f"ALTER TYPE {own} RENAME TO {dice.new}_t",
        f"DROP TYPE {own}",
    )  # fmt: skip


Draw = Callable[[Dice], str]
# How often each is drawn, and how.
KINDS: Mapping[str, tuple[int, Draw]] = {
    "SET NOT NULL": (5, lambda dice: f"ALTER TABLE {dice.table} ALTER COLUMN {dice.column} SET NOT NULL"),
    "DROP NOT NULL": (1, lambda dice: f"ALTER TABLE {dice.table} ALTER COLUMN {dice.column} DROP NOT NULL"),
    "UNIQUE INDEX": (4, lambda dice: f"CREATE UNIQUE INDEX {dice.new} ON {dice.table} ({dice.column})"),
    "UNIQUE INDEX, two": (1, lambda dice: f"CREATE UNIQUE INDEX {dice.new} ON {dice.table} ({dice.column}, {dice.other})"),
    "UNIQUE INDEX, partial": (
        1, lambda dice: f"CREATE UNIQUE INDEX {dice.new} ON {dice.table} ({dice.column}) WHERE {dice.where()}"),
    "UNIQUE INDEX, expression": (
        1, lambda dice: f"CREATE UNIQUE INDEX {dice.new} ON {dice.table} (({dice.column}::text)) WHERE id > 1"),
    "INDEX": (1, lambda dice: f"CREATE INDEX {dice.pick(dice.new, dice.new, '')} ON {dice.table} ({dice.column})"),
    "INDEX CONCURRENTLY": (1, lambda dice: f"CREATE INDEX CONCURRENTLY {dice.new} ON {dice.table} ({dice.column})"),
    "UNIQUE": (2, lambda dice: f"ALTER TABLE {dice.table} ADD CONSTRAINT {dice.new} UNIQUE ({dice.column})"),
    "USING INDEX": (1, _using_index),
    "FOREIGN KEY": (4, _foreign_key),
    "CHECK": (3, lambda dice: f"ALTER TABLE {dice.table} ADD CONSTRAINT {dice.new} CHECK ({_check(dice)})"),
    "CHECK NOT VALID": (1, lambda dice: f"ALTER TABLE {dice.table} ADD CONSTRAINT {dice.new} CHECK ({_check(dice)}) NOT VALID"),
    "VALIDATE": (1, _validate),
    "EXCLUDE": (
        1, lambda dice: f"ALTER TABLE {dice.table} ADD CONSTRAINT {dice.new} EXCLUDE USING btree ({dice.column} WITH =)"),
    "ADD COLUMN": (5, _add_column),
    "ADD COLUMN, generated": (
        1, lambda dice: f"ALTER TABLE {dice.table} ADD COLUMN {dice.new} text GENERATED ALWAYS AS ({dice.column}::text) STORED"),
    "TYPE": (6, _using),
    "DEFAULT": (2, lambda dice: f"ALTER TABLE {dice.table} ALTER COLUMN {dice.column} SET DEFAULT {dice.value()}"),
    "two commands": (2, _two),
    "DROP COLUMN": (2, lambda dice: f"ALTER TABLE {dice.table} DROP COLUMN {dice.column}{dice.pick('', '', ' CASCADE')}"),
    "DROP CONSTRAINT": (2, _drop_constraint),
    "DROP TABLE": (1, lambda dice: f"DROP TABLE {dice.table}{dice.pick('', '', ' CASCADE')}"),
    "DROP INDEX": (1, lambda dice: f"DROP INDEX {dice.part(dice.names.indexes)[1]}"),
    "RENAME COLUMN": (2, lambda dice: f"ALTER TABLE {dice.table} RENAME COLUMN {dice.column} TO {dice.pick(dice.new, dice.other)}"),
    "RENAME TABLE": (1, lambda dice: f"ALTER TABLE {dice.table} RENAME TO {dice.pick(dice.new, dice.new, 'taken')}"),
    "CREATE TABLE": (3, _create_table),
    "CREATE TABLE AS": (1, lambda dice: f"CREATE TABLE {dice.new} AS SELECT id, {dice.column} AS n FROM {dice.table}"),
    "VIEW": (1, lambda dice: f"CREATE VIEW {dice.new} AS SELECT {dice.column} AS n FROM {dice.table}"),
    "VIEW, grouped": (
        1,
        lambda dice: f"CREATE VIEW {dice.new} AS SELECT id, {dice.column} AS n, count(*) AS c FROM {dice.table} GROUP BY id",
    ),
    "UPDATE": (6, _update),
    "UPDATE FROM": (1, _update_from),
    "DELETE": (2, lambda dice: f"DELETE FROM {dice.table} WHERE {dice.where()}"),
    "TRUNCATE": (1, lambda dice: f"TRUNCATE {dice.table}{dice.pick('', ' CASCADE')}"),
    "INSERT": (4, _insert),
    "INSERT SELECT": (1, _copied),
    "MERGE": (1, _merge),
    "enum": (3, _in_enum),
    "new enum": (1, _swapped_enum),
    "RANGE": (1, lambda dice: f"CREATE TYPE {dice.new} AS RANGE (subtype = {dice.pick('integer', 'text')})"),
    "DOMAIN": (1, lambda dice: f"ALTER DOMAIN pos ADD CONSTRAINT {dice.new} CHECK (VALUE < {dice.pick('5', '90')})"),
    "PARTITION": (2, _partition),
    "EXTRACT INDEX": (1, lambda dice: f"CREATE INDEX ON {dice.table} (date_part('year', {dice.column}))"),
}  # fmt: skip


def _table(chance: random.Random, name: str, others: Sequence[str]) -> Iterator[str]:
    """CREATE TABLE with keys, defaults, checks and a foreign key, and what hangs on it."""
    pick = chance.choice
    key = pick(["integer", "integer", "bigint"])
    columns = [f"id {key} {pick(['PRIMARY KEY', 'PRIMARY KEY', 'PRIMARY KEY', 'NOT NULL'])}"]
    given = ["id"]
    for place in range(chance.randrange(1, 5)):
        column, type_ = f"c{place}", pick(TYPES)
        if chance.random() < 0.1:
            column = f'"Odd {place}"'
        more = pick(["", "", "", "NOT NULL", "UNIQUE"])
        if chance.random() < 0.3 and type_ != "uuid":
            more += f" DEFAULT {literal_of(chance, type_, {'mood': ['sad', 'ok']})}"
        columns.append(f"{column} {type_} {more}")
        given.append(column)
    if others and chance.random() < 0.7:
        acts = pick(["", "", " ON DELETE CASCADE", " ON DELETE SET NULL", " ON DELETE RESTRICT"])
        columns.append(f"ref integer REFERENCES {pick(list(others))} (id){acts}")
    if chance.random() < 0.15:
        columns.append(f"made text GENERATED ALWAYS AS ({given[-1]}::text) STORED")
    yield f"CREATE TABLE {name} ({', '.join(columns)})"
    column = pick(given)
    if chance.random() < 0.5:
        yield pick(
            [f"CREATE VIEW {name}_v AS SELECT id, {column} AS n FROM {name}", f"CREATE INDEX {name}_i ON {name} ({column})",
             f"CREATE MATERIALIZED VIEW {name}_m AS SELECT {column} AS n FROM {name}",
             f"CREATE UNIQUE INDEX {name}_u ON {name} ({column}) WHERE id > 2",
             f"CREATE UNIQUE INDEX {name}_w ON {name} (lower({column}::text))",
             f"ALTER TABLE {name} ADD CONSTRAINT {name}_k CHECK ({column} IS NOT NULL) NOT VALID",
             f"CREATE POLICY {name}_p ON {name} USING ({column} IS NOT NULL)"]
        )  # fmt: skip
    if chance.random() < 0.05:
        yield f"CREATE TRIGGER {name}_t BEFORE INSERT OR UPDATE ON {name} FOR EACH ROW EXECUTE FUNCTION touch()"


def catalog(chance: random.Random) -> Iterator[str]:
    yield from START
    names: list[str] = []
    for name in ("a", "b", "c", "d")[: chance.randrange(2, 5)]:
        yield from _table(chance, name, names)
        names.append(name)
    if chance.random() < 0.1:
        yield "CREATE TABLE parts (id integer NOT NULL, s text) PARTITION BY RANGE (id)"
        yield "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (1) TO (3)"
        yield "CREATE TABLE parts_rest PARTITION OF parts DEFAULT"
        yield "CREATE TABLE loose (id integer NOT NULL, s text)"
    if chance.random() < 0.1:
        yield "CREATE TABLE child (more text) INHERITS (a)"


def fill(chance: random.Random, connection: psycopg.Connection[Any], most: int = 6) -> None:
    """Rows with NULLs, duplicates, orphans and odd values; what a constraint refuses is left out."""
    names = Names.read(connection)
    for table, columns in names.tables.items():
        for place in range(chance.randrange(most)):
            given = [name for name in columns if (table, name) not in names.generated]
            values = [
                str(place + 1) if name == "id" else literal_of(chance, columns[name], names.labels) for name in given
            ]
            listed = ", ".join(map(quoted, given))
            ran(connection, f"INSERT INTO {quoted(table)} ({listed}) VALUES ({', '.join(values)})")


def by_hand(chance: random.Random, connection: psycopg.Connection[Any]) -> list[str]:
    """What somebody has changed in production behind the migrations' back: some of it takes names of the run."""
    found = []
    for place in range(chance.randrange(3) if chance.random() < 0.4 else 0):
        new = f"x{place}" if chance.random() < 0.5 else f"hand{place}"
        kind, sql = _drawn(chance, Names.read(connection), new)
        if kind != "INDEX CONCURRENTLY" and ran(connection, sql):
            found.append(sql)
    return found


def ran(connection: psycopg.Connection[Any], sql: str) -> bool:
    try:
        connection.execute(sql.encode(), prepare=False)
    except psycopg.Error:
        return False
    return True


def _drawn(chance: random.Random, names: Names, new: str) -> tuple[str, str]:
    kind = chance.choices(list(KINDS), [weight for weight, _ in KINDS.values()])[0]
    return kind, KINDS[kind][1](Dice(chance, names, new))


@dataclass(frozen=True)
class Run:
    """*files* are the pending migrations, statement by statement; *kinds* those of all statements."""

    catalog: tuple[str, ...]
    by_hand: tuple[str, ...]
    files: tuple[tuple[str, ...], ...]
    kinds: tuple[str, ...]

    @property
    def statements(self) -> list[str]:
        return [each for file in self.files for each in file]


def draw(chance: random.Random, connection: psycopg.Connection[Any]) -> Run:
    """Make a database over *connection*, and a run that is pending there."""
    connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    made = tuple(sql for sql in catalog(chance) if ran(connection, sql))
    fill(chance, connection)
    hand = tuple(by_hand(chance, connection))
    kinds, script = _script(chance, connection)
    at = chance.randrange(1, len(script)) if len(script) > 1 and chance.random() < 0.3 else len(script)
    files = [script[:at], script[at:]] if at < len(script) else [script]
    if chance.random() < 0.1 and not any("CONCURRENTLY" in each for each in script):
        files[0] = ["BEGIN", *files[0], "COMMIT"]
    return Run(made, hand, tuple(tuple(each) for each in files), tuple(kinds))


def _script(chance: random.Random, connection: psycopg.Connection[Any]) -> tuple[list[str], list[str]]:
    length = chance.randrange(1, 7)
    kinds: list[str] = []
    script: list[str] = []
    connection.execute("BEGIN")
    try:
        for place in range(length):
            names = Names.read(connection)
            wanted = not (place == length - 1 and chance.random() < _FAILING)
            for _ in range(12):
                kind, sql = _drawn(chance, names, f"x{place}")
                connection.execute("SAVEPOINT s")
                runs = ran(connection, sql.replace(" CONCURRENTLY", ""))
                if not runs or not wanted:
                    connection.execute("ROLLBACK TO s")
                if runs is wanted:
                    kinds.append(kind)
                    script.append(sql)
                    break
    finally:
        connection.execute("ROLLBACK")
    return kinds, script or ["SELECT 1"]
