"""What is not about an incident alone: that somebody silenced it, and that no check works at all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.alerts.channels.pagerduty.settings import PagerDutyChannel
from shared.alerts.decide import decide
from shared.model.setting_types import Secret
from tests.alerts.decide.story import ALERTING, CHECKS, FAILED, FEW_USERS, PENDING, Story, report
from tests.builders import NOW, target

PAGING = PagerDutyChannel("paging", routing_key=Secret("vault:key"))
HOUR = timedelta(hours=1)


def story() -> Story:
    return Story(alerts=replace(ALERTING, channels=(PAGING,)))


def acknowledged(of: Story) -> list[str]:
    assert of.news is not None
    return [f"{each.incident} by {each.silence and each.silence.who}" for each in of.news.acknowledged]


def test_a_silence_is_acknowledged_once() -> None:
    followed = story()
    followed.run(FAILED, FEW_USERS)
    followed.silence("migration 2")
    assert followed.run(FAILED, FEW_USERS) == []
    assert acknowledged(followed) == ["migration 2 by Ada"]
    followed.run(FAILED, FEW_USERS)
    assert acknowledged(followed) == []


def test_a_second_silence_is_acknowledged_again() -> None:
    followed = story()
    followed.run(FAILED)
    followed.silence("migration 2", hours=1)
    followed.run(FAILED)
    assert followed.run(FAILED, after=HOUR) == ["silence ended migration 2"]
    followed.silence("migration 2")
    followed.run(FAILED)
    assert acknowledged(followed) == ["migration 2 by Ada"]


def test_what_breaks_the_silence_is_news_and_not_acknowledged() -> None:
    followed = story()
    followed.run(PENDING)
    followed.silence("migration 2")
    assert followed.run(FAILED) == ["silence ended migration 2"]
    assert acknowledged(followed) == []


def test_where_there_is_no_channel_nothing_is_noted() -> None:
    followed = Story(alerts=replace(ALERTING, channels=()))
    followed.run(FAILED)
    followed.silence("migration 2")
    followed.run(FAILED)
    assert acknowledged(followed) == []
    assert [incident.acknowledged for incident in followed.memory.incidents] == [False]


def total(of: Story) -> list[tuple[str, bool]]:
    assert of.news is not None
    return [(decision.incident, decision.total) for decision in of.news.decisions]


def test_no_result_at_all_is_when_each_check_is_known_to_be_unknown() -> None:
    followed = story()
    followed.run(no_result=["history"])
    followed.run(no_result=CHECKS)
    assert total(followed) == [("unknown history", False)], "the others may pass within minutes"
    followed.run(no_result=CHECKS)
    assert total(followed) == [(f"unknown {name}", True) for name in CHECKS if name != "history"]
    followed.run(no_result=CHECKS[1:])
    assert total(followed) == [("unknown history", False)], "it works again"


@pytest.mark.parametrize(
    ("skipped", "expected"),
    [(("endpoints",), True), ((), False)],
    ids=["what is not watched does not count", "one check works"],
)
def test_what_counts_as_no_result_at_all(skipped: tuple[str, ...], expected: bool) -> None:
    followed = story()
    no_result = [name for name in CHECKS if name != "endpoints"]
    for _ in range(2):
        followed.run(no_result=no_result, skipped=skipped)
    assert {is_total for _, is_total in total(followed)} == {expected}


def test_a_target_that_sleeps_does_not_count() -> None:
    followed = story()
    for minutes in (5, 10):
        now = NOW + timedelta(minutes=minutes)
        made = report((), now, no_result=["app"], skipped=CHECKS[:-1], sleeps_until=now + HOUR)
        outcome = decide(made, followed.memory, followed.alerts, target(), now)
        followed.memory, followed.news = outcome.memory, outcome.news
    assert total(followed) == [("unknown app", False)]
