"""The words that every form of the report shares."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from ..model.codes import row_of
from ..model.finding import Cause, Finding, Severity
from ..model.not_compared import NOT_COMPARED
from ..model.phrases import counted, listed
from ..model.report import CheckResult, DatabaseSummary, Report, Verdict
from ..model.value import dataclass, replace

# How many findings of one kind with one remedy are listed before the others are only counted.
_LISTED_ONE_BY_ONE = 8
# How many objects that are compared in part are named; the JSON report has all of them.
_MOST_IN_PART = 5
# Of what is compared of no database: the first ones matter most.
_MOST_NOWHERE = 3
# Characters that would move the cursor, change colours, turn the reading direction of what follows, or not be seen.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e0fff]"
)


def printable(text: str) -> str:
    """Show characters that control or cannot be seen as U+001B: names come from databases and archives."""
    return UNPRINTABLE.sub(lambda found: f"U+{ord(found[0]):04X}", text)


def problem(finding: Finding) -> str:
    """``migration 20250904_fix_folders failed``, ``seed rows missing (users)``."""
    row = row_of(finding.code)
    return f"migration {finding.subject} {row.short}" if row.of_migration else f"{row.short} ({finding.subject})"


def headline(report: Report) -> str:
    """One sentence: which target matches which release, or what is wrong."""
    release = _release(report.release.version if report.release else None)
    if report.sleeps_until is not None:
        return _of_sleeping(report, report.sleeps_until)
    match report.verdict:
        case Verdict.FAILED:
            return f"{report.target} does not match {release}: {count_findings(report)}."
        case Verdict.UNKNOWN:
            unknown = [check.name for check in report.checks if check.verdict is Verdict.UNKNOWN]
            found = count_findings(report)
            return f"Cannot check whether {report.target} matches {release}: {listed(unknown)} unknown" + (
                f", {found}." if report.findings else "."
            )
        case Verdict.WARNING:
            return f"{report.target} matches {release}, with {count_findings(report)}."
        case _:
            return f"{report.target} matches {release}."


def _release(version: str | None) -> str:
    """Give what a release is called; one that is called a release itself, as ``release-42``, needs no such word."""
    if not version:
        return "its release"
    return version if re.match(r"release(?![a-z])", version, re.IGNORECASE) else f"release {version}"


def _of_sleeping(report: Report, until: datetime) -> str:
    found = f", with {count_findings(report)}" if report.findings else ""
    unseen = "; its server could not be checked" if report.verdict is Verdict.UNKNOWN else ""
    return f"{report.target} sleeps until {until:%Y-%m-%d %H:%M} UTC{found}{unseen}."


def count_findings(report: Report) -> str:
    """``4 critical, 1 warning``."""
    counts = Counter(finding.severity for finding in report.findings)
    warnings = "warning" if counts[Severity.WARNING] == 1 else "warnings"
    words = {Severity.CRITICAL: "critical", Severity.WARNING: warnings, Severity.INFO: "info"}
    return ", ".join(f"{counts[severity]} {word}" for severity, word in words.items() if counts[severity])


def circumstances(report: Report) -> list[str]:
    """What was compared with what, and when; each part is complete."""
    parts = []
    if report.database is not None:
        database = report.database
        parts += [f"database {database.name}, schema {database.schema}", f"PostgreSQL {database.server_version}"]
        parts += _place(database)
    if report.release is not None:
        release = report.release
        applied = report.database.applied if report.database else None
        parts.append(
            f"{release.migrations} migrations in the release"
            + (f", {applied} applied in {report.target}" if applied is not None else "")
        )
        if release.instead_of:
            # That the first source fails must not stay unseen because another one answers.
            parts.append(f"read from {release.origin}, because other sources failed ({'; '.join(release.instead_of)})")
    if report.server is not None:
        parts.append(f"server {report.server.name} {report.server.state}")
    if report.app is not None and report.app.revision is not None:
        parts.append(f"app {report.app.revision} of {report.app.version or report.app.image}")
    parts.append(f"{report.started_at:%Y-%m-%d %H:%M:%S} UTC, took {report.took.total_seconds():.1f} s")
    return parts


def _place(database: DatabaseSummary) -> Iterator[str]:
    """Say what is unusual about where the database was read."""
    if database.replica is not None:
        seconds = database.replica.last_replay_seconds
        last = "" if seconds is None else f", last change replayed {seconds:.0f} s ago"
        yield f"a standby{' with all received changes replayed' if database.replica.caught_up else ''}{last}"
    if database.another_server:
        yield "another server than at the previous check"
    if database.pooled:
        yield "through a connection pool"


def not_compared(report: Report) -> str | None:
    """Name what no check covered; silence about it would read as an all-clear."""
    skipped = [check.name for check in report.checks if check.verdict is Verdict.SKIPPED]
    not_compared = report.coverage.not_compared if report.coverage else ()
    app = report.app.not_compared if report.app else None
    here = [each for each in not_compared if each not in NOT_COMPARED]
    names = list(dict.fromkeys([*skipped, *here, *([f"the app's database ({app})"] if app else [])]))
    nowhere = [each for each in not_compared if each in NOT_COMPARED]
    if len(nowhere) > _MOST_NOWHERE:
        more = len(nowhere) - _MOST_NOWHERE
        nowhere = [*nowhere[:_MOST_NOWHERE], f"and {more} more that never are (JSON report: coverage.not_compared)"]
    return f"Not compared: {', '.join([*names, *nowhere])}." if names or nowhere else None


def accepted(report: Report) -> str | None:
    """How many findings the settings accept, and which of their entries accept nothing; None where there is neither."""
    coverage = report.coverage
    if coverage is None or not (coverage.accepted or coverage.expired or coverage.unmatched):
        return None
    parts = [f"Accepted in the settings: {counted(coverage.accepted, 'finding')}"]
    if coverage.expired:
        parts.append("expired: " + ", ".join(f"{key} (on {until})" for key, until in coverage.expired.items()))
    if coverage.unmatched:
        parts.append(f"found nowhere: {', '.join(coverage.unmatched)}")
    return f"{'; '.join(parts)}."


def left_out(report: Report) -> str | None:
    """Name what the settings leave out of the comparison, and what of it is compared; None where they name nothing."""
    patterns = report.coverage.elsewhere if report.coverage else ()
    if not patterns:
        return None
    named = [f"{each} ({each.because}: {counted(each.objects, 'object')})" for each in patterns]
    made = [f"{subject} ({each})" for each in patterns for subject in each.compared]
    more = f" Compared all the same, because migrations create it: {', '.join(_few(made))}." if made else ""
    return f"Left out by the settings: {', '.join(named)}.{more}"


def _few(names: list[str]) -> list[str]:
    more = len(names) - _MOST_IN_PART
    return [*names[:_MOST_IN_PART], f"and {more} more"] if more > 0 else names


def in_part(report: Report) -> list[str]:
    """Name the objects that could be compared only in part, and what is missing; the last line says how many more."""
    opaque = report.coverage.opaque if report.coverage else {}
    named = [f"{subject}: {because}" for subject, because in list(opaque.items())[:_MOST_IN_PART]]
    more = len(opaque) - len(named)
    return [*named, *([f"and {more} more, in the JSON report"] if more else [])]


def check_result(check: CheckResult, because: str | None = None) -> str:
    """What to say of a check beside its verdict: why it is unknown (*because* for short), or how many findings."""
    findings = counted(len(check.findings), "finding")
    if check.unknown_because is not None:
        return (because or check.unknown_because) + (f" ({findings} all the same)" if check.findings else "")
    return findings if check.findings else ""


@dataclass(frozen=True, slots=True)
class Story:
    """A finding and, beneath it, what it brought about; *cause* says how surely it belongs there.

    *more* are further findings of the same kind, with the same remedy, that need not be listed one by one.
    """

    finding: Finding
    consequences: tuple["Story", ...] = ()
    cause: Cause | None = None
    more: tuple[Finding, ...] = ()


def stories(report: Report) -> list[Story]:
    return arranged(report.findings)


def arranged(found: Iterable[Finding]) -> list[Story]:
    """Arrange the findings: causes first, worst first, each consequence beneath its first cause.

    Every finding is placed exactly once, even if findings name each other as causes.
    """
    findings = sorted(found, key=lambda finding: finding.severity.rank)
    known = {finding.key for finding in findings}
    beneath: dict[str, list[tuple[Finding, Cause]]] = {}
    roots = []
    for finding in findings:
        cause = next((cause for cause in finding.because if cause.key in known - {finding.key}), None)
        if cause is None:
            roots.append(finding)
        else:
            beneath.setdefault(cause.key, []).append((finding, cause))

    placed: set[str] = set()

    def place(finding: Finding, cause: Cause | None) -> Story:
        placed.add(finding.key)
        followers = [follower for follower in beneath.get(finding.key, ()) if follower[0].key not in placed]
        return Story(finding, tuple(_folded([place(*follower) for follower in followers])), cause)

    arranged = [place(root, None) for root in roots]
    return _folded(arranged + [place(finding, None) for finding in findings if finding.key not in placed])


def more_of_it(story: Story) -> str | None:
    """``… and 465 more migration-pending, from 2024… to 2025….``."""
    if not story.more:
        return None
    return (
        f"… and {len(story.more)} more {story.finding.code}, "
        f"from {story.more[0].subject} to {story.more[-1].subject}; the JSON report names each."
    )


def _folded(placed: list[Story]) -> list[Story]:
    """List the first of many neighbours that are alike, and fold the others into the last one that is listed."""
    kept: list[Story] = []
    run = 0
    for story in placed:
        run = run + 1 if kept and _are_alike(kept[-1], story) else 1
        if run > _LISTED_ONE_BY_ONE:
            kept[-1] = replace(kept[-1], more=(*kept[-1].more, story.finding))
        else:
            kept.append(story)
    return kept


def _are_alike(one: Story, other: Story) -> bool:
    return (one.finding.code, one.finding.remedy, one.cause, one.consequences) == (
        other.finding.code,
        other.finding.remedy,
        other.cause,
        other.consequences,
    )
