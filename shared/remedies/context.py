"""All migrations together: which ones block a deploy, which ones wait for it, and in which order."""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import field
from types import MappingProxyType

from ..model.database import DatabaseReading, History
from ..model.diagnosis import MigrationStatus, State
from ..model.finding import Step
from ..model.progress import Effects, Progress, StatementState
from ..model.settings import RemedySettings
from ..model.value import dataclass
from ..postgres.idempotent import only_removes_if_there
from ..postgres.live import Live
from ..postgres.mentions import tables_of
from ..postgres.progress.steps import targets, words_of
from ..postgres.reading_again import read_again
from . import commands
from .brackets import Brackets
from .present_names import under_present_names
from .remaining import is_open, is_outdated, remaining, run_by_hand_if_at_all, unproven
from .repeatable import is_bare, is_repeatable

_BLOCKING = (State.RENAMED, State.UNRECORDED, State.PARTIALLY_APPLIED, State.FAILED)
_WAITING = (State.PENDING, State.SKIPPED, State.ROLLED_BACK)


@dataclass(frozen=True, slots=True)
class RemedyContext:
    """What a remedy depends on beside the migration itself.

    Any of *failed* blocks every deploy (P3009). A deploy would stop at each of *blocking*, or run it a second time;
    they are in the order in which they are fixed. *waiting* are those that a deploy is to apply, *unrunnable* those at
    which it stops until the release is fixed. *finished* has the id of the newest row that finished, by name: such a
    migration cannot be marked as applied again (P3008). *conflicting* are those that a deploy runs and that certainly
    fail, in its order; *skipping* are the statements that would leave another object as it is. *recorded_early* count
    as applied, and lack statements that later migrations may need. *unshown* are those of *waiting* for which the
    database does not show whether somebody ran them, or their changes of rows, by hand. *in_their_own_way* are those of
    *unshown* without any trace, and at which a deploy would fail: they may have made the rows in their way themselves.
    *needed_first* are those that are run by hand, and not by a deploy, because a later one needs them. *renamed* are
    migrations that name a table which has another name now, with their statements under that name. *empty_tables* are
    those that certainly have no row. *live* is the database in which the printed queries run.
    """

    settings: RemedySettings
    live: Live
    needs_baseline: bool
    failed: tuple[str, ...]
    blocking: tuple[str, ...]
    waiting: tuple[str, ...]
    running: tuple[str, ...]
    unrunnable: tuple[str, ...]
    finished: Mapping[str, str]
    empty_tables: frozenset[tuple[str, ...]]
    logs_readable: bool
    conflicting: tuple[str, ...] = ()
    skipping: tuple[str, ...] = ()
    recorded_early: tuple[str, ...] = ()
    unshown: tuple[str, ...] = ()
    in_their_own_way: tuple[str, ...] = ()
    needed_first: frozenset[str] = frozenset()
    renamed: Mapping[str, MigrationStatus] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def schema(self) -> str:
        return self.live.schema

    @property
    def in_conflict(self) -> bool:
        return bool(self.conflicting or self.skipping)

    def under_present_names(self, status: MigrationStatus) -> MigrationStatus:
        return self.renamed.get(status.name, status)

    def framed(self, steps: Iterable[Step]) -> tuple[Step, ...]:
        return commands.framed(self.settings, steps)


def in_fix_order(statuses: Iterable[MigrationStatus]) -> list[MigrationStatus]:
    """Those that block a deploy first, in the release's order, with the one that a deploy fixes last; then all others.

    A later migration may need what an earlier one makes, or fail at the rows that made the earlier one fail.
    """
    found = list(statuses)
    return _in_fix_order(found, _needed_first(found, under_present_names(found)))


def _in_fix_order(statuses: Sequence[MigrationStatus], needed: Collection[str]) -> list[MigrationStatus]:
    return sorted(statuses, key=lambda each: _turn(each, needed))


def _turn(status: MigrationStatus, needed: Collection[str]) -> int:
    if status.name in needed:
        return 0
    if not is_blocking(status):
        return 2
    return 1 if _is_run_again(status) else 0


def _needed_first(statuses: Sequence[MigrationStatus], renamed: Container[str]) -> frozenset[str]:
    """The migrations that are run by hand, and not by a deploy, because a later one that ran in part needs them.

    The missing statements of the later one run before the deploy, and name objects of the earlier one. Or the later one
    has renamed a table that the earlier one, which is then among *renamed*, names. Or it has replaced what the earlier
    one makes: a deploy would fail there, or put the older one back.
    """
    needed: set[str] = set()
    words: set[str] = set()
    for each in reversed(statuses):
        if not isinstance(each.progress, Progress) or each.shipped is None:
            continue
        is_other_now = each.name in renamed or (each.state in _WAITING and is_replaced(each))
        is_needed = is_other_now or (bool(words) and not _names(each).isdisjoint(words))
        if is_needed and _may_run_by_hand(each):
            needed.add(each.name)
        if is_needed or (is_blocking(each) and not _is_run_again(each)):
            words |= _words_of_the_rest(each)
    return frozenset(needed)


def is_replaced(status: MigrationStatus) -> bool:
    """Say whether a later one that ran has replaced or removed what it does, or some of that: no deploy may run it."""
    return isinstance(status.progress, Progress) and is_outdated(status.progress)


def _is_run_again(status: MigrationStatus) -> bool:
    return status.state is State.FAILED and is_run_by_a_deploy(status)


def _may_run_by_hand(status: MigrationStatus) -> bool:
    if status.state in _WAITING:
        return not status.in_conflict and (not is_unclear(status) or is_replaced(status))
    return is_blocking(status) and not (status.state is State.FAILED and is_unknown(status))


