"""What a client of the running release suffers from a pending run, statement by statement."""

from itertools import count

import pytest

from shared.diagnose.clients import client_schema
from shared.diagnose.plan import Tools, plan_of
from shared.model.knowledge import Unavailable
from shared.model.plan import Plan
from shared.model.release import Migration
from shared.prisma.clients.wording import client_effects

BASE = """
CREATE TABLE "User" (id SERIAL PRIMARY KEY, email TEXT NOT NULL, age INTEGER);
CREATE UNIQUE INDEX "User_email_key" ON "User"(email);
"""
SPLIT, BATCH = (7, 10), (6, 19)
CREATES = "creates of User fail: P2011 (23502)"
DROPPED = (
    "reads of whole User records or age, and filters, sorting, grouping and aggregates by age, "
    "and creates and updates of User that write age fail: P2022 (42703)"
)
IF_USED = "if the running release still uses it, "


def planned(*scripts: str, knows: str | None = BASE, prisma: tuple[int, int] = SPLIT) -> Plan:
    numbers = count(2)
    pending = [Migration(f"{next(numbers)}", script.encode()) for script in scripts]
    client = client_schema(None if knows is None else knows.encode(), "public")
    assert not isinstance(client, Unavailable)
    return plan_of([Migration("1", BASE.encode())], pending, "public", Tools(17, prisma, client=client))


def said(plan: Plan) -> list[tuple[str, ...]]:
    return [client_effects(each.clients) for each in plan.statements]


ADD = "ALTER TABLE \"User\" ADD COLUMN x TEXT NOT NULL DEFAULT '';\n"
DROP_DEFAULT = 'ALTER TABLE "User" ALTER COLUMN x DROP DEFAULT;\n'
SET_DEFAULT = "ALTER TABLE \"User\" ALTER COLUMN x SET DEFAULT 'y';\n"
RENAME = 'ALTER TABLE "User" RENAME TO "Person";\n'
VIEW = 'CREATE VIEW "User" AS SELECT * FROM "Person";\n'
GONE = "all operations on User and those that include it fail: P2021 (42P01)"


@pytest.mark.parametrize(
    ("scripts", "prisma", "expected"),
    [
        pytest.param([ADD], SPLIT, [()], id="a column with a default"),
        pytest.param([ADD + DROP_DEFAULT], SPLIT, [(), (CREATES,)], id="the statement that breaks is the one that says so"),
        pytest.param([ADD, DROP_DEFAULT], SPLIT, [(), (CREATES,)], id="in a later migration"),
        pytest.param([ADD, 'ALTER TABLE "User" DROP COLUMN x;'], SPLIT, [(), ()], id="what the client never knew"),
        pytest.param(
            [ADD + DROP_DEFAULT + SET_DEFAULT], SPLIT, [(), (f"{CREATES}, until line 3 of 2",), ()], id="ended by a later statement",
        ),
        pytest.param([ADD + DROP_DEFAULT + SET_DEFAULT], BATCH, [(), (), ()], id="ended in the same transaction"),
        pytest.param([ADD + DROP_DEFAULT, SET_DEFAULT], BATCH, [(), (f"{CREATES}, until line 1 of 3",), ()], id="ended by a later file"),
        pytest.param(
            ["BEGIN;\n" + RENAME + VIEW + "COMMIT;"], SPLIT, [(), (), (), ()], id="a view takes the place of a renamed table",
        ),
        pytest.param([RENAME + VIEW], SPLIT, [(f"{GONE}, until line 2 of 2",), ()], id="the same without a transaction"),
        pytest.param([RENAME], SPLIT, [(GONE,)], id="renamed"),
        pytest.param(["ALTER TABLE nowhere ADD COLUMN x INT;"], SPLIT, [()], id="a statement that fails"),
    ],
)  # fmt: skip
def test_each_statement_says_what_it_breaks(
    scripts: list[str], prisma: tuple[int, int], expected: list[tuple[str, ...]]
) -> None:
    assert said(planned(*scripts, prisma=prisma)) == expected


def test_without_its_schema_it_may_use_all_that_is_there() -> None:
    drop = 'ALTER TABLE "User" DROP COLUMN age;'
    assert said(planned(drop, knows=None)) == [(IF_USED + DROPPED,)]
    assert all(each.assumed for statement in planned(drop, knows=None).statements for each in statement.clients)


def test_what_the_client_no_longer_knows_breaks_nothing() -> None:
    without = BASE.replace(", age INTEGER", "")
    assert said(planned('ALTER TABLE "User" DROP COLUMN age;', knows=without)) == [()]
    assert said(planned('ALTER TABLE "User" DROP COLUMN age;')) == [(DROPPED,)]


def test_what_it_suffers_already_is_not_said_of_a_statement() -> None:
    more = BASE.replace("age INTEGER", "age INTEGER, gone TEXT")
    assert said(planned('CREATE INDEX i ON "User"(age);', knows=more)) == [()]


@pytest.mark.parametrize(
    ("schema_sql", "because"),
    [
        pytest.param(b"CREATE TABLE 'x", "PostgreSQL cannot parse schema.sql", id="quotes that do not end"),
        pytest.param(b"CREATE TABLE x (;", "PostgreSQL cannot parse schema.sql, line 1: syntax error", id="no SQL"),
        pytest.param(b"ALTER TABLE x ADD y int;", "not all of schema.sql is understood (column public.x.y: ", id="of another schema"),
    ],
)  # fmt: skip
def test_a_schema_that_is_not_all_known(schema_sql: bytes, because: str) -> None:
    found = client_schema(schema_sql, "public")
    assert isinstance(found, Unavailable)
    assert found.because.startswith(because)


def test_a_release_without_the_file() -> None:
    assert client_schema(None, "public") is None
