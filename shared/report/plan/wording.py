"""What the forms of a plan say in common."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from ...checks.predicted import amount
from ...diagnose.safer import RETRY
from ...model.disk import DiskUse
from ...model.holders import HolderKind, Wait
from ...model.phrases import clipped, counted, size, span
from ...model.plan import Blocks, Duration, LockMode, Outcome, Plan, PlannedStatement, Relation, order_of
from ...model.statement_text import shown
from ...prisma.clients.wording import on_one_line
from .observed import differences, observed, spelled

_KINDS = {
    HolderKind.SESSION: "the session",
    HolderKind.DUMP: "the dump",
    HolderKind.PREPARED: "the prepared transaction",
    HolderKind.VACUUM: "the autovacuum against wraparound",
}
_MOST_NAMED = 3
# Bytes: less is nothing to a disk.
_WORTH_SAYING = 2**20
# A longer statement says no more at a glance.
_WIDEST = 100


def title(plan: Plan) -> str:
    count = len(plan.migrations)
    if not count:
        return "Nothing to deploy"
    return f"Plan of {counted(count, 'migration')}"


def summary(plan: Plan) -> str:
    """``5 statements: 3 ok, 1 depends, 1 fails. 1 blocks reads.``"""
    outcomes = Counter(each.prediction.outcome for each in plan.statements)
    by_outcome = ", ".join(f"{outcomes[outcome]} {outcome.value}" for outcome in Outcome if outcomes[outcome])
    said = f"{counted(len(plan.statements), 'statement')}{f': {by_outcome}' if by_outcome else ''}."
    for blocked in (Blocks.READS, Blocks.WRITES):
        found = [each for each in plan.statements if each.blocks is blocked]
        if found:
            long = sum(each.blocks_for_long for each in found)
            while_ = f", {long} of them while a table is rewritten or scanned" if long else ""
            said += f" {len(found)} block{'s' if len(found) == 1 else ''} {blocked.value}{while_}."
    lost = [each for statement in plan.statements for each in statement.prediction.loses]
    return said + (f" {len(lost)} lose{'s' if len(lost) == 1 else ''} data." if lost else "")


def shortened(statement: PlannedStatement) -> str:
    """The statement on one line."""
    return clipped(" ".join(shown(statement.sql).split()), _WIDEST)


def outcome(statement: PlannedStatement) -> str:
    """``depends (23505)``, ``fails (23502), 1,204 rows``, ``ok at 12:04 UTC; rows may change that``."""
    prediction = statement.prediction
    if prediction.outcome is Outcome.OK and prediction.at is not None:
        return f"ok at {prediction.at:%H:%M} UTC; rows may change that"
    sqlstate = f" ({prediction.sqlstate})" if prediction.sqlstate else ""
    rows = prediction.rows
    found = "" if rows is None else f", {amount(rows)} row{'' if rows.rows == 1 and not rows.more else 's'}"
    return f"{prediction.outcome.value}{sqlstate}{found}"


def details(statement: PlannedStatement) -> Iterator[str]:
    """The details of a statement: what it blocks, locks, rewrites, scans, loses and breaks, and why."""
    effects, blocked = statement.prediction.effects, statement.blocks is not Blocks.NONE
    # A lock that would block others and blocks nobody is on a table that the run itself made.
    new = {each for each, mode in effects.locks.items() if not blocked and mode >= LockMode.SHARE}
    yield from _locks(statement, new)
    yield from _writes(statement.disk)
    for what, relations in (("rewrites", effects.rewrites - new), ("scans", effects.scans - new)):
        if relations:
            yield f"{what} {', '.join(sorted(map(spelled, relations)))}"
    if statement.prediction.loses:
        yield f"loses {', '.join(statement.prediction.loses)}"
    yield from statement.prediction.reasons
    if statement.clients:
        yield on_one_line(statement.clients)
    if statement.observed is not None:
        yield observed(statement.observed)
        yield from differences(statement, statement.observed)


def _locks(statement: PlannedStatement, new: Collection[Relation]) -> Iterator[str]:
    """What the statement locks and blocks for how long; its locks on *new* tables concern nobody."""
    locked = ", ".join(
        f"{spelled(each)} ({mode})"
        for each, mode in statement.prediction.effects.locks.items()
        if mode >= LockMode.SHARE_UPDATE_EXCLUSIVE and each not in new
    )
    if statement.blocks is not Blocks.NONE:
        what = "reads and writes" if statement.blocks is Blocks.READS else "writes"
        how_long = f" for {roughly(statement.held)}" if statement.held is not None else ""
        yield f"blocks {what}{how_long}: locks {locked}"
        return
    if statement.took is not None and statement.took.high >= 1:
        yield f"takes {roughly(statement.took)}"
    if locked:
        yield f"locks {locked}"


def _writes(use: DiskUse | None) -> Iterator[str]:
    if use is not None and use.written >= _WORTH_SAYING:
        parts = (("files", use.files), ("WAL", use.wal), ("sort files", use.sorting))
        listed = ", ".join(f"{what} {size(number)}" for what, number in parts if number)
        yield f"writes up to {size(use.written)}: {listed}"


def retry(statements: Sequence[PlannedStatement]) -> str | None:
    """What holds for every safer way that is printed, where one is."""
    return RETRY if any(each.safer for each in statements) else None


def waits(plan: Plan) -> Iterator[str]:
    """``Wait for this: the dump pg_dump (pid 4711, user backup), open for 12 min, holds …``, a line a holder."""
    for each in plan.waits:
        names = ", ".join(map(spelled, each.relations[:_MOST_NAMED]))
        more = f" and {len(each.relations) - _MOST_NAMED} more" if len(each.relations) > _MOST_NAMED else ""
        modes, first = " and ".join(map(str, each.modes)), each.needs[0]
        others = len({(need.migration, need.line) for need in each.needs}) - 1
        also = f", and {others} more statements wait for it" if others > 1 else ""
        also = ", and 1 more statement waits for it" if others == 1 else also
        yield (
            f"Wait for this: {_holder(each)} holds {modes} on {names}{more}. "
            f"Line {first.line} of {first.migration} needs {first.mode}{also}."
        )


def _holder(wait: Wait) -> str:
    kind = _KINDS[wait.kind] + (f" {wait.name}" if wait.name else "")
    who = [f"pid {wait.pid}" if wait.pid is not None else "", f"user {wait.user}" if wait.user else ""]
    said = ", ".join(filter(None, who))
    age = f", open for {span(wait.open_for)}," if wait.open_for is not None else ""
    return f"{kind}{f' ({said})' if said else ''}{age}"


def disk(plan: Plan) -> str | None:
    """What the run needs of the disk, and what is left there; None where that is next to nothing, or not known."""
    need = plan.disk
    if need is None or need.bytes < _WORTH_SAYING:
        return None
    unknown = f", without {need.unknown} whose size is not known" if need.unknown else ""
    held = need.slot.held if need.slot is not None else 0
    slot = f", with {size(held)} of WAL that a replication slot holds back" if held >= _WORTH_SAYING else ""
    needs = f"The statements need up to {size(need.bytes)} of disk{slot}{unknown}"
    if need.storage is None:
        return f"{needs}."
    left = size(max(need.storage.left, 0))
    return f"{needs}. {left} are left before the server turns read-only (at {need.storage.at:%H:%M} UTC)."


def roughly(duration: Duration) -> str:
    """``seconds``; ``seconds to minutes`` where the ends are of different orders."""
    low, high = order_of(duration.low), order_of(duration.high)
    return low if low == high else f"{low} to {high}"
