"""Which of three is behind, and how that is said."""

from dataclasses import replace

import pytest

from shared.alerts.messages import compose
from shared.alerts.messages.text import as_plain_text
from shared.model.diagnosis import MigrationStatus, State
from shared.model.news import News, Why
from shared.model.release import Stale
from shared.model.report import AppSummary, Report
from shared.report.laggards import behind, who_is_behind
from tests.alerts import news
from tests.builders import NOW
from tests.report.sample import report

EVERYTHING = report()
assert EVERYTHING.app is not None
assert EVERYTHING.release is not None
RELEASE = replace(EVERYTHING.release, stale=None)
SAMPLE = replace(EVERYTHING, release=RELEASE)
LATE = EVERYTHING.app
THERE = replace(LATE, version="v1.42.0", is_release=True)
UNKNOWN = replace(LATE, version=None, image="r/api:latest", is_release=None)
NO_TAG = replace(LATE, version=None, image=f"r/api@sha256:{'0' * 64}")


def of(app: AppSummary | None, *states: State) -> Report:
    migrations = tuple(MigrationStatus(str(n), state, None, None) for n, state in enumerate(states))
    return replace(SAMPLE, app=app, migrations=migrations)


@pytest.mark.parametrize(
    ("found", "who", "words"),
    [
        pytest.param(of(None, State.PENDING), (), None, id="no app was checked"),
        pytest.param(replace(of(LATE, State.PENDING), release=None), (), None, id="no release to hold it against"),
        pytest.param(of(THERE, State.APPLIED, State.EDITED), (), None, id="all in step"),
        pytest.param(of(UNKNOWN, State.APPLIED), (), None, id="up to date, as far as is known"),
        pytest.param(of(THERE, State.PENDING, State.FAILED), ("database",), "the database lacks 2 migrations of the release; the app runs the release.", id="the database"),
        pytest.param(of(UNKNOWN, State.SKIPPED), ("database",), "the database lacks 1 migration of the release; which release the app runs is not known.", id="the database, and perhaps the app"),
        pytest.param(of(LATE, State.APPLIED), ("app",), "the app runs v1.41.0, and the release is v1.42.0.", id="the app"),
        pytest.param(of(NO_TAG, State.APPLIED), ("app",), f"the app runs r/api@sha256:{'0' * 64}, and the release is v1.42.0.", id="the app, by digest"),
        pytest.param(of(LATE, State.ROLLED_BACK), ("database", "app"), "the database lacks 1 migration of the release; the app runs v1.41.0, and the release is v1.42.0.", id="both"),
        pytest.param(
            replace(of(LATE, State.APPLIED), release=replace(RELEASE, stale=Stale(NOW, "it is down"))),
            ("release",),
            "the app runs v1.41.0, and the newest release that could be read is v1.42.0.",
            id="perhaps the release, which cannot be read",
        ),
        pytest.param(of(THERE, State.AHEAD), ("release",), "the release lacks 1 migration that the database has; the app runs the release.", id="the release"),
    ],
)  # fmt: skip
def test_who_is_behind(found: Report, who: tuple[str, ...], words: str | None) -> None:
    assert behind(found) == who
    assert who_is_behind(found) == words


def test_a_message_says_it_first() -> None:
    found = replace(news.report(news.FAILED, at=news.BEGAN), app=THERE)
    text = as_plain_text(compose(News(found, news.decided(Why.OPENED, news.FAILED), ()), news.ALERTS, news.BEGAN))
    lines = text.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("BEHIND"))
    assert lines[place].endswith("The database lacks 1 migration of the release; the app runs the release.")
    assert place < next(number for number, line in enumerate(lines) if line.startswith(("CAUSE", "PROBLEM")))
