"""A pending run in sessions with limits: what they may end, and what the files' own SET statements make of them."""

from dataclasses import replace

import pytest

from shared.diagnose.diagnosis import diagnose
from shared.model.diagnosis import Diagnosis
from shared.model.plan import Plan, PlannedStatement, TableSize
from shared.model.session_limits import Limit, SessionLimits, SetFor
from shared.model.setting_types import PrismaVersion
from tests.builders import facts, reading
from tests.diagnose.test_schema import live, ran, shipping

BASE = "CREATE TABLE t (id int PRIMARY KEY, a text);"
INDEX, OTHER = "CREATE INDEX one ON t (a);", "CREATE INDEX two ON t (a, id);"
CONCURRENTLY = "CREATE INDEX CONCURRENTLY one ON t (a);"
SIZES = {("public", "t"): TableSize(10_000_000, 2**30)}
SHORT, LONG = Limit(1.0, SetFor.ROLE), Limit(86_400.0, SetFor.ROLE)
STATEMENT, TRANSACTION = SessionLimits("app", "shop", statement=SHORT), SessionLimits("app", "shop", transaction=SHORT)
LOCK = SessionLimits("app", "shop", lock=SHORT)
BATCH, SPLIT = PrismaVersion(6, 19), PrismaVersion(7, 10)


def planned(limits: SessionLimits, *scripts: str, prisma: PrismaVersion | None = SPLIT) -> list[PlannedStatement]:
    files = [(str(number), script) for number, script in enumerate(scripts, 2)]
    context = facts(
        shipping(("1", BASE), *files),
        replace(reading(ran("1", BASE)), catalog=live(BASE), sizes=SIZES, limits=limits),
    )
    found = diagnose(replace(context, target=replace(context.target, prisma=prisma)))
    assert isinstance(found, Diagnosis)
    assert isinstance(found.plan, Plan), found.plan
    return list(found.plan.statements)


def states(found: list[PlannedStatement]) -> list[str | None]:
    return [each.prediction.sqlstate for each in found if "SET" not in each.sql.upper().split()[:1]]


@pytest.mark.parametrize(
    ("limits", "scripts", "expected"),
    [
        pytest.param(SessionLimits(), [INDEX], [None], id="no limit"),
        pytest.param(STATEMENT, [INDEX], ["57014"], id="statement_timeout"),
        pytest.param(replace(STATEMENT, statement=LONG), [INDEX], [None], id="statement_timeout, long enough"),
        pytest.param(STATEMENT, ["CREATE TABLE u (id int);"], [None], id="what takes no time"),
        pytest.param(STATEMENT, ["SET statement_timeout = 0; " + INDEX], [None], id="the file lifts it"),
        pytest.param(STATEMENT, ["SET statement_timeout = 0;", INDEX], [None], id="an earlier file lifts it"),
        pytest.param(STATEMENT, ["SET statement_timeout = '2d'; RESET statement_timeout; " + INDEX], [None, "57014"], id="RESET"),
        pytest.param(STATEMENT, ["SET statement_timeout = 0; RESET ALL; " + INDEX], [None, "57014"], id="RESET ALL"),
        pytest.param(STATEMENT, ["SET statement_timeout TO DEFAULT; " + INDEX], ["57014"], id="TO DEFAULT"),
        pytest.param(STATEMENT, ["SET LOCAL statement_timeout = 0; " + INDEX], [None], id="LOCAL, where it is open whether there is a transaction"),
        pytest.param(STATEMENT, [f"BEGIN; SET LOCAL statement_timeout = 0; {INDEX} COMMIT; {OTHER}"], [None, None, None, "57014"], id="LOCAL, until its end"),
        pytest.param(STATEMENT, ["SELECT set_config('statement_timeout', '0', false); " + INDEX], [None, None], id="a function may have lifted it"),
        pytest.param(SessionLimits(), ["SET statement_timeout = 10; " + INDEX], ["57014"], id="the file's own"),
        pytest.param(TRANSACTION, [INDEX], ["25P04"], id="transaction_timeout"),
        pytest.param(LOCK, [INDEX], [None], id="lock_timeout: who holds a lock is not known"),
        pytest.param(LOCK, [CONCURRENTLY], ["55P03"], id="lock_timeout, CONCURRENTLY"),
        pytest.param(LOCK, ["SET lock_timeout = 0;", CONCURRENTLY], [None], id="lock_timeout, lifted"),
        pytest.param(SessionLimits("app", "shop", read_only=SetFor.ROLE), [INDEX, OTHER], ["25006", None], id="read only"),
    ],
)  # fmt: skip
def test_what_a_limit_may_end(limits: SessionLimits, scripts: list[str], expected: list[str | None]) -> None:
    assert states(planned(limits, *scripts)) == expected


@pytest.mark.parametrize(
    ("prisma", "expected"),
    [
        pytest.param(BATCH, [None, "25P04"], id="one transaction"),
        pytest.param(SPLIT, [None, None], id="one each"),
        pytest.param(None, [None, "25P04"], id="perhaps one"),
    ],
)
def test_a_transaction_takes_as_long_as_all_of_its_statements(
    prisma: PrismaVersion | None, expected: list[str | None]
) -> None:
    (alone,) = planned(SessionLimits(), INDEX)
    assert alone.took is not None
    limit = Limit(1.5 * alone.took.high, SetFor.DATABASE)
    found = planned(SessionLimits("app", "shop", transaction=limit), INDEX + OTHER, prisma=prisma)
    assert states(found) == expected


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (STATEMENT, "after statement_timeout = 1s (set for role app); ALTER ROLE app SET statement_timeout = 0 prevents that"),
        (SessionLimits("app", "shop", statement=Limit(1, SetFor.ROLE_IN_DATABASE)), "(set for role app in this database); ALTER ROLE app IN DATABASE shop SET statement_timeout = 0 prevents that"),
        (SessionLimits("app", "shop", statement=Limit(1, SetFor.URL)), "(in the options of the connection URL); a URL without statement_timeout prevents that"),
        (SessionLimits(None, "shop", statement=Limit(1, SetFor.SERVER)), "(set for the server); ALTER ROLE NAME SET statement_timeout = 0 prevents that"),
    ],
)  # fmt: skip
def test_the_reason_names_who_set_it_and_what_prevents_it(limits: SessionLimits, said: str) -> None:
    (statement,) = planned(limits, INDEX)
    assert statement.prediction.because[-1].endswith(said)


def test_what_the_rows_rule_out_leaves_the_limit() -> None:
    (statement,) = planned(STATEMENT, "CREATE UNIQUE INDEX one ON t (a);")
    assert [each.sqlstate for each in statement.prediction.conditions] == ["23505", "57014"]
