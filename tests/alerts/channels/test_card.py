"""The Adaptive Card: small enough for Teams whatever is in it, and of elements that a workflow lets through."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.alerts.channels.teams.card import LARGEST, as_card, as_teams_post
from shared.alerts.messages import compose
from shared.model.finding import Finding, Severity, Step
from shared.model.message import Item, Link, Message, Section, Span
from shared.model.news import News, Why
from tests.alerts import news
from tests.alerts.news import ALERTS, BEGAN, BROKEN, MESSAGES, decided, report
from tests.examples import examples
from tests.report.sample import HOSTILE

# What Teams shows of version 1.4, and what of that is used.
ALLOWED = {"AdaptiveCard", "Container", "RichTextBlock", "TextRun", "Action.OpenUrl"}


def elements(of: Any) -> Iterator[dict[str, Any]]:
    if isinstance(of, dict):
        if "type" in of:
            yield of
        of = list(of.values())
    if isinstance(of, list):
        for inner in of:
            yield from elements(inner)


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_is_a_card_that_a_workflow_takes(name: str) -> None:
    body = as_teams_post(MESSAGES[name]())
    post = json.loads(body)
    [attachment] = post["attachments"]
    assert post["type"] == "message"
    assert post["summary"] == attachment["content"]["fallbackText"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attachment["content"]["version"] == "1.4"
    assert attachment["content"]["msteams"] == {"width": "Full"}
    assert {element["type"] for element in elements(attachment["content"])} <= ALLOWED
    assert len(body) <= LARGEST


def test_names_and_commands_stand_in_monospace_runs() -> None:
    runs = [e for e in elements(as_card(news.opened())) if e["type"] == "TextRun"]
    named = [run for run in runs if run["text"] == BROKEN]
    assert named
    assert {run.get("fontType") for run in named} == {"Monospace"}
    [command] = [run for run in runs if run["text"] == f"npx prisma migrate resolve --rolled-back {BROKEN}"]
    assert command["fontType"] == "Monospace"


def test_a_hostile_name_stays_words() -> None:
    message = compose(News(report(HOSTILE, at=BEGAN), decided(Why.OPENED, HOSTILE)), ALERTS, BEGAN)
    runs = [e["text"] for e in elements(as_card(message)) if e["type"] == "TextRun"]
    # Nothing reads Markdown there, so nothing is escaped.
    assert any("*holds* [7](http://evil) rows" in text for text in runs)
    assert not any("\x1b" in text or "\u202e" in text for text in runs)


def test_two_buttons_at_most() -> None:
    links = tuple(Link(f"Page {n}", f"https://example.com/{n}") for n in range(5))
    actions = as_card(replace(news.opened(), links=links))["actions"]
    assert isinstance(actions, list)
    assert len(actions) == 2


def test_no_buttons_without_links() -> None:
    assert "actions" not in as_card(replace(news.opened(), links=()))


def many(number: int) -> Message:
    found = [
        Finding(
            "migration-pending",
            f"2025{n:010}_a_migration_with_quite_a_name",
            Severity.CRITICAL,
            f"2025{n:010}_a_migration_with_quite_a_name is in the release and was never applied to production.",
            remedy=(Step(f"Step of {n}.", f"npx prisma migrate deploy --number {n}"),),
        )
        for n in range(number)
    ]
    return compose(News(report(*found, at=BEGAN), decided(Why.OPENED, *found)), ALERTS, BEGAN)


@pytest.mark.parametrize("number", [1, 30, 100, 600])
def test_whole_findings_are_left_out_and_counted(number: int) -> None:
    body = as_teams_post(many(number))
    card = json.loads(body)["attachments"][0]["content"]
    texts = ["".join(run["text"] for run in e["inlines"]) for e in elements(card) if e["type"] == "RichTextBlock"]
    shown = sum("never applied to production" in text for text in texts)
    commands = sum(text.startswith("npx") for text in texts)
    # A finding whose steps are all left out has no name there: such findings are counted in the last section.
    nameless = [int(after.split()[2]) for text, after in pairwise(texts) if text == "NOT LISTED"]
    left_out = sum(int(t.split()[2]) for t in texts if t.startswith("… and ") and "below" not in t)
    assert shown + commands + left_out == 2 * number
    # The first three have their step beside the problem; the names of the others come again above the steps below.
    assert sum(text.endswith(" is pending") for text in texts) == (0 if number == 1 else 6 + commands - 3)
    assert sum(nameless) == (0 if number == 1 else number - max(6, commands))
    # What is wrong comes before the steps of the last ones.
    assert shown >= min(number, 60)
    assert len(body) <= LARGEST
    assert all(text.endswith(".") for text in texts if "is in the release" in text)
    # Shortened no more than needed: another finding would not have fitted.
    assert number < 100 or len(body) > LARGEST - 2500


any_item = st.builds(
    Item,
    spans=st.lists(st.builds(Span, st.text(max_size=300), st.booleans()), max_size=4).map(tuple),
    command=st.none() | st.text(max_size=3000),
    severity=st.none() | st.sampled_from(Severity),
)
any_section = st.builds(
    Section, title=st.text(max_size=20), items=st.lists(any_item, max_size=40).map(tuple), folded=st.booleans()
)


# Large messages take their time to be drawn on a busy machine.
@settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sections=st.lists(any_section, max_size=6).map(tuple))
def test_whatever_is_in_it_it_is_small_enough(sections: tuple[Section, ...]) -> None:
    message = replace(news.opened(), sections=sections)
    body = as_teams_post(message)
    assert len(body) <= LARGEST
    json.loads(body)


def test_one_item_that_is_too_large_is_left_out_whole() -> None:
    huge = Item((Span("Run this:"),), command="x" * LARGEST)
    body = as_teams_post(replace(news.opened(), sections=(Section("FIX", (huge,)),)))
    assert b"xxx" not in body
    assert "… and 1 more: see the report".encode() in body
