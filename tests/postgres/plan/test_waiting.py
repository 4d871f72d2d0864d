"""What the statements of a deployment wait for."""

from datetime import timedelta
from itertools import product

import pytest

from shared.model.holders import HolderKind, LockHolder, Need, Wait
from shared.model.plan import Blocks, Effects, LockMode, Outcome, PlannedStatement, Prediction, Relation
from shared.postgres.plan.waiting import waits

T, U = ("public", "t"), ("public", "u")
# PostgreSQL's documentation, table 13.2: which modes conflict with each, both in the order of their strength.
CONFLICTS = {
    LockMode.ACCESS_SHARE: "_______X",
    LockMode.ROW_SHARE: "______XX",
    LockMode.ROW_EXCLUSIVE: "____XXXX",
    LockMode.SHARE_UPDATE_EXCLUSIVE: "___XXXXX",
    LockMode.SHARE: "__XX_XXX",
    LockMode.SHARE_ROW_EXCLUSIVE: "__XXXXXX",
    LockMode.EXCLUSIVE: "_XXXXXXX",
    LockMode.ACCESS_EXCLUSIVE: "XXXXXXXX",
}


def needing(line: int, mode: LockMode = LockMode.ACCESS_EXCLUSIVE, relation: Relation = T) -> PlannedStatement:
    prediction = Prediction(Outcome.OK, Effects({relation: mode}))
    return PlannedStatement("1", line, "…", prediction, Blocks.READS)


def holding(
    kind: HolderKind = HolderKind.SESSION,
    seconds: float | None = 60,
    mode: LockMode = LockMode.ACCESS_SHARE,
    relation: Relation = T,
    pid: int = 7,
) -> LockHolder:
    open_for = None if seconds is None else timedelta(seconds=seconds)
    return LockHolder(relation, mode, kind, pid, "report", "ada", open_for)


@pytest.mark.parametrize(("held", "taken"), list(product(LockMode, LockMode)), ids=str)
def test_locks_conflict_as_documented(held: LockMode, taken: LockMode) -> None:
    found = waits([needing(1, taken)], [holding(mode=held)], 5.0)
    assert bool(found) is (CONFLICTS[held][taken - 1] == "X")


@pytest.mark.parametrize(
    ("kind", "seconds", "counts"),
    [
        pytest.param(HolderKind.SESSION, 6, True, id="a session for longer than max_block"),
        pytest.param(HolderKind.SESSION, 5, False, id="a session for as long"),
        pytest.param(HolderKind.SESSION, None, False, id="a session of an age that cannot be seen"),
        pytest.param(HolderKind.DUMP, 0, True, id="a dump"),
        pytest.param(HolderKind.PREPARED, 0, True, id="a prepared transaction"),
        pytest.param(HolderKind.VACUUM, None, True, id="an autovacuum against wraparound"),
    ],
)
def test_who_counts(kind: HolderKind, seconds: float | None, counts: bool) -> None:
    assert bool(waits([needing(1)], [holding(kind, seconds)], 5.0)) is counts


def test_a_holder_is_named_once_with_all_that_waits_for_it() -> None:
    statements = [needing(1), needing(2, LockMode.SHARE), needing(3, relation=U), needing(4)]
    locks = [
        holding(),
        holding(relation=U),
        holding(relation=("public", "other")),
        holding(mode=LockMode.ROW_EXCLUSIVE, pid=8),
    ]
    exclusive = [Need("1", line, LockMode.ACCESS_EXCLUSIVE) for line in (1, 3, 4)]
    writer = (Need("1", 1, LockMode.ACCESS_EXCLUSIVE), Need("1", 2, LockMode.SHARE), exclusive[2])
    age = timedelta(minutes=1)
    assert waits(statements, locks, 5.0) == (
        Wait(HolderKind.SESSION, 7, "report", "ada", age, (LockMode.ACCESS_SHARE,), (T, U), tuple(exclusive)),
        Wait(HolderKind.SESSION, 8, "report", "ada", age, (LockMode.ROW_EXCLUSIVE,), (T,), writer),
    )


def test_nobody_waits_for_locks_on_other_tables() -> None:
    assert waits([needing(1)], [holding(relation=U)], 5.0) == ()
