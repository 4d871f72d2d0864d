"""What was lost stays the measure until it is back, or until somebody knows of it."""

from shared.model.last_seen import LastSeen, SeenRow
from shared.model.report import Trigger
from tests.alerts.decide.story import Story, finding
from tests.builders import NOW

BEFORE = LastSeen((SeenRow("a", "1"), SeenRow("b", "2")), {"users": 100}, {"release v1": NOW})
AFTER = LastSeen((SeenRow("a", "1"),), {"users": 10}, {"release v1": NOW})
COLLAPSED, REWRITTEN = finding("seed-collapsed", "users"), finding("history-rewritten", "public")


def test_what_was_lost_stays_the_measure() -> None:
    story = Story()
    story.run(seen=BEFORE)
    assert story.run(COLLAPSED, REWRITTEN, seen=AFTER) == [
        "opened history-rewritten:public",
        "opened seed-collapsed:users",
    ]
    assert story.run(COLLAPSED, REWRITTEN, seen=AFTER) == []
    assert story.memory.last_seen == BEFORE
    assert story.run(seen=BEFORE) == ["resolved history-rewritten:public", "resolved seed-collapsed:users"]


def test_who_silences_it_takes_it_as_it_is() -> None:
    story = Story()
    story.run(seen=BEFORE)
    story.run(COLLAPSED, REWRITTEN, seen=AFTER)
    story.silence("seed-collapsed:users")
    story.run(COLLAPSED, REWRITTEN, seen=AFTER)
    assert story.memory.last_seen == LastSeen(BEFORE.history, AFTER.seeds, BEFORE.first_seen)
    assert story.run(REWRITTEN, seen=AFTER) == ["resolved seed-collapsed:users"]
    assert story.news is not None
    assert story.news.decisions[0].because == "Ada knows of it: the current state is the new baseline"


def test_what_could_not_be_seen_stays_as_it_was() -> None:
    story = Story()
    story.run(seen=BEFORE)
    story.run(no_result=["history", "seeds"], seen=LastSeen())
    assert story.memory.last_seen == BEFORE


def test_a_release_is_first_seen_once_and_deployed_when_it_was_verified() -> None:
    story = Story()
    story.run(seen=LastSeen(first_seen={"release v2": NOW}))
    story.run(seen=LastSeen(first_seen={"release v2": story.now}))
    assert (story.memory.last_seen.first_seen, story.memory.last_seen.deployed) == ({"release v2": NOW}, None)
    story.run(seen=LastSeen(first_seen={"release v2": story.now}), trigger=Trigger.VERIFY, phase="after")
    assert story.memory.last_seen.deployed == "v2"
    later = story.now
    story.run(seen=LastSeen(first_seen={"release v3": later}))
    assert story.memory.last_seen.first_seen == {"release v3": later}


def test_a_firewall_rule_that_comes_back_is_new() -> None:
    """Even where it was the only one: that the rules were read is remembered too."""
    rules_read, rule = {"firewall rules": NOW}, {"firewall rule tmp": NOW}
    story = Story()
    story.run(seen=LastSeen(first_seen=rules_read | rule))
    later = story.now
    story.run(seen=LastSeen(first_seen={"firewall rules": later}))
    assert story.memory.last_seen.first_seen == rules_read
    story.run(seen=LastSeen(first_seen={"release v1": later}))
    assert story.memory.last_seen.first_seen == rules_read | {"release v1": later}
    story.run(seen=LastSeen(first_seen={"firewall rules": later, "firewall rule tmp": later}))
    assert story.memory.last_seen.first_seen["firewall rule tmp"] == later
