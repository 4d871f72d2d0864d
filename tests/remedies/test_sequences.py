"""What sets a sequence is printed so that it never goes back: nothing shows whether it ran, or what was numbered since."""

from collections.abc import Sequence

import pytest

from shared.model.database import HistoryRow
from shared.model.finding import Finding
from shared.remedies import commands
from tests.diagnose.test_proof import OF_NOTHING
from tests.diagnose.test_schema import ran
from tests.remedies import test_recorded_early as recorded_early
from tests.remedies.test_replaced_later import BASE, found, psql

COLUMN, INDEX = "ALTER TABLE a ADD COLUMN p int;", "CREATE INDEX a_p ON a (p);"
INSERT, SET = "INSERT INTO r VALUES (7);", "SELECT setval('s', 100);"
FORWARD = "SELECT setval('s', greatest(100, nextval('s')));"
SCRIPT = f"{COLUMN} {INSERT} {SET} {INDEX}"
VIEW, REFRESH = "CREATE MATERIALIZED VIEW m AS SELECT 1;", "REFRESH MATERIALIZED VIEW m;"
EMPTY = frozenset({("public", "a")})
FAILED = ran("2", SCRIPT, finished=False, logs=OF_NOTHING)


def of_2(findings: Sequence[Finding]) -> Finding:
    (finding,) = (each for each in findings if each.subject == "2" and each.code.startswith("migration-"))
    return finding


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([], id="run by hand in part"),
        pytest.param([FAILED], id="failed"),
        pytest.param([ran("2", SCRIPT, finished=False)], id="killed"),
        pytest.param([ran("2", SCRIPT, finished=False, rolled_back=True, logs=OF_NOTHING)], id="rolled back"),
    ],
)
def test_it_is_run_behind_the_write_whether_it_ran_or_not(rows: list[HistoryRow]) -> None:
    finding = of_2(found(SCRIPT, "", [COLUMN], *rows))
    assert [step.command for step in finding.remedy if step.asks] == [psql(INSERT)]
    printed = [step.command for step in finding.remedy if step.command and not step.choice]
    assert printed[:4] == [psql(INSERT), psql(FORWARD), psql(INDEX), commands.resolve_applied("2")]
    forward = next(step for step in finding.remedy if step.command == psql(FORWARD))
    assert forward.text.startswith("Run line 1 (SELECT setval('s', 100)), printed so that no sequence goes back")


def test_of_one_recorded_too_early() -> None:
    remedy = recorded_early.found(SCRIPT, COLUMN, base=BASE)[0].remedy
    assert [step.command for step in remedy] == [psql(INSERT), psql(FORWARD), psql(INDEX)]


def test_no_way_runs_it_again_as_it_stands() -> None:
    """To drop what the migration made and deploy it again would set the sequence back."""
    undone = f"{COLUMN} {{}} CREATE TABLE w (); CREATE INDEX a_p ON a (p);"
    ways = [
        [step for step in of_2(found(undone.format(each), "", [COLUMN], empty=EMPTY)).remedy if "instead" in step.text]
        for each in ("", "SELECT setval('s', (SELECT max(n) FROM r));", SET)
    ]
    assert [len(each) for each in ways] == [1, 1, 0]


def test_what_may_run_again_is_not_left_out_where_only_some_ran() -> None:
    script = f"{INSERT} {REFRESH} {SET} UPDATE r SET n = 8;"
    finding = of_2(found(script, "", [], base=VIEW))
    some = [step.command for step in finding.remedy if step.choice and step.command]
    assert some[2:6] == [psql(INSERT), psql(REFRESH), psql(FORWARD), psql("UPDATE r SET n = 8;")]


def test_a_warning_where_it_cannot_be_printed_so() -> None:
    moves = "SELECT setval('s', nextval('s') + 100);"
    remedy = of_2(found(f"{COLUMN} {moves} {INDEX}", "", [COLUMN])).remedy
    step = next(each for each in remedy if each.command == psql(moves))
    assert step.text.endswith("It may set a sequence back: make sure first that no number is given twice.")
