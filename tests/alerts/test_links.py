"""Signed links and forms: what is altered, ended, or for something else is not opened; and where messages link to."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.alerts.channels.teams.settings import TeamsChannel
from shared.alerts.channels.webhook.settings import WebhookChannel
from shared.alerts.links import LINK_LASTS, Opened, Purpose, opened, signed
from shared.alerts.messages import acknowledgement, compose, sample, weekly_card
from shared.alerts.messages.discreet import discreet_document
from shared.alerts.sending import Plan, Round, planned
from shared.model.alerts import AlertSettings
from shared.model.finding import Severity
from shared.model.memory import Memory
from shared.model.message import Kind, Message
from shared.model.news import Decision, News, OpenIncident, Week, Why
from shared.model.report import Trigger
from shared.model.setting_types import Secret
from shared.report.html.anchor import anchor_of
from shared.report.json import as_document
from tests.alerts.news import ALERTS, ERROR, FAILED, report
from tests.builders import NOW, target

KEY = "signing-key-0123456789-0123456789"
OTHER = "another-key-0123456789-0123456789"
UNTIL = NOW + LINK_LASTS
TOKEN = signed(KEY, Purpose.PAGE, "production", about="incident-1", until=UNTIL)
SIGNING = replace(ALERTS, link_key=Secret("env:LINK_KEY", KEY))


def test_what_was_signed_is_opened_until_it_ends() -> None:
    expected = Opened("incident-1", UNTIL)
    assert opened(TOKEN, KEY, Purpose.PAGE, "production", now=NOW) == expected
    assert opened(TOKEN, KEY, Purpose.PAGE, "production", now=UNTIL - timedelta(seconds=1)) == expected
    assert opened(TOKEN, KEY, Purpose.PAGE, "production", now=UNTIL) is None


def test_a_badge_has_no_end_but_another_key() -> None:
    badge = signed(KEY, Purpose.BADGE, "production")
    assert opened(badge, KEY, Purpose.BADGE, "production", now=NOW + timedelta(days=36500)) == Opened("", None)
    assert opened(badge, OTHER, Purpose.BADGE, "production", now=NOW) is None


@pytest.mark.parametrize(
    ("token", "key", "purpose", "context"),
    [
        pytest.param(TOKEN, OTHER, Purpose.PAGE, ("production",), id="another key"),
        pytest.param(TOKEN, KEY, Purpose.BADGE, ("production",), id="another purpose"),
        pytest.param(TOKEN, KEY, Purpose.PAGE, ("staging",), id="another target"),
        pytest.param(TOKEN, KEY, Purpose.PAGE, ("production", "reader"), id="another reader"),
        pytest.param(TOKEN, KEY, Purpose.PAGE, (), id="no target"),
        pytest.param(TOKEN[:-1], KEY, Purpose.PAGE, ("production",), id="a part of it"),
        pytest.param(TOKEN + "A", KEY, Purpose.PAGE, ("production",), id="more than it"),
        pytest.param(TOKEN.replace("incident-1", "incident-2"), KEY, Purpose.PAGE, ("production",), id="another incident"),
        pytest.param(TOKEN.split(".")[2], KEY, Purpose.PAGE, ("production",), id="the MAC alone"),
        pytest.param(f"incident-1..{TOKEN.split('.')[2]}", KEY, Purpose.PAGE, ("production",), id="without its end"),
        pytest.param(TOKEN.replace(".", ".0", 1), KEY, Purpose.PAGE, ("production",), id="the same end, spelled otherwise"),
        pytest.param(TOKEN + "\n", KEY, Purpose.PAGE, ("production",), id="a line break behind it"),
        pytest.param("", KEY, Purpose.PAGE, ("production",), id="nothing"),
        pytest.param("é" * 60, KEY, Purpose.PAGE, ("production",), id="no ASCII"),
        pytest.param("a" * 100_000, KEY, Purpose.PAGE, ("production",), id="very long"),
    ],
)  # fmt: skip
def test_what_is_not_opened(token: str, key: str, purpose: Purpose, context: tuple[str, ...]) -> None:
    assert opened(token, key, purpose, *context, now=NOW) is None


@given(st.integers(0, len(TOKEN) - 1), st.characters())
def test_no_altered_character_is_accepted(place: int, character: str) -> None:
    altered = f"{TOKEN[:place]}{character}{TOKEN[place + 1 :]}"
    assert (opened(altered, KEY, Purpose.PAGE, "production", now=NOW) is None) == (altered != TOKEN)


@given(st.lists(st.text(max_size=4), max_size=3), st.lists(st.text(max_size=4), max_size=3))
def test_a_token_is_for_one_context(one: list[str], other: list[str]) -> None:
    token = signed(KEY, Purpose.SILENCE, *one, about="nonce", until=UNTIL)
    assert (opened(token, KEY, Purpose.SILENCE, *other, now=NOW) is not None) == (one == other)


# Messages


def page_of(message: Message, text: str = "Status page") -> str:
    return next(link.url for link in message.links if link.text == text)


def opens(url: str, target: str, purpose: Purpose = Purpose.PAGE) -> Opened | None:
    return opened(parse_qs(urlsplit(url).query)["link"][0], KEY, purpose, target, now=NOW)


def incident(alerts: AlertSettings, target: str = "production") -> Message:
    decision = Decision(FAILED.incident, Why.OPENED, Severity.CRITICAL, NOW, (FAILED,))
    return compose(News(replace(report(FAILED, at=NOW), target=target), (decision,)), alerts, NOW)


def test_a_message_opens_the_page_of_its_target_at_its_incident() -> None:
    url = page_of(incident(SIGNING, "a/b ü"))
    assert url.startswith("https://monitor.example.com/api/status/a%2Fb%20%C3%BC?link=incident-")
    assert url.endswith(f"#{anchor_of(FAILED.incident)}")
    assert opens(url, "a/b ü") == Opened(anchor_of(FAILED.incident), UNTIL)


@pytest.mark.parametrize(
    "alerts",
    [
        pytest.param(ALERTS, id="no key"),
        pytest.param(replace(SIGNING, pages=False), id="no page is shown"),
    ],
)
def test_what_cannot_be_opened_is_not_signed(alerts: AlertSettings) -> None:
    assert page_of(incident(alerts)) == "https://monitor.example.com/api/status"


def test_without_a_status_page_there_is_no_link() -> None:
    assert [link.text for link in incident(replace(SIGNING, status_page=None)).links] == ["Runbook"]


@pytest.mark.parametrize(
    ("runbook", "opened_at"),
    [
        pytest.param(
            "https://wiki.example.com/respond", "https://wiki.example.com/respond#migration-failed", id="a page"
        ),
        pytest.param(
            "https://wiki.example.com/#/respond", "https://wiki.example.com/#/respond", id="its address has a place"
        ),
    ],
)
def test_the_runbook_is_opened_at_the_code(runbook: str, opened_at: str) -> None:
    assert page_of(incident(replace(ALERTS, runbook=runbook)), "Runbook") == opened_at


def test_what_has_no_code_opens_the_runbook_at_its_beginning() -> None:
    assert page_of(sample("team", ALERTS, NOW), "Runbook") == ALERTS.runbook
    unknown = Decision("check history", Why.CANNOT_CHECK, Severity.CRITICAL, NOW)
    assert page_of(compose(News(report(at=NOW), (unknown,)), ALERTS, NOW), "Runbook") == ALERTS.runbook


def test_what_is_about_the_monitor_itself_has_the_plain_page() -> None:
    assert page_of(sample("team", SIGNING, NOW)) == "https://monitor.example.com/api/status"


def test_who_is_on_it_is_said_first() -> None:
    open_incident = OpenIncident(FAILED.incident, Severity.CRITICAL, NOW)
    assert opens(page_of(acknowledgement("production", (open_incident,), SIGNING, NOW)), "production") is not None


WEEK = Week("production", NOW, NOW, 1, 0, timedelta(0), 0, (), (), 0)


def test_the_weekly_message_is_confirmed_by_a_link_of_its_channel() -> None:
    message = weekly_card(WEEK, SIGNING, NOW, "team")
    assert [link.text for link in message.links] == ["I see this", "Status page", "Runbook"]
    assert opens(page_of(message, "I see this"), "production", Purpose.WEEK) == Opened("team", UNTIL)
    assert opens(page_of(message, "I see this"), "production") is None
    assert [link.text for link in weekly_card(WEEK, SIGNING, NOW).links] == ["Status page", "Runbook"]


def test_others_are_asked_about_a_channel_that_nobody_confirms() -> None:
    week = replace(WEEK, unseen={"team": NOW - timedelta(days=14)})
    asked = "Nobody confirmed the weekly message of team since 2026-11-08. Does anybody read team?"
    for channel in ("oncall", None, "team"):
        message = weekly_card(week, SIGNING, NOW, channel)
        assert [
            item.text for section in message.sections for item in section.items if section.title == "NOT CONFIRMED"
        ] == [asked]
    both = replace(week, unseen={"team": NOW - timedelta(days=14), "oncall": NOW - timedelta(days=14)})
    message = weekly_card(both, SIGNING, NOW, "oncall")
    assert [
        item.text for section in message.sections for item in section.items if section.title == "NOT CONFIRMED"
    ] == [asked]


# What is kept


def test_a_kept_report_is_shown_without_error_lines() -> None:
    document = as_document(report(FAILED, at=NOW))
    assert ERROR in str(document)
    assert ERROR not in str(discreet_document(document, ALERTS))
    assert discreet_document(document, replace(ALERTS, error_lines=True)) == document


@pytest.mark.parametrize("document", [{}, {"findings": None}, {"findings": [None]}, {"findings": [{"summary": "x"}]}])
def test_what_is_no_report_is_not_shown(document: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no "):
        discreet_document(document, ALERTS)  # type: ignore[arg-type]  # a damaged document may be anything


# The weekly message, from week to week


def weeks(alerts: AlertSettings) -> Iterator[Plan]:
    """Give what is planned in four weeks, one run each; nobody confirms anything."""
    memory = Memory("production")
    for week in range(4):
        now = NOW + timedelta(days=7 * week)
        plan = planned(Round(replace(report(at=now), trigger=Trigger.SCHEDULE), target(), alerts, memory, now))
        memory = replace(plan.memory, undelivered=())
        yield plan


TEAM = TeamsChannel("team", url=Secret("env:T", "https://example.com/team"))
HOOK = WebhookChannel("hook", url=Secret("env:H", "https://example.com/hook"))
ONCALL = TeamsChannel("oncall", url=Secret("env:O", "https://example.com/oncall"))


def test_two_weeks_without_a_reader_are_asked_about() -> None:
    plans = list(weeks(replace(SIGNING, channels=(TEAM, HOOK, ONCALL))))
    first, last = plans[1], plans[3]
    sent = [each for each in first.memory.undelivered if each.message.kind is Kind.WEEKLY]
    assert {each.channel: each.message.links[0].text for each in sent} == {
        "team": "I see this",
        "hook": "Status page",
        "oncall": "I see this",
    }
    assert len({each.message.id for each in sent}) == 3
    assert list(first.memory.weeks_seen) == ["team", "oncall"], "nobody reads what a machine gets"
    assert "NOT CONFIRMED" not in str(first.new)
    for channel, other in (("team", "oncall"), ("oncall", "team")):
        (name,) = [
            each.whole
            for each in last.memory.undelivered
            if each.channel == channel and each.message.kind is Kind.WEEKLY
        ]
        assert name is not None
        said = " ".join(item.text for section in last.new[name].sections for item in section.items)
        assert f"Does anybody read {other}?" in said
        assert f"Does anybody read {channel}?" not in said


def test_what_cannot_be_confirmed_is_not_asked_about() -> None:
    for plan in weeks(replace(ALERTS, channels=(TEAM, ONCALL))):
        assert plan.memory.weeks_seen == {}
        assert "NOT CONFIRMED" not in str(plan.new)
        assert sum(message.kind is Kind.WEEKLY for message in plan.new.values()) <= 1, "one message for all channels"
