"""A change of rows that a person is asked about says after which later one of its file it must not run as written."""

from collections.abc import Sequence

from shared.model.database import HistoryRow
from shared.model.finding import Step
from tests.diagnose.test_proof import OF_NOTHING
from tests.diagnose.test_schema import ran
from tests.remedies import test_recorded_early as recorded_early
from tests.remedies.test_replaced_later import BASE, found, psql
from tests.remedies.test_sequences import COLUMN, INDEX, of_2

GONE, ROW, MORE = "DELETE FROM r;", "INSERT INTO r VALUES (7);", "INSERT INTO r VALUES (8);"
SCRIPT = "\n".join([COLUMN, GONE, ROW, MORE, INDEX])
WORKS, WORK = (
    f"do not run it as written, and do by hand what is left of both: {each}" for each in ("it works", "they work")
)
SEVERAL = f"If line 2 did not run but one of lines 3 and 4 did, {WORK} on the same rows, and were to come after it."
ONE = f"If line 2 did not run but line 3 did, {WORKS} on the same rows, and was to come after it."
WARNED = [SEVERAL, "", ""]


def warnings(remedy: Sequence[Step]) -> list[str]:
    asked = [step.text for step in remedy if step.asks]
    return [text[text.index("If line") :] if "If line" in text else "" for text in asked]


def of(script: str, *rows: HistoryRow) -> list[str]:
    return warnings(of_2(found(script, "", [COLUMN], *rows)).remedy)


def test_whatever_the_history_says_of_it() -> None:
    failed = ran("2", SCRIPT, finished=False, logs=OF_NOTHING)
    killed = ran("2", SCRIPT, finished=False)
    assert of(SCRIPT) == of(SCRIPT, failed) == of(SCRIPT, killed) == WARNED
    assert warnings(recorded_early.found(SCRIPT, COLUMN, base=BASE)[0].remedy) == WARNED


def test_one_later_statement() -> None:
    assert of("\n".join([COLUMN, ROW, "UPDATE r SET n = 9;", INDEX])) == [ONE, ""]


def test_a_table_that_was_made_of_the_rows() -> None:
    copy = "CREATE TABLE copied AS SELECT n FROM r;"
    (warned,) = warnings(of_2(found("\n".join([ROW, copy, "CREATE TABLE w ();"]), "", [copy])).remedy)
    assert warned.startswith("If line 1 did not run but line 2 did")


def test_what_certainly_did_not_run_is_asked_about_where_it_comes_too_late() -> None:
    script = [COLUMN, "CREATE TABLE w (n int);", "INSERT INTO w SELECT n FROM r;", "UPDATE r SET n = 9;"]
    remedy = of_2(found("\n".join(script), "", [COLUMN])).remedy
    asked = [step.text.partition(" If line")[0] for step in remedy if step.asks]
    assert asked[0] == "Line 3 did not run."
    assert len(asked) == 2
    assert [step.command for step in remedy if not step.choice][:2] == [psql(script[1]), psql(script[2])]


def test_not_where_the_order_makes_no_difference() -> None:
    assert of("\n".join([COLUMN, ROW, MORE, "UPDATE a SET x = 1;", INDEX])) == ["", "", ""]
