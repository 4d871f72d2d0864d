"""One migration, statement by statement: what is applied, how that is known, and what a deployment will do."""

from rich.text import Text

from ..diagnose.live_plan import is_to_run
from ..model.diagnosis import MigrationStatus
from ..model.knowledge import Unavailable
from ..model.plan import Plan, PlannedStatement
from ..model.progress import Progress, StatementProgress, StatementState
from ..model.statement_text import shown
from ..postgres.sqlstates import in_words
from ..prisma.logs import recorded_error
from .plan.text import outcome_of, print_prediction, print_retry, print_statement
from .printing import Printer
from .wording import printable

_SIGNS = {
    StatementState.PRESENT: ("✓", "green"),
    StatementState.ABSENT: ("✗", "red"),
    StatementState.INVALID: ("!", "yellow"),
    StatementState.NO_TRACE: ("·", ""),
    StatementState.UNKNOWN: ("?", "magenta"),
}
_EFFECTS = {
    "all": "all were applied",
    "some": "some were applied",
    "none": "none was applied",
    "cannot-tell": "nothing shows which were applied",
}


def as_explanation(
    status: MigrationStatus,
    plan: Plan | Unavailable | None = None,
    *,
    width: int | None = None,
    colour: bool = False,
) -> str:
    """Explain *status*; *plan* is that of the next deployment, which may run it."""
    printer = Printer(width, colour=colour)
    printer.sentence(0, Text.assemble((printable(status.name), "bold"), f"  {status.state.value}"))
    row = status.failed_before or status.row
    error = recorded_error(row.logs if row else None)
    if error is not None:
        code = f" (SQLSTATE {error.sqlstate}: {in_words(error.sqlstate)})" if error.sqlstate else ""
        printer.sentence(2, Text(printable(f"Recorded error: {error.message}{code}"), style="bold"))
    planned = _planned(status, plan)
    progress = status.progress
    if isinstance(progress, Progress):
        printer.sentence(2, Text(f"{len(progress.statements)} statements: {_EFFECTS[progress.effects.value]}."))
    else:
        because = "the history says that it ran as a whole" if progress is None else progress.because
        printer.sentence(2, Text(printable(f"Not checked statement by statement: {because}.")))
    if isinstance(plan, Unavailable) and is_to_run(status):
        printer.sentence(2, Text(printable(f"What the next deployment does with it is not known: {plan.because}.")))
    if not isinstance(progress, Progress):
        _print_plan(printer, planned)
        return printer.text()
    for number, statement in enumerate(progress.statements):
        _print_statement(printer, statement)
        if number in status.failing:
            printer.sentence(6, Text(_points_here(status), style="bold"))
        if planned:
            printer.sentence(6, Text.assemble("next deployment: ", outcome_of(planned[number])))
            print_prediction(printer, planned[number], indent=8)
    print_retry(printer, planned, indent=2)
    return printer.text()


def _planned(status: MigrationStatus, plan: Plan | Unavailable | None) -> list[PlannedStatement]:
    """What a deployment does with its statements, in their order; nothing where it runs none of them."""
    return [each for each in plan.statements if each.migration == status.name] if isinstance(plan, Plan) else []


def _print_plan(printer: Printer, planned: list[PlannedStatement]) -> None:
    if planned:
        printer.blank()
        printer.sentence(2, Text("next deployment:"))
    for statement in planned:
        print_statement(printer, statement)
    print_retry(printer, planned, indent=2)


def _points_here(status: MigrationStatus) -> str:
    many = len(status.failing)
    fits = "points to this statement" if many == 1 else f"fits {many} statements; this is one of them"
    return f"The recorded error {fits}."


def _print_statement(printer: Printer, statement: StatementProgress) -> None:
    sign, colour = _SIGNS[statement.state]
    printer.blank()
    title = Text.assemble((sign, colour), f" {statement.state.value:<11} line {statement.line}")
    printer.sentence(2, title)
    for line in shown(statement.sql).splitlines():
        printer.code(6, line)
    printer.sentence(6, Text(printable(statement.because)))
