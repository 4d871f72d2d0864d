"""What a message says for machines: what became of each incident, known by one key from its beginning to its end."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.alerts.channels.webhook.payload import as_json
from shared.alerts.decide import routed
from shared.alerts.messages import compose
from shared.model.alerts import AlertSettings
from shared.report.json import as_document, bounded
from tests.alerts.decide.story import API_DOWN, CRITICAL, FAILED, SLOW, TEAM, Story, finding, report

ONCALL = replace(TEAM, name="oncall", severities=("critical",))


def events(story: Story) -> list[dict[str, Any]]:
    assert story.news is not None
    written: Any = as_json(compose(story.news, AlertSettings(), story.now))["events"]
    return list(written)


def changes(story: Story) -> list[str]:
    return [f"{each['change']} {each['incident']}" for each in events(story)]


def test_the_life_of_an_incident() -> None:
    story = Story()
    seen, keys = [], set()
    for found in ((FAILED,), (replace(FAILED, actual="other"),), ()):
        story.run(*found)
        [event] = events(story)
        seen.append((event["change"], event["severity"], event["since"]))
        keys.add(event["key"])
    since = "2026-11-22T09:10:00Z"
    assert seen == [("opened", "critical", since), ("changed", "critical", since), ("resolved", "critical", since)]
    assert len(keys) == 1
    story.run(FAILED)
    assert events(story)[0]["key"] not in keys, "another life of it"


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        pytest.param(lambda s: [s.run(no_result=["seeds"]) for _ in range(2)], ["opened unknown seeds"], id="a check is unknown"),
        pytest.param(lambda s: [*[s.run(no_result=["seeds"]) for _ in range(2)], s.run()], ["resolved unknown seeds"], id="and works again"),
        pytest.param(lambda s: s.verify("before", FAILED), ["verification deployment of v2"], id="a deployment is stopped"),
        pytest.param(lambda s: [s.run(FAILED), s.run(API_DOWN)], ["resolved migration 2", "opened endpoint-unreachable:folders"], id="two at once"),
    ],
)  # fmt: skip
def test_what_else_is_an_event(live: Callable[[Story], object], expected: list[str]) -> None:
    story = Story()
    live(story)
    assert changes(story) == expected


def test_a_channel_that_first_receives_a_changed_incident_gets_it_as_opened() -> None:
    story = Story()
    story.run(SLOW)
    story.run(replace(SLOW, severity=CRITICAL))
    assert story.news is not None
    by_channel = {
        channel.name: [decision.why.value for decision in news.decisions]
        for news, channels in routed(story.news, [TEAM, ONCALL])
        for channel in channels
    }
    assert by_channel == {"team": ["changed"], "oncall": ["opened"]}


def test_a_report_that_nobody_could_read_is_bounded() -> None:
    many = [finding("seed-missing", f"table_{number} {'x' * 1000}") for number in range(3000)]
    made = report([FAILED, *many], Story().now)
    document = as_document(made)
    short = bounded(document)
    assert bounded(as_document(report([FAILED], Story().now))) == as_document(report([FAILED], Story().now))
    kept: Any = short["findings"]
    assert len(str(short["findings"])) < 2_100_000
    assert short["findings_left_out"] == 3001 - len(kept) > 0
    assert {key: value for key, value in short.items() if key not in {"findings", "findings_left_out"}} == {
        key: value for key, value in document.items() if key != "findings"
    }
