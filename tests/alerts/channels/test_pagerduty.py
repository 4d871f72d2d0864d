"""PagerDuty: which messages page, by which key they end, and a local server that answers as its API does."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from shared.alerts.channels.pagerduty.events import LARGEST, LONGEST_KEY, LONGEST_SUMMARY, events_of
from shared.alerts.channels.pagerduty.settings import PagerDutyChannel
from shared.alerts.delivery.deliver import Delivery, deliver
from shared.alerts.messages import crash, sample
from shared.model.finding import Severity
from shared.model.message import Change, Event, Item, Message, Section, Span
from shared.model.setting_types import Secret
from tests.alerts.news import ALERTS, BEGAN, MESSAGES, opened
from tests.gather.servers import Reply, http_server
from tests.patience import HALF_A_MINUTE

KEY = "hunter2a" * 4
TAKEN = Reply(202, b'{"status": "success", "message": "Event processed", "dedup_key": "1"}')


@pytest.fixture(autouse=True)
def nothing_secret_is_said(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    out, err = capfd.readouterr()
    assert "hunter2" not in caplog.text + out + err


def channel(port: int) -> PagerDutyChannel:
    return PagerDutyChannel(
        "paging", ("critical",), routing_key=Secret("env:KEY", KEY), endpoint=f"http://127.0.0.1:{port}",
        timeout=HALF_A_MINUTE, tries=2,
    )  # fmt: skip


def sent(message: Message, *replies: Reply) -> tuple[Delivery, list[dict[str, Any]]]:
    left = list(replies)
    with http_server(lambda _request: left.pop(0) if len(left) > 1 else left[0]) as (port, seen):
        [delivery] = deliver(message, [channel(port)], sleep=lambda _seconds: None)
    assert "hunter2" not in repr(delivery)
    assert {request.path for request in seen} <= {"/v2/enqueue"}
    return delivery, [json.loads(request.body) for request in seen]


def about(*incidents: tuple[str, Change], total: bool = False) -> Message:
    events = tuple(
        Event(name, change, Severity.CRITICAL, BEGAN, f"{name} thread", total and name.startswith("unknown"))
        for name, change in incidents
    )
    return replace(opened(), events=events, threads=tuple(each.thread for each in events))


def actions(message: Message) -> list[tuple[object, object]]:
    return [(event["event_action"], event["dedup_key"]) for event in events_of(message)]


def key(incident: str) -> str:
    message = about((incident, Change.OPENED))
    return message.key_of(message.events[0])


UNKNOWN_KEY = events_of(about(("unknown history", Change.OPENED), total=True))[0]["dedup_key"]
OPENED, CHANGED, RESOLVED = Change.OPENED, Change.CHANGED, Change.RESOLVED


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(about(("a", OPENED)), [("trigger", key("a"))], id="opens"),
        pytest.param(about(("a", CHANGED)), [("trigger", key("a"))], id="changes: the same alert"),
        pytest.param(about(("a", RESOLVED)), [("resolve", key("a"))], id="ends"),
        pytest.param(about(("a", Change.ACKNOWLEDGED)), [("acknowledge", key("a"))], id="silenced"),
        pytest.param(about(("a", Change.REMINDER)), [], id="a reminder pages nobody"),
        pytest.param(about(("a", RESOLVED), ("b", OPENED)), [("resolve", key("a")), ("trigger", key("b"))], id="both"),
        pytest.param(about(("deployment", Change.VERIFICATION)), [("trigger", key("deployment"))], id="a verification"),
        pytest.param(
            about(("d", Change.VERIFICATION), ("a", OPENED)), [("trigger", key("a"))], id="its incidents page"
        ),
        pytest.param(about(("unknown history", OPENED)), [], id="one unknown check never pages"),
        pytest.param(
            about(("unknown history", OPENED), ("unknown schema", OPENED), total=True),
            [("trigger", UNKNOWN_KEY)],
            id="no result at all pages once",
        ),
        pytest.param(about(("unknown history", Change.REMINDER), total=True), [], id="and not again"),
        pytest.param(about(("unknown history", RESOLVED)), [("resolve", UNKNOWN_KEY)], id="until a check works"),
        pytest.param(MESSAGES["weekly"](), [], id="the weekly message"),
    ],
)
def test_what_pages(message: Message, expected: list[tuple[str, str]]) -> None:
    assert actions(message) == expected


def test_a_crash_pages_once_however_often_it_is_sent() -> None:
    first, second = (crash("production", kind, "a.py:1", ALERTS, BEGAN) for kind in ("KeyError", "ValueError"))
    assert actions(first) == actions(second)
    assert actions(first)[0][0] == "trigger"


def test_what_is_sent() -> None:
    message = about(("migration 1", OPENED))
    delivery, [event] = sent(message, TAKEN)
    assert delivery == Delivery("paging", True, "PagerDuty accepted: trigger 1")
    details = event["payload"].pop("custom_details")["message"]
    assert message.headline in details
    assert event == {
        "routing_key": KEY,
        "event_action": "trigger",
        "dedup_key": key("migration 1"),
        "payload": {
            "summary": message.headline,
            "source": "production",
            "severity": "critical",
            "timestamp": "2025-09-05T09:45:00+00:00",
        },
        "links": [{"href": link.url, "text": link.text} for link in message.links],
        "client": "Migration Monitor",
        "client_url": message.links[0].url,
    }


@pytest.mark.parametrize("severity", Severity)
def test_severities_are_those_of_pagerduty(severity: Severity) -> None:
    message = about(("a", OPENED))
    [event] = events_of(replace(message, events=(replace(message.events[0], severity=severity),)))
    payload: Any = event["payload"]
    assert payload["severity"] == severity.value
    assert severity.value in {"critical", "error", "warning", "info"}


def test_two_incidents_have_a_summary_each() -> None:
    events: Any = events_of(about(("migration 1", OPENED), ("seed-missing:users", OPENED)))
    assert [event["payload"]["summary"] for event in events] == [
        opened().headline,
        "production: seed rows missing (users)",
    ]


def test_limits() -> None:
    section = Section("CAUSE", tuple(Item((Span("ä" * 60),), command="SELECT 1;\n" * 200) for _ in range(300)))
    huge = replace(about(("m" * 4000, OPENED)), headline="h" * 4000, sections=(section,))
    _, [event] = sent(huge, TAKEN)
    assert len(event["dedup_key"]) <= LONGEST_KEY
    assert len(event["payload"]["summary"]) == LONGEST_SUMMARY
    assert len(json.dumps(event)) <= LARGEST
    assert "more: see the report" in event["payload"]["custom_details"]["message"]


def invalid(*errors: str) -> Reply:
    document = {"status": "invalid event", "message": "Event object is invalid", "errors": list(errors)}
    return Reply(400, json.dumps(document).encode())


@pytest.mark.parametrize(
    ("replies", "expected", "requests"),
    [
        pytest.param([Reply(429), TAKEN], Delivery("paging", True, "PagerDuty accepted: trigger 1"), 2, id="too many events"),
        pytest.param([Reply(500)], Delivery("paging", False, "PagerDuty answered 500 Internal Server Error", passing=True), 2, id="away"),
        pytest.param([invalid("Length of 'routing_key' is incorrect (should be 32 characters)")], Delivery("paging", False, "PagerDuty answered 400 Bad Request"), 1, id="a key that is wrong"),
        pytest.param(
            [invalid("'payload.summary' is missing or blank"), TAKEN],
            Delivery("paging", True, "PagerDuty answered 400 Bad Request; a short message was sent instead: PagerDuty accepted: trigger 1", abridged=True),
            2,
            id="about the message",
        ),
        pytest.param([Reply(413), TAKEN], Delivery("paging", True, "PagerDuty answered 413 Request Entity Too Large; a short message was sent instead: PagerDuty accepted: trigger 1", abridged=True), 2, id="too large"),
    ],
)  # fmt: skip
def test_answers(replies: list[Reply], expected: Delivery, requests: int) -> None:
    delivery, events = sent(about(("a", OPENED)), *replies)
    assert delivery == expected
    assert len(events) == requests


def test_a_message_that_fails_in_the_middle_is_sent_again_by_the_same_keys() -> None:
    delivery, events = sent(about(("a", OPENED), ("b", OPENED)), TAKEN, Reply(503), TAKEN)
    assert delivery.said == "PagerDuty accepted: trigger 2"
    assert [event["dedup_key"] for event in events] == [key("a"), key("b"), key("a"), key("b")]


def test_a_test_opens_an_alert_and_closes_it() -> None:
    delivery, events = sent(sample("paging", ALERTS, BEGAN), TAKEN)
    assert delivery.said == "PagerDuty accepted: trigger 1, resolve 1"
    assert [(event["event_action"], event.get("payload", {}).get("severity")) for event in events] == [
        ("trigger", "info"),
        ("resolve", None),
    ]


def test_what_pages_nobody_is_not_sent() -> None:
    delivery, events = sent(about(("a", Change.REMINDER)), TAKEN)
    assert (delivery.taken, delivery.said, events) == (
        True,
        "PagerDuty: nothing in this message pages anybody",
        [],
    )


@pytest.mark.parametrize(
    ("given", "broken"),
    [
        ({"routing_key": Secret("env:K", "short")}, "`routing_key` must be an integration key of the Events API v2"),
        ({"routing_key": Secret("env:K", KEY), "endpoint": "http://example.com"}, "`endpoint` must be https://"),
    ],
)
def test_rules(given: dict[str, Any], broken: str) -> None:
    with pytest.raises(ValueError, match=broken) as caught:
        PagerDutyChannel("paging", **given)
    assert "hunter2" not in str(caught.value)
