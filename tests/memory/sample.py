"""A memory with something in every field, and what can become of its document."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.model.digest import digest
from shared.model.finding import Cause, Finding, Severity, Step
from shared.model.groups import IncidentGroup, Listed, Member, MemberIncident
from shared.model.last_seen import Analysed, LastSeen, RowsAnswer, SeenRelease, SeenRow
from shared.model.memory import (
    Answer,
    Covered,
    Incident,
    Memory,
    Notified,
    NotReceived,
    PastIncident,
    Point,
    Question,
    Refusing,
    Run,
    SeenSchema,
    Series,
    Several,
    SilenceInForce,
    Undelivered,
    UsedForm,
    Window,
)
from shared.model.message import Change, Event, Handle, Item, Kind, Link, Message, Section, Span, TargetLine
from shared.model.news import Silence
from shared.model.question import AnsweredColumn, Refused
from shared.model.report import MigrationDay, Verdict
from tests.builders import NOW

NOTHING = timedelta(0)
# Of the document beside it that this refers to.
TEXTS = {digest('{"version": 1}'): '{"version": 1}'}
(REPORT,) = TEXTS
FINDING = Finding(
    "migration-failed", 'fix "folders" \x00', Severity.CRITICAL, "It failed.", "applied", None,
    (Step("Mark it as rolled back.", "npx prisma"),), (Cause("a:b", certain=True),), {"error": "x", "n": [1, None, {"a": 1.5}]},
    NOW,
)  # fmt: skip
INCIDENT = Incident(
    "migration 2", NOW, NOW, Severity.CRITICAL, "d1", ("history",), (FINDING,), None, "because", True,
    Notified(NOW, Severity.WARNING, Severity.CRITICAL, "d0", 3), (NOW,), True, True, True, True, "migration-failed:2", "it failed",
)  # fmt: skip
MESSAGE = Message(
    Kind.INCIDENT, "production", (Severity.CRITICAL,), "It failed", (Section("CAUSE", (Item((Span("x", True),), "ls"),), 2, True),),
    NOW, (Link("page", "https://example.com"),), ("migration 2",),
    events=(Event("migration 2", Change.OPENED, Severity.CRITICAL, NOW, "migration 2", True),),
    handles=(Handle("slack", "migration 2", "C1/1.5"),),
    targets=(TargetLine("eu", "silenced", Severity.CRITICAL, NOW, ("migration 2 failed",), "silenced by Ada"),),
)  # fmt: skip
MEMBER = Member(
    "eu",
    (MemberIncident("migration 2", NOW, Severity.WARNING, "it failed", "d", ("team",), True, "silenced by Ada"),),
    NOW, Severity.CRITICAL, (Listed("team", ("d",)),), "resolved",
)  # fmt: skip
GROUP = IncidentGroup(
    "migration-failed:2", "eu", "migration 2", NOW, "migration 2 2026-11-22T09:05:00Z", (MEMBER,), 2,
    Severity.CRITICAL, NOW, NOW, True,
)  # fmt: skip
ANALYSED = Analysed(
    "0f" * 16, {"ab" * 16: (AnsweredColumn("span", "interval"),)}, {"cd" * 16: Refused("42601", "syntax error", 3)}
)
RELEASES = {"v1.42.0": SeenRelease(1, "sha256:0", "0123456789ab")}
ROWS = {"ef" * 16: RowsAnswer(NOW, 3, True, "22P02", "a reason")}
EVERYTHING = Memory(
    target="production",
    incidents=(INCIDENT,),
    silences=(SilenceInForce(Silence(None, "Ada", "on it", NOW), NOW, (Covered("migration 2", Severity.INFO, "d"),)),),
    number=1,
    undelivered=(Undelivered("team", replace(MESSAGE, sections=()), REPORT, True, timedelta(hours=1)),),
    not_received=(NotReceived("team", "migration 2"),),
    refusing=(Refusing("team", NOW, ("oncall",)),),
    handles=(Handle("slack", "migration 2", "C1/1.5"),),
    jumps={"back": 1},
    window=Window(NOW, "verify", NOW, "v3"),
    last_seen=LastSeen(
        (SeenRow("1", "init"),),
        {"users": 6},
        {"release sha256:0": NOW},
        "sha256:0",
        analysed=ANALYSED,
        rows=ROWS,
        releases=RELEASES,
    ),
    runs=(
        Run(
            NOW,
            Verdict.UNKNOWN,
            timedelta(milliseconds=412),
            1,
            2,
            {"seeds": "no right"},
            1,
            0,
            Several(2, 1, NOTHING),
            1,
        ),
    ),
    next_run_at=NOW,
    week_sent=NOW,
    last_report=REPORT,
    answers=(Answer(Question("run-4711", "d"), NOW, NOW, Verdict.PASSED, REPORT),),
    groups=(GROUP,),
    flushed_at=NOW,
    past=(PastIncident("migration 1", NOW, NOW, Severity.CRITICAL, ("history",), "It failed."),),
    series={
        "seed users": Series((Point(NOW, 6.0), Point(NOW + timedelta(hours=1), None))),
        "endpoint folders": Series((Point(NOW + timedelta(hours=1), 12.5),)),
    },
    migration_days=(MigrationDay(NOW, 2, timedelta(seconds=1.5), 1),),
    schema=SeenSchema(NOW, REPORT),
    schema_changes=REPORT,
    used_forms=(UsedForm("nonce", NOW),),
    check_asked=NOW,
    weeks_seen={"team": NOW},
)

DAMAGED = [
    pytest.param(lambda text: text[: len(text) // 2], "no JSON", id="truncated"),
    pytest.param(lambda _text: b"", "no JSON", id="empty"),
    pytest.param(lambda _text: b"\x00" * 4096, "no JSON", id="zeros, as after a power cut"),
    pytest.param(lambda _text: b"[" * 100_000, "no JSON", id="nested without end"),
    pytest.param(lambda _text: b"[]", "document", id="no object"),
    pytest.param(lambda text: text.replace(b'"version":1', b'"version":2'), "another version", id="from the future"),
    pytest.param(lambda text: text.replace(b'"target":"production"', b'"target":"staging"'), "another target", id="another target's"),
    pytest.param(lambda text: text.replace(b'"severity":"critical"', b'"severity":"fatal"'), "document.incidents[0].severity", id="no such severity"),
    pytest.param(lambda text: text.replace(b'"since":"2026', b'"since":"x2026'), "document.incidents[0].since", id="no moment"),
    pytest.param(lambda text: text.replace(b'"users":6', b'"users":true'), "document.last_seen.seeds.users", id="true is no number"),
    pytest.param(lambda text: text.replace(b'"columns":{"seed users":[6.0,', b'"columns":{"seed users":['), "document.series.at", id="a short column"),
    pytest.param(lambda text: text.replace(b'"digest":', b'"digset":'), "document.incidents[0].digset", id="an unknown field"),
]  # fmt: skip
