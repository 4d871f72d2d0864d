"""The lines of a migration's file that hold a statement and nothing else.

A shell reads them from the file where the statement is too long to be printed.
"""

import re
from collections.abc import Sequence, Set

from ..model.diagnosis import MigrationStatus
from ..model.progress import StatementProgress
from ..model.value import dataclass
from ..postgres.scanning import ended
from ..prisma.script import runnable
from .commands import Lines

# From the end of a statement to its semicolon, and from there to the end of the line.
_SEMICOLON = re.compile(rb"(?:\s+|--[^\n]*\n|/\*(?:(?!/\*|\*/).)*\*/)*;", re.DOTALL)
_REST_OF_LINE = re.compile(rb"[ \t\r\f\v]*(?:--[^\n]*)?(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The *script* at *path*, from the folder in which `prisma migrate` is run."""

    path: str
    script: bytes

    def lines(self, statements: Sequence[StatementProgress], wanted: Set[StatementProgress]) -> dict[str, list[Lines]]:
        """Give the lines of those *wanted* of the script's *statements*, by their text with its semicolon.

        The comments before a statement are its own. One that shares a line with something else has none.
        """
        found: dict[str, list[Lines]] = {}
        after: int | None = 0
        for statement in statements:
            last = self._last_line(statement)
            begins = self.script[self.script.rfind(b"\n", 0, statement.start) + 1 : statement.start]
            if statement in wanted and last is not None and not begins.strip():
                first = statement.line if after is None else after + 1
                found.setdefault(ended(statement.sql), []).append((first, last))
            after = last
        return found

    def _last_line(self, statement: StatementProgress) -> int | None:
        """The line in which *statement* ends, and nothing else begins but a comment of one line."""
        semicolon = _SEMICOLON.match(self.script, statement.end)
        if semicolon is None or _REST_OF_LINE.match(self.script, semicolon.end()) is None:
            return None
        return statement.line + self.script.count(b"\n", statement.start, semicolon.end())


def excerpt_of(status: MigrationStatus) -> Excerpt | None:
    """Give the release's file of *status*; None where the release has none."""
    shipped = status.shipped
    if shipped is None or shipped.script is None:
        return None
    return Excerpt(f"prisma/migrations/{status.name}/migration.sql", runnable(shipped.script))
