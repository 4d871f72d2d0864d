"""Golden files of what Slack and PagerDuty are sent, made of one message with everything in it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.alerts.channels import previews
from shared.model.finding import Severity
from shared.model.message import Change, Event, Item, Kind, Link, Message, Section, Span
from tests.alerts.news import group_changed

GOLDEN = Path(__file__).parents[1] / "golden" / "channels"
NOW = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
BEFORE = NOW - timedelta(hours=3)


def event(incident: str, change: Change, severity: Severity = Severity.CRITICAL, since: datetime = NOW) -> Event:
    return Event(incident, change, severity, since, f"{incident} {since:%Y-%m-%dT%H:%M:%SZ}")


MESSAGE = Message(
    Kind.INCIDENT,
    "production",
    (Severity.CRITICAL, Severity.WARNING),
    "production: migration fix_folders failed; 2 API endpoints return 500, since 09:05 UTC",
    (
        Section(
            "CAUSE",
            (
                Item((Span("20250904_fix_folders", code=True), Span(" failed at line 5: a < b & c > d, count(*)."))),
                Item((Span("The firewall rule "), Span("tmp`1", code=True), Span(" is wide.")), None, Severity.WARNING),
            ),
        ),
        Section(
            "FIX",
            (
                Item(
                    (Span("Run the statements:"),),
                    "psql \"$URL\" <<'SQL'\nUPDATE folders SET name = '<!channel>' WHERE id > 1;\nSQL",
                    Severity.CRITICAL,
                ),
            ),
            more=2,
        ),
        Section("STILL OPEN", (Item((Span("@here: *nothing* else."),)),), folded=True),
    ),
    NOW,
    (
        Link("Status page", "https://monitor.example.com/api/status?a=1&b=2"),
        Link("Runbook", "https://wiki.example.com/x"),
    ),
    ("migration 20250904_fix_folders 2026-11-22T09:05:00Z",),
    events=(
        event("migration 20250904_fix_folders", Change.OPENED),
        event("firewall-rule-wide:tmp", Change.CHANGED, Severity.WARNING, BEFORE),
        event("seed-missing:users", Change.RESOLVED, since=BEFORE),
        event("endpoint-status:folders", Change.REMINDER, since=BEFORE),
        event("unknown server", Change.OPENED),
    ),
)


@pytest.mark.parametrize("name", ["slack.json", "pagerduty.json"])
def test_golden(name: str, request: pytest.FixtureRequest) -> None:
    path = GOLDEN / name
    formed = previews(MESSAGE)[name]
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(formed, encoding="utf-8")
    assert formed == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["slack.json", "pagerduty.json", "webhook.json"])
def test_golden_of_several_targets(name: str, request: pytest.FixtureRequest) -> None:
    path = GOLDEN / f"group_{name}"
    formed = previews(group_changed())[name]
    if request.config.getoption("--update-golden"):
        path.write_text(formed, encoding="utf-8")
    assert formed == path.read_text(encoding="utf-8")
