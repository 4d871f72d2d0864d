"""The values that a new type does not take, listed by a query: random columns, values and types, on real servers.

The server itself is asked of every value: ALTER TABLE on a table that holds nothing else.
"""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.model.recorded_error import RecordedError
from shared.postgres.live import Live
from shared.postgres.violations import InTheWay, query_for_violations
from tests.examples import examples
from tests.postgres.live import live_schema
from tests.postgres.servers import servers, version
from tests.throwaway import create_database

Connection = psycopg.Connection[Any]
GROUND = """
CREATE TYPE mood AS ENUM ('sad', 'it''s ok');
CREATE TYPE "Odd Kind" AS ENUM ('a', 'B');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TYPE pair AS (a int, b text);
"""
TEXTS = (
    "", " ", "1", " 42 ", "-0", "+7", "32768", "2147483648", "-2147483649", "9223372036854775808", "000000000000000000000000001",
    "123456789012345678901234567890", "4x2", "0x1F", "1_000", "1.5", "1e3", "1e400", "1e-400", "1e40", ".5", "5.", ".", "NaN",
    "nan ", "Infinity", "-inf", "99.995", "12345.678", "true", "of", "off", "o", "YES", "maybe", "\u00a01", "sad", "Sad", "a", "B",
    "6ecd8c99-4036-403d-bf84-cf8400f67836", "{6ecd8c9940364 03d}", "{6ECD8C99-4036-403D-BF84-CF8400F67836}", "2024-02-29",
    "2023-02-29", "29/02/2024", "today", "24:00:00", "25:00", "2024-01-01 10:00+02", "2024-01-01T10:00:00Z", "1 day", "P1DT2H",
    "1 fortnigh", "1e20 years", "{}", "{1,2}", '{"a": 1}', "[1", '"\\u0000"', "null", "10.0.0.1", "10.0.0.1/33", "10.0.0.0/8", "::1",
    "08:00:2b:01:02:03", "1011", "b101", "x1F", "102", "\\x6869", "\\x686", "\\x 68 69", "\\101", "\\8", "a\\", "$1,000.00", "<a/>",
    "<a>", "(1,2)", "(1,x)", "[1,5)", "[5,1)", "{sad}", "{1,NULL}", "{1,x}", "{1.5,2}", "0/16B3748", "a & b", "a b", "\u2028",
)  # fmt: skip
COLUMNS: dict[str, tuple[str, ...]] = {
    "text": TEXTS,
    "varchar(60)": TEXTS,
    "char(40)": TEXTS,
    "name": TEXTS,
    "text[]": ("{}", "{1,2}", "{NULL,x}", '{" 3 ",""}', "{{1,2},{3,y}}", "{sad,a}", "{6ecd8c99-4036-403d-bf84-cf8400f67836}", "{abc,abcd}"),
    "int": ("0", "1", "-32768", "-32769", "32767", "32768", "2147483647", "-2147483648", "99", "100", "-100"),
    "bigint": ("0", "2147483648", "-2147483649", "9223372036854775807", "-9223372036854775808", "32768", "100"),
    "numeric": ("0", "1.5", "32767.5", "-32768.5", "32767.4", "2147483647.5", "9223372036854775807.5", "1e40", "1e-50", "1e309", "1e-330",
                "NaN", "99.994", "99.995", "-99.995", "3.4028235677973366e38"),
    "double precision": ("0", "0.5", "32767.5", "-32768.5", "2147483647.5", "-2147483648.5", "9223372036854775807", "1e40", "1e-46", "1e-45",
                         "NaN", "Infinity", "-Infinity", "99.994", "99.996", "3.4028235e38", "3.4028236e38"),
    "real": ("0", "1.5", "32767.5", "-32768.5", "2147483648", "9223372036854775807", "1e30", "NaN", "Infinity", "99.99"),
    "int[]": ("{}", "{1,32768}", "{NULL}", "{{1},{2147483647}}"),
    "json": ("1", "{}", '{"a": "\\u0000"}', '"\\ud83d"', "[1e400]", '{"a": 1, "a": 2}', "null"),
    "bit(3)": ("101", "000"),
    "varbit": ("", "1", "10", "101", "1011"),
    "mood": ("sad", "it's ok"),
    "date": ("2024-02-29", "infinity"),
}  # fmt: skip
NEW = (
    "smallint", "int", "bigint", "numeric", "numeric(4,2)", "numeric(3,0)", "real", "double precision", "boolean", "uuid", "date",
    "time", "timetz", "timestamp(3)", "timestamptz", "interval", "interval day to second", "json", "jsonb", "inet", "cidr", "macaddr",
    "bit(3)", "bit(4)", "varbit", "varbit(2)", "bytea", "money", "xml", "point", "int4range", "tsquery", "pg_lsn", "text", "varchar(3)",
    "char(3)", "int[]", "int[][]", "uuid[]", "text[]", "varchar(3)[]", "numeric(4,2)[]", "smallint[]", "mood", '"Odd Kind"',
    "public.mood", "mood[]", "positive", "pair", "oid", "serial",
)  # fmt: skip
FORMS = ("", "USING {c}::{new}", "USING CAST({c} AS {new})", "USING ({c}::text::{new})", "USING {c}::text::{new}")
OF_TEXT = (
    "USING NULLIF({c}, '')::{new}", "USING (trim({c})::{new})", "USING coalesce(nullif(btrim({c}), ''), '0')::{new}",
    "USING replace({c}, ',', '')::{new}", "USING ((lower({c} || '')))::{new}",
)  # fmt: skip
PAIRS = examples(240)
# Over all pairs in which a value did not fit: in so many of them a query is known.
MOSTLY = {True: 0.9, False: 0.3}


