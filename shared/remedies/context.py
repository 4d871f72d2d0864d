"""Where all migrations stand together: what stands in the way of a deploy, what waits for one, and in which order."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from ..model.database import DatabaseReading, History
from ..model.diagnosis import MigrationStanding, State
from ..model.finding import Step
from ..model.progress import Effects, Progress, StatementState
from ..model.settings import RemedySettings
from ..model.value import dataclass
from ..postgres.conversions import Live
from ..postgres.idempotent import only_removes_if_there
from ..postgres.mentions import tables_in
from ..postgres.parse import read
from ..postgres.progress.steps import targets, words_of
from . import commands
from .remaining import is_bare, is_open, is_repeatable, remaining, run_by_hand_if_at_all

_BLOCKING = (State.RENAMED, State.UNRECORDED, State.PARTIALLY_APPLIED, State.FAILED)
_WAITING = (State.PENDING, State.SKIPPED, State.ROLLED_BACK)


@dataclass(frozen=True, slots=True)
class RemedyContext:
    """What a remedy depends on beside the migration itself.

    Any of *failed* blocks every deploy (P3009). All of *blocking*, in the order in which they are
    mended, stand in the way of one: it would stop at them, or run them a second time. *waiting* are those
    that a deploy is to apply, *unrunnable* those at which it stops whatever is done here. *finished* has the id
    of the newest row that finished, by name: such a migration cannot be recorded as applied again (P3008).
    *conflicting* are those that a deploy runs and that must fail, in its order. *recorded_early* count as applied, and
    lack statements that those after them may need. *unshown* are those of *waiting* of which nothing would show that
    somebody ran them by hand, or what of them changes rows. *in_their_own_way* are those of *unshown* that only change
    rows, and that a deploy would fail at: the rows in their way may be those that they made. *needed_first* are failed
    ones that are run by hand for the sake of a later one.
    *empty_tables* are those that certainly hold no row. *live* is the database as printed queries meet it.
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
    recorded_early: tuple[str, ...] = ()
    unshown: tuple[str, ...] = ()
    in_their_own_way: tuple[str, ...] = ()
    needed_first: frozenset[str] = frozenset()

    @property
    def schema(self) -> str:
        return self.live.schema

    def framed(self, steps: Iterable[Step]) -> tuple[Step, ...]:
        return commands.framed(self.settings, steps)


def in_mending_order(standings: Iterable[MigrationStanding]) -> list[MigrationStanding]:
    """What blocks a deploy first, in the order of the release, what only a deploy fixes last of it; then all else.

    A later migration may need what an earlier one makes, or fail at the rows that stood in the earlier one's way.
    """
    found = list(standings)
    by_hand = needed_first(found)
    return sorted(found, key=lambda each: _turn(each, by_hand))


def _turn(standing: MigrationStanding, by_hand: Collection[str]) -> int:
    if not is_blocking(standing):
        return 2
    is_deployed = standing.state is State.FAILED and is_run_by_a_deploy(standing) and standing.name not in by_hand
    return 1 if is_deployed else 0


def needed_first(standings: Sequence[MigrationStanding]) -> frozenset[str]:
    """The failed migrations that are not left to a deploy, since a later one that ran in part goes on where they end.

    What is missing of the later one comes before that deploy, and names what they make, change or use.
    """
    blocking = [each for each in standings if is_blocking(each) and each.shipped is not None]
    return frozenset(
        each.name
        for at, each in enumerate(blocking)
        if each.state is State.FAILED and is_run_by_a_deploy(each) and not cannot_be_told(each)
        if not _names(each).isdisjoint(_words_of_the_rest(blocking[at + 1 :]))
    )


def _names(standing: MigrationStanding) -> set[str]:
    """The relations and all else that its statements make, change or use."""
    statements = standing.progress.statements if isinstance(standing.progress, Progress) else ()
    made = {name for each in statements for parsed in read(each.sql) for name in targets(parsed)}
    return made | {name.casefold() for each in statements for name in tables_in(each.sql)}


