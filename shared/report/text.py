"""The report as text for a terminal or a log: verdict, causes first, commands to paste, then every check."""

from collections.abc import Iterable, Iterator, Sequence

from rich.text import Text

from ..model.finding import Severity, Step
from ..model.plan import Plan
from ..model.report import CheckResult, Report, Verdict
from .impact import impact
from .printing import Printer
from .standing import standing
from .wording import (
    Story,
    check_result,
    circumstances,
    headline,
    in_part,
    more_of_it,
    not_judged,
    printable,
    stories,
)

# Reasons are in a column of their own where there is room for one, which a phone has not.
_TABLE_WIDTH, _TABLE_HANG, _NARROW_HANG = 72, 22, 4
SIGNS = {
    Verdict.PASSED: ("✓", "green"),
    Verdict.WARNING: ("!", "yellow"),
    Verdict.FAILED: ("✗", "red"),
    Verdict.UNKNOWN: ("?", "magenta"),
    Verdict.SKIPPED: ("–", "bright_black"),
}
_COLOURS = {Severity.CRITICAL: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}


def as_text(report: Report, *, width: int | None = None, colour: bool = False) -> str:
    """Give the whole report; sentences wrap at *width* columns, commands never do, so that they can be pasted."""
    printer = Printer(width, colour=colour)
    sign, sign_colour = SIGNS[report.verdict]
    printer.sentence(0, Text.assemble((f"{sign} ", sign_colour), (printable(headline(report)), f"bold {sign_colour}")))
    behind = standing(report)
    if behind is not None:
        printer.sentence(2, Text(printable(f"Behind: {behind}"), style="bold"))
    printer.sentence(2, Text(printable(" · ".join(circumstances(report))), style="bright_black"))
    _print_stories(printer, stories(report), 0, set())
    printer.blank()
    if isinstance(report.plan, Plan) and report.plan.waits:
        from .plan.text import print_waits  # noqa: PLC0415  # few reports have any

        print_waits(printer, report.plan, indent=2)
    _print_checks(printer, report.checks)
    closing = not_judged(report)
    if closing:
        printer.blank()
        printer.sentence(2, Text(printable(closing), style="bright_black"))
    if unknown := in_part(report):
        printer.sentence(2, Text("Compared in part or not at all:", style="bright_black"))
        for line in unknown:
            printer.sentence(4, Text(printable(line), style="bright_black"))
    return printer.text()


def _print_stories(printer: Printer, told: Iterable[Story], depth: int, printed_steps: set[Step]) -> None:
    indent = 2 + 4 * depth
    for story, is_last_to_share_remedy in _with_shared_remedies(list(told)):
        finding = story.finding
        title = Text.assemble((finding.severity.upper(), _COLOURS[finding.severity]), "  ", (finding.code, "bold"))
        if story.cause is not None:
            title.append(
                "  caused by the finding above" if story.cause.certain else "  possibly related to the finding above",
                "bright_black",
            )
        if finding.silenced_until is not None:
            title.append(f"  silenced until {finding.silenced_until:%Y-%m-%d %H:%M} UTC", "bright_black")
        printer.blank()
        printer.sentence(indent, title)
        printer.sentence(indent + 2, Text(printable(finding.summary)))
        suffered = impact([finding])
        if suffered is not None:
            printer.sentence(indent + 2, Text(printable(f"Impact: {suffered[0].lower()}{suffered[1:]}")))
        more = more_of_it(story)
        if more is not None:
            printer.sentence(indent + 2, Text(printable(more)))
        if is_last_to_share_remedy:
            _print_remedy(printer, indent + 2, finding.remedy, printed_steps)
        _print_stories(printer, story.consequences, depth + 1, printed_steps)


def _print_checks(printer: Printer, checks: Iterable[CheckResult]) -> None:
    hang = _TABLE_HANG if printer.width >= _TABLE_WIDTH else _NARROW_HANG
    told: set[str] = set()
    for check in checks:
        sign, colour = SIGNS[check.verdict]
        line = Text.assemble((f"{sign} {check.name:<11}", colour), f"{check.verdict:<8} ")
        result = check_result(check, because="as above" if check.unknown_because in told else None)
        printer.sentence(2, line.append(printable(result), style="bright_black"), hang=hang)
        if check.unknown_because is not None:
            told.add(check.unknown_because)


def _with_shared_remedies(told: list[Story]) -> Iterator[tuple[Story, bool]]:
    """Pair each story with whether its remedy is to be printed: once for neighbours that share it, after the last."""
    for position, story in enumerate(told, start=1):
        shares = position < len(told) and told[position].finding.remedy == story.finding.remedy
        yield story, bool(story.consequences) or not shares


def _print_remedy(printer: Printer, indent: int, remedy: Sequence[Step], printed: set[Step]) -> None:
    """Print the steps that have not been printed yet: many findings begin with the same preparation."""
    new = [step for step in remedy if step not in printed]
    if remedy and not new:
        printer.sentence(indent, Text.assemble(("→ ", "cyan"), "The same steps as above."), hang=2)
    for step in new:
        _print_step(printer, indent, step)
    printed.update(remedy)


def _print_step(printer: Printer, indent: int, step: Step) -> None:
    printer.sentence(indent, Text.assemble(("→ ", "cyan"), printable(step.text)), hang=2)
    # The end of a here-document must stand at the beginning of its line, or the pasted command never ends.
    margin = 0 if "<<" in (step.command or "") else indent + 2
    for line in (step.command or "").splitlines():
        printer.code(margin, line)
