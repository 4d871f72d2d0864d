"""No false alarm and nothing unseen: constants of every type, wherever a schema has one, on real servers.

Each is written by a migration and compared with what the server made of it; then by hand each place gets another value.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.model.schema import SETTINGS
from shared.model.value import replace
from shared.postgres.difference import Compared, compare
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from tests.postgres.constants import CONSTANTS
from tests.postgres.live import live_schema
from tests.postgres.servers import servers, version
from tests.postgres.versions import of_version
from tests.throwaway import create_database

Connection = psycopg.Connection[Any]
GROUND = """
CREATE TABLE t0 (a int);
CREATE TABLE t1 (a int);
CREATE TYPE mood AS ENUM ('ok', 'sad');
CREATE TYPE comp AS (a int, b text);
CREATE DOMAIN span AS interval;
CREATE FUNCTION fn0(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
"""
# Types without an equality: only a default can hold a constant of them, as far as it matters here.
NOT_COMPARABLE = frozenset({"point", "polygon", "json", "xml", "jsonpath", "comp"})
# Compared as another type unless the constant says its own.
COMPARED_OTHERWISE = frozenset({"cidr", "regclass", "regtype", "regproc", "regprocedure", "regnamespace", "regconfig"})
# What the server makes of these is not known here: another value is reported as not compared.
NOT_READ = frozenset({"comp"})


@dataclass(frozen=True)
class Case:
    """One constant and another value for it, in tables of its own."""

    name: str
    type: str
    constant: str
    other: str

    def places(self, constant: str, *, leave_out: frozenset[str] = frozenset()) -> dict[str, str]:
        """The constant wherever it may stand: what a change there is, and the statement that makes it."""
        given = "'" + constant.replace("'", "''") + "'"
        typed = f"CAST({given} AS {self.type})"
        unequal = f"a IS DISTINCT FROM {typed if self.type in COMPARED_OTHERWISE else given}"
        table = self.name
        found = {
            f"column public.{table}.a": f"ALTER TABLE {table} ADD COLUMN a {self.type} DEFAULT {given}",
            f"column public.{table}.b": f"ALTER TABLE {table} ADD COLUMN b {self.type} DEFAULT {typed}",
        }
        if self.type not in NOT_COMPARABLE:
            found |= {
                f"check public.{table}.made": f"ALTER TABLE {table} ADD CONSTRAINT made CHECK ({unequal})",
                f"index public.{table}_part": f"CREATE INDEX {table}_part ON {table} (c) WHERE {unequal}",
                f"view public.{table}_view": f"CREATE VIEW {table}_view AS SELECT c FROM {table} WHERE {unequal}",
                f"column public.{table}.unequal_value": (
                    f"ALTER TABLE {table} ADD COLUMN unequal_value boolean GENERATED ALWAYS AS ({unequal}) STORED"
                ),
            }
        return {subject: statement for subject, statement in found.items() if subject not in leave_out}


def cases(server_version: int) -> Iterator[Case]:
    number = 0
    for type_name, pairs in CONSTANTS.items():
        for constant, other in pairs:
            number += 1
            text, text_of_other = of_version(constant, server_version), of_version(other, server_version)
            if text is not None and text_of_other is not None:
                yield Case(f"probe_{number}", type_name, text, text_of_other)


@pytest.fixture(scope="module", params=servers(), ids=version)
def server(request: pytest.FixtureRequest, start_server: Callable[[Path], PrivatePostgres]) -> PrivatePostgres:
    return start_server(request.param)


@pytest.fixture
def connect(server: PrivatePostgres, request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A connection to a database of this test's own; its parameter are settings of that database."""
    with psycopg.connect(server.url(), autocommit=True) as admin:
        (number,) = admin.execute("SELECT count(*) FROM pg_database").fetchone() or (0,)
        name = f"constants_{number}"
        url = create_database(server, name)
        for each in getattr(request, "param", ()):
            admin.execute(f"ALTER DATABASE {name} SET {each}".encode())
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def compared(connection: Connection, *scripts: str) -> Compared:
    replay = Replay()
    for script in scripts:
        replay.run_all(parse(script))
    live = live_schema(connection)
    # The tests set them on purpose.
    others = {subject: each for subject, each in live.objects.items() if subject.kind not in SETTINGS}
    return compare(replay.freeze(), replace(live, objects=others))


def found(result: Compared) -> dict[str, str]:
    """What differs, and what cannot be decided, with the words for it."""
    return {
        **{str(each.subject): f"{each.expected} -> {each.actual}" for each in result.differences},
        **{str(subject): f"cannot decide: {why}" for subject, why in result.unsure.items()},
    }


def refused(connection: Connection, statement: str) -> bool:
    """Run *statement*; say whether the server has no such thing: xml, or what may not be generated."""
    try:
        connection.execute(statement.encode())
    except (psycopg.errors.FeatureNotSupported, psycopg.errors.InvalidObjectDefinition):
        return True
    return False


@pytest.mark.parametrize(
    "everywhere", [pytest.param(False, id="in turn"), pytest.param(True, id="in each place", marks=pytest.mark.long)]
)
def test_what_ran_is_no_finding_and_every_other_value_is(connect: Connection, everywhere: bool) -> None:
    connect.execute(GROUND.encode())
    known = list(cases(connect.info.server_version))
    made: dict[Case, frozenset[str]] = {}
    for number, case in enumerate(known):
        connect.execute(f"CREATE TABLE {case.name} (c int)".encode())
        places = case.places(case.constant)
        # The default of the column that all others name, and of the others one in turn.
        column, *others = places
        here = set(places) if everywhere else {column, others[number % len(others)]}
        made[case] = frozenset(
            subject for subject, statement in places.items() if subject not in here or refused(connect, statement)
        )
    script = [
        statement
        for case, leave_out in made.items()
        for statement in (
            f"CREATE TABLE {case.name} (c int)",
            *case.places(case.constant, leave_out=leave_out).values(),
        )
    ]
    assert found(compared(connect, GROUND, ";\n".join(script))) == {}

    wanted = set()
    for case, leave_out in made.items():
        connect.execute(f"DROP TABLE {case.name} CASCADE; CREATE TABLE {case.name} (c int)".encode())
        for subject, statement in case.places(case.other, leave_out=leave_out).items():
            connect.execute(statement.encode())
            wanted.add(subject)
    result = compared(connect, GROUND, ";\n".join(script))
    assert {str(each.subject) for each in result.differences} ^ wanted == set(map(str, result.unsure))
    of_known = {case.name: case.type for case in known}
    assert {of_known[subject.name[1]] for subject in result.unsure} <= NOT_READ


NEW_YORK = ("TimeZone = 'America/New_York'",)
EUROPEAN = ("DateStyle = 'ISO, DMY'",)
SQL_INTERVALS = ("IntervalStyle = 'sql_standard'",)
# fmt: off
READ_BY_SETTINGS = [
    # The database's settings, the migration, what somebody does by hand, and the outcome: same, differs, cannot decide.
    pytest.param(NEW_YORK, "timestamptz DEFAULT '2020-01-01 00:00'", "", "same", id="the database's time zone"),
    pytest.param(NEW_YORK, "timestamptz DEFAULT '2020-07-01 00:00'", "", "same", id="its summer time"),
    pytest.param(NEW_YORK, "timestamptz DEFAULT '2020-01-01 00:00Z'", "", "same", id="a constant that says its own"),
    pytest.param(NEW_YORK, "timestamptz DEFAULT '2020-01-01 00:00Z'", "'2020-01-01 05:00Z'", "differs", id="and another one"),
    pytest.param(NEW_YORK, "timestamptz DEFAULT '2020-01-01 00:00'", "'2021-01-01 00:00'", "differs", id="what no time zone explains"),
    pytest.param(NEW_YORK, "timestamptz DEFAULT '2020-01-01 00:00'", "'2020-01-01 00:00:01'", "differs", id="nor a second"),
    pytest.param(NEW_YORK, "timestamptz DEFAULT '2020-01-01 00:00'", "'2020-01-01 00:00+02'", "cannot decide", id="what another time zone explains"),
    pytest.param((), "timestamptz DEFAULT '2020-01-01 00:00'", "'2020-01-01 00:00+02'", "differs", id="but where there is none but UTC"),
    pytest.param(NEW_YORK, "tstzrange DEFAULT '[2020-01-01,2021-01-01)'", "", "same", id="a range's bounds"),
    pytest.param(NEW_YORK, "tstzrange DEFAULT '[2020-01-01,2021-01-01)'", "'[2020-01-01,2022-01-01)'", "differs", id="a range's other bounds"),
    pytest.param(NEW_YORK, "timestamptz[] DEFAULT '{2020-01-01}'", "", "same", id="an array's elements"),
    pytest.param(NEW_YORK, "timestamptz[] DEFAULT ARRAY['2020-01-01']::timestamptz[]", "'{2020-01-03}'", "differs", id="an array's other elements"),
    pytest.param(NEW_YORK, "timestamp DEFAULT '2020-01-01 00:00'", "'2020-01-01 05:00'", "differs", id="no time zone at all"),
    pytest.param(NEW_YORK, "timetz DEFAULT '10:00'", "", "cannot decide", id="a time of a day that is not said"),
    pytest.param(EUROPEAN, "date DEFAULT '01/02/2020'", "", "same", id="day before month"),
    pytest.param(EUROPEAN, "date DEFAULT '01/02/2020'", "'2020-01-02'", "cannot decide", id="or month before day"),
    pytest.param(EUROPEAN, "date DEFAULT '01/02/2020'", "'2020-01-03'", "differs", id="or neither"),
    pytest.param(EUROPEAN, "date DEFAULT '2020-02-01'", "'2020-01-02'", "differs", id="a date that says its order"),
    pytest.param(SQL_INTERVALS, "interval DEFAULT '-1 2:03:04'", "", "same", id="one sign for all"),
    pytest.param(SQL_INTERVALS, "interval DEFAULT '-1 2:03:04'", "'-2 days'", "differs", id="and another span"),
    pytest.param(("lc_monetary = 'C'",), "money DEFAULT '1,234.50'", "", "same", id="money"),
]
# fmt: on


@pytest.mark.parametrize(("connect", "column", "by_hand", "outcome"), READ_BY_SETTINGS, indirect=["connect"])
def test_constants_are_read_by_the_database_s_settings(
    connect: Connection, column: str, by_hand: str, outcome: str
) -> None:
    migration = f"CREATE TABLE probe (a {column})"
    connect.execute(migration.encode())
    if by_hand:
        connect.execute(f"ALTER TABLE probe ALTER a SET DEFAULT {by_hand}".encode())
    result = compared(connect, migration)
    verdict = "differs" if result.differences else "cannot decide" if result.unsure else "same"
    assert (verdict, found(result)) == (outcome, found(result))


# fmt: off
READ_BY_SCRIPT = [
    ("SET TIME ZONE 'Asia/Tokyo'", "timestamptz DEFAULT '2020-01-01 00:00'"), ("SET timezone = '+05:30'", "timestamptz DEFAULT '2020-01-01 00:00'"),
    ("SET TIME ZONE -7", "timestamptz DEFAULT '2020-01-01 00:00'"), ("SET TIME ZONE INTERVAL '+03:00' HOUR TO MINUTE", "timestamptz DEFAULT '2020-01-01'"),
    ("SELECT set_config('TimeZone', 'Asia/Tokyo', false)", "timestamptz DEFAULT '2020-01-01 00:00'"), ("SET datestyle = 'ISO, DMY'", "date DEFAULT '01/02/2020'"),
    ("SET datestyle TO German", "date DEFAULT '01.02.2020'"), ("SET intervalstyle = sql_standard", "interval DEFAULT '-1 2:03:04'"),
    ("SET TIME ZONE 'Asia/Tokyo'; RESET TimeZone", "timestamptz DEFAULT '2020-01-01 00:00'"), ("SET TIME ZONE 'Asia/Tokyo'; RESET ALL", "timestamptz DEFAULT '2020-01-01 00:00'"),
]
# fmt: on


@pytest.mark.parametrize(("setting", "column"), READ_BY_SCRIPT, ids=[f"{one}; {two}" for one, two in READ_BY_SCRIPT])
def test_constants_are_read_by_what_the_script_sets(connect: Connection, setting: str, column: str) -> None:
    migration = f"{setting}; CREATE TABLE probe (a {column})"
    for statement in parse(migration):
        connect.execute(statement.sql.encode())
    connect.execute("RESET ALL")
    assert found(compared(connect, migration)) == {}
    connect.execute("ALTER TABLE probe ALTER a SET DEFAULT (NULL)")
    assert list(found(compared(connect, migration))) == ["column public.probe.a"]


BOUNDS = """
CREATE TABLE moment (at timestamptz, n numeric) PARTITION BY RANGE (at, n);
CREATE TABLE moment_1 PARTITION OF moment FOR VALUES FROM ('2020-01-01', MINVALUE) TO ('2020-02-01 00:00:00+02', 1.50);
CREATE TABLE day (at date) PARTITION BY LIST (at);
CREATE TABLE day_1 PARTITION OF day FOR VALUES IN ('Jan 8, 1999', '1999-01-09');
CREATE TABLE month (at timestamptz) PARTITION BY RANGE (coalesce(at, 'epoch'));
CREATE TABLE month_1 PARTITION OF month FOR VALUES FROM ('2020-01-01 00:00-05') TO ('2020-02-01 00:00 EST');
CREATE TABLE span (during interval) PARTITION BY RANGE (during);
CREATE TABLE span_1 PARTITION OF span FOR VALUES FROM ('P1D') TO ('P1DT2H');
CREATE TABLE name (it text, mark "char") PARTITION BY LIST (it);
CREATE TABLE name_1 PARTITION OF name FOR VALUES IN ('2020-01-01', NULL);
"""


@pytest.mark.parametrize("connect", [(), NEW_YORK], indirect=True, ids=["UTC", "New York"])
def test_bounds_of_partitions_are_read_as_the_key_is(connect: Connection) -> None:
    connect.execute(BOUNDS.encode())
    assert found(compared(connect, BOUNDS)) == {}
    connect.execute(
        b"""
        ALTER TABLE moment DETACH PARTITION moment_1; ALTER TABLE month DETACH PARTITION month_1;
        ALTER TABLE span DETACH PARTITION span_1; ALTER TABLE name DETACH PARTITION name_1;
        ALTER TABLE moment ATTACH PARTITION moment_1 FOR VALUES FROM ('2020-01-01', MINVALUE) TO ('2020-02-03 00:00:00+02', 1.50);
        ALTER TABLE month ATTACH PARTITION month_1 FOR VALUES FROM ('2020-01-01 00:00-05') TO ('2020-02-01 00:00 EDT');
        ALTER TABLE span ATTACH PARTITION span_1 FOR VALUES FROM ('P1D') TO ('P1DT3H');
        ALTER TABLE name ATTACH PARTITION name_1 FOR VALUES IN ('2020-01-02', NULL);
        """
    )
    assert set(found(compared(connect, BOUNDS))) == {
        "table public.moment_1", "table public.month_1", "table public.span_1", "table public.name_1"
    }  # fmt: skip