@pytest.fixture(scope="module", params=servers(), ids=version)
def server(request: pytest.FixtureRequest, start_server: Callable[[Path], PrivatePostgres]) -> PrivatePostgres:
    return start_server(request.param)


@pytest.fixture
def connection(server: PrivatePostgres) -> Iterator[Connection]:
    with psycopg.connect(create_database(server, "conversions", instead=True), autocommit=True) as found:
        found.execute(GROUND)
        yield found


def test_the_query_lists_just_the_values_that_do_not_fit(connection: Connection) -> None:
    chance = random.Random(13)
    for number, type_ in enumerate(COLUMNS):
        connection.execute(f'CREATE TABLE t{number} (id int, "C" {type_})'.encode())
    live = Live.of(live_schema(connection), "public", str(connection.info.server_version // 10000))
    failed = listed = unlisted = 0
    for _ in range(PAIRS):
        number = chance.randrange(len(COLUMNS))
        type_, values = list(COLUMNS.items())[number]
        held = chance.sample(values, min(len(values), 6))
        form = chance.choice(FORMS + OF_TEXT if type_ in ("text", "varchar(60)") else FORMS)
        new = chance.choice(NEW)
        alter = f'ALTER TABLE t{number} ALTER "C" TYPE {new} {form}'.format(c='"C"', new=new)
        with connection.transaction(force_rollback=True):
            insert = f"INSERT INTO t{number} VALUES (1, %s)"
            held = [value for value in held if fits(connection, insert, value) is None]
            errors = {value: converted(connection, number, value, alter) for value in (*held, None)}
            if not is_of_data(errors.values()):
                continue
            connection.execute(f"DELETE FROM t{number}".encode())
            for value in (*held, *held, None):
                connection.execute(insert.encode(), (value,))
            with connection.transaction(force_rollback=True):
                error = fits(connection, alter)
            said = error or RecordedError("none failed", "22P02")
            found = query_for_violations(alter, said, live)
            failed += error is not None
            listed += error is not None and found is not None and found.query is not None
            unlisted += found is not None and found.query is None
            check(connection, alter, found, {value for value, error in errors.items() if error}, number)
    is_asked = connection.info.server_version >= 160000
    assert failed > PAIRS / 4
    assert listed > failed * MOSTLY[is_asked], (listed, failed)
    assert (unlisted > 0) is not is_asked


def check(connection: Connection, alter: str, found: InTheWay | None, wrong: set[str | None], number: int) -> None:
    """What is *found* lists the *wrong* values, each with the count of its rows, or says why it lists none."""
    if found is None:
        return
    if found.query is None:
        assert found.because.startswith("Find the values of t"), alter
        assert connection.info.server_version < 160000, alter
        return
    connection.execute(found.query.encode())
    within = found.query.removesuffix(";")
    shown = connection.execute(f'SELECT "C"::text, count FROM ({within}) AS q'.encode()).fetchall()
    counted: dict[str | None, int] = {}
    for value in wrong:
        text = as_text(connection, value, number)
        counted[text] = counted.get(text, 0) + (1 if value is None else 2)
    assert {(text, count) for text, count in shown} == set(counted.items()), (alter, found.query)
    assert len(shown) == len(counted), (alter, found.query)


def as_text(connection: Connection, value: str | None, number: int) -> str | None:
    type_ = list(COLUMNS)[number]
    row = connection.execute(f"SELECT (%s::{type_})::text".encode(), (value,)).fetchone()
    assert row is not None
    return None if row[0] is None else str(row[0])


def converted(connection: Connection, number: int, value: str | None, alter: str) -> RecordedError | None:
    """What the server says of *value* alone."""
    with connection.transaction(force_rollback=True):
        connection.execute(f"DELETE FROM t{number}".encode())
        connection.execute(f"INSERT INTO t{number} VALUES (1, %s)".encode(), (value,))
        return fits(connection, alter)


def fits(connection: Connection, statement: str, *values: str | None) -> RecordedError | None:
    try:
        with connection.transaction():
            connection.execute(statement.encode(), values or None)
    except psycopg.Error as error:
        return RecordedError(
            f"ERROR: {error.diag.message_primary}", error.sqlstate, constraint=error.diag.constraint_name
        )
    return None


def is_of_data(errors: Any) -> bool:
    """Say whether the statement itself is right, so that only values stop it."""
    met = [error for error in errors if error is not None]
    without_xml = any("XML" in error.message for error in met if error.sqlstate == "0A000")
    return not without_xml and all((error.sqlstate or "").startswith(("22", "0A000", "23514")) for error in met)
