"""Which statements an error's position may lie in: it counts from the start of the script, or of one statement."""

from collections.abc import Sequence

from ...model.recorded_error import RecordedError, ShownLine
from ..parse import Statement


def at_position(script: bytes, statements: Sequence[Statement], error: RecordedError) -> frozenset[int]:
    """Give the numbers of the statements that *error*'s position may lie in.

    Without a line that is shown for it, the position lies in a text of the server's own: the definition of an index
    that is built again, the body of a function.
    """
    position, shown = error.position, error.shown
    if position is None or shown is None:
        return frozenset()
    whole = script.decode(errors="replace")
    found = set()
    if _has_line(whole, shown):
        at = len(whole[: position - 1].encode())
        found |= {number for number, each in enumerate(statements) if each.start <= at < each.end}
    for number, statement in enumerate(statements):
        before = statements[number - 1].end if number else 0
        led = script[before : statement.end].decode(errors="replace").removeprefix(";")
        # Sent by itself: with the comments before it, or without.
        if any(_holds(text, statement, position, shown) for text in dict.fromkeys((statement.sql, led, led.lstrip()))):
            found.add(number)
    return frozenset(found)


def _holds(text: str, statement: Statement, position: int, shown: ShownLine) -> bool:
    comments = len(text) - len(statement.sql)
    return comments < position <= len(text) and _has_line(text, shown)


def _has_line(text: str, shown: ShownLine) -> bool:
    """Say whether *text* has the line that is shown, as its number says.

    The engine takes the position for bytes: with other letters than ASCII before it, the line may be an earlier one.
    """
    lines = text.splitlines()
    return 0 < shown.number <= len(lines) and lines[shown.number - 1].rstrip() == shown.text.rstrip()
