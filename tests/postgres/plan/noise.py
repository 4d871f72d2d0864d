"""No false alarm over a history: each migration in turn is predicted and then run, over tables that hold rows or not.

python -m tests.postgres.plan.noise FOLDER…     the migrations folders of real applications; SEED=0
"""

import os
import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from shared.demo.private_postgres import private_postgres
from shared.diagnose.pending_run import PendingRun, Tools
from shared.model.plan import Outcome, Prediction
from shared.postgres.parse import parse, read
from shared.postgres.plan.present import present
from shared.postgres.plan.writing import quoted
from shared.postgres.replay import Replay
from tests.postgres.live import live_schema
from tests.postgres.plan.outcomes import ONE_BATCH, SPLIT, sent
from tests.postgres.plan.over_rows import Database
from tests.postgres.plan.random_runs import Names, ran
from tests.postgres.plan.random_values import literal_of
from tests.remedies.splitting import parts_of

_KEYS = """
SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text, f.attname
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[1]
WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
"""
_REQUIRED = """
SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND a.attnotnull
"""
_MOST_ROWS = 12
# What refers to a table that was empty before gets its rows in the next round.
_ROUNDS = 3


@dataclass
class Noise:
    """What was said of the statements of a history. *wrong* is what ran though it was said to fail."""

    ran: int = 0
    failed: int = 0
    foreseen: int = 0
    rows: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    open: Counter[str] = field(default_factory=Counter)


def follow(
    connection: psycopg.Connection[Any], migrations: Iterable[tuple[str, str]], *, filled: bool, seed: int = 0
) -> Noise:
    """Predict and run each of *migrations*, which are names with scripts, in an empty database."""
    found, replay, chance = Noise(), Replay("public"), random.Random(seed)
    for name, script in migrations:
        if filled:
            found.rows += fill(chance, connection)
        _migration(connection, replay, name, script, found)
    return found


