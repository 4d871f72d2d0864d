"""The report as text for a terminal or a log: verdict, causes first, remedies to paste, then every check."""

from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from shared.model.finding import Severity, Step
from shared.model.report import Report, Verdict
from shared.report.wording import (
    Story,
    check_result,
    circumstances,
    headline,
    more_of_it,
    not_judged,
    printable,
    stories,
)

WIDEST = 110
_SIGNS = {
    Verdict.PASSED: ("✓", "green"),
    Verdict.WARNING: ("!", "yellow"),
    Verdict.FAILED: ("✗", "red"),
    Verdict.UNKNOWN: ("?", "magenta"),
    Verdict.SKIPPED: ("–", "bright_black"),
}
_COLOURS = {Severity.CRITICAL: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}


def as_text(report: Report, *, width: int = WIDEST, colour: bool = False) -> str:
    """Give the whole report; sentences wrap at *width* columns, commands never do, so that they can be pasted."""
    console = Console(
        file=StringIO(),
        width=min(width, WIDEST),
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    sign, sign_colour = _SIGNS[report.verdict]
    _sentence(
        console, 0, Text.assemble((f"{sign} ", sign_colour), (printable(headline(report)), f"bold {sign_colour}"))
    )
    _sentence(console, 2, Text(printable(" · ".join(circumstances(report))), style="bright_black"))
    _print_stories(console, stories(report), 0, set())
    console.print()
    for check in report.checks:
        sign, sign_colour = _SIGNS[check.verdict]
        verdict = Text.assemble((f"{sign} {check.name:<11}", sign_colour), f"{check.verdict:<8} ")
        _sentence(console, 2, verdict.append(printable(check_result(check)), style="bright_black"), hang=22)
    closing = not_judged(report)
    if closing:
        console.print()
        _sentence(console, 2, Text(printable(closing), style="bright_black"))
    assert isinstance(console.file, StringIO)  # noqa: S101  # it was given above
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()) + "\n"


def _print_stories(console: Console, told: Iterable[Story], depth: int, told_steps: set[Step]) -> None:
    indent = 2 + 4 * depth
    for story, is_last_to_share_remedy in _with_shared_remedies(list(told)):
        finding = story.finding
        title = Text.assemble((finding.severity.upper(), _COLOURS[finding.severity]), "  ", (finding.code, "bold"))
        if story.cause is not None:
            title.append("  because of it" if story.cause.certain else "  probably because of it", "bright_black")
        if finding.silenced_until is not None:
            title.append(f"  silenced until {finding.silenced_until:%Y-%m-%d %H:%M} UTC", "bright_black")
        console.print()
        _sentence(console, indent, title)
        _sentence(console, indent + 2, Text(printable(finding.summary)))
        more = more_of_it(story)
        if more is not None:
            _sentence(console, indent + 2, Text(printable(more)))
        if is_last_to_share_remedy:
            _print_remedy(console, indent + 2, finding.remedy, told_steps)
        _print_stories(console, story.consequences, depth + 1, told_steps)


def _with_shared_remedies(told: list[Story]) -> Iterator[tuple[Story, bool]]:
    """Pair each story with whether its remedy is to be printed: once for neighbours that share it, after the last."""
    for position, story in enumerate(told, start=1):
        shares = position < len(told) and told[position].finding.remedy == story.finding.remedy
        yield story, bool(story.consequences) or not shares


def _print_remedy(console: Console, indent: int, remedy: Sequence[Step], told: set[Step]) -> None:
    """Print the steps that have not been told yet: many findings begin with the same preparation."""
    new = [step for step in remedy if step not in told]
    if remedy and not new:
        _sentence(console, indent, Text.assemble(("→ ", "cyan"), "As above."), hang=2)
    for step in new:
        _print_step(console, indent, step)
    told.update(remedy)


def _print_step(console: Console, indent: int, step: Step) -> None:
    _sentence(console, indent, Text.assemble(("→ ", "cyan"), printable(step.text)), hang=2)
    for line in (step.command or "").splitlines():
        console.print(Text(" " * (indent + 2) + printable(line), style="cyan"), soft_wrap=True)


def _sentence(console: Console, indent: int, text: Text, hang: int = 0) -> None:
    """Print *text* indented, its further lines by *hang* columns more."""
    lines = text.wrap(console, max(20, console.width - indent - hang))
    for number, line in enumerate(lines):
        console.print(Padding(line, (0, 0, 0, indent + (hang if number else 0))), soft_wrap=True)
