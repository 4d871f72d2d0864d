"""A predicted failure reaches people before the deployment: the golden message is what a verification sends."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from shared.alerts.channels.teams.settings import TeamsChannel
from shared.alerts.delivery.deliver import Delivery
from shared.alerts.notifier import notify
from shared.memory import MemoryFile
from shared.model.alerts import Channel
from shared.model.finding import Json
from shared.model.message import Message
from shared.model.plan import Plan
from shared.model.setting_types import Secret
from shared.report.plan.text import plan_as_text
from tests.alerts.news import ALERTS, BEGAN, BROKEN, MESSAGES
from tests.builders import target
from tests.report.prediction import before_the_deployment

GOLDEN = Path(__file__).parent / "golden" / "plan.txt"
TEAM = TeamsChannel("team", url=Secret("env:TEAMS", "https://teams.example.com/?sig=hunter2"))


def test_the_pipeline_and_the_team_receive_the_same_prediction(tmp_path: Path) -> None:
    sent: list[Message] = []

    def send(message: Message, channels: Sequence[Channel], _report: Mapping[str, Json] | None) -> Sequence[Delivery]:
        sent.append(message)
        return [Delivery(channel.name, taken=True, said="202") for channel in channels]

    alerts = replace(ALERTS, channels=(TEAM,), weekly=False)
    place = MemoryFile(tmp_path, "production")
    notify(before_the_deployment(BEGAN), target(), alerts, place, send=send, clock=lambda: BEGAN)
    assert sent == [MESSAGES["predicted"]()]


def test_the_report_names_the_statement_and_the_rows_in_its_way() -> None:
    (found,) = (each for each in before_the_deployment(BEGAN).findings if each.code == "deploy-will-fail")
    named = [found.subject, *(found.evidence[each] for each in ("line", "sqlstate", "rows"))]
    assert named == [BROKEN, 5, "23502", 1204]


def test_the_plan_that_is_pictured(request: pytest.FixtureRequest) -> None:
    """After a change of it, `make pictures` draws docs/pictures/plan-light.svg and plan-dark.svg again."""
    plan = before_the_deployment(BEGAN).plan
    assert isinstance(plan, Plan)
    text = plan_as_text(plan)
    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")
