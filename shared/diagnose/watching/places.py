"""Which statement of a batch runs: its locks and its progress show it, since the text names the whole file.

A batch is one transaction: what a statement has locked stays locked behind it. So the first statement that takes a lock
which is held has begun, and the first one that takes a lock which is neither held nor waited for has not gone on behind
it. Only modes that no reading or writing of rows takes count, and only tables that were there before.
"""

from collections.abc import Collection, Iterator

from ...model.plan import LockMode, Outcome, PlannedStatement, Relation
from ...model.watching import LiveSession, Place
from .files import File, Match

_Lock = tuple[Relation, LockMode]
_WEAKEST = LockMode.SHARE_UPDATE_EXCLUSIVE
_RENAMES = frozenset({"RenameStmt", "AlterObjectSchemaStmt", "TransactionStmt"})


def place_of(match: Match, session: LiveSession, tables: Collection[Relation]) -> Place:
    """Give the place of *session*, whose text is *match*. *tables* were there before the deployment."""
    file = match.file
    first, last = match.first, match.last
    if first < last and match.at_once is not False:
        first, last = _narrowed(file, session, tables)
    lines = file.statements[first].line, file.statements[last].line
    sql = file.statements[first].sql if first == last else None
    return Place(file.migration, first, last, lines, sql, len(file.statements), match.at_once)


def _narrowed(file: File, session: LiveSession, tables: Collection[Relation]) -> tuple[int, int]:
    """The first and the last statement that may be running."""
    whole = 0, len(file.statements) - 1
    if any(each.kind in _RENAMES for each in file.statements) or all(each is None for each in file.planned):
        return whole  # names, or locks, are not the same throughout
    first, last = whole
    held = frozenset(each for each in session.locks if _counts(each, tables))
    for lock in held:
        first = max(first, next(_that_may_take(lock, file), 0))
    awaited = _awaited(session)
    if awaited is not None and _counts(awaited, tables):
        first = max(first, next(_that_may_take(awaited, file), 0))
    last = min(last, *(number for number, lock in _taken(file, tables) if lock not in held), last)
    found = [number for number in range(first, last + 1) if _may_work(file.planned[number], session)]
    if first > last or not found:
        return whole  # the prediction does not hold
    return found[0], found[-1]


def _counts(lock: _Lock, tables: Collection[Relation]) -> bool:
    return lock[1] >= _WEAKEST and lock[0] in tables


def _awaited(session: LiveSession) -> _Lock | None:
    awaited = session.awaited
    if awaited is None or awaited.kind != "relation" or awaited.relation is None or awaited.mode is None:
        return None
    return awaited.relation, awaited.mode


def _is_vague(planned: PlannedStatement | None) -> bool:
    return planned is None or planned.prediction.outcome is Outcome.UNKNOWN


def _that_may_take(lock: _Lock, file: File) -> Iterator[int]:
    for number, planned in enumerate(file.planned):
        if _is_vague(planned) or (planned is not None and planned.prediction.effects.locks.get(lock[0]) == lock[1]):
            yield number


def _taken(file: File, tables: Collection[Relation]) -> Iterator[tuple[int, _Lock]]:
    """The locks that statements certainly take, each with its number."""
    for number, planned in enumerate(file.planned):
        if planned is None or planned.prediction.outcome is not Outcome.OK:
            continue
        for lock in planned.prediction.effects.locks.items():
            if _counts(lock, tables):
                yield number, lock


def _may_work(planned: PlannedStatement | None, session: LiveSession) -> bool:
    """Say whether the statement may do what the progress views say of *session*."""
    work = session.work
    if work is None or work.relation is None or planned is None or _is_vague(planned):
        return True
    effects = planned.prediction.effects
    return work.relation in effects.rewrites or work.relation in effects.scans
