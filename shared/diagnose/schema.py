"""How far each migration got, and in what the schema differs from the one that all of that makes."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from ..model.diagnosis import Comparison, MigrationStatus, State
from ..model.difference import Difference
from ..model.knowledge import NotKnownError, Unavailable, known
from ..model.progress import Effects, Progress, StatementProgress, StatementState
from ..model.question import NO_ANSWERS, Answers
from ..model.release import Release
from ..model.schema import Schema
from ..model.settings import Elsewhere
from ..model.value import dataclass, replace
from ..postgres.difference import compare
from ..postgres.parse import Statement, unread
from ..postgres.progress import TRACELESS, Script, fitting_prefix, follow
from ..postgres.progress import Followed as Progressed
from ..postgres.replay import Replay
from ..postgres.unknown_names import with_unknown_names
from .conflicts import Conflicts, FollowedOrder, doubted, with_conflicts
from .left_out import OfOthers, without
from .made import NOTHING, made_by, named, scripts_of
from .order import HAVE_RUN, in_order, was_started
from .recorded_early import Expected, in_state, is_only_recorded, recorded_early
from .removed_early import without_removed_early
from .replays import replayed
from .scripts import Scripts, UnparsedScript

_REFINED = {
    (State.PENDING, Effects.ALL): State.UNRECORDED,
    (State.SKIPPED, Effects.ALL): State.UNRECORDED,
    (State.ROLLED_BACK, Effects.ALL): State.UNRECORDED,
    (State.PENDING, Effects.SOME): State.PARTIALLY_APPLIED,
    (State.SKIPPED, Effects.SOME): State.PARTIALLY_APPLIED,
    (State.ROLLED_BACK, Effects.SOME): State.PARTIALLY_APPLIED,
}
# They may change only rows; what else they make is known only after they ran.
_PROGRAMS = frozenset({"DoStmt", "SelectStmt"})


@dataclass(frozen=True, slots=True)
class Followed:
    """The statuses with how far each got, and the comparison with what all of that makes.

    *whole* is how they were followed where some may not have run.
    """

    migrations: tuple[MigrationStatus, ...]
    comparison: Comparison | Unavailable
    whole: FollowedOrder | None = None


def follow_through(
    migrations: Sequence[MigrationStatus],
    live: Schema | Unavailable,
    schema: str,
    scripts: Scripts,
    answers: Answers = NO_ANSWERS,
    *,
    elsewhere: Sequence[Elsewhere] = (),
) -> Followed:
    """Follow the scripts in the watched *schema* and compare the result with the *live* one.

    *answers* are the server's to the questions that the expected schema asked before. What *elsewhere* matches is not
    compared.
    Where the live schema or an applied script cannot be read, only the history is known.
    """
    try:
        there = known(live)
        order = in_order(migrations)
        if order and all(status.state in HAVE_RUN for status in order):
            shipped = named(((each.name, _script(each)) for each in order), scripts.not_read)
            made = made_by(shipped, schema, answers)
            held = Expected(order, [Script(each) for each in shipped], made, there, schema, answers)
            return _with_recorded_early(migrations, _compared(made, there, elsewhere), held, scripts)
        in_doubt = _InDoubt(migrations, order, there, schema, scripts, answers, elsewhere)
        failed = frozenset(at for at, each in enumerate(order) if is_only_recorded(each) and each.failed_before)
        found = in_doubt.followed(failed)
        shown = in_doubt.recorded_early(found)
        return found if shown <= failed else in_doubt.followed(failed | shown)
    except NotKnownError as error:
        unknown = error.unavailable
        return Followed(tuple(_unknown(status, unknown) for status in migrations), unknown)


@dataclass(frozen=True, slots=True)
class _InDoubt:
    """The migrations, in the *order* in which they ran or would run; some may not have run."""

    migrations: Sequence[MigrationStatus]
    order: Sequence[MigrationStatus]
    live: Schema
    schema: str
    scripts: Scripts
    answers: Answers
    elsewhere: Sequence[Elsewhere]

    def followed(self, doubted: frozenset[int]) -> Followed:
        """Follow them all. Those *doubted* were only recorded: what they lack is not the work of those after."""
        order, applied = self.order, [status.state in HAVE_RUN for status in self.order]
        believed = [is_applied and at not in doubted for at, is_applied in enumerate(applied)]
        in_order_of_run = list(_scripts(order, believed, self.scripts))
        begun = [status.row is not None for status in order]
        progress, followed, unrun = self._progress(in_order_of_run, applied, begun, doubted)
        got = {order[place].name: each for place, each in progress.items()}
        if any(status.state in HAVE_RUN and not was_started(status) for status in order):
            ran = [_script(each) for each in order if each.state in HAVE_RUN and was_started(each)]
            for place, effects in followed.effects.items():
                if place in progress:
                    statements = in_order_of_run[place]
                    got[order[place].name] = without_removed_early(progress[place], effects, statements, ran)
        whole = FollowedOrder(order, in_order_of_run, followed, self.live, self.schema, self.answers, unrun)
        met = whole.conflicts()
        made = whole.expected_despite(met)
        held = Expected(order, whole.scripts_despite(met), made, self.live, self.schema, self.answers)
        comparison = _compared(made, self.live, self.elsewhere)
        refined = tuple(self._refined(whole, got, met, comparison.differences))
        return replace(_with_recorded_early(refined, comparison, held, self.scripts), whole=whole)

    def _refined(
        self,
        whole: FollowedOrder,
        got: Mapping[str, Progress],
        met: Conflicts,
        differences: Sequence[Difference],
    ) -> Iterator[MigrationStatus]:
        in_part = whole.conflicts_in_part(differences)
        # Older files may have made what a newer one, which replaces them, makes; somebody has changed it since then.
        may_replace = any(each.state is State.MISSING_FROM_RELEASE for each in self.migrations)
        for status in self.migrations:
            parts = in_part.get(status.name, ())
            progress = doubted(got.get(status.name), () if may_replace else parts)
            yield with_conflicts(_refined(status, progress), (*met.get(status.name, ()), *parts))

    def recorded_early(self, found: Followed) -> frozenset[int]:
        """Give the places of those that *found* says were recorded too early."""
        if isinstance(found.comparison, Unavailable):
            return frozenset()
        names = {name for each in found.comparison.recorded_early.values() for name in each}
        return frozenset(at for at, status in enumerate(self.order) if status.name in names)

    def _progress(
        self,
        scripts: Sequence[Sequence[Statement]],
        applied: Sequence[bool],
        begun: Sequence[bool],
        doubted: frozenset[int],
    ) -> tuple[Mapping[int, Progress], Progressed, Mapping[int, frozenset[int]]]:
        as_recorded = [Script(*each) for each in zip(scripts, applied, begun, strict=True)]
        if doubted:
            as_doubted = [
                replace(each, applied=each.applied and at not in doubted) for at, each in enumerate(as_recorded)
            ]
            every = follow(as_doubted, self.live, self.schema, self.answers, replayed)
            if any(_may_lack(every.progress[at]) for at in doubted):
                progress = {at: each for at, each in every.progress.items() if at not in doubted}
                effects = {at: each for at, each in every.effects.items() if at not in doubted}
                unrun = {at: in_state(each, StatementState.ABSENT) for at, each in progress.items()}
                return progress, replace(every, progress=progress, effects=effects), unrun
        never_ran = not any(was_started(each) for each in self.order if each.state in HAVE_RUN)
        return *_progress(as_recorded, self.live, self.schema, self.answers, never_ran=never_ran), {}


def _may_lack(progress: Progress) -> bool:
    return any(each.state in (StatementState.ABSENT, StatementState.UNKNOWN) for each in progress.statements)


def _with_recorded_early(
    migrations: Sequence[MigrationStatus], comparison: Comparison, held: Expected, scripts: Scripts
) -> Followed:
    """Say of those that were only recorded how far they got, where a difference shows that they did not run."""
    early = recorded_early(held, comparison.differences, scripts)
    if not early.owners:
        return Followed(tuple(migrations), comparison)
    names = {subject: tuple(held.order[place].name for place in places) for subject, places in early.owners.items()}
    places = {held.order[place].name: place for place in early.progress}
    marked = tuple(
        replace(
            each,
            progress=early.progress[places[each.name]],
            settled=early.settled[places[each.name]],
            lacking=early.lacking[places[each.name]],
        )
        if each.name in places
        else each
        for each in migrations
    )
    return Followed(marked, replace(comparison, recorded_early=MappingProxyType(names)))


def _compared(expected: Schema, live: Schema, elsewhere: Sequence[Elsewhere]) -> Comparison:
    comparable = with_unknown_names(expected, live.objects)
    others = OfOthers(elsewhere)
    left_out = others.left_out(comparable, live)
    actual = without(live, left_out)
    found = compare(comparable, actual)
    return Comparison(
        comparable,
        actual,
        found.differences,
        MappingProxyType(dict(found.unsure)),
        left_out=left_out,
        made=others.made(comparable),
    )


def schema_of_release(release: Release, schema: str, not_read: Mapping[str, str] = NOTHING) -> Schema | Unavailable:
    """Give the schema that all of the *release*'s migrations make; unavailable where one cannot be parsed.

    In most runs `follow_through` needs the same schema, which is then kept.
    """
    try:
        return made_by(scripts_of(release, not_read), schema, NO_ANSWERS)
    except NotKnownError as error:
        return error.unavailable


def _progress(
    scripts: Sequence[Script], live: Schema, schema: str, answers: Answers, *, never_ran: bool
) -> tuple[Mapping[int, Progress], Progressed]:
    """Say how far each script in doubt got. *never_ran*: Prisma ran none of the others, it only recorded them."""
    recorded = max((place for place, script in enumerate(scripts, 1) if script.applied), default=0)
    # Without a history of what ran, the live schema itself shows how many did, and only the others are in doubt. A
    # person who records them one after the other gets the same answer each time.
    ran = fitting_prefix([script.statements for script in scripts], live, schema) if never_ran else 0
    if ran < max(recorded, 1):
        followed = follow(scripts, live, schema, answers, replayed)
        return followed.progress, followed
    there = [replace(each, applied=place < ran) for place, each in enumerate(scripts)]
    followed = follow(there, live, schema, answers)
    replay = Replay(schema, answers)
    whole = {place: _all_there(script.statements, replay) for place, script in enumerate(scripts[:ran])}
    in_doubt = {place: progress for place, progress in whole.items() if not scripts[place].applied}
    return {**in_doubt, **followed.progress}, followed


def _all_there(statements: Sequence[Statement], replay: Replay) -> Progress:
    """Give the progress of a script that ran as a whole, since the live schema is what it and those before it make.

    *replay* is in the state before the script, and afterwards in the state after it.
    """
    replay.start_session()
    return Progress(
        tuple(
            StatementProgress(
                statement.sql,
                statement.line,
                statement.start,
                statement.end,
                StatementState.PRESENT if _leaves_a_trace(statement, replay) else StatementState.NO_TRACE,
                "the schema is what the migrations up to this one make",
                parsed=unread(statement) is None,
            )
            for statement in statements
        ),
        prefixes=(len(statements),),
    )


def _leaves_a_trace(statement: Statement, replay: Replay) -> bool:
    """Run *statement* in *replay*, and say whether it changes the catalog: a block or a call may only change rows."""
    if statement.kind not in _PROGRAMS:
        replay.run(statement)
        return statement.kind not in TRACELESS
    replay.changes()
    replay.run(statement)
    return bool(replay.changes().objects)


def _unknown(status: MigrationStatus, because: Unavailable) -> MigrationStatus:
    return status if status.state in HAVE_RUN else replace(status, progress=because)


def _refined(status: MigrationStatus, progress: Progress | None) -> MigrationStatus:
    if progress is None:
        return status
    state = _REFINED.get((status.state, progress.effects), status.state)
    return replace(status, state=state, progress=progress)


def _script(status: MigrationStatus) -> bytes:
    if status.shipped is None or status.shipped.script is None:
        because = f"{status.name} was applied, but the release ships no migration.sql of it"
        raise NotKnownError(Unavailable(because, lasting=True))
    return status.shipped.script


def _scripts(
    order: Sequence[MigrationStatus], applied: Sequence[bool], scripts: Scripts
) -> Iterator[Sequence[Statement]]:
    in_doubt = False
    for status, is_applied in zip(order, applied, strict=True):
        in_doubt = in_doubt or not is_applied
        script = _script(status)
        not_read = scripts.not_read.get(status.name)
        yield scripts.known(status.name, script) if in_doubt else UnparsedScript(status.name, script, not_read)
