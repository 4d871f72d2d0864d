"""The report as text for a terminal or a log: verdict, causes first, commands to paste, then every check."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from ..model.finding import Finding, Severity, Step
from ..model.plan import Plan
from ..model.report import CheckResult, Report, Verdict
from .changed import changed
from .impact import impact
from .laggards import who_is_behind
from .printing import Printer
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

# Reasons are in a column of their own where there is space for one, which a phone has not.
_TABLE_WIDTH, _TABLE_HANG, _NARROW_HANG = 72, 22, 4
SIGNS = {
    Verdict.PASSED: ("✓", "green"),
    Verdict.WARNING: ("!", "yellow"),
    Verdict.FAILED: ("✗", "red"),
    Verdict.UNKNOWN: ("?", "magenta"),
    Verdict.SKIPPED: ("–", ""),
}
# Of the 240 colours that no palette changes, each with its own ground.
_COLOURS = {
    Severity.CRITICAL: "bold color(231) on color(124)",
    Severity.WARNING: "bold color(16) on color(214)",
    Severity.INFO: "bold color(231) on color(25)",
}
# A longer command is not printed a second time.
_LONGEST_AGAIN = 6


def as_text(report: Report, *, width: int | None = None, colour: bool = False) -> str:
    """Give the whole report; sentences wrap at *width* columns, commands never do, so that they can be pasted."""
    printer = Printer(width, colour=colour)
    _print_verdict(printer, report)
    behind = who_is_behind(report)
    if behind is not None:
        printer.sentence(2, Text(printable(f"Behind: {behind}"), style="bold"))
    printer.sentence(2, Text(printable(" · ".join(circumstances(report)))))
    shown = stories(report)
    _print_stories(printer, shown, 0, {})
    printer.blank()
    if isinstance(report.plan, Plan) and report.plan.waits:
        from .plan.text import print_waits  # noqa: PLC0415  # few reports have any

        print_waits(printer, report.plan, indent=2)
    _print_ways_back(printer, report)
    _print_checks(printer, report.checks)
    closing = [line for line in (not_compared(report), accepted(report), left_out(report)) if line is not None]
    if closing:
        printer.blank()
    for line in closing:
        printer.sentence(2, Text(printable(line)))
    if unknown := in_part(report):
        printer.sentence(2, Text("Compared in part or not at all:"))
        for line in unknown:
            printer.sentence(4, Text(printable(line)))
    if report.verdict is not Verdict.PASSED:
        printer.blank()
        _print_verdict(printer, report)
        _print_next_step(printer, shown)
    return printer.text()


def _print_ways_back(printer: Printer, report: Report) -> None:
    if not report.ways_back:
        return
    from .plan.text import print_ways_back  # noqa: PLC0415  # few reports have any
    from .ways_back import ways_back_of  # noqa: PLC0415  # as above

    print_ways_back(printer, ways_back_of(report), indent=2)


def as_line(report: Report, *, width: int | None = None, colour: bool = False) -> str:
    """Give the verdict alone: for a target without findings among many."""
    printer = Printer(width, colour=colour)
    _print_verdict(printer, report)
    if (line := accepted(report)) is not None:
        printer.sentence(2, Text(printable(line)))
    return printer.text()


def _print_verdict(printer: Printer, report: Report) -> None:
    sign, colour = SIGNS[report.verdict]
    printer.sentence(0, Text.assemble((f"{sign} ", colour), (printable(headline(report)), "bold")))


def _print_next_step(printer: Printer, shown: Iterable[Story]) -> None:
    """Print the first command that fixes something again: a terminal shows the end of a report."""
    found = ((story.finding, step) for story in _flat(shown) for step in story.finding.remedy)
    finding, step = next((each for each in found if each[1].command and not each[1].prepares), (None, None))
    if finding is None or step is None:
        return
    printer.sentence(2, Text(printable(f"First command, for {finding.subject}: {step.text}")), hang=2)
    if len((step.command or "").splitlines()) <= _LONGEST_AGAIN:
        _print_command(printer, 4, step)


def _flat(shown: Iterable[Story]) -> Iterator[Story]:
    for story in shown:
        yield story
        yield from _flat(story.consequences)


def _print_stories(
    printer: Printer, shown: Iterable[Story], depth: int, printed: dict[tuple[Step, ...], Finding]
) -> None:
    indent = 2 + 4 * depth
    for story in shown:
        finding = story.finding
        title = Text.assemble((finding.severity.upper(), _COLOURS[finding.severity]), "  ", (finding.code, "bold"))
        if story.cause is not None:
            title.append(
                "  caused by the finding above" if story.cause.certain else "  possibly related to the finding above"
            )
        if finding.silenced_until is not None:
            title.append(f"  silenced until {finding.silenced_until:%Y-%m-%d %H:%M} UTC")
        printer.blank()
        printer.sentence(indent, title)
        printer.sentence(indent + 2, Text(printable(finding.summary)))
        suffered = impact([finding])
        if suffered is not None:
            printer.sentence(indent + 2, Text(printable(f"Impact: {suffered[0].lower()}{suffered[1:]}")))
        when = changed(finding)
        if when is not None:
            printer.sentence(indent + 2, Text(printable(when)))
        more = more_of_it(story)
        if more is not None:
            printer.sentence(indent + 2, Text(printable(more)))
        _print_remedy(printer, indent + 2, finding, printed)
        _print_stories(printer, story.consequences, depth + 1, printed)


def _print_checks(printer: Printer, checks: Iterable[CheckResult]) -> None:
    hang = _TABLE_HANG if printer.width >= _TABLE_WIDTH else _NARROW_HANG
    said: set[str] = set()
    for check in checks:
        sign, colour = SIGNS[check.verdict]
        line = Text.assemble((sign, colour), f" {check.name:<11}{check.verdict:<8} ")
        result = check_result(check, because="as above" if check.unknown_because in said else None)
        printer.sentence(2, line.append(printable(result)), hang=hang)
        if check.unknown_because is not None:
            said.add(check.unknown_because)


def _print_remedy(printer: Printer, indent: int, finding: Finding, printed: dict[tuple[Step, ...], Finding]) -> None:
    """Print all steps, also those that another finding has: a step is looked for where it is needed.

    Only a remedy that is the same as a whole is not printed twice.
    """
    if not finding.remedy:
        return
    if (same := printed.get(finding.remedy)) is not None:
        printer.sentence(indent, Text(printable(f"→ The same steps as for {same.subject}.")), hang=2)
        return
    printed[finding.remedy] = finding
    for step in finding.remedy:
        printer.sentence(indent, Text.assemble(("→ ", "bold"), printable(step.text)), hang=2)
        _print_command(printer, indent + 2, step)


def _print_command(printer: Printer, indent: int, step: Step) -> None:
    # The end of a here-document must be at the beginning of its line, or the pasted command never ends.
    margin = 0 if "<<" in (step.command or "") else indent
    for line in (step.command or "").splitlines():
        printer.code(margin, line)
