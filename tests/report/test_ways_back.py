"""What is said of the ways back, in every form of a report and of a plan."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.diagnose.plan import Tools, plan_of
from shared.model.clients import ClientEffect, Operation, Suffers
from shared.model.plan import Plan
from shared.model.release import Migration
from shared.model.report import ServerSummary
from shared.model.ways_back import WayBack
from shared.report.json import as_document
from shared.report.markdown import as_markdown
from shared.report.plan.markdown import plan_as_markdown
from shared.report.plan.text import plan_as_text
from shared.report.text import as_text
from shared.report.ways_back import ways_back_lines
from tests.report.prediction import before_the_deployment
from tests.report.sample import report

NO_AGE = ClientEffect(("public", "User"), (Operation.WHERE,), ("age",), Suffers.FAILS, "P2022", "42703")
MAY = replace(NO_AGE, certain=False, because="where a value is longer")
FAILS = "filters, sorting and aggregates of User by age fail: P2022 (42703)"
PENDING = Plan(("5_drop",), ())
AZURE = ServerSummary("db", "Ready", "16", None, 7, None, True, datetime(2026, 11, 1, 9, 5, tzinfo=UTC))


@pytest.mark.parametrize(
    ("ways", "plan", "expected"),
    [
        pytest.param(
            [WayBack("v2", True, True), WayBack("v1", True, True)],
            None,
            ["v2 and v1 work on the database's schema."],
            id="all",
        ),
        pytest.param(
            [WayBack("v2", True, True)],
            PENDING,
            ["v2 works now, and after this deployment."],
            id="also after the deployment",
        ),
        pytest.param(
            [WayBack("v2", True, True), WayBack("v1", False, False, (NO_AGE,))],
            None,
            ["v2 works on the database's schema.", f"v1 does not work on the database's schema: {FAILS}."],
            id="only the newer one",
        ),
        pytest.param(
            [WayBack(None, True, False, (NO_AGE,), "5_drop", assumed=True)],
            PENDING,
            [
                (
                    "The release before this one works until 5_drop is applied. After that, if that release uses every "
                    f"table and column of its migrations, {FAILS}."
                )
            ],
            id="until a migration",
        ),
        pytest.param(
            [WayBack("v1", True, None, (MAY,))],
            PENDING,
            [
                (
                    "v1 works now, and may fail after this deployment: filters, sorting and aggregates of User by age may "
                    "fail: P2022 (42703), where a value is longer."
                )
            ],
            id="perhaps",
        ),
        pytest.param(
            [WayBack("v1", None, None, because="the file of its migration 3 is not at hand")],
            None,
            ["Whether v1 works on the database's schema is not known: the file of its migration 3 is not at hand."],
            id="not known",
        ),
    ],
)
def test_sentences(ways: list[WayBack], plan: Plan | None, expected: list[str]) -> None:
    assert list(ways_back_lines(ways, plan)) == expected


def test_every_form_has_them_and_only_where_they_are_known() -> None:
    known = replace(report(), ways_back=(WayBack("v1", False, False, (NO_AGE,)),))
    for form in (as_text, as_markdown):
        assert f"v1 does not work on the database's schema: {FAILS}." in " ".join(form(known).split())
        assert "Ways back" not in form(report())
    assert as_document(known)["ways_back"] == [
        {
            "release": "v1",
            "runs_today": False,
            "runs_after": False,
            "because": FAILS,
            "ended_by": None,
            "assumed": False,
            "predicted": True,
        }
    ]
    assert as_document(report())["ways_back"] is None


def test_hostile_names_write_nothing() -> None:
    hostile = replace(report(), ways_back=(WayBack("\x1b[2Jv1 [7](http://x) <b>", True, True),))
    assert "\x1b" not in as_text(hostile)
    assert "<b>" not in as_markdown(hostile)
    assert "[7](http" not in as_markdown(hostile)


def test_the_point_of_no_return_and_how_to_restore() -> None:
    plan = losing()
    for said in (plan_as_text(plan, AZURE), plan_as_markdown(plan, AZURE).replace("\\", "")):
        flat = " ".join(said.split())
        assert "Point of no return: line 2 of 2_next loses" in flat
        assert "(this server can be restored to any time since 2026-11-01 09:05 UTC)" in flat
    assert "restored" not in plan_as_text(plan)


def test_nothing_lost_has_none() -> None:
    plan = before_the_deployment(datetime(2025, 9, 4, 18, 0, tzinfo=UTC)).plan
    assert isinstance(plan, Plan)
    assert "Point of no return" not in plan_as_text(plan)


def losing() -> Plan:
    base = Migration("1_init", b"CREATE TABLE t (id int PRIMARY KEY, x text);")
    later = Migration("2_next", b"ALTER TABLE t ADD COLUMN y int;\nALTER TABLE t DROP COLUMN x;")
    return plan_of([base], [later], "public", Tools(17))
