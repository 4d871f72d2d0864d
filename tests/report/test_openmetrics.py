"""The metrics, read by the parser of Prometheus' own client."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics import parser

from shared.model.codes import CODES
from shared.model.finding import Severity
from shared.model.memory import Memory, PastIncident, Run
from shared.model.report import MigrationDay, Report, Verdict
from shared.report.brief import brief_of
from shared.report.html.page import Remembered
from shared.report.json import as_document
from shared.report.openmetrics import as_openmetrics
from tests.builders import NOW
from tests.report.sample import FAILED, HOSTILE, PENDING, report

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
MEMORY = Memory(
    "production",
    runs=(
        Run(NOW - 2 * HOUR, Verdict.UNKNOWN, SECOND, unknown={"schema": "down"}, unreachable=1),
        Run(NOW - HOUR, Verdict.PASSED, SECOND),
    ),
    next_run_at=NOW,
    past=(PastIncident("schema-missing:table public.t", NOW - HOUR, NOW, Severity.CRITICAL, ("schema",), "Gone."),),
    migration_days=(MigrationDay(NOW.replace(hour=0, minute=0), 3, 1.5 * SECOND, 2),),
)


def remembered(found: Report | None, memory: Memory | None = MEMORY, name: str = "production") -> Remembered:
    return Remembered(name, None if found is None else as_document(found), memory)


def samples(*states: Remembered) -> Iterator[tuple[str, dict[str, str], float]]:
    for family in parser.text_string_to_metric_families(as_openmetrics(list(map(brief_of, states)), NOW)):
        for each in family.samples:
            yield each.name.removeprefix("migration_monitor_"), dict(each.labels), each.value


def of(name: str, *states: Remembered) -> dict[Any, float]:
    """The values of a metric by its labels, without the target and the metric's own."""
    return {
        tuple(value for label, value in labels.items() if label != "target"): value
        for found, labels, value in samples(*states)
        if found == name
    }


def test_all_that_is_said_of_a_target() -> None:
    state = remembered(report(FAILED, PENDING, HOSTILE, unknown="down"))
    assert of("verdict", state) == {("passed",): 0, ("warning",): 0, ("failed",): 1, ("unknown",): 0}
    assert of("findings", state) == {
        ("migration-failed", "critical"): 1,
        ("migration-pending", "critical"): 1,
        ("seed-unexpected", "warning"): 1,
    }
    assert of("check_duration_seconds", state) == {("history",): 0.009, ("seeds",): 0.009}
    alone = {name: value for name, labels, value in samples(state) if set(labels) == {"target"}}
    assert alone == {
        "stale": 0,
        "pending_migrations": 1,
        "last_run_timestamp_seconds": (NOW - HOUR).timestamp(),
        "run_duration_seconds": 0.412,
        "unknown_seconds": 3600,
        "execution_seconds": 1.5,
        "migrations": 3,
        "failed_migrations": 2,
        "drift_incidents": 1,
        "connection_failures": 1,
    }


def test_a_target_without_a_run() -> None:
    found = dict.fromkeys(name for name, _, _ in samples(remembered(None, None)))
    assert list(found) == ["verdict", "stale"]
    assert of("verdict", remembered(None, None))["unknown",] == 1


@pytest.mark.parametrize("state", [Remembered("a", {"version": 9}), Remembered("a", None, broken="no release")])
def test_a_target_that_nothing_is_known_of(state: Remembered) -> None:
    assert of("verdict", state)["unknown",] == 1


def test_a_memory_without_runs() -> None:
    assert of("unknown_seconds", remembered(None, Memory("production"))) == {(): 0}


def test_a_run_that_is_overdue() -> None:
    late = replace(MEMORY, next_run_at=NOW - HOUR)
    assert of("stale", remembered(report(), late)) == {(): 1}


def test_no_subject_and_no_text_is_a_label() -> None:
    text = as_openmetrics(
        [brief_of(remembered(report(FAILED, HOSTILE, replace(FAILED, code="made-up", subject="s3cret"))))], NOW
    )
    for word in ("fix_folders", "script", "s3cret", "made-up", "us`ers", "project_id"):
        assert word not in text


def test_there_are_not_more_lines_than_codes() -> None:
    many = [replace(FAILED, code=code, subject=f"{n}") for code in CODES for n in range(20)]
    assert len(of("findings", remembered(report(*many)))) == len(CODES)


@given(st.lists(st.text(), min_size=1, max_size=4, unique=True))
def test_any_name_is_read_back(names: list[str]) -> None:
    text = as_openmetrics([brief_of(remembered(report(), name=name)) for name in names], NOW)
    text.encode()
    found = [each for family in parser.text_string_to_metric_families(text) for each in family.samples]
    assert len([each for each in found if each.name == "migration_monitor_stale"]) == len(names)


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\\", 'a"} 1\n# EOF'])
def test_a_name_that_would_end_its_label(name: str) -> None:
    found = [labels["target"] for found, labels, _ in samples(remembered(report(), name=name)) if found == "stale"]
    assert found == [name]


def test_no_target_at_all() -> None:
    assert list(samples()) == []
    assert as_openmetrics([], NOW).endswith("# EOF\n")
