"""What a soak counts as wrong; and a short one, by Prisma's own engine."""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import cast

import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.model.finding import Severity
from shared.model.message import Change, Event, Kind
from tests.builders import NOW
from tests.postgres.servers import client_program
from tests.remedies.resident import Engine
from tests.soak.__main__ import soak
from tests.soak.measured import Point, grown, malloc
from tests.soak.monitor import Monitor, Taken
from tests.soak.story import Problem, Story
from tests.soak.world import World

INDEX, UNKNOWN = "schema-missing:index public.i", "unknown schema"
OPENED, RESOLVED, CHANGED = Change.OPENED, Change.RESOLVED, Change.CHANGED


class _Monitor:
    """What a story reads of a monitor that has run so often."""

    number = 100

    def __init__(self, *events: tuple[int, Change, str]) -> None:
        self.taken = [
            Taken(number, Kind.INCIDENT, Event(incident, change, Severity.CRITICAL, NOW, incident))
            for number, change, incident in events
        ]


def problem(since: int, repaired: int) -> Problem:
    return Problem(INDEX, since, lambda _: None, repaired)


@pytest.mark.parametrize(
    ("events", "over", "wrong"),
    [
        pytest.param([], [], [], id="nothing"),
        pytest.param([(5, OPENED, INDEX), (9, RESOLVED, INDEX)], [problem(5, 8)], [], id="one alert and one end"),
        pytest.param([(5, OPENED, INDEX), (9, RESOLVED, INDEX), (50, OPENED, INDEX), (60, RESOLVED, INDEX)], [problem(5, 8), problem(50, 58)], [], id="twice, long after each other"),
        pytest.param([(5, OPENED, INDEX), (6, CHANGED, INDEX), (9, RESOLVED, INDEX)], [problem(5, 8)], [], id="a change of it"),
        pytest.param([(4, OPENED, INDEX), (9, RESOLVED, INDEX)], [problem(5, 8)], ["false alarm in run 4: opened schema-missing:index public.i", "schema-missing:index public.i, from run 5 to 8: resolved"], id="before it was so"),
        pytest.param([(5, OPENED, "seed-missing:users")], [], ["false alarm in run 5: opened seed-missing:users"], id="what was never so"),
        pytest.param([], [problem(5, 8)], ["schema-missing:index public.i, from run 5 to 8: missed"], id="missed"),
        pytest.param([(5, OPENED, INDEX)], [problem(5, 8)], ["schema-missing:index public.i, from run 5 to 8: opened"], id="no end"),
        pytest.param([(5, OPENED, INDEX), (6, OPENED, INDEX), (9, RESOLVED, INDEX)], [problem(5, 8)], ["schema-missing:index public.i, from run 5 to 8: opened, opened, resolved"], id="two alerts"),
        pytest.param([(11, OPENED, UNKNOWN), (13, RESOLVED, UNKNOWN)], [], [], id="unknown in an outage"),
        pytest.param([(11, OPENED, UNKNOWN)], [], ["1 times a check was said to be unknown, and 0 times to work again"], id="an outage without an end"),
        pytest.param([(40, OPENED, UNKNOWN), (41, RESOLVED, UNKNOWN)], [], ["false alarm in run 40: opened unknown schema", "false alarm in run 41: resolved unknown schema"], id="unknown without an outage"),
    ],
)  # fmt: skip
def test_what_is_wrong(events: list[tuple[int, Change, str]], over: list[Problem], wrong: list[str]) -> None:
    story = Story(cast("World", None), cast("Monitor", _Monitor(*events)), Random(0), over=over, outages=[[10, 11, 12]])
    assert list(story.wrong()) == wrong


def point(number: int, **sizes: float) -> Point:
    """The one after so many times ten runs, an hour apart: flat, but for *sizes*."""
    plain = Point(10 * number, number, number * 10 / 24, 90 << 20, 300_000, 12 << 20, 8 << 20, 100_000, 10_000)
    return replace(plain, **{name: int(size) for name, size in sizes.items()})


@pytest.mark.parametrize(
    ("size", "wrong"),
    [
        pytest.param(lambda _: {}, [], id="flat"),
        pytest.param(lambda n: {"blocks": 300_000 + 600 * n}, ["the process grew from 344.7 to 404.7 thousand blocks of Python's"], id="sixty blocks a run"),
        pytest.param(lambda n: {"malloc": (12 << 20) + 30_000 * n}, ["the process grew from 14.1 to 17.0 MiB of malloc"], id="3 kB a run"),
        pytest.param(lambda n: {"resident": (90 << 20) + 400_000 * n}, [], id="what is free lies between what is in use"),
        pytest.param(lambda n: {"document": 100_000 + 500 * n, "history": 10_000 + 500 * n}, [], id="migrations"),
        pytest.param(lambda n: {"document": 30_000 + 700 * min(n, 96)}, [], id="the first forty days"),
        pytest.param(lambda n: {"document": 40_000 + 500 * n}, ["the memory's document grew from 84500 to 123250 bytes"], id="the document"),
        pytest.param(lambda n: {"document": 210_000 if n == 20 else 100_000}, ["the memory's document had 210000 bytes"], id="once too large"),
    ],
)  # fmt: skip
def test_what_grew(size: Callable[[int], dict[str, float]], wrong: list[str]) -> None:
    assert list(grown([point(number, **size(number)) for number in range(200)])) == wrong


def test_what_is_measured_is_what_a_process_holds() -> None:
    before, blocks = malloc()[0], sys.getallocatedblocks()
    held = [bytes(2**16) for _ in range(100)], [str(number) for number in range(10_000)]
    assert malloc()[0] - before > 6_000_000
    assert sys.getallocatedblocks() - blocks > 9_000
    del held
    assert malloc()[0] - before < 1_000_000


@pytest.mark.engine
def test_a_short_soak(
    engine: Engine,
    start_server: Callable[[Path], PrivatePostgres],
    postgres: PrivatePostgres,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if not client_program("pgbench", postgres.programs).exists():
        pytest.skip("needs pgbench")
    status = soak(postgres, engine, tmp_path, 2, time.monotonic() + 3600, 40)
    assert status == 0, capsys.readouterr().out
