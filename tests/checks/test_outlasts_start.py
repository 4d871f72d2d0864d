"""What is said of an app that migrates when it starts: only where that is known, and where the start is too short."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.checks.outlasts_start import outlasts_start
from shared.model.app import AppStart, StartLimit
from shared.model.database import HistoryRow
from shared.model.finding import Finding, Severity
from shared.model.plan import Blocks, Duration, Outcome, Plan, PlannedStatement, Prediction
from tests.builders import NOW

DEFAULT = StartLimit(241, is_default=True)
MADE = (("api--0000006", NOW - timedelta(days=9)), ("api--0000007", NOW - timedelta(days=1)))
MIGRATES = AppStart("usasset-api", DEFAULT, 1, MADE, migrates=True)


def plan(*seconds: float | None) -> Plan:
    statements = (
        PlannedStatement("1_a", line, "SELECT 1", Prediction(Outcome.OK), Blocks.NONE, Duration(0, each) if each is not None else None)
        for line, each in enumerate(seconds, 1)
    )  # fmt: skip
    return Plan(("1_a",), tuple(statements))


def ran(after: float, took: float = 1) -> HistoryRow:
    """A migration that began so many seconds *after* revision 7 was made, and took so long."""
    began = MADE[1][1] + timedelta(seconds=after)
    return HistoryRow("1", "0_init", "", began, began + timedelta(seconds=took), None, None)


def found(each: Plan, start: AppStart | None = MIGRATES, *rows: HistoryRow) -> list[Finding]:
    return list(outlasts_start(each, start, rows, Severity.WARNING))


@pytest.mark.parametrize(
    ("seconds", "start", "is_said"),
    [
        pytest.param((240,), MIGRATES, False, id="as long as the probe waits"),
        pytest.param((200, 60), MIGRATES, True, id="all statements together take longer"),
        pytest.param((200, None), MIGRATES, False, id="what is not known is not counted"),
        pytest.param((45,), replace(MIGRATES, limit=StartLimit(40)), True, id="longer than the app's own probe"),
        pytest.param((9999,), replace(MIGRATES, limit=None), False, id="nothing ends a start"),
        pytest.param(
            (11,), replace(MIGRATES, limit=None, most_replicas=2), True, id="longer than a second replica waits"
        ),
        pytest.param((9,), replace(MIGRATES, most_replicas=5), False, id="shorter than a second replica waits"),
        pytest.param((9999,), replace(MIGRATES, migrates=False), False, id="the settings say that it does not migrate"),
        pytest.param((9999,), replace(MIGRATES, migrates=None), False, id="nobody says that it migrates"),
        pytest.param((9999,), None, False, id="no app is named"),
        pytest.param((), MIGRATES, False, id="nothing is pending"),
    ],
)
def test_when_it_is_said(seconds: tuple[float | None, ...], start: AppStart | None, is_said: bool) -> None:
    assert [each.code for each in found(plan(*seconds), start)] == ["deploy-outlasts-start"] * is_said


UNSAID = replace(MIGRATES, migrates=None)


@pytest.mark.parametrize(
    ("rows", "is_seen"),
    [
        pytest.param([ran(12)], True, id="it began while a revision was starting"),
        pytest.param([ran(-30)], False, id="it began before the revision was made: a pipeline migrates"),
        pytest.param([ran(3600)], False, id="it began much later"),
        pytest.param([ran(12, took=0)], False, id="resolved by hand: it never began"),
        pytest.param([ran(12), ran(3600)], False, id="the last one began much later: that has ended"),
        pytest.param([], False, id="nothing ran yet"),
    ],
)
def test_what_shows_that_it_migrates(rows: list[HistoryRow], is_seen: bool) -> None:
    assert len(found(plan(9999), UNSAID, *rows)) == is_seen
    assert found(plan(9999), replace(UNSAID, migrates=False), *rows) == []


def test_what_is_said_and_advised() -> None:
    (finding,) = found(plan(3000, None), replace(UNSAID, most_replicas=5), ran(12))
    assert finding.summary == (
        "usasset-api migrates when it starts (0_init began 12 s after revision api--0000007 was made), and the pending "
        "migrations may take over 10 minutes: a container that has not started after 241 s is stopped (startup probe, the "
        "default of Container Apps), in the middle of a migration, which then blocks every deployment (P3009); of up to "
        "5 replicas one migrates; the others wait 10 s for Prisma's lock and then fail (P1002)."
    )
    assert (finding.subject, finding.actual) == ("usasset-api", "up to 3000 s")
    assert "examples/container-apps-job" in finding.remedy[0].text
    assert [step.choice for step in finding.remedy] == [False, True]
    assert finding.evidence["not_known"] == 1
