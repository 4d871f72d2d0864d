"""One migration, statement by statement: what is there, what is not, and how that is known."""

from rich.text import Text

from shared.model.diagnosis import MigrationStanding
from shared.model.progress import Progress, StatementProgress, StatementState
from shared.prisma.logs import recorded_error
from shared.report.printing import Printer
from shared.report.wording import printable

_SIGNS = {
    StatementState.PRESENT: ("✓", "green"),
    StatementState.ABSENT: ("✗", "red"),
    StatementState.INVALID: ("!", "yellow"),
    StatementState.NO_TRACE: ("·", "bright_black"),
    StatementState.CANNOT_TELL: ("?", "magenta"),
}
_EFFECTS = {
    "all": "all of it is there",
    "some": "some of it is there",
    "none": "nothing of it is there",
    "cannot-tell": "nothing shows how far it got",
}


def as_explanation(standing: MigrationStanding, *, width: int | None = None, colour: bool = False) -> str:
    printer = Printer(width, colour=colour)
    printer.sentence(0, Text.assemble((printable(standing.name), "bold"), f"  {standing.state.value}"))
    progress = standing.progress
    if not isinstance(progress, Progress):
        because = "the history says that it ran as a whole" if progress is None else progress.because
        printer.sentence(2, Text(printable(f"Not judged statement by statement: {because}.")))
        return printer.text()
    printer.sentence(2, Text(f"{len(progress.statements)} statements: {_EFFECTS[progress.effects.value]}."))
    for number, statement in enumerate(progress.statements):
        _print_statement(printer, statement)
        if number in standing.failing:
            printer.sentence(6, Text(printable(_points_here(standing)), style="bold red"))
    return printer.text()


def _points_here(standing: MigrationStanding) -> str:
    row = standing.failed_before or standing.row
    error = recorded_error(row.logs if row else None)
    many = len(standing.failing)
    fits = "points to this statement" if many == 1 else f"fits {many} statements, of which this is one"
    return f"The recorded error {fits}: {error.message if error else ''}"


def _print_statement(printer: Printer, statement: StatementProgress) -> None:
    sign, colour = _SIGNS[statement.state]
    printer.blank()
    title = Text.assemble((f"{sign} {statement.state.value:<11}", colour), (f" line {statement.line}", "bright_black"))
    printer.sentence(2, title)
    for line in statement.sql.splitlines():
        printer.code(6, line)
    printer.sentence(6, Text(printable(statement.because), style="bright_black"))
