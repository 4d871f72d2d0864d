"""A report out of its JSON: for what comes later than the run that made it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ..model.database import HistoryRow
from ..model.diagnosis import MigrationStatus, State
from ..model.finding import Cause, Finding, Severity, Step
from ..model.knowledge import Unavailable
from ..model.moment import moment_of
from ..model.release import Stale
from ..model.report import (
    AppSummary,
    CheckResult,
    Coverage,
    DatabaseSummary,
    LeftOut,
    Measurement,
    ReleaseSummary,
    ReplicaSummary,
    Report,
    ServerSummary,
    Trigger,
    Verdict,
)

_VERSION = 1


class NoReportError(Exception):
    """The document is no report that can be read here; the text says why."""


def as_report(document: object) -> Report:
    """Give the report that *document* is the JSON of, but for what it leaves out: scripts, and most of a row."""
    if not isinstance(document, dict) or document.get("version") != _VERSION:
        raise NoReportError(f"expected the JSON of one report, version {_VERSION}")
    try:
        return _report(document)
    except (KeyError, TypeError, ValueError, AttributeError):
        pass  # raised below: what was found there is nobody's business
    raise NoReportError("the JSON is not that of a whole report")


def _report(document: Mapping[str, Any]) -> Report:
    findings = {each["key"]: _finding(each) for each in document["findings"]}
    release, database, coverage = document["release"], document["database"], document["coverage"]
    # Reports of before these do without them.
    server, app, sleeps_until = document.get("server"), document["app"], document.get("sleeps_until")
    return Report(
        target=document["target"],
        trigger=Trigger(document["trigger"]),
        phase=document["phase"],
        started_at=datetime.fromisoformat(document["started_at"]),
        took=timedelta(milliseconds=document["took_ms"]),
        release=None if release is None else _release(release),
        database=None if database is None else _database(database),
        checks=tuple(_check(each, findings) for each in document["checks"]),
        migrations=tuple(_migration(each) for each in document["migrations"]),
        coverage=None if coverage is None else _coverage(coverage),
        server=None if server is None else _server(server),
        app=None if app is None else AppSummary(**app),
        sleeps_until=None if sleeps_until is None else datetime.fromisoformat(sleeps_until),
        measured=tuple(
            Measurement(**{**each, "verdict": Verdict(each["verdict"])}) for each in document.get("measured", ())
        ),
    )


def _migration(document: Mapping[str, Any]) -> MigrationStatus:
    """Of its row, only the times: to the second, and how long it ran to the millisecond."""
    name, took_ms = document["name"], document.get("took_ms")
    started_at, finished_at = moment_of(document.get("started_at")), moment_of(document.get("finished_at"))
    if started_at is not None and took_ms is not None:
        finished_at = started_at + timedelta(milliseconds=took_ms)
    row = None if started_at is None else HistoryRow("", name, "", started_at, finished_at, None, None)
    return MigrationStatus(name, State(document["state"]), None, row)


def _server(document: Mapping[str, Any]) -> ServerSummary:
    return ServerSummary(**{**document, "earliest_restore": moment_of(document.get("earliest_restore"))})


def _release(document: Mapping[str, Any]) -> ReleaseSummary:
    stale = document.get("stale")
    return ReleaseSummary(
        document["version"],
        document["source"],
        document["digest"],
        document["migrations"],
        # Reports of before these fields do without them.
        document.get("origin", ""),
        tuple(document.get("instead_of", ())),
        None if stale is None else Stale(datetime.fromisoformat(stale["since"]), stale["because"]),
        document.get("folder", ""),
    )


def _database(document: Mapping[str, Any]) -> DatabaseSummary:
    # Reports of before these fields do without them.
    replica = document.get("replica")
    return DatabaseSummary(**{**document, "replica": None if replica is None else ReplicaSummary(**replica)})


def _check(document: Mapping[str, Any], findings: Mapping[str, Finding]) -> CheckResult:
    because = document["unknown_because"]
    return CheckResult(
        document["name"],
        Verdict(document["verdict"]),
        timedelta(milliseconds=document["took_ms"]),
        tuple(findings[key] for key in document["findings"]),
        None if because is None else Unavailable(because),
    )


def _finding(document: Mapping[str, Any]) -> Finding:
    silenced_until = document["silenced_until"]
    return Finding(
        document["code"],
        document["subject"],
        Severity(document["severity"]),
        document["summary"],
        expected=document["expected"],
        actual=document["actual"],
        remedy=tuple(_step(step) for step in document["remedy"]),
        because=tuple(Cause(cause["key"], cause["certain"]) for cause in document["because"]),
        evidence=document["evidence"],
        silenced_until=None if silenced_until is None else datetime.fromisoformat(silenced_until),
    )


def _step(document: Mapping[str, Any]) -> Step:
    # Reports of before these fields do without them.
    marks = {name: document.get(name, False) for name in ("choice", "asks", "prepares")}
    return Step(document["text"], document["command"], **marks)


def _coverage(document: Mapping[str, Any]) -> Coverage:
    return Coverage(
        document["objects"],
        document["kinds"],
        {each["subject"]: each["because"] for each in document["opaque"]},
        document["accepted"],
        tuple(document["not_compared"]),
        # Reports of before this field had none of these.
        tuple(each["subject"] for each in document["opaque"] if not each.get("compared", True)),
        {each["key"]: each["until"] for each in document.get("expired", ())},
        tuple(document.get("unmatched", ())),
        tuple(
            LeftOut(
                each.get("pattern", each["tables"]),
                each["because"],
                each["objects"],
                tuple(each["compared"]),
                each.get("leaves", "tables"),
            )
            for each in document.get("elsewhere", ())
        ),
    )
