"""Random rows and random pending runs: what is predicted of a run, and what a server does with it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from shared.diagnose.pending_run import PendingRun, Tools
from shared.model.plan import Outcome, Prediction
from shared.postgres.parse import parse, read
from shared.postgres.plan.present import present
from shared.postgres.replay import Replay
from tests.postgres.live import live_schema
from tests.postgres.plan.over_rows import Database

SCHEMA = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN pos AS int CHECK (VALUE > 0);
CREATE TABLE p (id int PRIMARY KEY, code text UNIQUE, x int);
CREATE TABLE t (id int PRIMARY KEY, n int, s text, v varchar(30), big bigint, m mood DEFAULT 'ok', p_id int, "odd Name" numeric);
CREATE TABLE c (id int PRIMARY KEY, t_id int CONSTRAINT c_t REFERENCES t (id), n int NOT NULL, s text);
CREATE TABLE e (id int PRIMARY KEY, n int, s text, p_id int);
CREATE UNIQUE INDEX t_big ON t (big);
CREATE INDEX t_s ON t (s);
CREATE VIEW tv AS SELECT id, v FROM t;
"""
COLUMNS = {
    "p": ("id", "code", "x"), "t": ("id", "n", "s", "v", "big", "m", "p_id", '"odd Name"'),
    "c": ("id", "t_id", "n", "s"), "e": ("id", "n", "s", "p_id"),
}  # fmt: skip
TYPES = (
    "int",
    "bigint",
    "smallint",
    "text",
    "varchar(5)",
    "varchar(50)",
    "numeric(4,1)",
    "boolean",
    "mood",
    "pos",
    "uuid",
    "date",
)


def rows(chance: random.Random) -> list[str]:
    """INSERTs with NULLs, duplicates, orphans and values that fit no other type."""
    pick = chance.choice
    found = [
        f"INSERT INTO p VALUES ({n}, {pick(['NULL', repr(f'c{n}')])}, {pick([1, 1, n, 'NULL'])})" for n in range(1, 5)
    ]
    bad = chance.random() < 0.5
    for n in range(1, chance.randrange(2, 7)):
        text = pick(["'7'", "'a'", "'longer than five'", "NULL", f"'s{n}'"]) if bad else f"'{n}'"
        found.append(
            f"INSERT INTO t VALUES ({n}, {pick([n, n, 1, 'NULL', -1] if bad else [n])}, {text}, "
            f"{pick([repr('abc'), repr('abcdefgh'), 'NULL'])}, {n * pick([1, 10**9 * 5] if bad else [1])}, {pick([repr('ok'), repr('sad')])}, "
            f"{pick([1, 2, 9, 'NULL'] if bad else [1, 2])}, {pick([1.5, 12345.25, 'NULL'] if bad else [1.5])})"
        )
        if chance.random() < 0.6:
            found.append(f"INSERT INTO c VALUES ({n}, {pick([n, 'NULL'])}, {pick([n, 1])}, {text})")
    return found


