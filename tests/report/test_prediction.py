"""A predicted failure reaches people before the deployment: the golden message is what a verification sends."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from shared.memory import MemoryFile
from shared.model.alerts import Channel
from shared.model.finding import Json
from shared.model.message import Message
from shared.model.setting_types import Secret
from shared.notify.deliver import Delivery
from shared.tell import tell
from tests.builders import target
from tests.report.news import ALERTS, BEGAN, BROKEN, MESSAGES
from tests.report.prediction import before_the_deployment

TEAM = Channel("team", "teams", url=Secret("env:TEAMS", "https://teams.example.com/?sig=hunter2"))


def test_the_pipeline_and_the_team_receive_the_same_prediction(tmp_path: Path) -> None:
    sent: list[Message] = []

    def send(message: Message, channels: Sequence[Channel], _report: Mapping[str, Json] | None) -> Sequence[Delivery]:
        sent.append(message)
        return [Delivery(channel.name, taken=True, said="202") for channel in channels]

    alerts = replace(ALERTS, channels=(TEAM,), weekly=False)
    place = MemoryFile(tmp_path, "production")
    tell(before_the_deployment(BEGAN), target(), alerts, place, send=send, clock=lambda: BEGAN)
    assert sent == [MESSAGES["predicted"]()]


def test_the_report_names_the_statement_and_the_rows_in_its_way() -> None:
    (found,) = (each for each in before_the_deployment(BEGAN).findings if each.code == "deploy-will-fail")
    named = [found.subject, *(found.evidence[each] for each in ("line", "sqlstate", "rows"))]
    assert named == [BROKEN, 5, "23502", 1204]
