"""When the rows are read, and when what was found before is enough."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.alerts.decide.last_seen import last_seen_after
from shared.gather.database.probes import ON_A_SCHEDULE
from shared.memory.document import understood, written
from shared.model.database import Activity, DatabaseReading, LockSession, Replica
from shared.model.facts import Facts
from shared.model.knowledge import Unavailable
from shared.model.last_seen import LastSeen
from shared.model.memory import Memory
from shared.model.plan import Access, Found, NotProbed, Probe, ProbeAnswer, Raised, TableSize
from shared.model.report import Trigger
from shared.run import probing
from tests.alerts.news import report
from tests.builders import NOW, facts, reading, release, row

T = ("public", "t")
PROBE = Probe('SELECT FROM "public"."t"', (T,), Access.SCAN)
READING = replace(reading(row("1")), sizes={T: TableSize(1, 8192, file=7)})
ROWS_SAY: ProbeAnswer = Found(3, NOW)
HOURLY, DEPLOY = "hourly", "deploy"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """By which bounds the rows were asked, each time."""
    bounds: list[str] = []

    def probe_rows(_settings: object, probes: Sequence[Probe], given: object, _within: timedelta) -> object:
        bounds.append("schedule" if given is ON_A_SCHEDULE else "deployment")
        return dict.fromkeys(probes, ROWS_SAY)

    monkeypatch.setattr(probing, "probe_rows", probe_rows)
    return bounds


def at(hours: float = 0, *, plan: str = HOURLY, **fields: object) -> Facts:
    found = facts(release("1"), READING)
    target = replace(found.target, plan=plan)  # type: ignore[arg-type]  # one of three
    return replace(found, target=target, started_at=NOW + timedelta(hours=hours), **fields)  # type: ignore[arg-type]


def answer(found: Facts, database: DatabaseReading = READING, trigger: Trigger = Trigger.SCHEDULE) -> ProbeAnswer:
    return probing.probed([PROBE], found, database, trigger)[0][PROBE]


@pytest.mark.parametrize(
    "says",
    [
        pytest.param(Found(3, NOW, more=True), id="rows in the way"),
        pytest.param(Found(0, NOW), id="none"),
        pytest.param(Raised("22P02", NOW), id="a value that does not fit"),
        pytest.param(NotProbed("it took longer than the time allowed for it"), id="no answer"),
    ],
)
def test_on_a_schedule_once_a_day_for_the_same_rows(
    asked: list[str], says: ProbeAnswer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.ROWS_SAY", says)
    memory = Memory("production")

    def run(hours: float, database: DatabaseReading = READING) -> ProbeAnswer:
        nonlocal memory
        found = replace(at(hours), last_seen=memory.last_seen)
        answers, rows = probing.probed([PROBE], found, database, Trigger.SCHEDULE)
        ended = replace(report(at=found.started_at), seen=LastSeen(rows=rows))
        memory = replace(memory, last_seen=last_seen_after(memory, ended, found.started_at))
        memory = understood(written(memory), "production")  # what the next process finds
        return answers[PROBE]

    assert [run(hours) for hours in (0, 1, 23)] == [says] * 3
    assert asked == ["schedule"]
    run(25)
    assert asked == ["schedule"] * 2
    run(25, replace(READING, sizes={T: TableSize(1, 8192, file=8)}))
    assert asked == ["schedule"] * 3


def test_around_a_deployment_always_again(asked: list[str]) -> None:
    for _ in range(2):
        answer(at(plan=DEPLOY, phase="before"), trigger=Trigger.VERIFY)
        answer(at(plan=DEPLOY, deploying=True), trigger=Trigger.TERMINAL)
    assert asked == ["deployment"] * 4


@pytest.mark.parametrize(
    ("database", "because"),
    [
        pytest.param(replace(READING, replica=Replica(False, True, True, None)), "this is a standby", id="a standby"),
        pytest.param(reading(row("1", finished=False)), "a migration has not finished", id="an unfinished row"),
        pytest.param(reading(row("1", finished=False, logs="ERROR")), "a migration has not finished", id="a failed row"),
        pytest.param(reading(history=Unavailable("no right")), "a migration has not finished", id="an unreadable history"),
        pytest.param(replace(READING, activity=Unavailable("no right")), "a migration runs, or waits to run", id="unreadable locks"),
        pytest.param(reading(row("1"), activity=Activity((LockSession(1, True, None, None),), (), True)), "a migration runs, or waits to run", id="Prisma's lock"),
    ],
)  # fmt: skip
def test_nothing_is_asked_where_that_is_not_safe(asked: list[str], database: DatabaseReading, because: str) -> None:
    assert answer(at(phase="before"), database, Trigger.VERIFY) == NotProbed(because)
    assert asked == []


def test_what_was_rolled_back_is_in_nobodys_way(asked: list[str]) -> None:
    rolled_back = replace(READING, history=reading(row("1", finished=False, rolled_back=True)).history)
    assert answer(at(phase="before"), rolled_back, Trigger.VERIFY) == ROWS_SAY
    assert asked == ["deployment"]


def test_by_default_a_schedule_leaves_the_rows_alone(asked: list[str]) -> None:
    assert answer(at(plan=DEPLOY)) == NotProbed('on a schedule rows are only read with plan = "hourly"')
    assert asked == []
