"""Deployments, flapping, and what is still open: whole messages, as they are read."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.alerts.messages import compose
from shared.alerts.messages.text import as_plain_text
from shared.model.memory import Memory
from shared.model.report import Coverage
from tests.alerts.decide.story import (
    ALERTING,
    API_DOWN,
    DRIFT,
    EDITED,
    FAILED,
    FEW_USERS,
    PENDING,
    SLOW,
    Story,
)

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def read(story: Story) -> list[str]:
    """The lines of the last run's message, each with its blanks made one."""
    assert story.news is not None
    return [" ".join(line.split()) for line in as_plain_text(compose(story.news, ALERTING, story.now)).splitlines()]


def test_a_candidate_that_is_stopped() -> None:
    story = Story()
    story.verify("before", PENDING, version="v3")
    assert read(story) == [
        "⛔ production: the deployment of v3 was stopped before it began: migration 2 is pending",
        "DEPLOYMENT critical: The deployment of v3 was stopped before it began.",
        "PROBLEM critical: 2: migration-pending.",
        "NEXT CHECK 09:15 UTC.",
    ]


def test_a_deployment_that_did_not_arrive() -> None:
    story = Story()
    story.verify("after", PENDING, API_DOWN, version="v3")
    assert read(story) == [
        "⛔ production: the deployment of v3 failed its verification: migration 2 is pending; 1 API endpoint fails",
        "DEPLOYMENT critical: The deployment of v3 failed its verification.",
        "PROBLEMS critical: 2: migration-pending.",
        "critical: folders: endpoint-unreachable.",
        "NEXT CHECK 09:15 UTC.",
    ]


def test_a_deployment_that_did_not_fix_what_is_known() -> None:
    story = Story()
    story.run(FAILED)
    story.verify("after", FAILED)
    assert read(story)[:3] == [
        "⛔ production: the deployment of v2 failed its verification: migration 2 failed",
        "DEPLOYMENT critical: The deployment of v2 failed its verification.",
        "PROBLEM critical: Known already: 2: migration-failed.",
    ]


def test_not_to_see_whether_it_arrived_is_not_that_it_did_not() -> None:
    story = Story()
    story.verify("after", no_result=["history"])
    assert read(story) == [
        "⛔ production: the deployment of v2 could not be verified",
        "DEPLOYMENT critical: The deployment of v2 could not be verified.",
        "FIX Verify the deployment again when the checks work again.",
        "migration-monitor verify --target production --phase after --notify",
        "Or, if the deployment was called off, end its window.",
        "migration-monitor verify --target production --phase aborted",
        "NOT CHECKED history: the database does not answer.",
        "NEXT CHECK 09:15 UTC.",
    ]


def test_a_deployment_that_was_never_verified() -> None:
    story = Story()
    story.verify("before", version="v3")
    for _ in range(4):
        story.run(API_DOWN, after=20 * MINUTE)
    never = "the deployment of v3 was announced at 2026-11-22 09:10 UTC and never verified"
    assert read(story) == [
        f"⛔ production: {never}: endpoint unreachable (folders)",
        f"DEPLOYMENT critical: T{never[1:]}.",
        "PROBLEM critical: folders: endpoint-unreachable.",
        "NEXT CHECK 10:35 UTC.",
    ]


def test_flapping() -> None:
    story = Story()
    for found in [(SLOW,), ()] * 3:
        story.run(*found)
    assert read(story)[:2] == [
        "⚠️ production: endpoint too slow (folders): it was flapping, 3 times within a day; the next message follows when it is steady",
        "WHAT warning: It was flapping, 3 times within a day; the next message follows when it is steady: endpoint",
    ]
    story.run(SLOW)
    story.run(SLOW, after=HOUR)
    assert read(story)[:2] == [
        "⚠️ production: changed: endpoint too slow (folders), since 09:30 UTC",
        "PROBLEM warning: It was flapping and has been open since 09:40 UTC: folders: endpoint-slow.",
    ]


def test_an_incident_that_may_not_have_been_received_and_is_gone() -> None:
    story = Story()
    story.run(SLOW)
    # As two runs leave it that notified people at the same time.
    unsure = (replace(incident, unsure=True, begun=False) for incident in story.memory.incidents)
    story.memory = replace(story.memory, incidents=tuple(unsure))
    story.run()
    assert read(story)[:2] == [
        "⚠️ production: endpoint too slow (folders): it was open at 09:10 UTC and is gone now",
        "WHAT warning: It was open at 09:10 UTC and is gone now: endpoint too slow (folders).",
    ]


def test_what_is_no_longer_watched_is_no_all_clear() -> None:
    story = Story()
    story.run(FAILED)
    story.run(skipped=["history"])
    assert read(story)[:2] == [
        "⚠️ production: migration 2: it is no longer watched, after 5 min",
        "CLOSED info: migration 2: it is no longer watched, after 5 min (since 09:10 UTC).",
    ]


@pytest.mark.parametrize(
    ("new", "left"),
    [
        pytest.param(
            (), ["STILL OPEN critical: users: seed-missing.", "warning: 1: migration-edited."], id="nothing new"
        ),
        pytest.param(
            (DRIFT,),
            ["STILL OPEN critical: users: seed-missing.", "warning: 1: migration-edited."],
            id="beside what is new",
        ),
    ],
)
def test_what_is_still_open_is_listed_with_what_is_fixed(new: tuple[object, ...], left: list[str]) -> None:
    """On call, one must not take "2 resolved" for all of it."""
    story = Story()
    story.run(FAILED, FEW_USERS, EDITED, API_DOWN)
    story.run(FEW_USERS, EDITED, *new)  # type: ignore[arg-type]  # findings all
    lines = read(story)
    at = lines.index(left[0])
    assert lines[at : at + 2] == left


def test_what_is_new_is_not_listed_as_still_open() -> None:
    story = Story()
    story.run(FAILED)
    story.run(DRIFT)
    assert not any(line.startswith("STILL OPEN") for line in read(story))


def test_skipped_checks_are_named_and_what_is_never_compared_is_only_in_the_report() -> None:
    story = Story(memory=Memory("production"))
    story.run(FAILED, skipped=["seeds", "endpoints"])
    assert "SKIPPED seeds and endpoints: not configured, or switched off." in read(story)


def test_what_could_not_be_compared_is_named() -> None:
    story = Story()
    story.run(FAILED)
    assert story.news is not None
    opaque = Coverage(611, {}, {"function public.f(integer)": "its body is C"}, 0, ("schema.prisma",))
    story.news = replace(story.news, report=replace(story.news.report, coverage=opaque))
    line = "NOT CHECKED Compared only in part: function public.f(integer). The report says why."
    assert line in read(story)
