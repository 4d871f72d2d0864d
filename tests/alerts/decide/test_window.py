"""Deployments: what passes by itself is held back, what does not is sent, and none is forgotten."""

from datetime import timedelta

import pytest

from shared.model.news import Why
from shared.model.report import Trigger
from tests.alerts.decide.story import (
    API_DOWN,
    DRIFT,
    EDITED,
    FAILED,
    FEW_USERS,
    INFO,
    LOCK_HELD,
    PENDING,
    RUNNING,
    WARNING,
    Story,
    finding,
)

SILENT: list[str] = []
MINUTE = timedelta(minutes=1)


def test_a_deployment_that_is_announced_and_arrives_is_silent() -> None:
    story = Story()
    assert story.verify("before", version="v3") == SILENT
    assert story.run(PENDING, version="v3") == SILENT
    assert story.run(RUNNING, FEW_USERS, API_DOWN) == SILENT
    assert story.run(FEW_USERS, API_DOWN) == SILENT
    assert story.verify("after") == SILENT
    assert story.run() == SILENT
    assert story.memory.window is None


def test_a_deployment_under_the_lock_alone_is_silent() -> None:
    story = Story()
    assert story.run(RUNNING, API_DOWN) == SILENT
    assert story.run(API_DOWN, FEW_USERS) == SILENT
    assert story.run(FEW_USERS) == SILENT
    assert story.run() == SILENT
    assert story.run() == SILENT
    assert story.memory.window is None


def test_what_is_still_there_after_the_lock_is_sent() -> None:
    story = Story()
    sent = [story.run(*found) for found in ((LOCK_HELD, API_DOWN), (API_DOWN,), (API_DOWN,), (API_DOWN,))]
    assert sent == [SILENT, SILENT, SILENT, [f"opened {API_DOWN.key}"]]


def test_a_lock_that_is_never_released_is_sent_after_an_hour() -> None:
    story = Story()
    sent = [said for _ in range(20) for said in story.run(LOCK_HELD)]
    assert sent == [f"opened {LOCK_HELD.key}"]


@pytest.mark.parametrize("found", [FAILED, DRIFT, finding("history-rewritten", "public"), EDITED])
def test_what_no_deployment_fixes_is_sent_at_once(found: object) -> None:
    story = Story()
    story.verify("before")
    assert [said.split()[0] for said in story.run(found)] == ["opened"]  # type: ignore[arg-type]  # findings all


def test_what_is_open_after_the_verification_is_sent_with_it() -> None:
    story = Story()
    story.verify("before")
    assert story.verify("after", PENDING, API_DOWN) == [
        "opened migration 2",
        f"opened {API_DOWN.key}",
        "verify deployment of v2",
    ]
    assert story.run(PENDING, API_DOWN) == SILENT


def test_a_verification_that_fails_on_what_is_known_is_sent_all_the_same() -> None:
    story = Story()
    story.run(FAILED)
    assert story.verify("after", FAILED) == ["verify deployment of v2"]
    assert story.news is not None
    assert [each.key for each in story.news.decisions[0].findings] == [FAILED.key]


def test_a_verification_without_a_result_is_sent() -> None:
    story = Story()
    assert story.verify("after", no_result=["history"]) == ["verify deployment of v2"]


def test_a_candidate_that_is_stopped_opens_no_window_and_no_incident() -> None:
    story = Story()
    assert story.verify("before", PENDING, version="v3") == ["verify deployment of v3"]
    assert story.memory.window is None
    assert story.memory.incidents == ()
    assert story.run() == SILENT, "the candidate's pending migrations are not production's"


def test_a_deployment_that_is_never_verified_is_sent_once_and_holds_nothing_back() -> None:
    story = Story()
    story.verify("before", version="v3")
    held = [story.run(API_DOWN, after=20 * MINUTE) for _ in range(3)]
    assert held == [SILENT] * 3
    assert story.run(API_DOWN) == [f"opened {API_DOWN.key}", "verify deployment of v3"]
    assert story.news is not None
    assert (
        story.news.decisions[1].because
        == "The deployment of v3 was announced at 2026-11-22 09:10 UTC and never verified"
    )
    assert story.run(API_DOWN) == SILENT


def test_the_very_first_deployment_is_silent() -> None:
    story = Story()
    assert story.verify("before", finding("history-missing", "public", INFO)) == SILENT
    assert story.run(finding("history-missing", "public"), PENDING) == SILENT
    assert story.verify("after") == SILENT


def test_that_a_kept_release_stands_in_is_sent_during_a_deployment_too() -> None:
    story = Story()
    story.verify("before")
    assert story.run(finding("release-stale", "example/app", WARNING)) == ["opened release-stale:example/app"]


def test_what_was_sent_before_is_not_sent_as_ended_and_begun_by_a_deployment() -> None:
    story = Story()
    story.run(API_DOWN)
    story.verify("before")
    assert story.run(API_DOWN, after=25 * timedelta(hours=1)) != SILENT, "more than an hour is no deployment"
    story.verify("before")
    assert story.run(API_DOWN) == SILENT
    assert story.verify("after") == [f"resolved {API_DOWN.key}"]


def test_during_a_deployment_the_next_run_follows_soon() -> None:
    story = Story()
    story.verify("before")
    story.run()
    assert story.memory.next_run_at == story.now + 5 * MINUTE


def test_a_release_that_a_deployment_is_to_apply_is_info_and_silent() -> None:
    """``deploy-migrates``: what waits is info by its policy, and info opens nothing."""
    story = Story()
    waits = finding("migration-pending", "2", INFO)
    assert story.run(waits) == SILENT
    assert story.verify("before", waits) == SILENT
    assert story.run(RUNNING) == SILENT
    assert story.verify("after") == SILENT
    assert story.run() == SILENT


def test_a_night_with_moments_without_results_is_silent() -> None:
    """A statement that ran out of time beside a batch job is no news, however often that happens."""
    story = Story()
    sent = [story.run(no_result=["seeds"] if tick % 7 == 3 else [], after=5 * MINUTE) for tick in range(100)]
    assert sent == [SILENT] * 100


def test_verify_sends_what_it_verified() -> None:
    story = Story()
    story.run(PENDING, trigger=Trigger.TERMINAL)
    story.verify("after", PENDING, version="v9")
    assert story.news is not None
    (sent,) = story.news.decisions
    assert (sent.why, sent.incident, sent.because) == (
        Why.VERIFY, "deployment of v9", "The deployment of v9 failed its verification",
    )  # fmt: skip


def test_an_app_that_starts_is_held_back() -> None:
    """Until the new revision is up its probes fail, and people meet the one before."""
    story = Story()
    starts = [finding("app-unhealthy", "api"), finding("app-behind", "api")]
    assert story.verify("before") == SILENT
    assert story.run(*starts) == SILENT
    assert story.run(finding("app-other-database", "api"), *starts) == ["opened app-other-database:api"]
    assert story.verify("after", *starts)[:2] == ["opened app-unhealthy:api", "opened app-behind:api"]