def statement(chance: random.Random, place: int) -> str:
    pick = chance.choice
    table = pick(list(COLUMNS))
    column = pick(COLUMNS[table]) if chance.random() < 0.95 else "missing"
    other = pick(COLUMNS[table])
    new = f"x{place}"
    return pick(
        [
            f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL",
            f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL",
            f"CREATE UNIQUE INDEX {new} ON {table} ({column})",
            f"CREATE UNIQUE INDEX {new} ON {table} ({column}, {other})" if column != other else "SELECT 1",
            f"CREATE UNIQUE INDEX {new} ON {table} ({column}) WHERE id > 2",
            f"ALTER TABLE {table} ADD CONSTRAINT {new} UNIQUE ({column})",
            f"ALTER TABLE {table} ADD CONSTRAINT {new} FOREIGN KEY ({column}) REFERENCES p (id)",
            f"ALTER TABLE {table} ADD CONSTRAINT {new} FOREIGN KEY ({column}) REFERENCES {pick(list(COLUMNS))} ({pick(['id', 'n', 'code'])})",
            f"ALTER TABLE {table} ADD CONSTRAINT {new} CHECK ({column} {pick(['> 0', 'IS NOT NULL', '<> 1'])})",
            f"ALTER TABLE {table} ADD CONSTRAINT {new} CHECK ({column} > 0) NOT VALID",
            f"ALTER TABLE {table} ADD COLUMN {new} int",
            f"ALTER TABLE {table} ADD COLUMN {pick([new, other])} int NOT NULL",
            f"ALTER TABLE {table} ADD COLUMN {new} {pick(TYPES)} DEFAULT {pick(['1', repr('1'), repr('ok'), 'NULL', 'now()'])}",
            f"ALTER TABLE {table} ADD COLUMN {new} int DEFAULT {pick([1, 9])} REFERENCES p (id)",
            f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {pick(TYPES)}",
            f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {(type_ := pick(TYPES))} USING {column}::{type_}",
            f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {(type_ := pick(TYPES))} USING {column}::text::{type_}",
            f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {pick(['1', repr('x'), 'now()', repr('sad')])}",
            f"ALTER TABLE {table} DROP COLUMN {column}",
            f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey",
            f"DROP TABLE {table}",
            f"DROP INDEX {pick(['t_big', 't_s', 't_pkey', 'missing'])}",
            "DROP TYPE mood",
            f"ALTER TABLE {table} RENAME COLUMN {column} TO {pick([new, other])}",
            f"CREATE TABLE {pick([new, table])} (id int PRIMARY KEY, n int REFERENCES {table} (id))",
            f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL, ADD CONSTRAINT {new} UNIQUE ({other})",
            f"UPDATE {table} SET {column} = {pick(['1', 'NULL', column])} WHERE id = 2",
            f"DELETE FROM {table} WHERE id = {pick([1, 99])}",
            "ALTER TYPE mood ADD VALUE 'new'",
            f"ALTER TABLE t ALTER COLUMN m SET DEFAULT '{pick(['new', 'ok', 'bad'])}'",
            f"CREATE VIEW {new} AS SELECT {column} FROM {table}",
            f"ALTER DOMAIN pos ADD CONSTRAINT {new} CHECK (VALUE < 5)",
        ]
    )


@dataclass(frozen=True)
class Ending:
    """The first statement that fails, from 0, with its SQLSTATE; or *open*, the first of which that is not known."""

    failing: int | None = None
    sqlstate: str | None = None
    open: int | None = None


def predicted(connection: psycopg.Connection[Any], script: Sequence[str], prisma: tuple[int, int]) -> list[Prediction]:
    replay = Replay("public")
    replay.run_all(parse(SCHEMA))
    run = PendingRun(
        replay, present(replay, live_schema(connection)), Tools(connection.info.server_version // 10000, prisma)
    )
    planned = run.plan("m", list(read(";\n".join(script))))
    asker = Database.asking(connection)
    return [asker.settled(each.prediction) for each in planned]


def ending(predictions: Sequence[Prediction]) -> Ending:
    for place, each in enumerate(predictions):
        if each.outcome is Outcome.FAILS:
            return Ending(place, each.sqlstate)
        if each.outcome is not Outcome.OK:
            return Ending(open=place)
    return Ending()


def met(connection: psycopg.Connection[Any], script: Sequence[str], *, batch: bool) -> Ending:
    """What the server does with it, in one transaction or statement by statement."""
    if batch:
        connection.execute("BEGIN")
    try:
        for place, sql in enumerate(script):
            try:
                connection.execute(sql.encode(), prepare=False)
            except psycopg.Error as error:
                return Ending(place, error.sqlstate)
    finally:
        if batch:
            connection.execute("ROLLBACK")
    return Ending()


SPLIT, ONE_BATCH = (7, 4), (6, 0)


def judged(connection: psycopg.Connection[Any], seed: int) -> tuple[str, str]:
    """Run the random run of *seed*: ``right``, ``undecided``, ``false failure``, ``missed`` or ``other error``, and of what."""
    chance = random.Random(seed)
    connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    connection.execute(SCHEMA.encode(), prepare=False)
    for sql in rows(chance):
        connection.execute(sql.encode())
    script = [statement(chance, place) for place in range(chance.randrange(1, 5))]
    batch = chance.random() < 0.5
    expected = ending(predicted(connection, script, ONE_BATCH if batch else SPLIT))
    actual = met(connection, script, batch=batch)
    said = f"{seed} {'in one batch' if batch else 'split'}: {script}: {expected} and not {actual}"
    if expected.open is not None and (actual.failing is None or expected.open <= actual.failing):
        return "undecided", said
    if expected.failing is not None:
        if expected.failing != actual.failing:
            return "false failure", said
        return ("right" if expected.sqlstate == actual.sqlstate else "other error"), said
    return ("right" if actual.failing is None else "missed"), said
