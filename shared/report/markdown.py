"""The report as Markdown: a GitHub job summary, or a comment."""

import re

from ..model.finding import Finding, Step
from ..model.plan import Plan
from ..model.report import Report, Verdict
from .changed import changed
from .impact import impact
from .laggards import who_is_behind
from .wording import (
    Story,
    accepted,
    check_result,
    circumstances,
    headline,
    in_part,
    left_out,
    more_of_it,
    not_compared,
    printable,
    stories,
)

# GitHub drops a job summary of 1 MiB and above, as a whole.
LARGEST = 1_000_000
# An underscore within a word, as every migration's name has them, means nothing.
_MEANS_SOMETHING = re.compile(r"[\\`*\[\]|~#@<>&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
# No command of a shell is called so.
_SQL = re.compile(
    r"\s*(?:--|(?:ALTER|BEGIN|COMMENT|CREATE|DELETE|DO|DROP|GRANT|INSERT|LOCK|REINDEX|RESET|REVOKE|SELECT|SET|TRUNCATE"
    r"|UPDATE|VALIDATE|WITH)\s)"
)
SIGNS = {
    Verdict.PASSED: "✅",
    Verdict.WARNING: "⚠️",
    Verdict.FAILED: "❌",
    Verdict.UNKNOWN: "❔",
    Verdict.SKIPPED: "➖",
}


def as_markdown(report: Report) -> str:
    """Verdict, checks, then findings, causes first; whole findings are left out where it grew too large."""
    behind = who_is_behind(report)
    head = [
        f"## {SIGNS[report.verdict]} {escaped(headline(report))}",
        *([f"**Behind: {escaped(behind)}**"] if behind is not None else []),
        " · ".join(escaped(part) for part in circumstances(report)),
        _checks(report),
        *_waits(report),
        *_ways_back(report),
    ]
    tail = [escaped(line) for line in (not_compared(report), accepted(report), left_out(report)) if line is not None]
    if unknown := in_part(report):
        tail.append("\n".join(["Compared in part or not at all:", "", *(f"- {escaped(line)}" for line in unknown)]))
    sections = [section for story in stories(report) for section in _sections(story, depth=0)]
    return "\n\n".join([*head, *_fitting(sections, sum(map(_size, [*head, *tail]))), *tail]) + "\n"


def as_line(report: Report) -> str:
    """The verdict alone: for a target without findings among many."""
    line = accepted(report)
    return f"{SIGNS[report.verdict]} {escaped(headline(report))}{'' if line is None else f' {escaped(line)}'}\n"


def _waits(report: Report) -> list[str]:
    """The sessions that the next deployment would wait for."""
    if not isinstance(report.plan, Plan) or not report.plan.waits:
        return []
    from .plan.wording import waits  # noqa: PLC0415  # few reports have any

    return ["\n".join(f"- {escaped(line)}" for line in waits(report.plan))]


def _ways_back(report: Report) -> list[str]:
    """Which earlier releases run on the database's schema."""
    if not report.ways_back:
        return []
    from .ways_back import ways_back_of  # noqa: PLC0415  # few reports have any

    return ["\n".join(["Ways back:", "", *(f"- {escaped(line)}" for line in ways_back_of(report))])]


def whole_reports(reports: list[str]) -> list[str]:
    """Leave out the last whole reports of many where a page would grow too large for them."""
    return _fitting(reports, 0, "more reports: see the JSON.\n")


def _fitting(parts: list[str], used: int, more: str = "more findings: see the JSON report.") -> list[str]:
    kept: list[str] = []
    for part in parts:
        used += _size(part)
        if used > LARGEST - 100:
            return [*kept, f"… and {len(parts) - len(kept)} {more}"]
        kept.append(part)
    return kept


def _size(section: str) -> int:
    return len(section.encode()) + 2


def _checks(report: Report) -> str:
    rows = [
        f"| {SIGNS[check.verdict]} {check.name} | {check.verdict} | {escaped(check_result(check))} |"
        for check in report.checks
    ]
    return "\n".join(["| check | verdict | |", "|---|---|---|", *rows])


def _sections(story: Story, depth: int) -> list[str]:
    sections = [_section(story.finding, story)]
    for consequence in story.consequences:
        sections += _sections(consequence, depth + 1)
    return sections


def _section(finding: Finding, story: Story) -> str:
    because = ""
    if story.cause is not None:
        because = f"\n\n{'Caused by' if story.cause.certain else 'Possibly related to'} {code(story.cause.key)}."
    title = f"### {finding.severity.capitalize()}: {code(finding.code)}"
    if finding.silenced_until is not None:
        title += f" (silenced until {finding.silenced_until:%Y-%m-%d %H:%M} UTC)"
    more, suffered = more_of_it(story), impact([finding])
    because += f"\n\nImpact: {escaped(suffered[0].lower() + suffered[1:])}" if suffered else ""
    when = changed(finding)
    because += f"\n\n{escaped(when)}" if when else ""
    summary = escaped(finding.summary) + because + (f"\n\n{escaped(more)}" if more else "")
    return "\n\n".join([title, summary, *(_step(step) for step in finding.remedy)])


def _step(step: Step) -> str:
    text = f"- {escaped(step.text)}"
    if step.command is None:
        return text
    indented = "\n".join(f"  {line}" for line in fenced(step.command, language(step.command)))
    return f"{text}\n{indented}"


def language(command: str) -> str:
    """Say what a block of code holds: ``sql`` where it begins with a statement or a comment of SQL, else ``sh``."""
    return "sql" if _SQL.match(command) else "sh"


def fenced(text: str, language: str) -> list[str]:
    """The lines of a block of code."""
    text = printable(text)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return [f"{fence}{language}", *text.splitlines(), fence]


def code(text: str) -> str:
    text = printable(text).replace("\n", " ")
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def escaped(text: str) -> str:
    """Escape what Markdown and HTML would take for their own, so that a table or folder cannot write the page."""
    flat = printable(text).replace("\n", " ")
    return _MEANS_SOMETHING.sub(
        lambda found: {"<": "&lt;", ">": "&gt;", "&": "&amp;"}.get(found[0], f"\\{found[0]}"), flat
    )
