"""The safer way of a statement as migrations of Prisma's: what is printed with a plan."""

from collections.abc import Container, Iterator, Sequence

from ..model.plan import Blocks, Duration, Outcome, PlannedStatement
from ..model.value import dataclass, replace
from ..postgres.parse import Statement, parse
from ..postgres.plan.durations import Span, held
from ..postgres.plan.safer.parts import Part, Way
from ..postgres.plan.safer.ways import alone
from ..postgres.scanning import ended
from ..prisma.execution import SPLITS_FROM, Execution, Version, execution, may_be_refused

# Errors of rows, of the way of running, and of two processes that a safer way spares.
_AVOIDABLE = frozenset({"23502", "25001", "40P01", "55P04"})
_BREAKING = frozenset({"RenameStmt"})
_NOTHING = Duration(0.0, 0.0)
ONE_RUNNER = (
    "Run the deployment from exactly one runner, with one replica: two that run it at once may deadlock (40P01)."
)
# Of every way, so that it is said once for all of them.
RETRY = (
    "Prisma does not retry a migration of a safer way that stops with 55P03 (lock timeout) or 40P01 (deadlock). Check "
    "with migration-monitor explain NAME that none of its statements was applied, run npx prisma migrate "
    "resolve --rolled-back NAME, and deploy again."
)


def helps(statement: PlannedStatement, kind: str, max_block: float) -> bool:
    """Say whether a safer way spares anybody anything: a long block, an error, data or a name that is still used."""
    prediction = statement.prediction
    if prediction.outcome in (Outcome.FAILS, Outcome.DEPENDS) and prediction.sqlstate in _AVOIDABLE:
        return True
    if prediction.outcome is Outcome.FAILS:
        return False  # first of all it has to run
    if prediction.loses or kind in _BREAKING:
        return statement.blocks is not Blocks.NONE
    if kind in ("UpdateStmt", "DeleteStmt"):
        return statement.took is not None and statement.took.high >= max_block
    return statement.blocks_for_long and _is_long(statement.held, max_block)


def is_held_for_others(
    statement: PlannedStatement, held_for: Duration | None, max_block: float, *, before_reader: bool
) -> bool:
    """Say whether its lock is long only because of later ones in its transaction: one reads rows (*before_reader*).

    *held_for* is how long it is held once those have migrations of their own that a safer way moves there.
    """
    took = statement.took
    if statement.blocks is Blocks.NONE or statement.prediction.outcome is Outcome.FAILS or statement.blocks_for_long:
        return False
    if took is not None and held_for is not None:
        return took.high < max_block <= held_for.high
    return before_reader


def _next_readers(planned: Sequence[PlannedStatement], moved: Container[int]) -> list[int]:
    """For each statement the number of the next one that reads or rewrites whole tables, and is not *moved*."""
    found = [len(planned)]
    for number in range(len(planned) - 1, 0, -1):
        effects = planned[number].prediction.effects
        is_reader = number not in moved and (effects.scans or effects.rewrites)
        found.append(number if is_reader else found[-1])
    return found[::-1]


@dataclass(frozen=True, slots=True)
class Advice:
    """For which Prisma (None: not known) ways are printed, and what blocks for too long, in seconds."""

    prisma: Version | None
    max_block: float


def safer(
    statements: Sequence[Statement],
    planned: Sequence[PlannedStatement],
    ways: Sequence[Way | None],
    spans: Sequence[Span],
    advice: Advice,
) -> list[PlannedStatement]:
    """The statements of a file with the safer way of each that has one and gains by it."""
    own = {
        number: way
        for number, (statement, each, way) in enumerate(zip(statements, planned, ways, strict=True))
        if way is not None and helps(each, statement.kind, advice.max_block)
    }
    # What has a migration of its own holds nothing up in this one any more.
    left = held([_NOTHING if number in own else each.took for number, each in enumerate(planned)], spans)
    next_readers = _next_readers(planned, own)
    found = []
    for number, (statement, each) in enumerate(zip(statements, planned, strict=True)):
        before_reader = next_readers[number] <= spans[number].surely
        if number in own:
            found.append(replace(each, safer=printed(own[number], advice)))
        elif is_held_for_others(each, left[number], advice.max_block, before_reader=before_reader):
            found.append(replace(each, safer=printed(alone(statement), advice)))
        else:
            found.append(each)
    return found


def _is_long(held: Duration | None, max_block: float) -> bool:
    return held is None or held.high >= max_block


def printed(way: Way, advice: Advice) -> tuple[str, ...]:
    """The steps in order. The SQL of a step follows its first line."""
    parts = [each for each in way if isinstance(each, Part)]
    found = [ONE_RUNNER] if any(_is_concurrent(each) for each in parts) else []
    number = 0
    for each in way:
        if isinstance(each, str):
            found.append(each)
            continue
        number += 1
        alone = ", alone in its file" if each.alone else ""
        found.append(f"Migration {number}{alone}. {each.does}:\n{file_of(each, advice)}")
        if each.makes is not None:
            found.append(
                "If the build fails, drop the INVALID index that it leaves before the next deployment:\n"
                f"DROP INDEX CONCURRENTLY IF EXISTS {each.makes};"
            )
    return tuple(found)


def _is_concurrent(part: Part) -> bool:
    return part.alone and any("CONCURRENTLY" in each.upper() for each in part.sql)


def file_of(part: Part, advice: Advice) -> str:
    """A migration's file. A limit of waiting for a lock stands around what locks, by the way in which the file is run.

    SET LOCAL in a file that is split sets nothing: each statement is a transaction of its own there.
    """
    if not part.locks:
        return _script(part.sql)
    limit = f"lock_timeout = '{max(1, round(advice.max_block))}s'"
    text = _script([f"SET {limit}", *part.sql, "RESET lock_timeout"])
    return _script(_with_local(part.sql, limit)) if _is_batch(text, advice.prisma) else text


def _with_local(sql: Sequence[str], limit: str) -> Iterator[str]:
    """Inside of a transaction of the file's own, if it has one."""
    if sql[0] == "BEGIN":
        yield from ("BEGIN", f"SET LOCAL {limit}", *sql[1:])
    else:
        yield from (f"SET LOCAL {limit}", *sql)


def _is_batch(text: str, prisma: Version | None) -> bool:
    """Say whether Prisma certainly runs the file *text*, of several statements, as one batch."""
    if prisma is not None and prisma < SPLITS_FROM:
        return True
    return may_be_refused(text) and execution((each.tree for each in parse(text)), prisma) is Execution.BATCH


def _script(sql: Sequence[str] | Iterator[str]) -> str:
    return "\n".join(map(ended, sql))
