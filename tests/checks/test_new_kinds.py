"""What a version compares for the first time wakes nobody until a target has had a clean week with it."""

from datetime import timedelta

import pytest

from shared.checks.new_kinds import New, seen_of_new, until_a_clean_week
from shared.memory.codec import from_json, to_json
from shared.model.difference import Change, Difference
from shared.model.finding import Finding, Severity
from shared.model.last_seen import NOTHING_SEEN, LastSeen
from shared.model.memory import Memory
from shared.model.schema import Kind, Subject
from tests.alerts.decide.story import Story
from tests.builders import NOW

OF_TRIGGERS = New(frozenset({Kind.TRIGGER, Kind.RULE}), {Kind.COLUMN: frozenset({"storage", "compression"})})
DAY = timedelta(days=1)
WORDS = "It differs. New in this version: info until a clean week."


def difference(kind: Kind, change: Change = Change.MISSING, *attributes: str) -> Difference:
    return Difference(change, Subject(kind, ("public", "t", "x")), None, None, "", "", attributes)


TRIGGER, RULE, POLICY = difference(Kind.TRIGGER), difference(Kind.RULE), difference(Kind.POLICY)
INFO_ANYHOW = difference(Kind.TRIGGER, Change.CHANGED, "name")
STORAGE = difference(Kind.COLUMN, Change.CHANGED, "storage")


class Target:
    """Is checked at times, as the monitor checks it: what a run sees is remembered by the decision of its alerts."""

    def __init__(self) -> None:
        self.story = Story()

    def check(self, *found: Difference, after: timedelta = DAY, accepts: str = "") -> "Target":
        now, before = self.story.now + after, self.story.memory.last_seen
        seen = seen_of_new(found, {accepts}, before, now, OF_TRIGGERS)
        self.story.run(after=after, seen=LastSeen(first_seen=seen))
        return self

    def unread(self, after: timedelta = DAY) -> "Target":
        self.story.run(after=after, no_result=["schema"], seen=LastSeen(first_seen={"release v1": NOW}))
        return self

    def clean(self, days: int) -> "Target":
        for _ in range(days):
            self.check()
        return self

    def severity(self, found: Difference, severity: Severity = Severity.CRITICAL) -> str:
        finding = Finding("schema-missing", "x", severity, "It differs.")
        seen, now = self.story.memory.last_seen, self.story.now + timedelta(minutes=5)
        given = until_a_clean_week(finding, found, seen, now, OF_TRIGGERS)
        assert given.summary == ("It differs." if given.severity is severity else WORDS)
        return given.severity


def test_what_is_info_in_any_case_ends_no_clean_week() -> None:
    target = Target()
    for _ in range(8):
        target.check(INFO_ANYHOW)
    assert target.severity(TRIGGER) is Severity.CRITICAL


@pytest.mark.parametrize(
    ("target", "found", "expected"),
    [
        pytest.param(Target(), TRIGGER, "info", id="no run before, as at a terminal"),
        pytest.param(Target(), POLICY, "critical", id="no run before, an older kind"),
        pytest.param(Target(), STORAGE, "info", id="a new attribute of an older kind"),
        pytest.param(Target(), difference(Kind.COLUMN, Change.CHANGED, "storage", "type"), "critical", id="with an older attribute"),
        pytest.param(Target(), difference(Kind.COLUMN), "critical", id="an older kind, missing as a whole"),
        pytest.param(Target().clean(7), TRIGGER, "info", id="six days"),
        pytest.param(Target().clean(8), TRIGGER, "critical", id="a clean week"),
        pytest.param(Target().clean(8), STORAGE, "critical", id="a clean week, an attribute"),
        pytest.param(Target().clean(4).check(TRIGGER).clean(7), TRIGGER, "info", id="a finding in between"),
        pytest.param(Target().clean(4).check(TRIGGER).clean(8), TRIGGER, "critical", id="a clean week after a finding"),
        pytest.param(Target().clean(4).check(RULE).clean(4), TRIGGER, "critical", id="a finding of another kind"),
        pytest.param(Target().clean(4).check(RULE).clean(4), RULE, "info", id="and that kind"),
        pytest.param(Target().clean(4).check(TRIGGER, accepts="schema-missing:trigger public.t.x").clean(4), TRIGGER, "critical", id="an accepted one"),
        pytest.param(Target().clean(8).check(TRIGGER).check(TRIGGER), TRIGGER, "critical", id="a finding after the week stays what it is"),
        pytest.param(Target().clean(4).unread().clean(4), TRIGGER, "critical", id="a run that could not compare"),
        pytest.param(Target().clean(1).unread(8 * DAY), TRIGGER, "critical", id="clean before and after a gap"),
        pytest.param(Target().check(TRIGGER, RULE, STORAGE, after=DAY).unread(8 * DAY), TRIGGER, "info", id="found by the last run that compared"),
    ],
)  # fmt: skip
def test_severity(target: Target, found: Difference, expected: str) -> None:
    assert target.severity(found) == expected


def test_what_is_info_by_itself_stays_as_it_is() -> None:
    assert Target().severity(TRIGGER, Severity.INFO) == "info"


def test_a_memory_of_before_loads_and_what_is_remembered_survives_the_document() -> None:
    before = from_json(Memory, {"target": "production", "version": 1, "last_seen": {"first_seen": {}}})
    assert before.last_seen == NOTHING_SEEN
    memory = Target().clean(8).story.memory
    assert from_json(Memory, to_json(memory)).last_seen == memory.last_seen
