"""Notifying and remembering together: who is notified, what is kept, and what a run leaves behind that dies on the way."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shared.alerts.answers import call_off
from shared.alerts.channels.pagerduty.events import events_of
from shared.alerts.decide import week_due
from shared.alerts.decide.answers import OtherQuestionError
from shared.alerts.delivery.deliver import Delivery
from shared.alerts.messages.marks import title
from shared.alerts.messages.text import as_plain_text
from shared.alerts.notifier import NobodyNotifiedError, Notified, notify
from shared.memory import MemoryFile, MemoryPlace, RememberError, UnsavedError, memory_of
from shared.model.alerts import Channel, TargetAlerts
from shared.model.finding import Finding, Json
from shared.model.memory import Memory, Question
from shared.model.message import Kind, Message
from shared.model.report import Trigger
from shared.model.settings import MemorySettings
from tests.alerts.decide.story import ALERTING, DRIFT, EDITED, FAILED, FEW_USERS, TEAM, report
from tests.builders import NOW, target
from tests.gather.servers import Reply, Request, http_server

ROOT = Path(__file__).parents[2]
ONCALL = replace(TEAM, name="oncall", severities=("critical",))
BUSY, REFUSED, NEVER = "is busy", "refused", "can never take it"


@dataclass
class People:
    """Two channels; `moods` says which of them does not take what it is sent, and `received` what they took."""

    file: MemoryPlace
    channels: tuple[Channel, ...] = (TEAM, ONCALL)
    rules: TargetAlerts = field(default_factory=TargetAlerts)
    weekly: bool = False
    moods: dict[str, str] = field(default_factory=dict)
    received: list[tuple[str, Message]] = field(default_factory=list)
    now: datetime = NOW
    error_lines: bool = False
    reminder_hours: int = 24
    reports: list[Mapping[str, Json] | None] = field(default_factory=list)

    def run(
        self,
        *findings: Finding,
        after: timedelta = timedelta(minutes=5),
        question: Question | None = None,
        no_result: tuple[str, ...] = (),
    ) -> Notified:
        self.now += after
        alerts = replace(
            ALERTING,
            channels=self.channels,
            weekly=self.weekly,
            error_lines=self.error_lines,
            reminder_hours=self.reminder_hours,
        )
        watched = replace(target(), alerts=self.rules)
        trigger = Trigger.SCHEDULE if question is None else Trigger.VERIFY
        made = report(findings, self.now, trigger=trigger, no_result=no_result)
        return notify(made, watched, alerts, self.file, question=question, send=self._send, clock=lambda: self.now)

    def _send(
        self, message: Message, channels: Sequence[Channel], sent: Mapping[str, Json] | None
    ) -> Sequence[Delivery]:
        self.reports.append(sent)
        said = {channel.name: self.moods.get(channel.name) for channel in channels}
        self.received += [(name, message) for name, mood in said.items() if mood is None]
        return [
            Delivery(name, mood is None, mood or "taken", mood == BUSY, mood == NEVER) for name, mood in said.items()
        ]

    @property
    def headlines(self) -> list[str]:
        said = [f"{name}: {'late ' if m.late else ''}{m.headline}" for name, m in self.received]
        self.received.clear()
        return [each.partition(", since")[0].replace("production: ", "").replace("production is", "") for each in said]


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(MemoryFile(tmp_path, "production"))


def test_each_channel_receives_its_severities(people: People) -> None:
    people.run(FAILED, EDITED)
    sent = {name: message.threads for name, message in people.received}
    assert {name: [thread.split()[:2] for thread in threads] for name, threads in sent.items()} == {
        "team": [["migration", "2"], ["migration", "1"]],
        "oncall": [["migration", "2"]],
    }
    people.received.clear()
    people.run(FAILED)
    assert [name for name, _ in people.received] == ["team"], (
        "the end of a warning is nothing to those who never received of it"
    )


def test_a_target_may_name_its_channels(people: People) -> None:
    people.rules = TargetAlerts(only_channels=("oncall",))
    people.run(FAILED)
    assert [name for name, _ in people.received] == ["oncall"]


def test_a_channel_that_is_busy_receives_late_and_in_order(people: People) -> None:
    people.moods = {"oncall": BUSY}
    people.run(FAILED)
    people.run()
    assert people.headlines == ["team: migration 2 failed", "team: production matches v2 again, after 5 min"]
    people.moods = {}
    people.run()
    assert people.headlines == [
        "oncall: late migration 2 failed",
        "oncall: late production matches v2 again, after 5 min",
    ]
    assert people.file.load().undelivered == ()
    people.run()
    assert people.headlines == []


def test_a_channel_that_refuses_is_tried_again_and_another_is_notified_of_it_once(people: People) -> None:
    people.moods = {"oncall": REFUSED}
    sent = people.run(FAILED)
    assert [(d.channel, d.taken, d.said) for d in sent.deliveries] == [
        ("team", True, "taken"),
        ("oncall", False, REFUSED),
        ("team", True, "taken"),
    ]
    assert people.headlines == ["team: migration 2 failed", "team: oncall refuses messages"]
    people.run()
    assert people.headlines == ["team: production matches v2 again, after 5 min"]
    people.moods = {}
    people.run()
    assert people.headlines == [
        "oncall: late migration 2 failed",
        "oncall: late production matches v2 again, after 5 min",
        "team: oncall accepts messages again",
    ]
    people.run()
    assert people.headlines == []
    people.moods = {"oncall": REFUSED}
    people.run(FAILED)
    assert people.headlines[-1] == "team: oncall refuses messages", "it is another time"


def test_who_was_notified_that_a_channel_refuses_is_notified_of_its_end(people: People) -> None:
    """Also where that channel takes nothing just then; and who was not is not."""
    desk = replace(TEAM, name="desk")
    people.channels = (TEAM, ONCALL, desk)
    people.moods = {"oncall": REFUSED, "desk": BUSY}
    people.run(FAILED)
    assert people.headlines == ["team: migration 2 failed", "team: oncall refuses messages"]
    people.moods = {"team": BUSY, "desk": BUSY}
    people.run()
    assert people.headlines[-1] == "oncall: production matches v2 again, after 5 min"
    people.moods = {}
    people.run(FEW_USERS)
    assert [each for each in people.headlines if "accepts" in each] == ["team: oncall accepts messages again"]
    people.run()
    assert not any("accepts" in each for each in people.headlines)


def test_a_paging_service_has_one_alert_while_a_channel_refuses(people: People) -> None:
    people.moods = {"oncall": REFUSED}
    people.run(FAILED)
    refuses = people.received[-1][1]
    people.received.clear()
    people.moods = {}
    people.run(FAILED)
    accepts = people.received[-1][1]
    [began, ended] = [*events_of(refuses), *events_of(accepts)]
    assert (began["event_action"], ended["event_action"]) == ("trigger", "resolve")
    assert began["dedup_key"] == ended["dedup_key"]
    assert began["payload"]["summary"] == "production: oncall refuses messages"  # type: ignore[index, call-overload]
    assert title(accepts) == "✅ production: oncall accepts messages again"


@pytest.mark.parametrize(
    ("reminder_hours", "end"),
    [
        pytest.param(168, [], id="nobody there knows of its beginning"),
        pytest.param(
            24,
            [
                "oncall: late still open after 1 day: migration 2 failed",
                "oncall: late production matches v2 again, after 1 day",
                "team: oncall accepts messages again",
            ],
            id="the reminder says that it is open",
        ),
    ],
)
def test_what_a_channel_refuses_for_a_day_is_given_up_loudly(
    people: People, reminder_hours: int, end: list[str]
) -> None:
    people.reminder_hours = reminder_hours
    people.moods = {"oncall": REFUSED}
    people.run(FAILED)
    for _ in range(23):
        assert people.run(FAILED, after=timedelta(hours=1)).given_up == ()
    assert people.run(FAILED, after=timedelta(hours=1)).given_up == (
        "oncall: a message was given up after 24 h: production: migration 2 failed, since 09:10 UTC",
    )
    assert people.headlines[-1] == "team: oncall refuses messages"
    people.run()
    people.received.clear()
    people.moods = {}
    people.run()
    assert people.headlines == end
    assert people.file.load().undelivered == ()


def test_no_jump_of_the_clock_makes_a_day_of_a_moment(people: People) -> None:
    people.moods = {"oncall": REFUSED}
    people.run(FAILED)
    for after in (timedelta(days=4000), timedelta(days=-4000), timedelta(days=2)):
        assert people.run(FAILED, after=after).given_up == ()
    people.moods = {}
    people.received.clear()
    people.run(FAILED)
    assert people.headlines[0] == "oncall: late migration 2 failed"


def test_what_can_never_be_taken_holds_nothing_up(people: People) -> None:
    people.moods = {"oncall": NEVER}
    sent = people.run(FAILED)
    assert [each.partition(": production")[0] for each in sent.given_up] == ["oncall: a message was given up after 0 h"]
    people.moods = {}
    people.received.clear()
    people.run(FAILED, FEW_USERS)
    assert people.headlines == [
        "team: seed rows missing (users)",
        "oncall: seed rows missing (users)",
        "team: oncall accepts messages again",
    ]


def test_what_no_channel_can_ever_take_is_sent_again(people: People) -> None:
    people.moods = {"oncall": NEVER, "team": NEVER}
    with pytest.raises(NobodyNotifiedError, match=r"nobody was notified of 'production: migration 2 failed"):
        people.run(FAILED)
    people.moods = {}
    people.run(FAILED)
    assert people.headlines == ["team: migration 2 failed", "oncall: migration 2 failed"]


@pytest.mark.parametrize("mood", [BUSY, REFUSED])
def test_what_nobody_takes_ends_the_run_loudly_and_is_kept(people: People, mood: str) -> None:
    people.moods = {"team": mood, "oncall": mood}
    for _ in range(2):
        with pytest.raises(
            NobodyNotifiedError, match=rf"nobody was notified of 'production: migration 2 failed.*': {mood}"
        ):
            people.run(FAILED)
    people.moods = {"oncall": mood}
    people.run(FAILED)
    assert people.headlines[0] == "team: late migration 2 failed"


def test_what_one_did_not_receive_is_kept_although_the_other_received_less(people: People) -> None:
    people.moods = {"team": REFUSED}
    with pytest.raises(NobodyNotifiedError):
        people.run(FAILED, EDITED)
    people.moods = {}
    people.run(FAILED, EDITED)
    assert people.headlines == [
        "oncall: migration 2 failed",
        "oncall: team refuses messages",
        "team: late migration 2 failed; 1 more problem",
        "oncall: team accepts messages again",
    ]


def test_what_was_kept_for_a_channel_that_is_gone_goes_to_those_there_are(people: People) -> None:
    people.channels = (TEAM,)
    people.moods = {"team": BUSY}
    with pytest.raises(NobodyNotifiedError):
        people.run(FAILED)
    people.channels = (replace(TEAM, name="new"),)
    people.run(FAILED)
    assert people.headlines == ["new: late migration 2 failed"]
    assert people.file.load().undelivered == ()


def test_for_a_channel_that_refuses_a_late_message_the_end_is_kept_too(people: People) -> None:
    """The end is received by another channel. Were it dropped for this one, the late beginning would stand last."""
    for mood, found in ((BUSY, (FAILED, EDITED)), (REFUSED, (EDITED,))):
        people.moods = {"team": mood}
        with pytest.raises(NobodyNotifiedError):  # nobody else receives the warning
            people.run(*found)
    people.moods = {}
    people.run(EDITED)
    team = [headline for headline in people.headlines if headline.startswith("team")]
    assert team == [
        "team: late migration 2 failed; 1 more problem",
        "team: late resolved after 5 min: migration 2; 1 incident still open",
    ]


def test_a_stuck_channel_is_asked_once_a_run(people: People) -> None:
    people.moods = {"oncall": BUSY}
    for found in ((FAILED,), (), (FAILED,), ()):
        sent = people.run(*found)
        assert [d.channel for d in sent.deliveries].count("oncall") == 1


def test_a_lost_memory_is_sent_and_loses_no_finding(people: People, tmp_path: Path) -> None:
    people.run(FAILED)
    (tmp_path / "production.json").write_text('{"version": 1, "target"')
    people.received.clear()
    sent = people.run(FAILED)
    assert sent.lost is not None
    (message,) = {id(message): message for _, message in people.received}.values()
    assert any("has lost its memory" in item.text for section in message.sections for item in section.items)
    people.received.clear()
    assert people.run(FAILED).lost is None
    assert people.received == []


def test_what_cannot_be_remembered_is_sent_first(people: People, tmp_path: Path) -> None:
    people.file = MemoryFile(tmp_path / "file" / "memory", "production")
    (tmp_path / "file").write_text("")
    with pytest.raises(RememberError, match="the monitor could not save its state"):
        people.run(FAILED)
    assert people.headlines == ["team: migration 2 failed", "oncall: migration 2 failed", *UNSAVED]


UNSAVED = [f"{name}: the monitor could not save its state" for name in ("team", "oncall")]


def test_no_end_is_sent_that_the_next_process_would_not_know_of(people: People, tmp_path: Path) -> None:
    """Each run is a process of its own. Had the end been sent, nobody would be notified that it broke again."""
    people.run(FAILED)
    people.received.clear()
    (tmp_path / ".production.json.part").mkdir()
    with pytest.raises(UnsavedError, match="the monitor could not save its state"):
        people.run()
    assert people.headlines == UNSAVED
    people.received.clear()
    with pytest.raises(UnsavedError):
        people.run()
    texts = [as_plain_text(message) for _, message in people.received]
    assert all("NO LONGER FOUND" in text and "migration 2, since" in text for text in texts)
    with pytest.raises(UnsavedError):
        people.run(FAILED)
    assert "OPEN NOW" in as_plain_text(people.received[-1][1])
    people.received.clear()
    (tmp_path / ".production.json.part").rmdir()
    people.run(FAILED)
    assert people.headlines == [], "they know that it is open"
    people.run()
    assert [each.partition(",")[0] for each in people.headlines] == [
        "team: production matches v2 again", "oncall: production matches v2 again"
    ]  # fmt: skip


def test_what_is_sent_and_cannot_be_saved_says_so(people: People, tmp_path: Path) -> None:
    (tmp_path / ".production.json.part").mkdir()
    with pytest.raises(UnsavedError):
        people.run(FAILED)
    first = as_plain_text(people.received[0][1])
    assert (
        "The monitor could not save its state: it may send this message again, or may not report that the incident is resolved."
        in " ".join(first.split())
    )


def test_so_does_a_check_without_a_result(people: People, tmp_path: Path) -> None:
    people.run(no_result=("seeds",))
    (tmp_path / ".production.json.part").mkdir()
    with pytest.raises(UnsavedError):
        people.run(no_result=("seeds",))
    first = as_plain_text(people.received[0][1])
    assert "cannot check seeds" in first
    assert "or may not report that the incident is resolved." in " ".join(first.split())


def test_what_cannot_be_remembered_is_sent_once_by_a_process_that_lives_on(people: People, tmp_path: Path) -> None:
    """The queue tries a failed check again after a minute, and the schedule after five."""
    people.file = memory_of("production", MemorySettings(str(tmp_path / "file" / "memory")))
    (tmp_path / "file").write_text("")
    for found in ((FAILED,), (FAILED,), (FAILED,), ()):
        with pytest.raises(RememberError):
            people.run(*found)
    assert [headline for headline in people.headlines if headline.startswith("team")] == [
        "team: migration 2 failed",
        UNSAVED[0],
    ], "its end waits until that can be saved"
    (tmp_path / "file").unlink()
    people.run()
    assert people.headlines[0] == "team: production matches v2 again, after 20 min"


def test_a_deployment_that_was_called_off_holds_nothing_back(people: People) -> None:
    with people.file.alone():
        people.file.save(Memory("production"))
    call_off(people.file)
    assert people.file.load().window is None


def test_the_week_is_sent_once_to_every_channel(people: People) -> None:
    people.weekly = True
    people.run(EDITED)  # Sunday 2026-11-22
    for _ in range(20):
        people.run(EDITED, after=timedelta(hours=1))
    people.run(EDITED, after=timedelta(minutes=5))
    assert [message.kind for _, message in people.received] == [Kind.INCIDENT], "before Monday at seven"
    for _ in range(3):
        people.run(EDITED, after=timedelta(hours=1))
    cards = [(name, message.headline) for name, message in people.received if message.kind is Kind.WEEKLY]
    assert [name for name, _ in cards] == ["team", "oncall"]
    memory = people.file.load()
    assert week_due(memory, 0, people.now + timedelta(days=6)) is None
    week = week_due(memory, 3, people.now + timedelta(days=7))
    assert week is not None
    assert (week.accepted, [each.incident for each in week.open], week.failed_runs) == (3, ["migration 1"], 0)


@pytest.mark.parametrize("allowed", [True, False])
def test_the_report_that_goes_along_quotes_the_database_only_where_the_settings_allow(
    people: People, *, allowed: bool
) -> None:
    """Its error line may hold a value of a row, and a webhook leads to another company."""
    line = "ERROR: Key (email)=(ada@example.com) already exists."
    found = replace(FAILED, summary=f"It failed: {line}", evidence={"error": line, "sqlstate": "23505"})
    people.error_lines = allowed
    people.run(found)
    assert [line in json.dumps(sent) for sent in people.reports] == [allowed] * len(people.reports)
    assert all('"sqlstate": "23505"' in json.dumps(sent) for sent in people.reports)
    last = people.file.load().last_report
    assert last is not None
    assert line in str(people.file.text(last)), "the report itself is whole"


def test_of_two_requests_at_once_under_one_id_the_first_notifies_and_answers(people: People) -> None:
    """Both looked before either had an answer."""
    question = Question("run-4711", "the same")
    people.run(FAILED, question=question)
    people.received.clear()
    answers = people.file.load().answers
    assert people.run(FAILED, FEW_USERS, question=question).deliveries == ()
    assert (people.received, people.file.load().answers) == ([], answers)
    with pytest.raises(OtherQuestionError):
        people.run(FAILED, question=replace(question, asked="another"))
    people.run(FAILED, question=Question("run-4712", "the same"))
    assert people.received != []


def test_no_secret_is_remembered(people: People, tmp_path: Path) -> None:
    people.moods = {"team": BUSY, "oncall": BUSY}
    with pytest.raises(NobodyNotifiedError) as caught:
        people.run(FAILED, FEW_USERS, DRIFT)
    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in (tmp_path / "production.json").read_text()


_RUN_ONCE = """
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from shared.memory import MemoryFile
from shared.alerts.channels.webhook.settings import WebhookChannel
from shared.model.setting_types import Secret
from shared.alerts.notifier import notify
from tests.builders import NOW, target
from tests.alerts.decide.story import FAILED, ALERTING, report
folder, port, state, minute = sys.argv[1:]
hook = WebhookChannel("hook", url=Secret("env:HOOK", f"http://127.0.0.1:{port}/hook"), tries=1)
made = report([FAILED] if state == "failed" else [], NOW + timedelta(minutes=int(minute)))
place = MemoryFile(Path(folder), "production")
print("ready", flush=True)
input()
notify(made, target(), replace(ALERTING, channels=(hook,), weekly=False), place, clock=lambda: made.started_at)
"""


def test_a_run_that_is_killed_between_sending_and_remembering_repeats_and_loses_nothing(tmp_path: Path) -> None:
    """The receiver has the message and kills the sender, with a signal that nothing can catch."""
    received: list[str] = []
    ids: list[str] = []
    reports: list[object] = []
    victims: list[int] = []

    def receive(request: Request) -> Reply:
        document = json.loads(request.body)
        received.append(document["message"]["headline"])
        ids.append(request.headers["idempotency-key"])
        reports.append(document["report"])
        if victims:
            os.kill(victims.pop(), signal.SIGKILL)
        return Reply()

    def run(state: str, minute: int, *, killed: bool = False) -> int:
        process = subprocess.Popen(
            [sys.executable, "-c", _RUN_ONCE, tmp_path, str(port), state, str(minute)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        if killed:
            victims.append(process.pid)
        process.communicate("\n")
        return process.returncode

    with http_server(receive) as (port, _):
        assert run("failed", 0, killed=True) == -signal.SIGKILL
        (kept,) = MemoryFile(tmp_path, "production").load().undelivered
        assert kept.message.headline == "production: migration 2 failed, since 09:05 UTC"
        assert run("failed", 5) == 0
        assert run("failed", 10) == 0
        assert run("well", 15, killed=True) == -signal.SIGKILL
        assert run("failed", 20) == 0, "it was sent as ended, and is open again"
        assert run("well", 25) == 0
    ended = "production matches v2 again"
    assert [each.partition(",")[0] for each in received] == [
        "production: migration 2 failed",
        "production: migration 2 failed",
        ended,
        ended,
        "production: migration 2 failed",
        ended,
    ]
    assert ids[0] == ids[1], "who pages by machine takes it for the same"
    assert ids[2] == ids[3]
    assert len(set(ids)) == 4
    assert reports[0] == reports[1] is not None, "the report of that moment, also when it comes late"
