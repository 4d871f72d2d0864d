"""The four numbers of a team's procedure."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.diagnose.diagnosis import diagnose
from shared.model.database import History, HistoryRow
from shared.model.finding import Severity
from shared.model.knowledge import Unavailable
from shared.model.memory import Incident, Memory, Notified, PastIncident, Run
from shared.model.report import MigrationDay, Verdict
from shared.report.figures import DAYS, Figures, figures, total
from shared.report.summaries import migration_days
from tests.builders import NOW, facts, reading, release, row

DAY, SECOND, NOTHING = timedelta(days=1), timedelta(seconds=1), timedelta(0)
KNOWN = Notified(NOW, Severity.CRITICAL, Severity.CRITICAL, "d")
MIDNIGHT = NOW.replace(hour=0, minute=0)


def days_of(*rows: HistoryRow) -> tuple[MigrationDay, ...] | None:
    found = facts(release("1"), reading(*rows))
    return migration_days(found, diagnose(found))


def began(days: float, **changes: object) -> HistoryRow:
    return row("1", minutes_ago=days * 24 * 60 + 60, **changes)  # type: ignore[arg-type]  # any of `row`


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([], (), id="nothing ran"),
        pytest.param([began(0)], (MigrationDay(MIDNIGHT, 1, SECOND, 0),), id="one ran today"),
        pytest.param(
            [began(1), began(0), began(0)],
            (MigrationDay(MIDNIGHT - DAY, 1, SECOND, 0), MigrationDay(MIDNIGHT, 2, 2 * SECOND, 0)),
            id="the oldest day first",
        ),
        pytest.param([began(31)], (), id="too long ago"),
        pytest.param([began(-2)], (), id="in a future that no clock explains"),
        pytest.param([began(0, finished=False, logs="E")], (MigrationDay(MIDNIGHT, 0, NOTHING, 1),), id="failed"),
        pytest.param(
            [began(0, finished=False, rolled_back=True), began(0)],
            (MigrationDay(MIDNIGHT, 1, SECOND, 1),), id="failed, marked as rolled back, then ran",
        ),
        pytest.param([began(0, rolled_back=True)], (MigrationDay(MIDNIGHT, 1, SECOND, 0),), id="ran, and is to run again"),
        pytest.param(
            [replace(began(0), finished_at=began(0).started_at)], (), id="only recorded: it began and ended at once"
        ),
        pytest.param([row("1", finished=False, minutes_ago=5)], (), id="still running"),
    ],
)  # fmt: skip
def test_the_days_on_which_migrations_ran(rows: list[HistoryRow], expected: tuple[MigrationDay, ...]) -> None:
    assert days_of(*rows) == expected


def test_a_history_that_was_not_read_says_nothing() -> None:
    for database in (Unavailable("down"), reading(history=Unavailable("no right"))):
        found = facts(release("1"), database)
        assert migration_days(found, diagnose(found)) is None
    assert migration_days(facts(release("1"), reading(history=History(exists=False))), Unavailable("x")) == ()


def ended(name: str, *checks: str, days: int = 0) -> PastIncident:
    return PastIncident(name, NOW - days * DAY, NOW, Severity.CRITICAL, checks, "It was wrong.")


OPEN = Incident("schema-missing:table public.t", NOW, NOW, Severity.CRITICAL, "d", ("schema",), notified=KNOWN)


@pytest.mark.parametrize(
    ("memory", "expected"),
    [
        pytest.param(Memory("p"), {}, id="nothing is remembered"),
        pytest.param(
            Memory("p", migration_days=(MigrationDay(MIDNIGHT - DAY, 3, 1.5 * SECOND, 2),)),
            {1: Figures(3, 1.5, 2)}, id="migrations",
        ),
        pytest.param(Memory("p", incidents=(OPEN,)), {0: Figures(drift_incidents=1)}, id="drift that is open"),
        pytest.param(Memory("p", incidents=(replace(OPEN, notified=None),)), {}, id="drift that nobody was notified of"),
        pytest.param(
            Memory("p", incidents=(replace(OPEN, is_open=False),), past=(ended(OPEN.name, "schema"),)),
            {0: Figures(drift_incidents=1)}, id="drift that ended counts once",
        ),
        pytest.param(
            Memory("p", past=(ended("a", "schema", days=3), ended("b", "history", "schema", days=3), ended("c", "seeds"))),
            {3: Figures(drift_incidents=2)}, id="of several checks",
        ),
        pytest.param(Memory("p", past=(ended("unknown schema", "schema"),)), {}, id="an unknown check is no drift"),
        pytest.param(
            Memory("p", runs=(
                Run(NOW - 40 * DAY, Verdict.UNKNOWN, SECOND, unreachable=9),
                Run(NOW - 2 * DAY, Verdict.UNKNOWN, SECOND, unreachable=5), Run(NOW - 2 * DAY, Verdict.UNKNOWN, SECOND, unreachable=1),
                Run(NOW, Verdict.UNKNOWN, SECOND, unknown={"schema": "no right"}),
            )),
            {2: Figures(connection_failures=6)}, id="runs that could not reach the server",
        ),
    ],
)  # fmt: skip
def test_the_numbers_by_day(memory: Memory, expected: dict[int, Figures]) -> None:
    found = figures(memory, NOW)
    assert list(found) == sorted(found)
    assert len(found) == DAYS
    assert max(found) == date(2026, 11, 22)
    assert {(max(found) - day).days: each for day, each in found.items() if each != Figures()} == expected


def test_the_total() -> None:
    assert total([Figures(1, 0.1, 2, 3, 4), Figures(1, 0.2, 0, 1, 0)]) == Figures(2, 0.3, 2, 4, 4)
    assert total([]) == Figures()
