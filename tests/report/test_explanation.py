"""A pending migration, statement by statement: what is applied, and what the next deployment will do."""

from dataclasses import replace
from pathlib import Path

import pytest

from shared.model.diagnosis import MigrationStatus
from shared.model.knowledge import Unavailable
from shared.model.plan import Plan
from shared.report.explanation import as_explanation
from shared.report.plan.wording import details, outcome
from tests.alerts.news import BEGAN, BROKEN
from tests.report.prediction import before_the_deployment

GOLDEN = Path(__file__).parent / "golden" / "explanation.txt"
REPORT = before_the_deployment(BEGAN)


def status(name: str) -> MigrationStatus:
    return next(each for each in REPORT.migrations if each.name == name)


def plan() -> Plan:
    assert isinstance(REPORT.plan, Plan)
    return REPORT.plan


def test_each_statement_has_its_plan(request: pytest.FixtureRequest) -> None:
    text = as_explanation(status(BROKEN), plan())
    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_it_says_of_each_statement_what_the_plan_says() -> None:
    flat = " ".join(as_explanation(status(BROKEN), plan()).split())
    own = [each for each in plan().statements if each.migration == BROKEN]
    said = [what for each in own for what in (f"next deployment: {outcome(each)}", *details(each))]
    assert len(own) == 6
    assert [what for what in said if what not in flat] == []


def test_an_applied_one_has_no_plan() -> None:
    (applied, *_) = REPORT.migrations
    assert as_explanation(applied, plan()) == as_explanation(applied)


def test_where_the_state_of_statements_is_unknown_only_the_plan_is_shown() -> None:
    unknown = replace(status(BROKEN), progress=Unavailable("the schema was not compared"))
    text = as_explanation(unknown, plan())
    assert "Not checked statement by statement: the schema was not compared." in text
    assert "  ! line 5: fails (23502), 1,204 rows: ALTER TABLE" in text


@pytest.mark.parametrize("is_pending", [True, False], ids=["pending", "applied"])
def test_a_plan_that_could_not_be_made_is_said_of_what_a_deployment_runs(is_pending: bool) -> None:
    asked = status(BROKEN) if is_pending else REPORT.migrations[0]
    text = as_explanation(asked, Unavailable("the catalog cannot be read"))
    assert ("the next deployment does with it is not known: the catalog cannot be read." in text) is is_pending
