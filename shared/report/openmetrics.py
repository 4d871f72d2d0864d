"""The state of all targets in the text format of OpenMetrics 1.0.

A label is a target, a check, a verdict, or a code with its severity: never a name of a database object or a text.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from ..model.codes import CODES
from ..model.diagnosis import State
from ..model.memory import Memory
from ..model.report import Report, Verdict
from ..model.value import dataclass
from .figures import Figures, figures, total, unknown_time
from .html.page import Remembered
from .lateness import stale_since
from .reading import NoReportError, as_report
from .wording import printable

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
_PREFIX = "migration_monitor_"
_VERDICTS = (Verdict.PASSED, Verdict.WARNING, Verdict.FAILED, Verdict.UNKNOWN)
_WAITING = frozenset({State.PENDING, State.SKIPPED, State.ROLLED_BACK})
_KEPT = timedelta(days=30)

Sample = tuple[Mapping[str, str], float]


@dataclass(frozen=True, slots=True)
class _Target:
    state: Remembered
    report: Report | None
    # Of the last 30 days; None where nothing is remembered.
    month: Figures | None
    now: datetime


@dataclass(frozen=True, slots=True)
class _Family:
    """A metric and what it has of one target. A *unit* is the end of its name."""

    name: str
    help: str
    samples: Callable[[_Target], Iterable[Sample]]
    type: str = "gauge"
    unit: str = ""


def as_openmetrics(states: Sequence[Remembered], now: datetime) -> str:
    """Give one exposition of all *states*, from what is remembered alone."""
    targets = [_Target(state, _report_of(state), _month(state.memory, now), now) for state in states]
    lines: list[str] = []
    for family in _FAMILIES:
        name = f"{_PREFIX}{family.name}"
        lines.append(f"# TYPE {name} {family.type}")
        if family.unit:
            lines.append(f"# UNIT {name} {family.unit}")
        lines.append(f"# HELP {name} {family.help}")
        for target in targets:
            lines += [
                f"{name}{_labels({'target': target.state.name, **labels})} {value:.15g}"
                for labels, value in family.samples(target)
            ]
    return "\n".join([*lines, "# EOF", ""])


def _report_of(state: Remembered) -> Report | None:
    if state.report is None or state.broken is not None:
        return None
    try:
        return as_report(state.report)
    except NoReportError:
        return None


def _month(memory: Memory | None, now: datetime) -> Figures | None:
    return None if memory is None else total(figures(memory, now).values())


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return printable(value).replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _verdict(target: _Target) -> Iterator[Sample]:
    """Without a report nothing is known of the target."""
    verdict = Verdict.UNKNOWN if target.report is None else target.report.verdict
    for each in _VERDICTS:
        yield {f"{_PREFIX}verdict": each.value}, float(each is verdict)


def _stale(target: _Target) -> Iterator[Sample]:
    yield {}, float(stale_since(target.state.memory, target.now) is not None)


def _findings(target: _Target) -> Iterator[Sample]:
    found = () if target.report is None else target.report.findings
    counts = Counter((each.code, each.severity.value) for each in found if each.code in CODES)
    for (code, severity), count in sorted(counts.items()):
        yield {"code": code, "severity": severity}, count


def _pending(target: _Target) -> Iterator[Sample]:
    if target.report is not None:
        yield {}, sum(each.state in _WAITING for each in target.report.migrations)


def _last_run(target: _Target) -> Iterator[Sample]:
    memory = target.state.memory
    if memory is not None and memory.runs:
        yield {}, memory.runs[-1].at.timestamp()
    elif target.report is not None:
        yield {}, target.report.started_at.timestamp()


def _run_duration(target: _Target) -> Iterator[Sample]:
    if target.report is not None:
        yield {}, target.report.took.total_seconds()


def _check_duration(target: _Target) -> Iterator[Sample]:
    for check in () if target.report is None else target.report.checks:
        if check.verdict is not Verdict.SKIPPED:
            yield {"check": check.name}, check.took.total_seconds()


def _unknown_seconds(target: _Target) -> Iterator[Sample]:
    memory = target.state.memory
    if memory is not None:
        runs = [run for run in memory.runs if target.now - run.at <= _KEPT]
        yield {}, unknown_time(runs, target.now).total_seconds()


def _figure(name: str) -> Callable[[_Target], Iterator[Sample]]:
    def samples(target: _Target) -> Iterator[Sample]:
        if target.month is not None:
            yield {}, getattr(target.month, name)

    return samples


_FAMILIES = (
    _Family("verdict", "The verdict of the last run.", _verdict, "stateset"),
    _Family("stale", "1 where the next run is overdue.", _stale),
    _Family("findings", "Findings of the last run by code and severity.", _findings),
    _Family("pending_migrations", "Migrations of the release that a deployment would apply.", _pending),
    _Family("last_run_timestamp_seconds", "When the last run began.", _last_run, unit="seconds"),
    _Family("run_duration_seconds", "How long the last run took.", _run_duration, unit="seconds"),
    _Family("check_duration_seconds", "How long each check of the last run took.", _check_duration, unit="seconds"),
    _Family("unknown_seconds", "How long a check had no result within 30 days.", _unknown_seconds, unit="seconds"),
    _Family(
        "execution_seconds", "How long migrations ran within 30 days.", _figure("execution_seconds"), unit="seconds"
    ),
    _Family("migrations", "Migrations that ran within 30 days.", _figure("migrations")),
    _Family("failed_migrations", "Migrations that failed within 30 days.", _figure("failed_migrations")),
    _Family("drift_incidents", "Incidents of the schema check within 30 days.", _figure("drift_incidents")),
    _Family(
        "connection_failures", "Runs within 30 days that could not reach the database.", _figure("connection_failures")
    ),
)
