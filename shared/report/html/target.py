"""The page of one target: what each part of it shows."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ...model.finding import Json
from ...model.memory import Incident, Memory, PastIncident, SilenceInForce, Window
from ...model.report import CheckResult, Report, Verdict
from ...model.schema_change import SchemaChange
from ...model.settings import AcceptedDrift
from ...model.value import dataclass
from ..laggards import who_is_behind
from ..lateness import overdue
from ..reading import NoReportError, as_report
from ..wording import accepted, headline, in_part, left_out, not_compared
from .deploying import Deploying, deploying_of
from .differences import Differing, differences_of
from .measured import Measured, measured_of
from .numbers import Number, numbers_of
from .page import Remembered
from .planned import PlanView, plan_of
from .strips import Cell, by_the_day, by_the_hour
from .timeline import Timeline, timeline_of
from .trouble import Trouble, troubles

_MOST_PAST = 50
# Changes of the schema, of the last so many days.
_MOST_CHANGES, _CHANGES_OF = 50, timedelta(days=30)


@dataclass(frozen=True, slots=True)
class WayBackView:
    release: str
    today: str
    after: str
    because: str


@dataclass(frozen=True, slots=True)
class TargetView:
    """*report* is None where there is none that can be read: *missing* says why.

    *late* is set where a check has been due since then. *in_part* are the objects that were compared in part.
    """

    name: str
    tone: str
    headline: str
    report: Report | None = None
    missing: str | None = None
    next_run_at: datetime | None = None
    late: datetime | None = None
    window: Window | None = None
    deploying: Deploying | None = None
    troubles: Sequence[Trouble] = ()
    more_findings: int = 0
    plan: PlanView | None = None
    timeline: Timeline | None = None
    differences: Sequence[Differing] = ()
    measured: Sequence[Measured] = ()
    ways_back: Sequence[WayBackView] = ()
    behind: str | None = None
    unknown: Sequence[CheckResult] = ()
    coverage: Sequence[str] = ()
    in_part: Sequence[str] = ()
    silences: Sequence[SilenceInForce] = ()
    open: Sequence[Incident] = ()
    hours: Sequence[Cell] = ()
    days: Sequence[Cell] = ()
    past: Sequence[PastIncident] = ()
    changes: Sequence[SchemaChange] = ()
    accepted: Sequence[AcceptedDrift] = ()
    numbers: Sequence[Number] = ()
    # Whether links lead to its incidents: of several targets on one page, two may have the same.
    named: bool = True


def view_of(state: Remembered, now: datetime, others: Sequence[Remembered], *, named: bool = True) -> TargetView:
    changes = [each for each in state.changes if now - each.at <= _CHANGES_OF][:_MOST_CHANGES]
    remembered = _of_memory(state.memory, now) | {"changes": changes, "accepted": state.accepted}
    if state.report is None or state.broken is not None:
        why = state.broken or "no check of this target has ended yet"
        return TargetView(state.name, "unknown", f"{state.name} is unknown: {why}.", missing=why, **remembered)
    try:
        report = as_report(state.report)
    except NoReportError as error:
        why = str(error)
        return TargetView(
            state.name, "unknown", f"The last report of {state.name} cannot be read.", missing=why, **remembered
        )
    return _of_report(report, state, others, remembered, named=named)


def _of_memory(memory: Memory | None, now: datetime) -> dict[str, Any]:
    if memory is None:
        return {}
    return {
        "next_run_at": memory.next_run_at,
        "late": overdue(memory, now),
        "window": memory.window,
        "silences": [each for each in memory.silences if each.silence.until > now],
        "open": [each for each in memory.incidents if each.is_open],
        "hours": by_the_hour(memory.runs, now),
        "days": by_the_day(memory.runs, now),
        "past": sorted(memory.past, key=lambda each: each.ended_at, reverse=True)[:_MOST_PAST],
        "numbers": numbers_of(memory, now),
    }


def _of_report(
    report: Report, state: Remembered, others: Sequence[Remembered], remembered: Mapping[str, Any], *, named: bool
) -> TargetView:
    document: Mapping[str, Any] = state.report or {}
    incidents = state.memory.incidents if state.memory is not None else ()
    found, more = troubles(report.findings, incidents, named=named)
    plan = plan_of(document.get("plan"))
    schema = [finding for check in report.checks if check.name == "schema" for finding in check.findings]
    return TargetView(
        name=state.name,
        tone=report.verdict.value,
        headline=headline(report),
        report=report,
        deploying=deploying_of(document.get("deployment")),
        troubles=found,
        more_findings=more,
        plan=plan,
        timeline=timeline_of(state, others, found, plan),
        differences=differences_of(schema),
        measured=measured_of(document.get("measured"), state.memory),
        ways_back=list(_ways_back(document.get("ways_back"))),
        behind=who_is_behind(report),
        unknown=[check for check in report.checks if check.verdict is Verdict.UNKNOWN],
        coverage=[text for text in (not_compared(report), accepted(report), left_out(report)) if text is not None],
        in_part=in_part(report),
        named=named,
        **remembered,
    )


_ANSWERS = {True: "works", False: "does not work"}


def _ways_back(found: Json) -> Iterator[WayBackView]:
    for each in found if isinstance(found, list) else ():
        assert isinstance(each, dict)  # noqa: S101  # `ways_back` made it
        yield WayBackView(
            str(each["release"] or "the release before this one"),
            _answer(each, each["runs_today"]),
            _answer(each, each["runs_after"]),
            str(each["because"] or ""),
        )


def _answer(way: Mapping[str, Json], runs: Json) -> str:
    """Say whether it works; of reports from before the field, null is taken for "may fail"."""
    if isinstance(runs, bool):
        return _ANSWERS[runs]
    return "may fail" if way.get("predicted", True) else "not known"
