"""The sessions for which the statements of a deployment wait: holders of locks that conflict with theirs.

Source: PostgreSQL's documentation, "Explicit Locking" (table 13.2). Equal on 13 to 18.
"""

from collections.abc import Mapping, Sequence

from ...model.holders import HolderKind, LockHolder, Need, Wait
from ...model.plan import LockMode, PlannedStatement

_CONFLICTS: Mapping[LockMode, frozenset[LockMode]] = {
    LockMode.ACCESS_SHARE: frozenset({LockMode.ACCESS_EXCLUSIVE}),
    LockMode.ROW_SHARE: frozenset({LockMode.EXCLUSIVE, LockMode.ACCESS_EXCLUSIVE}),
    LockMode.ROW_EXCLUSIVE: frozenset(each for each in LockMode if each >= LockMode.SHARE),
    LockMode.SHARE_UPDATE_EXCLUSIVE: frozenset(each for each in LockMode if each >= LockMode.SHARE_UPDATE_EXCLUSIVE),
    LockMode.SHARE: frozenset(each for each in LockMode if each >= LockMode.ROW_EXCLUSIVE) - {LockMode.SHARE},
    LockMode.SHARE_ROW_EXCLUSIVE: frozenset(each for each in LockMode if each >= LockMode.ROW_EXCLUSIVE),
    LockMode.EXCLUSIVE: frozenset(each for each in LockMode if each >= LockMode.ROW_SHARE),
    LockMode.ACCESS_EXCLUSIVE: frozenset(LockMode),
}


def waits(statements: Sequence[PlannedStatement], holders: Sequence[LockHolder], max_block: float) -> tuple[Wait, ...]:
    """Give each holder that makes one of *statements* wait, once, in the order of *holders*.

    A session counts only where its transaction has been open for longer than *max_block* seconds. Dumps, prepared
    transactions and autovacuums against wraparound do not end soon, however young they are.
    """
    of: dict[tuple[object, ...], list[LockHolder]] = {}
    for each in holders:
        if each.kind is not HolderKind.SESSION or (each.open_for and each.open_for.total_seconds() > max_block):
            of.setdefault((each.kind, each.pid, each.name, each.user), []).append(each)
    return tuple(found for locks in of.values() if (found := _wait(statements, locks)) is not None)


def _wait(statements: Sequence[PlannedStatement], locks: Sequence[LockHolder]) -> Wait | None:
    conflicting: dict[LockHolder, None] = {}
    needs: dict[Need, None] = {}
    for statement in statements:
        taken = statement.prediction.effects.locks
        for lock in locks:
            mode = taken.get(lock.relation)
            if mode in _CONFLICTS[lock.mode]:
                conflicting[lock] = None
                needs[Need(statement.migration, statement.line, mode)] = None
    if not conflicting:
        return None
    first = locks[0]
    modes = tuple(sorted({each.mode for each in conflicting}))
    relations = tuple(dict.fromkeys(each.relation for each in conflicting))
    return Wait(first.kind, first.pid, first.name, first.user, first.open_for, modes, relations, tuple(needs))
