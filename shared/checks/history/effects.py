"""How far a migration got, in words and as evidence."""

from collections.abc import Container, Sequence

from ...model.diagnosis import MigrationStatus
from ...model.finding import Json
from ...model.progress import Effects, Progress, StatementProgress, StatementState
from ...model.statement_text import shown
from ...prisma.checksum import matches
from ...remedies.lines import numbered
from ...remedies.remaining import is_open, open_statements, replaced, replaced_in_part
from ..bounded import MOST, bounded

_LONGEST_STATEMENT = 500
_ALL = "all of its statements were applied"
_THERE = {StatementState.PRESENT}
_NOT_APPLIED = {StatementState.ABSENT, StatementState.INVALID}


def how_far(status: MigrationStatus) -> str:
    """``3 of its 6 statements were applied (lines 2, 8 and 14), and 3 were not (lines 5, 11 and 17)``."""
    progress = status.progress
    if not isinstance(progress, Progress):
        return "it is not known how far it got"
    match progress.effects:
        case Effects.NONE:
            return f"none of its statements was applied{_not_shown(progress)}"
        case Effects.ALL:
            return (
                f"all of its statements that can be checked were applied{_not_shown(progress)}"
                if is_open(progress)
                else _ALL
            )
        case Effects.UNKNOWN:
            return "the database does not show how far it got"
        case Effects.SOME:
            return f"{_counted(progress)}{_not_shown(progress)}"


def _counted(progress: Progress) -> str:
    there = [statement for statement in progress.statements if statement.state in _THERE]
    absent = [statement for statement in progress.statements if statement.state in _NOT_APPLIED]
    verb = "was" if len(there) == 1 else "were"
    found = f"{len(there)} of its {len(progress.statements)} statements {verb} applied ({_lines(progress, there)})"
    if not absent:
        return found
    return f"{found}, and {len(absent)} {'was' if len(absent) == 1 else 'were'} not ({_lines(progress, absent)})"


def _not_shown(progress: Progress) -> str:
    """Name the statements for which neither is proven, that they ran or that they did not."""
    unproven = open_statements(progress)
    return f"; it is not known whether {numbered(progress, unproven)} ran" if unproven else ""


def undecided(status: MigrationStatus) -> str:
    """Say so where the schema does not show whether it ran. A migration without statements has nothing to show."""
    progress = status.progress
    if not isinstance(progress, Progress) or not progress.statements:
        return ""
    if over := replaced_later(status):
        return over
    if progress.effects is not Effects.UNKNOWN:
        return ""
    if all(statement.state is StatementState.NO_TRACE for statement in progress.statements):
        return " The schema does not show whether it ran: none of its statements changes the schema."
    return " The schema does not show whether it ran."


def replaced_later(status: MigrationStatus, by: str = "a later migration") -> str:
    """Name the statements that must not run any more, or not as they stand."""
    progress = status.progress
    if not isinstance(progress, Progress):
        return ""
    said = ""
    if over := replaced(progress):
        said += f" Do not run {numbered(progress, over)} any more: {by} has replaced or removed the result."
    if in_part := replaced_in_part(progress):
        what = "what they do or use" if len(in_part) > 1 else "what it does or uses"
        said += f" Do not run {numbered(progress, in_part)} as written: {by} has changed {what}."
    return said


def other_script(status: MigrationStatus) -> str:
    row, shipped = status.row, status.shipped
    if row is None or shipped is None or shipped.script is None or matches(shipped.script, row.checksum):
        return ""
    return " This follows from the script that the release has now, which may not be the one that ran."


def _lines(progress: Progress, statements: Sequence[StatementProgress]) -> str:
    return numbered(progress, statements) if statements else "none"


def evidence(status: MigrationStatus) -> dict[str, Json]:
    progress = status.progress
    if not isinstance(progress, Progress):
        return {"effects": Effects.UNKNOWN.value, "statements": []}
    failing = {id(progress.statements[number]) for number in status.failing if number < len(progress.statements)}
    worst = sorted(progress.statements, key=lambda each: _rank(each, failing))
    kept = {id(each) for each in worst[:MOST]}
    # Those that are kept come first, and in the order of the file.
    ordered = sorted(progress.statements, key=lambda each: id(each) not in kept)
    return {
        "effects": progress.effects.value,
        **bounded("statements", ordered, lambda each: _details(each, is_failing=id(each) in failing)),
    }


def _rank(statement: StatementProgress, failing: Container[int]) -> int:
    """What failed comes before what did not run, and that before the rest."""
    return 0 if id(statement) in failing else 1 if statement.state in _NOT_APPLIED else 2


def _details(statement: StatementProgress, *, is_failing: bool) -> Json:
    return {
        "line": statement.line,
        "state": statement.state.value,
        "ran": statement.ran.value,
        "sql": shown(statement.sql)[:_LONGEST_STATEMENT],
        "because": statement.because,
        **({"failing": True} if is_failing else {}),
    }
