"""What only channels for machines are sent: that somebody silenced an incident, and that no check works at all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.alerts.channels.pagerduty.settings import PagerDutyChannel
from shared.alerts.decide import decide
from shared.model.setting_types import Secret
from tests.alerts.decide.story import CHECKS, FAILED, FEW_USERS, PENDING, TOLD, Story, report
from tests.builders import NOW, target

PAGING = PagerDutyChannel("paging", routing_key=Secret("vault:key"))
HOUR = timedelta(hours=1)


def story() -> Story:
    return Story(alerts=replace(TOLD, channels=(PAGING,)))


def acknowledged(of: Story) -> list[str]:
    assert of.news is not None
    return [f"{each.incident} by {each.silence and each.silence.who}" for each in of.news.acknowledged]


def test_a_silence_is_acknowledged_once() -> None:
    told = story()
    told.run(FAILED, FEW_USERS)
    told.silence("migration 2")
    assert told.run(FAILED, FEW_USERS) == []
    assert acknowledged(told) == ["migration 2 by Ada"]
    told.run(FAILED, FEW_USERS)
    assert acknowledged(told) == []


def test_a_second_silence_is_acknowledged_again() -> None:
    told = story()
    told.run(FAILED)
    told.silence("migration 2", hours=1)
    told.run(FAILED)
    assert told.run(FAILED, after=HOUR) == ["silence ended migration 2"]
    told.silence("migration 2")
    told.run(FAILED)
    assert acknowledged(told) == ["migration 2 by Ada"]


def test_what_breaks_the_silence_is_news_and_not_acknowledged() -> None:
    told = story()
    told.run(PENDING)
    told.silence("migration 2")
    assert told.run(FAILED) == ["silence ended migration 2"]
    assert acknowledged(told) == []


def test_where_no_channel_acknowledges_nothing_is_noted() -> None:
    told = Story()
    told.run(FAILED)
    told.silence("migration 2")
    told.run(FAILED)
    assert acknowledged(told) == []
    assert [incident.acknowledged for incident in told.memory.incidents] == [False]


def total(of: Story) -> list[tuple[str, bool]]:
    assert of.news is not None
    return [(decision.incident, decision.total) for decision in of.news.decisions]


def test_total_blindness_is_when_each_check_is_known_to_be_unknown() -> None:
    told = story()
    told.run(blind=["history"])
    told.run(blind=CHECKS)
    assert total(told) == [("unknown history", False)], "the others may pass within minutes"
    told.run(blind=CHECKS)
    assert total(told) == [(f"unknown {name}", True) for name in CHECKS if name != "history"]
    told.run(blind=CHECKS[1:])
    assert total(told) == [("unknown history", False)], "it works again"


@pytest.mark.parametrize(
    ("skipped", "expected"),
    [(("endpoints",), True), ((), False)],
    ids=["what is not watched does not count", "one check works"],
)
def test_what_counts_for_total_blindness(skipped: tuple[str, ...], expected: bool) -> None:
    told = story()
    blind = [name for name in CHECKS if name != "endpoints"]
    for _ in range(2):
        told.run(blind=blind, skipped=skipped)
    assert {is_total for _, is_total in total(told)} == {expected}


def test_a_target_that_sleeps_is_not_blind() -> None:
    told = story()
    for minutes in (5, 10):
        now = NOW + timedelta(minutes=minutes)
        made = report((), now, blind=["app"], skipped=CHECKS[:-1], sleeps_until=now + HOUR)
        outcome = decide(made, told.memory, told.alerts, target(), now)
        told.memory, told.news = outcome.memory, outcome.news
    assert total(told) == [("unknown app", False)]
