"""Which targets are due at a tick of the clock."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from shared.entrypoints.timer import LONGEST_RUN, TICK, BadMessageError, check_target, due
from shared.memory import GROUPS
from shared.model.mistake import Mistake
from shared.model.release_settings import ReleaseSettings
from shared.model.setting_types import Secret
from shared.model.settings import BrokenTarget, DatabaseSettings, Settings, Target
from tests.entrypoints.conftest import APP
from tests.entrypoints.functions_runtime import FunctionsRuntime

NINE = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1) // TICK


def target(name: str, *, every: timedelta = timedelta(hours=1)) -> Target:
    return Target(
        name,
        (ReleaseSettings("folder", "migrations"),),
        DatabaseSettings(Secret("env:DATABASE_URL", "postgresql://db.example.com/app")),
        interval=every,
    )


def ticks_of_a_day(*targets: Target) -> dict[str, list[int]]:
    """The ticks, counted from nine o'clock, at which each target is due."""
    settings = Settings(targets)
    ticks: dict[str, list[int]] = {target.name: [] for target in targets}
    for tick in range(DAY):
        for name in due(settings, NINE + tick * TICK, past_due=False):
            ticks[name].append(tick)
    return ticks


@pytest.mark.parametrize(
    ("interval", "looks", "apart"),
    [
        pytest.param(timedelta(minutes=5), 288, 1, id="5m is every tick"),
        pytest.param(timedelta(minutes=9), 288, 1, id="9m is every tick too: rather sooner than later"),
        pytest.param(timedelta(minutes=10), 144, 2, id="10m"),
        pytest.param(timedelta(hours=1), 24, 12, id="1h"),
        pytest.param(timedelta(minutes=64), 24, 12, id="64m is every hour"),
        pytest.param(timedelta(hours=24), 1, None, id="24h is once a day"),
    ],
)
def test_a_target_is_due_once_an_interval(interval: timedelta, looks: int, apart: int | None) -> None:
    ticks = ticks_of_a_day(target("production", every=interval))["production"]
    assert len(ticks) == looks
    assert {later - earlier for earlier, later in pairwise(ticks)} == ({apart} if apart else set())


def test_targets_are_spread_over_the_hour() -> None:
    ticks = ticks_of_a_day(*(target(f"customer-{number}") for number in range(120)))
    assert {len(looks) for looks in ticks.values()} == {24}
    at_once = Counter(tick for looks in ticks.values() for tick in looks)
    assert set(at_once) == set(range(DAY))
    assert max(at_once.values()) < 120 / 4


@pytest.mark.parametrize(
    "deviation",
    [
        pytest.param(timedelta(0), id="on time"),
        pytest.param(-timedelta(milliseconds=5), id="5 ms early, as azure-functions-host #7398"),
        pytest.param(timedelta(seconds=70), id="70 s late, from a cold start"),
    ],
)
def test_a_clock_that_is_a_little_off_still_means_its_tick(deviation: timedelta) -> None:
    settings = Settings(tuple(target(f"customer-{number}") for number in range(12)))
    for tick in range(12):
        on_time = NINE + tick * TICK
        assert list(due(settings, on_time + deviation, past_due=False)) == list(due(settings, on_time, past_due=False))


def test_after_missed_ticks_every_target_is_due() -> None:
    settings = Settings(tuple(target(name, every=timedelta(hours=24)) for name in ("a", "b", "c")))
    assert list(due(settings, NINE, past_due=True)) == ["a", "b", "c"]
    assert list(due(settings, NINE, past_due=False)) == []


def test_a_broken_target_is_due_at_every_tick() -> None:
    broken = BrokenTarget("broken", (Mistake("monitor.toml", "target.broken", "is wrong"),))
    settings = Settings((target("once-a-day", every=timedelta(hours=24)),), broken=(broken,))
    assert list(due(settings, NINE, past_due=False)) == ["broken"]


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"production", id="not JSON"),
        pytest.param(b"\xff\xfe\x00", id="not UTF-8"),
        pytest.param(b"[" * 60_000, id="very deep"),
        pytest.param(b'"production"', id="not an object"),
        pytest.param(b"{}", id="no target"),
        pytest.param(b'{"target": null}', id="null: not the only target by chance"),
        pytest.param(b'{"target": 7}', id="a number"),
    ],
)
def test_a_message_that_is_none_of_ours_says_so(message: bytes) -> None:
    with pytest.raises(BadMessageError) as caught:
        check_target(message)
    assert str(caught.value) == 'a message of the queue is not like {"target": "production"}'


def test_host_and_code_agree(functions: FunctionsRuntime) -> None:
    """What no single file can see: the timer's period, and time and threads enough for every run."""
    host = json.loads((APP / "host.json").read_text())
    (timer,) = [binding for binding in functions.bindings["schedule"] if binding["type"] == "timerTrigger"]
    minutes = re.fullmatch(r"0 \*/(\d+) \* \* \* \*", timer["schedule"])
    assert minutes is not None
    assert timedelta(minutes=int(minutes[1])) == TICK
    hours, whole_minutes, seconds = map(int, host["functionTimeout"].split(":"))
    assert timedelta(hours=hours, minutes=whole_minutes, seconds=seconds) > LONGEST_RUN
    # Python's default on one core: min(32, cores + 4).
    queues = host["extensions"]["queues"]
    assert queues["batchSize"] + queues["newBatchThreshold"] < 1 + 4
    assert queues["maxDequeueCount"] > 1


def test_what_is_awaited_is_due_at_its_time_whatever_the_tick() -> None:
    settings = Settings((target("production"),))
    quiet = next(n for n in range(DAY) if not list(due(settings, NINE + n * TICK, past_due=False)))
    now = NINE + quiet * TICK

    def due_when(again: datetime | None) -> list[str]:
        return list(due(settings, now, past_due=False, awaited={} if again is None else {"production": again}))

    assert due_when(now) == ["production"]
    assert due_when(now + timedelta(seconds=20)) == ["production"], "timers come a moment early"
    assert due_when(now - timedelta(hours=3)) == ["production"]
    assert due_when(now + TICK) == []
    assert due_when(None) == []


@pytest.mark.parametrize(
    ("again", "names"),
    [
        pytest.param(None, [], id="nothing waits"),
        pytest.param(timedelta(0), [GROUPS], id="now"),
        pytest.param(timedelta(hours=-3), [GROUPS], id="long ago: its run died"),
        pytest.param(timedelta(minutes=10), [], id="with the next ticks"),
        pytest.param(timedelta(days=400), [GROUPS], id="by a clock that was ahead"),
    ],
)
def test_what_incident_groups_have_to_send_is_due(again: timedelta | None, names: list[str]) -> None:
    settings = Settings((target("once-a-day", every=timedelta(hours=24)),))
    awaited = {} if again is None else {GROUPS: NINE + again}
    assert list(due(settings, NINE, past_due=False, awaited=awaited)) == names
