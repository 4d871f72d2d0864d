"""How far a migration got, in words and as evidence."""

from collections.abc import Sequence

from ...model.diagnosis import MigrationStanding
from ...model.finding import Json
from ...model.progress import Effects, Progress, StatementProgress, StatementState
from ...prisma.checksum import matches
from ...remedies.lines import numbered
from ...remedies.remaining import is_open, open_statements

# Evidence is for machines, and bounded all the same: a message must carry it.
_MOST_STATEMENTS = 200
_LONGEST_STATEMENT = 500
_ALL = "all of it is there"
_THERE = {StatementState.PRESENT}
_NOT_THERE = {StatementState.ABSENT, StatementState.INVALID}


def how_far(standing: MigrationStanding) -> str:
    """``3 of its 6 statements are there (lines 2, 8 and 14), and 3 are not (lines 5, 11 and 17)``."""
    progress = standing.progress
    if not isinstance(progress, Progress):
        return "it cannot be told how far it got"
    match progress.effects:
        case Effects.NONE:
            return f"nothing of it is there{_not_shown(progress)}"
        case Effects.ALL:
            return f"all of it that leaves a trace is there{_not_shown(progress)}" if is_open(progress) else _ALL
        case Effects.CANNOT_TELL:
            return "nothing shows how far it got"
        case Effects.SOME:
            return f"{_counted(progress)}{_not_shown(progress)}"


def _counted(progress: Progress) -> str:
    there = [statement for statement in progress.statements if statement.state in _THERE]
    absent = [statement for statement in progress.statements if statement.state in _NOT_THERE]
    verb = "is" if len(there) == 1 else "are"
    found = f"{len(there)} of its {len(progress.statements)} statements {verb} there ({_lines(progress, there)})"
    if not absent:
        return found
    return f"{found}, and {len(absent)} {'is' if len(absent) == 1 else 'are'} not ({_lines(progress, absent)})"


def _not_shown(progress: Progress) -> str:
    """Name the statements of which nothing proves that they ran, nor that they did not."""
    unproven = open_statements(progress)
    return f"; nothing shows whether {numbered(progress, unproven)} ran" if unproven else ""


def undecided(standing: MigrationStanding) -> str:
    """Say so where the schema does not show whether it ran; a migration without statements is nothing to decide."""
    progress = standing.progress
    if not isinstance(progress, Progress) or progress.effects is not Effects.CANNOT_TELL or not progress.statements:
        return ""
    if all(statement.state is StatementState.NO_TRACE for statement in progress.statements):
        return " None of its statements leaves a trace, so nothing shows whether it ran."
    return " What is there does not show whether it ran."


def other_script(standing: MigrationStanding) -> str:
    row, shipped = standing.row, standing.shipped
    if row is None or shipped is None or shipped.script is None or matches(shipped.script, row.checksum):
        return ""
    return " This was judged by the script that the release ships now, which may not be the one that ran."


def _lines(progress: Progress, statements: Sequence[StatementProgress]) -> str:
    return numbered(progress, statements) if statements else "none"


def evidence(standing: MigrationStanding) -> dict[str, Json]:
    progress = standing.progress
    if not isinstance(progress, Progress):
        return {"effects": Effects.CANNOT_TELL.value, "statements": []}
    return {"effects": progress.effects.value, "statements": _statements(progress.statements, standing.failing)}


def _statements(statements: Sequence[StatementProgress], failing: Sequence[int]) -> list[Json]:
    found: list[Json] = []
    for number, each in enumerate(statements[:_MOST_STATEMENTS]):
        told: dict[str, Json] = {"line": each.line, "state": each.state.value, "ran": each.ran.value}
        told |= {"sql": each.sql[:_LONGEST_STATEMENT], "because": each.because}
        found.append(told | ({"failing": True} if number in failing else {}))
    return found
