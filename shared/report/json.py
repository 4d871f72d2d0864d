"""The report as JSON, version 1: it may grow fields, and never loses or changes one."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from ..model.diagnosis import MigrationStatus
from ..model.finding import Finding, Json, Severity, Step
from ..model.knowledge import Unavailable
from ..model.plan import Plan
from ..model.report import (
    AppSummary,
    CheckResult,
    Coverage,
    DatabaseSummary,
    LeftOut,
    ReleaseSummary,
    Report,
    ServerSummary,
)
from ..model.watching import Seen
from ..model.ways_back import WayBack
from .indented import indented, indented_pieces
from .laggards import behind
from .unfolded import unfolded
from .wording import UNPRINTABLE

VERSION = 1


def dumps(document: Json, *, indent: int | None = None, end: str = "") -> str:
    """Write JSON that is safe to print: what controls or cannot be seen is escaped, its value unchanged.

    *end* is put behind it: to add it to a text of many megabytes takes as much again.
    """
    text = json.dumps(document, ensure_ascii=False) + end if indent is None else indented(document, indent, end)
    return _printable(text)


def printable_pieces(document: Json, *, indent: int) -> Sequence[str]:
    """Write the same piece by piece, which takes half the memory."""
    return list(map(_printable, indented_pieces(document, indent)))


def _printable(text: str) -> str:
    if text.isascii() and "\x7f" not in text:  # JSON itself escapes what controls
        return text
    return UNPRINTABLE.sub(lambda found: json.dumps(found[0])[1:-1], text)


_LONGEST_STATEMENT = 2_000
# Longer is no report that anybody reads or any receiver takes.
_LONGEST = 2_000_000


def bounded(document: dict[str, Json]) -> dict[str, Json]:
    """Give *document*, without its least findings where it would be too long to keep and to send along.

    What is left out is counted in `findings_left_out`; its checks still name all of them.
    """
    findings = document["findings"]
    assert isinstance(findings, list)  # noqa: S101  # `as_document` made it
    left = _LONGEST - len(json.dumps({**document, "findings": []}))
    kept: list[int] = []
    for place in sorted(range(len(findings)), key=lambda place: _rank(findings[place])):
        left -= len(json.dumps(findings[place]))
        if left < 0:
            break
        kept.append(place)
    if len(kept) == len(findings):
        return document
    some: list[Json] = [findings[place] for place in sorted(kept)]
    return {**document, "findings": some, "findings_left_out": len(findings) - len(kept)}


def _rank(finding: Json) -> int:
    assert isinstance(finding, dict)  # noqa: S101  # as above
    return Severity(str(finding["severity"])).rank


def as_document(report: Report) -> dict[str, Json]:
    statements = unfolded(report.migrations)
    return {
        "version": VERSION,
        "target": report.target,
        "verdict": report.verdict.value,
        "trigger": report.trigger.value,
        "phase": report.phase,
        "started_at": _moment(report.started_at),
        "took_ms": _milliseconds(report.took),
        "release": _release(report.release),
        "database": _database(report.database),
        "server": _server(report.server),
        "app": _app(report.app),
        "behind": list(behind(report)),
        "sleeps_until": _moment(report.sleeps_until),
        "checks": [_check(check) for check in report.checks],
        "findings": [_finding(check.name, finding) for check in report.checks for finding in check.findings],
        "migrations": [_migration(each, statements.get(each.name)) for each in report.migrations],
        "measured": [asdict(each) for each in report.measured],
        "coverage": _coverage(report.coverage),
        "plan": _plan(report.plan),
        "ways_back": _ways_back(report.ways_back),
        "deployment": _deployment(report.deployment),
    }


def _release(release: ReleaseSummary | None) -> Json:
    if release is None:
        return None
    stale = release.stale
    return {
        "version": release.version,
        "source": release.source,
        "digest": release.digest,
        "migrations": release.migrations,
        "origin": release.origin,
        "folder": release.folder,
        "instead_of": list(release.instead_of),
        "stale": None if stale is None else {"since": _moment(stale.since), "because": stale.because},
    }


def _database(database: DatabaseSummary | None) -> Json:
    if database is None:
        return None
    return {
        "name": database.name,
        "schema": database.schema,
        "server_version": database.server_version,
        "applied": database.applied,
        "replica": None if database.replica is None else asdict(database.replica),
        "another_server": database.another_server,
        "pooled": database.pooled,
        "role_powers": database.role_powers,
    }


def _server(server: ServerSummary | None) -> Json:
    if server is None:
        return None
    return {
        "name": server.name,
        "state": server.state,
        "version": server.version,
        "high_availability": server.high_availability,
        "backup_days": server.backup_days,
        "geo_backup": server.geo_backup,
        "earliest_restore": _moment(server.earliest_restore),
        "public_access": server.public_access,
    }


def _app(app: AppSummary | None) -> Json:
    if app is None:
        return None
    return {
        "name": app.name,
        "revision": app.revision,
        "traffic": app.traffic,
        "image": app.image,
        "version": app.version,
        "digest": app.digest,
        "healthy": app.healthy,
        "is_release": app.is_release,
        "database": app.database,
        "not_compared": app.not_compared,
    }


def _coverage(coverage: Coverage | None) -> Json:
    if coverage is None:
        return None
    return {
        "objects": coverage.objects,
        "kinds": dict(coverage.kinds),
        "opaque": [
            {"subject": subject, "because": because, "compared": subject not in coverage.uncompared}
            for subject, because in coverage.opaque.items()
        ],
        "accepted": coverage.accepted,
        "expired": [{"key": key, "until": until} for key, until in coverage.expired.items()],
        "unmatched": list(coverage.unmatched),
        "elsewhere": [
            {
                "tables": _as_tables(each),
                "leaves": each.leaves,
                "pattern": each.pattern,
                "because": each.because,
                "objects": each.objects,
                "compared": list(each.compared),
            }
            for each in coverage.elsewhere
        ],
        "not_compared": list(coverage.not_compared),
    }


def _as_tables(each: LeftOut) -> str:
    """As a pattern of tables, which was the only kind; of publications and subscriptions nothing is one."""
    return {"tables": each.pattern, "schemas": f"{each.pattern}.*"}.get(each.leaves, "")


def _plan(plan: Plan | Unavailable | None) -> Json:
    if not isinstance(plan, Plan):
        return None
    from .plan.object import plan_as_object  # noqa: PLC0415  # few reports have one

    return plan_as_object(plan)


def _ways_back(ways: Sequence[WayBack]) -> Json:
    from .ways_back import as_objects  # noqa: PLC0415  # few reports have any

    return as_objects(ways)


def _deployment(seen: Seen | None) -> Json:
    if seen is None:
        return None
    from .watching.json import as_object  # noqa: PLC0415  # few reports have one

    found = as_object(seen)
    statement = found.get("statement")
    if isinstance(statement, dict) and isinstance(sql := statement["sql"], str):
        # A report is kept and sent along; the whole statement is in its file.
        found["statement"] = {**statement, "sql": sql[:_LONGEST_STATEMENT]}
    return found


def _check(check: CheckResult) -> Json:
    return {
        "name": check.name,
        "verdict": check.verdict.value,
        "took_ms": _milliseconds(check.took),
        "unknown_because": check.unknown_because,
        "findings": [finding.key for finding in check.findings],
    }


def _step(step: Step) -> Json:
    return {each: getattr(step, each) for each in ("text", "command", "choice", "asks", "prepares")}


def _finding(check: str, finding: Finding) -> Json:
    return {
        "key": finding.key,
        "incident": finding.incident,
        "check": check,
        "code": finding.code,
        "subject": finding.subject,
        "severity": finding.severity.value,
        "summary": finding.summary,
        "expected": finding.expected,
        "actual": finding.actual,
        "because": [{"key": cause.key, "certain": cause.certain} for cause in finding.because],
        "remedy": [_step(step) for step in finding.remedy],
        "silenced_until": _moment(finding.silenced_until),
        "evidence": dict(finding.evidence),
    }


def _migration(status: MigrationStatus, statements: list[Json] | None) -> Json:
    row = status.row
    return {
        "name": status.name,
        "state": status.state.value,
        "started_at": _moment(row.started_at if row else None),
        "finished_at": _moment(row.finished_at if row else None),
        "took_ms": _milliseconds(row.took) if row and row.took else None,
        "statements": statements,
    }


def _moment(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC, to the second."""
    return None if moment is None else moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _milliseconds(duration: timedelta) -> int:
    return round(duration / timedelta(milliseconds=1))
