"""The incident of 2025-09-05 minute by minute: what people would have heard, as it stands in the golden file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shared.memory import MemoryFile
from shared.model.alerts import Channel
from shared.model.finding import Finding, Json, Severity
from shared.model.message import Message
from shared.notify.deliver import Delivery
from shared.report.message.text import as_plain_text
from shared.tell import tell
from tests.builders import target
from tests.report.decide.story import TEAM
from tests.report.news import (
    ALERTS,
    ALIASES,
    BEGAN,
    BROKEN,
    EVERYTHING,
    FAILED,
    FOLDERS,
    PHASES,
    UNREACHABLE,
    USERS,
    pending,
    report,
)

GOLDEN = Path(__file__).parent / "golden" / "incident_of_2025-09-05.txt"
ROLLED_BACK = Finding(
    "migration-rolled-back", BROKEN, Severity.CRITICAL, f"{BROKEN} was marked as rolled back and never applied again."
)
RUNNING = Finding("migration-running", BROKEN, Severity.INFO, f"{BROKEN} is being applied.")


@dataclass
class Team:
    """A channel that takes everything, and what it heard by the clock."""

    file: MemoryFile
    now: datetime = BEGAN
    heard: list[str] = field(default_factory=list)

    def run(self, *findings: Finding, minute: int, blind: str | None = None) -> None:
        self.now = BEGAN + timedelta(minutes=minute)

        def send(
            message: Message, channels: Sequence[Channel], _report: Mapping[str, Json] | None
        ) -> Sequence[Delivery]:
            self.heard.append(f"=== {self.now:%H:%M}\n{as_plain_text(message)}")
            return [Delivery(channel.name, taken=True, said="taken") for channel in channels]

        alerts = replace(ALERTS, channels=(TEAM,))
        tell(
            report(*findings, at=self.now, blind=blind), target(), alerts, self.file, send=send, clock=lambda: self.now
        )


def test_the_incident_as_it_would_have_been_told(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    team = Team(MemoryFile(tmp_path, "production"))
    waiting = (pending(ALIASES), pending(PHASES))
    team.run(minute=-60)
    team.run(*EVERYTHING, minute=0)
    for minute in (5, 10, 15):
        team.run(*EVERYTHING, minute=minute)
    team.run(FOLDERS, minute=20, blind=UNREACHABLE)
    team.run(*EVERYTHING, minute=25)
    # Somebody takes it back, mends the data, and deploys.
    team.run(ROLLED_BACK, *(replace(each, because=()) for each in waiting), USERS, minute=70)
    team.run(RUNNING, *waiting, USERS, minute=75)
    team.run(USERS, minute=80)
    team.run(minute=95)
    team.run(minute=155)
    told = "\n".join(team.heard)
    if pytestconfig.getoption("--update-golden"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(told, encoding="utf-8")
    assert told == GOLDEN.read_text(encoding="utf-8")
    assert [said.split("\n")[0] for said in team.heard] == ["=== 09:45", "=== 10:55", "=== 11:05", "=== 11:20"]
    assert FAILED.incident == ROLLED_BACK.incident == RUNNING.incident, "one story, not four"
