"""The transactions of a file, by the way in which Prisma runs it: which statements commit together."""

from collections.abc import Sequence

from ..postgres.parse import Statement
from ..postgres.plan.durations import Span
from ..prisma.execution import Execution

_BEGINS = frozenset({"TRANS_STMT_BEGIN", "TRANS_STMT_START"})
_ENDS = frozenset({"TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK"})


def spans(statements: Sequence[Statement], way: Execution) -> list[Span]:
    """For each statement of a file, the last one that commits with it."""
    kinds = [_kind(each) for each in statements]
    ends: list[int] = []
    end = len(statements) - 1
    for number in range(len(statements) - 1, -1, -1):
        end = number if kinds[number] in _ENDS else end
        ends.append(end)
    found = []
    is_explicit = False
    for number, end in enumerate(reversed(ends)):
        is_explicit = kinds[number] in _BEGINS or (is_explicit and kinds[number] not in _ENDS)
        surely = end if is_explicit or way is Execution.BATCH else number
        found.append(Span(surely, number if way is Execution.SPLIT and not is_explicit else end))
    return found


def _kind(statement: Statement) -> str | None:
    return statement.node.get("kind") if statement.kind == "TransactionStmt" else None


class Transaction:
    """The transaction that a statement of a file runs in, by the way in which Prisma runs the file."""

    def __init__(self, way: Execution) -> None:
        self._way = way
        self._explicit = False
        self.new_values: set[tuple[str, str]] = set()
        self.types: set[str] = set()

    @property
    def in_block(self) -> bool | None:
        if self._explicit or self._way is Execution.BATCH:
            return True
        return None if self._way is Execution.EITHER else False

    def made_type(self, name: str) -> bool:
        """Values of a type that the same transaction made can be used at once."""
        return name in self.types

    def enter(self, statement: Statement) -> None:
        kind = _kind(statement)
        if kind in _BEGINS:
            self._explicit = True
        if kind in _ENDS:
            self._explicit = False
        if kind in _ENDS or self.in_block is False:
            self.new_values.clear()
            self.types.clear()
