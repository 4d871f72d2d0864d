"""The state of all targets in the text format of OpenMetrics 1.0.

A label is a target, a check, a verdict, or a code with its severity: never a name of a database object or a text.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from ..model.report import Verdict
from ..model.value import dataclass
from .brief import Brief, LastReport
from .figures import Figures, last_days, total
from .wording import printable

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
_PREFIX = "migration_monitor_"
_VERDICTS = (Verdict.PASSED, Verdict.WARNING, Verdict.FAILED, Verdict.UNKNOWN)

Sample = tuple[Mapping[str, str], float]


@dataclass(frozen=True, slots=True)
class _Target:
    brief: Brief
    report: LastReport | None
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


def as_openmetrics(briefs: Sequence[Brief], now: datetime) -> str:
    """Give one exposition of all targets, from what is remembered alone."""
    targets = [_Target(each, each.report, _month(each, now), now) for each in briefs]
    lines: list[str] = []
    for family in _FAMILIES:
        name = f"{_PREFIX}{family.name}"
        lines.append(f"# TYPE {name} {family.type}")
        if family.unit:
            lines.append(f"# UNIT {name} {family.unit}")
        lines.append(f"# HELP {name} {family.help}")
        for target in targets:
            lines += [
                f"{name}{_labels({'target': target.brief.name, **labels})} {value:.15g}"
                for labels, value in family.samples(target)
            ]
    return "\n".join([*lines, "# EOF", ""])


def _month(brief: Brief, now: datetime) -> Figures | None:
    if not brief.is_remembered:
        return None
    return total(brief.figures[day] for day in last_days(now) if day in brief.figures)


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
    brief = target.brief
    yield {}, float(brief.last_run_at is not None and brief.overdue(target.now) is not None)


def _findings(target: _Target) -> Iterator[Sample]:
    for code, severity, count in () if target.report is None else target.report.findings:
        yield {"code": code, "severity": severity}, count


def _pending(target: _Target) -> Iterator[Sample]:
    if target.report is not None:
        yield {}, target.report.waiting


def _last_run(target: _Target) -> Iterator[Sample]:
    if target.brief.last_run_at is not None:
        yield {}, target.brief.last_run_at.timestamp()
    elif target.report is not None:
        yield {}, target.report.at.timestamp()


def _run_duration(target: _Target) -> Iterator[Sample]:
    if target.report is not None:
        yield {}, target.report.took.total_seconds()


def _check_duration(target: _Target) -> Iterator[Sample]:
    for check, took in () if target.report is None else target.report.checks:
        yield {"check": check}, took.total_seconds()


def _unknown_seconds(target: _Target) -> Iterator[Sample]:
    if target.brief.is_remembered:
        yield {}, target.brief.unknown_for(target.now).total_seconds()


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
