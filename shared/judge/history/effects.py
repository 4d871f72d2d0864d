"""How far a migration got, in words and as evidence."""

from collections.abc import Iterable, Sequence

from shared.model.diagnosis import MigrationStanding
from shared.model.finding import Json
from shared.model.progress import Effects, Progress, StatementProgress, StatementState
from shared.prisma.checksum import matches

# Evidence is for machines, and bounded all the same: a message must carry it.
_MOST_STATEMENTS = 200
_LONGEST_STATEMENT = 500
_THERE = {StatementState.PRESENT}
_NOT_THERE = {StatementState.ABSENT, StatementState.INVALID}


def how_far(standing: MigrationStanding) -> str:
    """``3 of its 6 statements are there (lines 2, 8 and 14), and 3 are not (lines 5, 11 and 17)``."""
    if not isinstance(standing.progress, Progress):
        return "it cannot be told how far it got"
    statements = standing.progress.statements
    match standing.progress.effects:
        case Effects.NONE:
            return "nothing of it is there"
        case Effects.ALL:
            return "all of it is there"
        case Effects.CANNOT_TELL:
            return "nothing shows how far it got"
        case Effects.SOME:
            there = [statement for statement in statements if statement.state in _THERE]
            absent = [statement for statement in statements if statement.state in _NOT_THERE]
            verb = "is" if len(there) == 1 else "are"
            missing = (
                f", and {len(absent)} {'is' if len(absent) == 1 else 'are'} not ({_lines(absent)})" if absent else ""
            )
            return f"{len(there)} of its {len(statements)} statements {verb} there ({_lines(there)}){missing}"


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


def _lines(statements: Iterable[StatementProgress]) -> str:
    numbers = [str(statement.line) for statement in statements]
    if not numbers:
        return "none"
    if len(numbers) == 1:
        return f"line {numbers[0]}"
    return f"lines {', '.join(numbers[:-1])} and {numbers[-1]}"


def evidence(standing: MigrationStanding) -> dict[str, Json]:
    progress = standing.progress
    if not isinstance(progress, Progress):
        return {"effects": Effects.CANNOT_TELL.value, "statements": []}
    return {"effects": progress.effects.value, "statements": _statements(progress.statements, standing.failing)}


def _statements(statements: Sequence[StatementProgress], failing: Sequence[int]) -> list[Json]:
    found: list[Json] = []
    for number, each in enumerate(statements[:_MOST_STATEMENTS]):
        told: dict[str, Json] = {"line": each.line, "state": each.state.value}
        told |= {"sql": each.sql[:_LONGEST_STATEMENT], "because": each.because}
        found.append(told | ({"failing": True} if number in failing else {}))
    return found