def _words_of_the_rest(standings: Iterable[MigrationStanding]) -> set[str]:
    return {
        word
        for standing in standings
        if isinstance(standing.progress, Progress)
        for part in remaining(standing.progress)
        for each in part.statements
        for word in words_of(each.sql)
    }


def is_run_by_a_deploy(standing: MigrationStanding) -> bool:
    """Say whether a deploy is to run a failed migration again as a whole, or may be: no statement of it is printed."""
    if standing.shipped is None or standing.also_finished:
        return False
    if cannot_be_told(standing):
        return True
    return not (is_in_part(standing) or (isinstance(standing.progress, Progress) and is_open(standing.progress)))


def cannot_be_told(standing: MigrationStanding) -> bool:
    """Say whether nothing shows how far a failed migration got."""
    if not isinstance(standing.progress, Progress):
        return True
    return standing.progress.effects is Effects.CANNOT_TELL and is_unclear(standing)


def is_in_part(standing: MigrationStanding) -> bool:
    """Say whether some of it shows, or was undone by a later one."""
    if not isinstance(standing.progress, Progress):
        return False
    shows = standing.progress.effects in {Effects.SOME, Effects.ALL}
    return shows or any(each.superseded for each in standing.progress.statements)


def is_blocking(standing: MigrationStanding) -> bool:
    """Say whether a deploy would stop at it, or run what has run already, or what may have."""
    if standing.state in _WAITING:
        return isinstance(standing.progress, Progress) and is_open(standing.progress) and not is_unclear(standing)
    return standing.state in _BLOCKING


def is_unclear(standing: MigrationStanding) -> bool:
    """Say whether something that should show cannot be told, and has to be: one that never shows is no doubt."""
    statements = standing.progress.statements if isinstance(standing.progress, Progress) else ()
    return any(each.state is StatementState.CANNOT_TELL and not each.superseded for each in statements)


def context_of(
    standings: Sequence[MigrationStanding],
    settings: RemedySettings,
    database: DatabaseReading,
    history: History,
    failing: Collection[str] = (),
) -> RemedyContext:
    """*failing* are the migrations of the plan in which a statement will certainly fail."""
    ordered = in_mending_order(standings)

    def named(*states: State) -> tuple[str, ...]:
        return tuple(standing.name for standing in ordered if standing.state in states)

    blocking = tuple(standing.name for standing in ordered if is_blocking(standing))
    unshown = tuple(each.name for each in ordered if each.name not in blocking and _is_unshown(each))
    in_their_own_way = tuple(
        each.name for each in ordered if each.name in {*unshown} & {*failing} and _only_changes_rows(each)
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
            standing.name
            for standing in standings
            if standing.conflicts or standing.name in {*failing} - {*blocking, *in_their_own_way}
        ),
        recorded_early=tuple(standing.name for standing in standings if _was_recorded_early(standing)),
        unshown=unshown,
        in_their_own_way=in_their_own_way,
        needed_first=needed_first(standings),
    )


def _was_recorded_early(standing: MigrationStanding) -> bool:
    """Say whether the history calls it applied, and statements of it are missing that are printed to be run."""
    if standing.state in (*_BLOCKING, *_WAITING) or not isinstance(standing.progress, Progress):
        return False
    numbered = enumerate(standing.progress.statements)
    return any(each.state is StatementState.ABSENT and number not in standing.settled for number, each in numbered)


def _is_unshown(standing: MigrationStanding) -> bool:
    if standing.state not in _WAITING or not isinstance(standing.progress, Progress):
        return False
    if standing.row is not None:
        return bool(run_by_hand_if_at_all(standing.progress))
    return _only_changes_rows(standing)


def _only_changes_rows(standing: MigrationStanding) -> bool:
    """Say whether nothing of it shows, and some of it may be about rows: DROP … IF EXISTS is about none by itself."""
    if not isinstance(standing.progress, Progress):
        return False
    statements = [each for each in standing.progress.statements if not is_bare(each) and not is_repeatable(each)]
    if not all(each.state is StatementState.NO_TRACE for each in statements):
        return False
    return not all(only_removes_if_there(parsed) for each in statements for parsed in read(each.sql))
