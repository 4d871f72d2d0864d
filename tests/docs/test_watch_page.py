"""The screen of `migration-monitor watch` that docs/start.md shows is what is shown of such a moment."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.model.database import History
from shared.model.plan import Duration, LockMode
from shared.model.settings import RemedySettings
from shared.model.watching import Awaited, LiveSession, Phase, Place, Queue, Seen, Stop, Watched
from shared.remedies.stopping import Production, stop_of
from shared.report.watching import as_screen
from tests.builders import reading
from tests.docs.made import hold_part

USERS = ("public", "users")
AT = datetime(2025, 9, 5, 9, 41, 49, tzinfo=UTC)
SQL = 'ALTER TABLE "users" ADD COLUMN "age" int'


def seconds(number: int) -> timedelta:
    return timedelta(seconds=number)


DEPLOYS = LiveSession(
    5662, "2025-09-05 09:41:40+00", "client backend", None, "deploy", "active", "ALTER", SQL, seconds(6), None, None,
    (5660,), True, Awaited("relation", LockMode.ACCESS_EXCLUSIVE, USERS, seconds(6)), None, frozenset(),
)  # fmt: skip
BLOCKS = LiveSession(
    5660, "2025-09-05 09:20:00+00", "client backend", "report", "ops", "idle in transaction", "SELECT", "",
    timedelta(minutes=12), timedelta(minutes=12), None, (), None, None, None, frozenset({(USERS, LockMode.ACCESS_SHARE)}),
)  # fmt: skip
MOMENT = Watched(
    AT,
    Phase.RUNS,
    DEPLOYS,
    Place("20250201000000_age", 1, 1, (5, 5), SQL, 3, at_once=False),
    estimate=Duration(0.01, 0.1),
    chain=(BLOCKS,),
    queues=(Queue(USERS, 14, seconds(6)),),
    queued=14,
    queued_long=12,
    is_urgent=True,
)


def test_the_screen_of_the_page(request: pytest.FixtureRequest) -> None:
    known = reading()
    assert isinstance(known.history, History)
    production = Production((), RemedySettings(), known, known.history)
    # What it leaves follows from the files of the release, which are none here.
    stop = Stop(stop_of(MOMENT, (), production).steps)
    screen = as_screen(Seen(MOMENT, stop), "production", seconds(5), width=100)
    block = f"```console\n$ migration-monitor watch --target production\n{screen.rstrip()}\n```\n"
    hold_part("start.md", "watch", block, update=request.config.getoption("--update-golden"))
