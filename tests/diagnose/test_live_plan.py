"""The plan of a production's next deployment: which migrations, in which order, before which schema."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Literal

import pytest

from shared.diagnose.diagnosis import diagnose
from shared.diagnose.plan import Tools, plan_of
from shared.model.database import History, HistoryRow
from shared.model.diagnosis import Diagnosis
from shared.model.knowledge import Unavailable
from shared.model.plan import Outcome, Plan, TableSize
from shared.model.release import Acceptance
from tests.builders import facts, reading, row
from tests.diagnose.test_schema import diagnosed, live, ran, shipping

BASE = "CREATE TABLE t (id int PRIMARY KEY, a text);"
ADD = "ALTER TABLE t ADD COLUMN b int;"
USE = "ALTER TABLE t ALTER COLUMN b SET NOT NULL;"


def plan(found: Diagnosis) -> Plan:
    assert isinstance(found.plan, Plan), found.plan
    return found.plan


def outcomes(found: Diagnosis) -> list[tuple[str, str, str | None]]:
    return [
        (each.migration, each.prediction.outcome.value, each.prediction.sqlstate) for each in plan(found).statements
    ]


@pytest.mark.parametrize(
    ("rows", "there", "planned"),
    [
        pytest.param([ran("1", BASE)], live(BASE), ["2", "3"], id="pending, in their order"),
        pytest.param([ran("1", BASE), ran("3", USE, minutes_ago=5)], live(BASE), ["2"], id="one was skipped"),
        pytest.param([ran("1", BASE), row("2", rolled_back=True, finished=False, content=ADD.encode())], live(BASE), ["2", "3"], id="rolled back"),
        pytest.param([ran("1", BASE), row("2", finished=False, logs="x", content=ADD.encode())], live(BASE), ["2", "3"], id="a failed one with no statement applied"),
        pytest.param([ran("1", BASE), row("2", finished=False, logs="x", content=ADD.encode())], live(BASE, ADD), ["3"], id="a failed one with all statements applied"),
        pytest.param([ran("1", BASE)], live(BASE, ADD), ["2", "3"], id="one that ran by hand: a deployment runs it again"),
    ],
)  # fmt: skip
def test_what_a_deployment_runs(rows: list[HistoryRow], there: object, planned: list[str]) -> None:
    found = diagnosed(shipping(("1", BASE), ("2", ADD), ("3", USE)), rows, there)  # type: ignore[arg-type]
    assert plan(found).migrations == tuple(planned)


def test_nothing_to_deploy_has_no_plan() -> None:
    assert diagnosed(shipping(("1", BASE)), [ran("1", BASE)], live(BASE)).plan is None


@pytest.mark.parametrize(
    ("drift", "outcome"),
    [
        pytest.param((), ("2", "ok", None), id="none"),
        pytest.param(
            ("ALTER TABLE t ADD COLUMN b bigint;",), ("2", "fails", "42701"), id="another column of that name"
        ),
        pytest.param(("DROP TABLE t;",), ("2", "depends", "42P01"), id="the table is gone"),
        pytest.param(("CREATE VIEW v AS SELECT a FROM t;",), ("2", "ok", None), id="what is not touched"),
    ],
)
def test_what_somebody_did_by_hand_counts(drift: tuple[str, ...], outcome: tuple[str, str, str | None]) -> None:
    found = diagnosed(shipping(("1", BASE), ("2", ADD)), [ran("1", BASE)], live(BASE, *drift))
    assert outcomes(found) == [outcome]


@pytest.mark.parametrize(
    ("policy", "most_replicas", "expected"),
    [
        pytest.param("migrate-first", None, ("2", "ok", None), id="one runner"),
        pytest.param("migrate-first", 1, ("2", "ok", None), id="one runner, and one replica"),
        pytest.param("migrate-first", 2, ("2", "depends", "40P01"), id="more than one replica is allowed"),
        pytest.param("deploy-migrates", None, ("2", "depends", "40P01"), id="each replica that starts"),
        pytest.param("deploy-migrates", 1, ("2", "depends", "40P01"), id="a replica of each revision"),
    ],
)
def test_concurrently_depends_on_who_runs_the_deployment(
    policy: Literal["migrate-first", "deploy-migrates"],
    most_replicas: int | None,
    expected: tuple[str, str, str | None],
) -> None:
    shipped = shipping(("1", BASE), ("2", "CREATE INDEX CONCURRENTLY i ON t (a);"))
    history = History(exists=True, rows=(ran("1", BASE),), schema_has_tables=True)
    before = facts(shipped, reading(history=history, catalog=live(BASE)))
    asked = replace(before, target=replace(before.target, policy=policy), most_replicas=most_replicas)
    found = diagnose(asked)
    assert isinstance(found, Diagnosis)
    assert outcomes(found) == [expected]


def test_the_same_run_again_gives_the_same_plan() -> None:
    shipped = shipping(("1", BASE), ("2", f"{ADD}\nCREATE TYPE e AS ENUM ('a');"), ("3", USE))
    first = diagnosed(shipped, [ran("1", BASE)], live(BASE))
    assert diagnosed(shipped, [ran("1", BASE)], live(BASE)).plan == first.plan
    assert {each.prediction.outcome for each in plan(first).statements} == {Outcome.OK, Outcome.DEPENDS}


EMPTY = "-- This is an empty migration."
ORDERS = [
    pytest.param([BASE, ADD, USE], 1, id="after what is applied"),
    pytest.param([BASE, ADD, USE], 0, id="nothing is applied"),
    pytest.param([BASE, ADD, EMPTY, USE], 1, id="an empty one among them"),
    pytest.param([BASE, f"{ADD}\n{ADD}\nALTER TABLE x ADD COLUMN b int;", USE], 1, id="what a server refuses"),
    pytest.param(
        [BASE, "SET search_path = other, public; CREATE TABLE v (a int);", "ALTER TABLE v ADD COLUMN b int;"],
        1, id="a search path, which ends with its script",
    ),
    pytest.param(
        [BASE, "SET timezone = 'UTC'; ALTER TABLE t ADD COLUMN at timestamp;", "ALTER TABLE t ALTER at TYPE timestamptz;"],
        1, id="a time zone, which ends with its script",
    ),
    pytest.param([BASE, "CREATE TEMPORARY TABLE x (a int); DROP TABLE x;", "DROP TABLE x;"], 1, id="a temporary table"),
    pytest.param(
        [BASE, "DO $$ BEGIN ALTER TABLE t ADD COLUMN b int; EXCEPTION WHEN duplicate_column THEN NULL; END $$;", USE],
        1, id="a block",
    ),
    pytest.param([BASE, "ALTER TABLE t RENAME TO u;", "DROP TABLE u; CREATE TABLE u (b int);"], 1, id="renamed and made again"),
    pytest.param([BASE, "CREATE TABLE x (a", USE], 1, id="what cannot be parsed"),
]  # fmt: skip


@pytest.mark.parametrize(("scripts", "applied"), ORDERS)
def test_a_deployment_to_what_nobody_changed_is_that_of_the_pull_request(scripts: list[str], applied: int) -> None:
    """The one takes what was followed to see how far each migration got, the other follows every statement itself."""
    shipped = shipping(*((str(at), script) for at, script in enumerate(scripts)))
    rows = [ran(str(at), script) for at, script in enumerate(scripts[:applied])]
    found = diagnosed(shipped, rows, live(*scripts[:applied]))
    alone = plan_of(
        shipped.migrations[:applied], shipped.migrations[applied:], "public", Tools(postgres=16, max_block=5.0)
    )
    assert plan(found).statements == alone.statements
    assert plan(found).migrations == alone.migrations


def test_a_migration_without_a_script_leaves_no_plan() -> None:
    found = diagnosed(shipping(("1", BASE), ("2", "SELECT 'x")), [ran("1", BASE)], live(BASE))
    assert found.plan is None or isinstance(found.plan, Unavailable)


@pytest.mark.parametrize(
    ("running", "reported"),
    [
        pytest.param(b"CREATE TABLE t (id int PRIMARY KEY, a text);", [("P2022", False)], id="which uses the column"),
        pytest.param(b"CREATE TABLE t (id int PRIMARY KEY);", [], id="which no longer uses it"),
        pytest.param(None, [("P2022", True)], id="which may use it"),
        pytest.param(b"CREATE TABLE t (", [("P2022", True)], id="whose file cannot be read"),
    ],
)
def test_the_running_release(running: bytes | None, reported: list[tuple[str, bool]]) -> None:
    release = shipping(("1", BASE), ("2", "ALTER TABLE t DROP COLUMN a;"))
    known = reading(history=History(exists=True, rows=(ran("1", BASE),), schema_has_tables=True), catalog=live(BASE))
    found = diagnose(replace(facts(release, known), running_schema=running))
    assert isinstance(found, Diagnosis)
    (dropped,) = plan(found).statements
    assert [(each.code, each.assumed) for each in dropped.clients] == reported


def test_what_an_author_accepts_is_accepted_of_that_statement_alone() -> None:
    content = f"{ADD}\nDROP TABLE u;".encode()
    accepted = Acceptance("deploy-loses-data", 2, "it is a cache", sha256(content).hexdigest())
    shipped = shipping(("1", BASE), ("2", content.decode()))
    migrations = (shipped.migrations[0], replace(shipped.migrations[1], accepted=(accepted,)))
    there = live(BASE, "CREATE TABLE u (id int);")
    found = diagnosed(replace(shipped, migrations=migrations), [ran("1", BASE)], there)
    assert [(each.line, set(each.accepted)) for each in plan(found).statements] == [
        (1, set()),
        (2, {"deploy-loses-data"}),
    ]


def test_what_a_failed_one_still_has_to_make_is_there_for_those_after_it() -> None:
    """It is fixed first: by then its index is there, which the next one makes again."""
    failing = f"{ADD}\nCREATE UNIQUE INDEX i ON t (b);"
    shipped = shipping(("1", BASE), ("2", failing), ("3", "DROP INDEX i;\nCREATE UNIQUE INDEX i ON t (b, id);"))
    rows = [ran("1", BASE), row("2", finished=False, logs="x", content=failing.encode())]
    found = diagnosed(shipped, rows, live(BASE, ADD))
    assert plan(found).migrations == ("3",)
    assert [(each.migration, each.prediction.sqlstate) for each in plan(found).statements] == [
        ("3", None),
        ("3", "23505"),
    ]
    assert Outcome.FAILS not in {each.prediction.outcome for each in plan(found).statements}


@pytest.mark.parametrize(
    ("owned_as", "phase", "deploying", "asked"),
    [
        pytest.param("app", "before", False, True, id="before a deployment, by who owns the history"),
        pytest.param("app", None, True, True, id="while somebody deploys"),
        pytest.param("app", None, False, False, id="on a schedule"),
        pytest.param(None, "before", True, False, id="by another role"),
    ],
)
def test_rights_are_asked_of_who_has_deployed(
    owned_as: str | None, phase: Literal["before"] | None, deploying: bool, asked: bool
) -> None:
    history = History(exists=True, rows=(ran("1", BASE),), schema_has_tables=True, owned_as=owned_as)
    asking = facts(shipping(("1", BASE), ("2", ADD)), reading(history=history, catalog=live(BASE)))
    found = diagnose(replace(asking, phase=phase, deploying=deploying))
    assert isinstance(found, Diagnosis)
    conditions = plan(found).statements[0].prediction.conditions
    assert [each.sqlstate for each in conditions] == (["42501"] if asked else [])
    assert outcomes(found) == [("2", "ok", None)]


@pytest.mark.parametrize(
    ("took", "at_most"),
    [
        pytest.param(timedelta(seconds=1), 120, id="as fast as any server"),
        pytest.param(timedelta(minutes=40), 12_000, id="slow before"),
    ],
)
def test_how_long_it_takes_is_measured_by_what_like_statements_took(took: timedelta, at_most: float) -> None:
    indexed = BASE + " CREATE INDEX one ON t (a);"
    first = ran("1", indexed)
    assert first.started_at is not None
    history = [replace(first, finished_at=first.started_at + took)]
    sizes = {("public", "t"): TableSize(10_000_000, 2**30)}
    context = facts(
        shipping(("1", indexed), ("2", "CREATE INDEX two ON t (id);")),
        replace(reading(*history), catalog=live(indexed), sizes=sizes),
    )
    found = diagnose(context)
    assert isinstance(found, Diagnosis)
    (statement,) = plan(found).statements
    assert statement.took is not None
    assert took.total_seconds() / 20 < statement.took.high < at_most