def _migration(connection: psycopg.Connection[Any], replay: Replay, name: str, script: str, found: Noise) -> None:
    prisma = SPLIT if "CONCURRENTLY" in script.upper() else ONE_BATCH
    before = present(replay, live_schema(connection))
    mark = replay.mark()
    statements = list(read(script))
    planned = PendingRun(replay, before, Tools(connection.info.server_version // 10000, prisma)).plan(name, statements)
    asker = Database.asking(connection)
    predictions = [asker.settled(each.prediction) for each in planned]
    failing = _run(connection, [each.sql for each in statements], batch=prisma == ONE_BATCH)
    if failing is None:
        _compare(found, name, [each.sql for each in statements], predictions)
        return
    place, sqlstate = failing
    found.failed += 1
    outcomes = [(each.outcome, each.sqlstate) for each in predictions[: place + 1]]
    said = next((each for each in outcomes if each[0] is not Outcome.OK), None)
    if said == (Outcome.FAILS, sqlstate):
        found.foreseen += 1
    elif said is None or said[0] is Outcome.FAILS:
        found.missed.append(f"{name}: {sqlstate} at {statements[place].sql[:200]!r}, said {said}")
    # A deployment over these rows ends here: without them it goes on.
    replay.undo(mark)
    _empty(connection)
    for each in statements:
        sent(connection, each.sql)
    replay.start_session()
    replay.run_all(parse(script))


def _compare(found: Noise, name: str, statements: Sequence[str], predictions: Sequence[Prediction]) -> None:
    for sql, each in zip(statements, predictions, strict=True):
        found.ran += 1
        if each.outcome is Outcome.FAILS:
            found.wrong.append(f"{name}: {each.sqlstate} {each.because} for {sql[:300]!r}")
        elif each.outcome is not Outcome.OK:
            found.open[f"{each.outcome}: {sql.split()[0].upper()}: {'; '.join(each.because[:2])[:150]}"] += 1


def _run(connection: psycopg.Connection[Any], statements: Sequence[str], *, batch: bool) -> tuple[int, str] | None:
    place, script = 0, ";\n".join(statements)
    for part in [script] if batch else parts_of(script):
        done, sqlstate = sent(connection, part)
        place += done
        if sqlstate is not None:
            return place, sqlstate
    return None


def _empty(connection: psycopg.Connection[Any]) -> None:
    tables = ", ".join(map(quoted, Names.read(connection).tables))
    if tables:
        connection.execute(f"TRUNCATE {tables} CASCADE".encode())


def fill(chance: random.Random, connection: psycopg.Connection[Any]) -> int:
    """Put rows into every table that holds few: they refer to each other, and hold NULLs, duplicates and odd values."""
    names = Names.read(connection)
    filler = _Filler(
        chance,
        connection,
        names,
        {(table.strip('"'), column): (other, key) for table, column, other, key in connection.execute(_KEYS)},
        set(connection.execute(_REQUIRED).fetchall()),
    )
    return sum(_more(connection, filler, table) for _ in range(_ROUNDS) for table in names.tables)


def _more(connection: psycopg.Connection[Any], filler: "_Filler", table: str) -> int:
    counted = connection.execute(f"SELECT count(*) FROM {quoted(table)}".encode()).fetchone()
    if counted is None or counted[0] >= _MOST_ROWS:
        return 0
    return sum(ran(connection, filler.insert(table)) for _ in range(4))


@dataclass
class _Filler:
    """*keys* are the columns that refer to others, *required* those that take no NULL."""

    chance: random.Random
    connection: psycopg.Connection[Any]
    names: Names
    keys: dict[tuple[str, str], tuple[str, str]]
    required: set[tuple[str, str]]

    def insert(self, table: str) -> str:
        values = {}
        for column, type_ in self.names.tables[table].items():
            if (table, column) in self.names.generated:
                continue
            found = self._value(table, column, type_)
            if found != "NULL" or (table, column) not in self.required:
                values[column] = found
        listed = ", ".join(map(quoted, values))
        return f"INSERT INTO {quoted(table)} ({listed}) VALUES ({', '.join(values.values())})"

    def _value(self, table: str, column: str, type_: str) -> str:
        if (table, column) in self.keys:
            other, key = self.keys[table, column]
            found = self.connection.execute(f"SELECT {quoted(key)}::text FROM {other} ORDER BY 1".encode()).fetchall()
            return literal(self.chance.choice(found)[0]) if found else "NULL"
        if type_ == "uuid":
            return f"'{UUID(int=self.chance.getrandbits(128))}'"
        if type_.startswith(("text", "character")) and self.chance.random() < 0.7:
            most = int(type_.partition("(")[2].rstrip(")") or "50")
            return literal((str(self.chance.randrange(10**6)) + column)[:most])
        if column == "id" and type_ in ("integer", "bigint"):
            return str(self.chance.randrange(1, 10_000))
        drawn = (literal_of(self.chance, type_, self.names.labels) for _ in range(20))
        return next((each for each in drawn if each != "NULL" or (table, column) not in self.required), "NULL")


def literal(value: str | None) -> str:
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def migrations_in(folder: Path) -> list[tuple[str, str]]:
    return [(file.parent.name, file.read_text(encoding="utf-8-sig")) for file in sorted(folder.glob("*/migration.sql"))]


def main() -> int:
    wrong = 0
    with private_postgres() as server:
        for number, path in enumerate(sys.argv[1:]):
            for filled in (False, True):
                name = f"noise_{number}_{int(filled)}"
                with psycopg.connect(server.url(), autocommit=True) as admin:
                    admin.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
                with psycopg.connect(server.url(name), autocommit=True) as connection:
                    found = follow(
                        connection, migrations_in(Path(path)), filled=filled, seed=int(os.environ.get("SEED", "0"))
                    )
                wrong += len(found.wrong)
                print(
                    f"{path} {'filled' if filled else 'empty'}: {found.ran} statements ran, {len(found.wrong)} of them said to fail; "
                    f"{found.failed} migrations failed, {found.foreseen} as foreseen, {len(found.missed)} otherwise; {found.rows} rows",
                    flush=True,
                )
                for each in (*found.wrong, *found.missed):
                    print(f"  {each}")
                for because, count in found.open.most_common(12):
                    print(f"  {count} {because}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