def _names(status: MigrationStatus) -> set[str]:
    """The objects that its statements make, change or use."""
    statements = status.progress.statements if isinstance(status.progress, Progress) else ()
    parsed = [each for statement in statements for each in read_again(statement)]
    made = {name for each in parsed for name in targets(each)}
    return made | {name.casefold() for each in parsed for name in tables_of(each)}


def _words_of_the_rest(status: MigrationStatus) -> set[str]:
    parts = remaining(status.progress) if isinstance(status.progress, Progress) else ()
    return {word for part in parts for each in part.statements for word in words_of(each.sql)}


def is_run_by_a_deploy(status: MigrationStatus) -> bool:
    """Say whether a deploy is to run a failed migration again as a whole, or may be: no statement of it is printed."""
    if status.shipped is None or status.also_finished:
        return False
    if is_unknown(status):
        return True
    return not (is_in_part(status) or (isinstance(status.progress, Progress) and is_open(status.progress)))


def is_unknown(status: MigrationStatus) -> bool:
    """Say whether it is not known how far a failed migration got."""
    if not isinstance(status.progress, Progress):
        return True
    return status.progress.effects is Effects.UNKNOWN and is_unclear(status)


def is_in_part(status: MigrationStatus) -> bool:
    """Say whether some of it shows, or was undone by a later one."""
    if not isinstance(status.progress, Progress):
        return False
    shows = status.progress.effects in {Effects.SOME, Effects.ALL}
    return shows or is_replaced(status) or any(each.superseded for each in status.progress.statements)


def is_blocking(status: MigrationStatus) -> bool:
    """Say whether a deploy would stop at it, or would run statements that have run already or may have."""
    if status.state in _WAITING:
        return isinstance(status.progress, Progress) and is_open(status.progress) and not is_unclear(status)
    return status.state in _BLOCKING


def may_run_twice(status: MigrationStatus) -> bool:
    """Say whether a deploy of one that waits would run a statement that may have run already, and must run once.

    What was never begun has not run unless the catalog shows it: that statements of it cannot be compared is no sign,
    unless a later one was deployed and nothing of it shows that it did not run.
    """
    if status.state not in _WAITING or not isinstance(status.progress, Progress):
        return False
    if status.row is None and is_unclear(status):
        is_absent = any(each.state is StatementState.ABSENT for each in status.progress.statements)
        if status.state is State.PENDING or is_absent:
            return False
    return bool(unproven(status.progress))


def is_unclear(status: MigrationStatus) -> bool:
    """Say whether the state of a statement is unknown and matters. One that leaves no trace is no doubt."""
    statements = status.progress.statements if isinstance(status.progress, Progress) else ()
    return any(each.state is StatementState.UNKNOWN and not each.superseded for each in statements)


def context_of(
    statuses: Sequence[MigrationStatus],
    settings: RemedySettings,
    database: DatabaseReading,
    history: History,
    failing: Collection[str] = (),
) -> RemedyContext:
    """*failing* are the migrations of the plan in which a statement will certainly fail."""
    renamed = under_present_names(statuses)
    needed = _needed_first(statuses, renamed)
    ordered = _in_fix_order(statuses, needed)

    def named(*states: State) -> tuple[str, ...]:
        return tuple(status.name for status in ordered if status.state in states)

    blocking = tuple(status.name for status in ordered if is_blocking(status) or status.name in needed)
    unshown = tuple(each.name for each in ordered if each.name not in blocking and _is_unshown(each))
    in_their_own_way = tuple(
        each.name for each in ordered if each.name in {*unshown} & {*failing} and _shows_nowhere(each)
    )

    return RemedyContext(
        settings,
        Live.of(database.catalog, database.schema, database.server_version),
        needs_baseline=not history.exists and history.schema_has_tables,
        failed=named(State.FAILED),
        blocking=blocking,
        waiting=tuple(name for name in named(*_WAITING) if name not in blocking),
        running=named(State.RUNNING),
        unrunnable=named(State.MALFORMED),
        finished={row.name: row.id for row in history.rows if row.finished_at is not None},
        empty_tables=database.empty_tables,
        logs_readable=history.logs_readable,
        conflicting=tuple(
            status.name
            for status in statuses
            if status.conflicts or status.name in {*failing} - {*blocking, *in_their_own_way}
        ),
        skipping=tuple(
            f"{each.found_as} (line {each.line} of {status.name})" for status in statuses for each in status.skips
        ),
        recorded_early=tuple(status.name for status in statuses if _was_recorded_early(status)),
        unshown=unshown,
        in_their_own_way=in_their_own_way,
        needed_first=needed,
        renamed=renamed,
    )


def _was_recorded_early(status: MigrationStatus) -> bool:
    """Say whether the history calls it applied although statements of it are missing, which are printed to be run."""
    if status.state in (*_BLOCKING, *_WAITING) or not isinstance(status.progress, Progress):
        return False
    numbered = enumerate(status.progress.statements)
    return any(each.state is StatementState.ABSENT and number not in status.settled for number, each in numbered)


def _is_unshown(status: MigrationStatus) -> bool:
    if status.state not in _WAITING or not isinstance(status.progress, Progress):
        return False
    if status.row is not None:
        return bool(run_by_hand_if_at_all(status.progress))
    return _shows_nowhere(status)


def _shows_nowhere(status: MigrationStatus) -> bool:
    """Say whether no statement of it leaves a trace, and one may change rows: DROP … IF EXISTS alone changes none."""
    if not isinstance(status.progress, Progress):
        return False
    brackets = Brackets(status.progress).statements
    statements = [
        each for each in status.progress.statements if not (is_bare(each) or is_repeatable(each) or each in brackets)
    ]
    if not all(each.state is StatementState.NO_TRACE for each in statements):
        return False
    return not all(only_removes_if_there(parsed) for each in statements for parsed in read_again(each))
