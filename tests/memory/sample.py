"""A memory with something in every field, and what can become of its document."""

from datetime import timedelta

import pytest

from shared.model.finding import Cause, Finding, Severity, Step
from shared.model.last_seen import LastSeen, SeenRow
from shared.model.memory import (
    Answer,
    Covered,
    Incident,
    Memory,
    Question,
    Run,
    SilenceInForce,
    Told,
    Undelivered,
    Window,
)
from shared.model.message import Item, Kind, Link, Message, Section, Span
from shared.model.news import Silence
from shared.model.report import Verdict
from tests.builders import NOW

FINDING = Finding(
    "migration-failed", 'fix "folders" \x00', Severity.CRITICAL, "It failed.", "applied", None,
    (Step("Take it back.", "npx prisma"),), (Cause("a:b", certain=True),), {"error": "x", "n": [1, None, {"a": 1.5}]},
    NOW,
)  # fmt: skip
INCIDENT = Incident(
    "migration 2", NOW, NOW, Severity.CRITICAL, "d1", ("history",), (FINDING,), None, "because", True,
    Told(NOW, Severity.WARNING, Severity.CRITICAL, "d0", 3), (NOW,), True, True, True,
)  # fmt: skip
MESSAGE = Message(
    Kind.INCIDENT, "production", (Severity.CRITICAL,), "It failed", (Section("CAUSE", (Item((Span("x", True),), "ls"),), 2, True),),
    NOW, (Link("page", "https://example.com"),), ("migration 2",),
)  # fmt: skip
EVERYTHING = Memory(
    target="production",
    incidents=(INCIDENT,),
    telling=(INCIDENT,),
    silences=(SilenceInForce(Silence(None, "Ada", "on it", NOW), NOW, (Covered("migration 2", Severity.INFO, "d"),)),),
    undelivered=(Undelivered("team", MESSAGE, heard=True),),
    window=Window(NOW, "verify", NOW, "v3"),
    last_seen=LastSeen((SeenRow("1", "init"),), {"users": 6}, {"release sha256:0": NOW}, "sha256:0"),
    runs=(Run(NOW, Verdict.UNKNOWN, timedelta(milliseconds=412), 1, 2, {"seeds": "no right"}, 1),),
    next_run_at=NOW,
    week_told=NOW,
    last_report='{"version": 1}',
    answers=(Answer(Question("run-4711", "d"), NOW, NOW, Verdict.PASSED, '{"version": 1}'),),
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
    pytest.param(lambda text: text.replace(b'"digest":', b'"digset":'), "document.incidents[0].digset", id="an unknown field"),
]  # fmt: skip
