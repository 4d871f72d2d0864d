"""Settings of the deploying role that change what a deployment does, as findings."""

import pytest

from shared.checks.session_settings import session_settings
from shared.model.finding import Severity
from shared.model.plan import Blocks, BySetting, Outcome, Plan, PlannedStatement, Prediction

ELSEWHERE, LATER = BySetting("search_path", "it works elsewhere"), BySetting("TimeZone", "it is another time")


def planned(*by_setting: BySetting, line: int = 1, accepted: frozenset[str] = frozenset()) -> PlannedStatement:
    prediction = Prediction(Outcome.OK)
    return PlannedStatement("2_next", line, "", prediction, Blocks.NONE, by_setting=by_setting, accepted=accepted)


@pytest.mark.parametrize(
    ("statements", "own", "expected"),
    [
        pytest.param([planned()], None, [], id="no setting"),
        pytest.param([planned(LATER)], None, [Severity.WARNING], id="another time"),
        pytest.param([planned(ELSEWHERE)], None, [Severity.CRITICAL], id="another schema"),
        pytest.param([planned(LATER), planned(ELSEWHERE)], None, [Severity.CRITICAL], id="both, in one finding"),
        pytest.param([planned(ELSEWHERE)], Severity.INFO, [Severity.INFO], id="before a deployment is near"),
        pytest.param([planned(LATER, accepted=frozenset({"deploy-session-setting"}))], None, [], id="accepted"),
    ],
)
def test_findings(statements: list[PlannedStatement], own: Severity | None, expected: list[Severity]) -> None:
    found = [*session_settings(Plan(("2_next",), tuple(statements)), own, Severity.CRITICAL)]
    assert [each.severity for each in found] == expected


def test_the_first_statement_is_named_and_the_others_counted() -> None:
    plan = Plan(("2_next",), (planned(LATER, line=3), planned(ELSEWHERE, LATER, line=7)))
    (finding,) = session_settings(plan, None, Severity.WARNING)
    assert finding.summary == (
        "A setting of the role that deploys changes what line 3 of 2_next does: it is another time. "
        "1 more of its statements does so."
    )
    assert finding.actual == "line 3: it is another time; line 7: it works elsewhere; line 7: it is another time"
