"""A plan for a terminal, read as ``terraform plan`` is: a mark and a line a statement, then its effects."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.text import Text

from ...diagnose.plan import verdict
from ...model.plan import Outcome, Plan, PlannedStatement
from ...model.report import ServerSummary
from ..printing import Printer
from ..ways_back import ways_back_lines
from ..wording import printable
from .wording import details, disk, outcome, retry, shortened, summary, title, waits

_MARKS = {
    Outcome.OK: ("+", "green"),
    Outcome.FAILS: ("!", "red"),
    Outcome.DEPENDS: ("?", "magenta"),
    Outcome.UNKNOWN: ("?", "magenta"),
}
_HANG = 8


def plan_as_text(
    plan: Plan, server: ServerSummary | None = None, *, width: int | None = None, colour: bool = False
) -> str:
    """Give the whole plan; sentences wrap at *width* columns, the SQL of a safer way never does."""
    printer = Printer(width, colour=colour)
    printer.sentence(0, Text(f"{title(plan)}: {verdict(plan)}", style="bold"))
    for note in plan.notes:
        printer.sentence(0, Text(printable(note)))
    for migration, statements in groupby(plan.statements, key=lambda each: each.migration):
        printer.blank()
        printer.sentence(0, Text(printable(migration), style="bold"))
        for each in statements:
            print_statement(printer, each)
    print_retry(printer, plan.statements, indent=0)
    printer.blank()
    print_waits(printer, plan, indent=0)
    print_ways_back(printer, ways_back_lines(plan.ways_back, plan, server), indent=0)
    printer.sentence(0, Text(printable(summary(plan))))
    if (needed := disk(plan)) is not None:
        printer.sentence(0, Text(printable(needed)))
    return printer.text()


def print_retry(printer: Printer, statements: Sequence[PlannedStatement], *, indent: int) -> None:
    """Print what holds for all the safer ways, if there is any."""
    said = retry(statements)
    if said is not None:
        printer.blank()
        printer.sentence(indent, Text(printable(said)))


def print_waits(printer: Printer, plan: Plan, *, indent: int) -> None:
    """Print the sessions that the deployment would wait for, if there are any."""
    lines = list(waits(plan))
    for line in lines:
        printer.sentence(indent, Text(printable(line), style="bold"), hang=2)
    if lines:
        printer.blank()


def print_ways_back(printer: Printer, said: Iterable[str], *, indent: int) -> None:
    """Print which earlier releases run, and from where on only a restore leads back, where that is known."""
    lines = list(said)
    if lines:
        printer.sentence(indent, Text("Ways back:", style="bold"))
    for line in lines:
        printer.sentence(indent + 2, Text(printable(line)), hang=2)
    if lines:
        printer.blank()


def print_statement(printer: Printer, statement: PlannedStatement) -> None:
    """Print one statement with all that is predicted of it."""
    mark, colour = _MARKS[statement.prediction.outcome]
    rest = printable(f": {shortened(statement)}")
    line = Text.assemble((mark, colour), f" line {statement.line}: ", outcome_of(statement), rest)
    printer.sentence(2, line, hang=_HANG)
    print_prediction(printer, statement, indent=6)


def outcome_of(statement: PlannedStatement) -> Text:
    return Text(printable(outcome(statement)), style="bold" if statement.prediction.outcome is Outcome.FAILS else "")


def print_prediction(printer: Printer, statement: PlannedStatement, *, indent: int) -> None:
    """Print what is predicted of a statement, and its safer way."""
    for detail in details(statement):
        printer.sentence(indent, Text(printable(detail)), hang=2)
    if statement.safer:
        printer.sentence(indent, Text("safer way:", style="bold"))
    for number, step in enumerate(statement.safer, 1):
        first, *sql = step.splitlines()
        printer.sentence(indent + 2, Text(printable(f"{number}. {first}")), hang=3)
        for code in sql:
            printer.code(indent + 7, code)
