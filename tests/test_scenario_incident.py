"""The incident of 2025-09-05, if the monitor had been there: what people receive, minute by minute, as one golden file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shared.alerts.channels.teams.settings import TeamsChannel
from shared.alerts.delivery.deliver import Delivery
from shared.alerts.messages.text import as_plain_text
from shared.alerts.notifier import notify
from shared.memory import MemoryFile
from shared.model.alerts import Channel
from shared.model.finding import Finding, Json, Severity, Step
from shared.model.message import Kind, Message
from shared.model.setting_types import Secret
from tests.alerts.news import (
    ALERTS,
    ALIASES,
    BEGAN,
    BROKEN,
    EVERYTHING,
    FAILED,
    FOLDERS,
    PHASES,
    RULE,
    UNREACHABLE,
    USERS,
    pending,
    report,
)  # fmt: skip
from tests.builders import target

GOLDEN = Path(__file__).parent / "report" / "golden" / "incident_of_2025-09-05.txt"
TEAM = TeamsChannel("team", url=Secret("env:TEAMS", "https://teams.example.com/?sig=hunter2"))

ROLLED_BACK = Finding(
    "migration-rolled-back",
    BROKEN,
    Severity.CRITICAL,
    f"{BROKEN} was marked as rolled back and never applied again.",
    remedy=(Step("Apply what is pending.", "npx prisma migrate deploy"),),
)
RUNNING = Finding("migration-running", BROKEN, Severity.INFO, f"{BROKEN} is being applied.")
WAITING = tuple(replace(pending(name), because=()) for name in (ALIASES, PHASES))
ALONE = tuple(replace(finding, because=()) for finding in (FOLDERS, USERS))

# Minutes after the first look, what happened in the world, and what a run then finds.
MORNING: tuple[tuple[int, str, tuple[Finding, ...], str | None], ...] = (
    (-60, "the day before the deployment, all is well", (), None),
    (0, "the deployment stopped half-way at 09:41", EVERYTHING, None),
    (5, "nobody has done anything yet", EVERYTHING, None),
    (10, "the same", EVERYTHING, None),
    (15, "the database accepts no connections", (FOLDERS,), UNREACHABLE),
    (20, "the database still accepts no connections", (FOLDERS,), UNREACHABLE),
    (25, "the database accepts connections again; nothing has changed", EVERYTHING, None),
    (40, "somebody marks the failed migration as rolled back", (ROLLED_BACK, *WAITING, *ALONE), None),
    (45, "it is being applied again", (RUNNING, *WAITING, *ALONE), None),
    (55, "the migrations are deployed", (USERS_LEFT := replace(USERS, because=()), RULE), None),
    (70, "the seeds run; a firewall rule is left", (RULE,), None),
    (75, "nothing changes", (RULE,), None),
    (90, "the rule is removed", (), None),
    (150, "all is well", (), None),
)


class Teams:
    def __init__(self) -> None:
        self.received: list[Message] = []

    def send(
        self, message: Message, channels: Sequence[Channel], _report: Mapping[str, Json] | None
    ) -> Sequence[Delivery]:
        self.received.append(message)
        return [Delivery(channel.name, taken=True, said="202") for channel in channels]


Live = Callable[[datetime, tuple[Finding, ...], str | None], list[Message]]


@pytest.fixture
def live(tmp_path: Path) -> Live:
    """Let one run happen, with a memory in a file, and give what people receive."""
    place, alerts = MemoryFile(tmp_path, "production"), replace(ALERTS, channels=(TEAM,), weekly=False)

    def run(now: datetime, found: tuple[Finding, ...], no_result: str | None) -> list[Message]:
        teams = Teams()
        notify(report(*found, at=now, no_result=no_result), target(), alerts, place, send=teams.send, clock=lambda: now)
        return teams.received

    return run


def test_minute_by_minute(live: Live, request: pytest.FixtureRequest) -> None:
    text, kinds = "", []
    for minutes, happened, found, no_result in MORNING:
        now = BEGAN + timedelta(minutes=minutes)
        messages = live(now, found, no_result)
        kinds.append([message.kind for message in messages])
        text += f"═══ {now:%H:%M}  {happened}\n\n"
        text += "\n".join(map(as_plain_text, messages)) + "\n" if messages else "(silence)\n\n"
    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")
    assert kinds == [
        [],
        [Kind.INCIDENT],
        [],
        [],
        [],
        [Kind.CANNOT_CHECK],
        [Kind.RESOLVED],
        [Kind.INCIDENT],
        [],
        [Kind.INCIDENT],
        [Kind.RESOLVED],
        [],
        [Kind.RESOLVED],
        [],
    ]


def test_a_repair_in_steps_is_one_story(live: Live) -> None:
    live(BEGAN, (FAILED,), None)
    threads = {
        thread for message in live(BEGAN + timedelta(minutes=5), (ROLLED_BACK,), None) for thread in message.threads
    }
    pended = live(BEGAN + timedelta(minutes=10), (replace(pending(BROKEN), because=()),), None)
    ended = live(BEGAN + timedelta(minutes=15), (), None)
    assert len(threads) == 1
    assert [message.threads for message in pended + ended] == [tuple(threads)] * 2
    assert [message.kind for message in ended] == [Kind.RESOLVED]
