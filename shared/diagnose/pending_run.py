"""A pending run followed statement by statement, in the order in which `prisma migrate deploy` runs it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from ..model.clients import ClientEffect
from ..model.disk import DiskNeed, DiskUse
from ..model.plan import Blocks, Effects, Outcome, PlannedStatement, Prediction, Relation, Sizes
from ..model.production_facts import NullFractions
from ..model.schema import RELATIONS, Kind
from ..model.session_limits import SessionLimits
from ..model.value import dataclass, replace
from ..model.ways_back import WayBack
from ..postgres.parse import UNREAD, Statement
from ..postgres.plan.disk import DiskOfRun
from ..postgres.plan.durations import UNKNOWN_PACE, Estimate, Pace, held
from ..postgres.plan.effects import blocks, made, predict
from ..postgres.plan.failures import added_value, unreadable
from ..postgres.plan.following_rows import follow
from ..postgres.plan.following_schema import apply_to
from ..postgres.plan.footprint import Circumstances
from ..postgres.plan.grants import grants
from ..postgres.plan.passed import Passed
from ..postgres.plan.present import Present, relations_of
from ..postgres.plan.safer.parts import Way
from ..postgres.plan.safer.ways import way
from ..postgres.plan.sizes_of_run import SizesOfRun
from ..postgres.plan.work import work_of
from ..postgres.progress.ground import Effect, run
from ..postgres.replay import Replay
from ..prisma.execution import Execution, Version, execution
from .clients import ClientOfRun, KnownSchema
from .impact import Changes, Lacking
from .null_fractions import FractionsOfRun
from .safer import Advice, safer
from .session_limits import LimitsOfRun
from .session_of_run import SessionOfRun
from .transactions import Transaction, spans

_RENAMED = frozenset({*RELATIONS, Kind.INDEX, Kind.SEQUENCE})
# They may put rows into any table.
_MAY_FILL = frozenset({"CallStmt", "DoStmt", "ExecuteStmt", "SelectStmt", UNREAD})


@dataclass(frozen=True, slots=True)
class Tools:
    """The server's major version, and Prisma's version (None: not known, so that the way a file runs may be open).

    *may_run_twice*: more than one process may run the deployment at the same time.
    *sizes* are those of the live tables; without them nothing is said of durations. *pace* is what this server showed.
    *max_block*, in seconds: what blocks longer gets its safer way. *client* is the schema that the client of the
    running release knows; None where it is not known, so that the client may use all that is there. *role* is the one
    that deploys; None where that is not known. *limits* are those of its sessions. *preloaded* are the
    libraries that Azure says the server has loaded. *null_fractions* are said where no
    row can be asked.
    """

    postgres: int
    prisma: Version | None = None
    may_run_twice: bool = False
    sizes: Sizes | None = None
    pace: Pace = field(default_factory=lambda: UNKNOWN_PACE)
    max_block: float = 5.0
    client: KnownSchema | None = None
    role: str | None = None
    limits: SessionLimits = SessionLimits()
    preloaded: frozenset[str] | None = None
    null_fractions: NullFractions = field(default_factory=dict)


class PendingRun:
    """The state of the pending run: the schema, which relations it made, and which of them have no rows.

    *replay* is at the state that *before* describes, and follows the scripts that come without their effects.
    """

    def __init__(self, replay: Replay, before: Present, tools: Tools) -> None:
        self._replay = replay
        self._tools = tools
        self._known = before.known
        self._made: set[Relation] = set()
        self._empty: set[Relation] = set()
        self._vague = set(before.vague)
        self._passed = Passed()
        self._transaction = Transaction(Execution.SPLIT)
        self._ran_before = False
        self._ways: list[Way | None] = []
        self._sizes = SizesOfRun(tools.sizes or {})
        self._estimate = Estimate(self._sizes, tools.pace) if tools.sizes is not None else None
        self._disk = DiskOfRun(self._sizes) if tools.sizes is not None else None
        self._client = ClientOfRun(tools.client, before.known)
        self._all: list[PlannedStatement] = []
        self._lacking = Lacking()
        self._limits = LimitsOfRun(tools.limits)
        self._session = SessionOfRun(tools.limits, replay)
        self._fractions = FractionsOfRun(tools.null_fractions)

    def plan(
        self,
        migration: str,
        statements: Sequence[Statement],
        effects: Sequence[Effect] | None = None,
        *,
        ran_before: bool = False,
    ) -> list[PlannedStatement]:
        """Predict every statement of the script of *migration*, which comes after all that were planned before.

        *effects* are those of *statements* where they were followed before, and then of all scripts of the run.
        *ran_before*: those that change rows may have run already, by hand.
        """
        runs = execution((each.tree for each in statements), self._tools.prisma)
        self._transaction = Transaction(runs)
        self._ran_before = ran_before
        self._ways.clear()
        self._known.hidden.clear()
        last = statements[-1].line if statements else 0
        followed = self._followed(statements) if effects is None or self._session.path is not None else effects
        planned = [
            self._planned(migration, statement, changed, last)
            for statement, changed in zip(statements, followed, strict=True)
        ]
        if runs is Execution.BATCH:
            planned = self._as_one_message(statements, planned)
        together = spans(statements, runs)
        if self._disk is not None:
            self._disk.end_file([each.disk for each in planned], together)
        if self._estimate is not None:
            durations = held([each.took for each in planned], together)
            planned = [replace(each, held=found) for each, found in zip(planned, durations, strict=True)]
        planned = self._session.began(self._limits.of_file(statements, planned, together, runs))
        self._client.end_file(together)
        planned = safer(statements, planned, self._ways, together, Advice(self._tools.prisma, self._tools.max_block))
        self._all += planned
        return planned

    def _as_one_message(
        self, statements: Sequence[Statement], planned: Sequence[PlannedStatement]
    ) -> list[PlannedStatement]:
        """The server reads all that is sent at once before it runs any of it."""
        postgres = self._tools.postgres
        unread = next((place for place, each in enumerate(statements) if unreadable(each, postgres) is not None), 0)
        if unread == 0:
            return [*planned]
        because = f"it does not run: PostgreSQL {postgres} cannot read line {statements[unread].line} of the same file"
        spared = Prediction(Outcome.OK, Effects(), because=(because,))
        before = [
            replace(each, prediction=spared, blocks=Blocks.NONE, took=None, disk=each.disk and DiskUse())
            for each in planned[:unread]
        ]
        return [*before, *planned[unread:]]

    def with_clients(self) -> tuple[PlannedStatement, ...]:
        """All that was planned, with what a running client suffers: a later statement may end what an earlier began."""
        return self._client.with_clients(self._all)

    def way_back(self) -> WayBack:
        """Whether the running client, which runs today on the schema before the run, still runs after it."""
        return self._client.way_back()

    def disk(self) -> DiskNeed | None:
        """What all that was planned needs of the disk; None where no size is known."""
        return self._disk.need if self._disk is not None else None

    def lacking(self) -> Mapping[str, tuple[ClientEffect, ...]]:
        """What a running client suffers while a migration has not run, by its name.

        It is the end of the run: nothing can be planned behind it.
        """
        return self._lacking.suffered(self._client.at_the_end())

    @property
    def changes(self) -> Mapping[str, Changes]:
        """What each migration changes, by its name, in the order of the run."""
        return self._lacking.changes

    def _followed(self, statements: Iterable[Statement]) -> Iterator[Effect]:
        self._replay.start_session(self._session.path)
        self._replay.changes()
        return (run(self._replay, statement) for statement in statements)

    def _planned(self, migration: str, statement: Statement, changed: Effect, last_line: int) -> PlannedStatement:
        self._transaction.enter(statement)
        self._known.search_path = changed.search_path
        circumstances = Circumstances(
            self._tools.postgres,
            self._session.time_zone(changed),
            self._transaction.in_block,
            self._transaction.new_values,
            self._empty,
            self._vague,
            self._tools.may_run_twice,
            self._passed,
            role=self._tools.role,
            preloaded=self._tools.preloaded,
        )
        prediction = self._asked_of(predict(statement, self._known, changed, circumstances))
        prediction = self._fractions.said(statement, prediction, self._known)
        blocked = blocks(prediction.effects, self._is_new)
        if blocked is not Blocks.NONE and last_line > statement.line:
            prediction = self._held(prediction, last_line)
        took = disk = None
        if self._estimate is not None and self._disk is not None:
            tasks = work_of(statement, prediction.effects, self._known)
            took = self._estimate.took(tasks, self._known)
            disk = self._disk.use(statement, tasks, prediction.effects, self._known, changed.objects)
        self._sizes.follow(statement, prediction.effects, self._known, changed.objects)
        found = None
        if not self._is_empty(prediction):
            found = way(statement, prediction, self._known, changed.objects, self._tools.postgres)
        self._ways.append(found)
        given = () if changed.refusal is not None else tuple(grants(statement, self._known))
        self._client.follow(migration, changed, given)
        self._lacking.take_in(migration, statement, changed, given)
        by_setting = self._session.does(statement, self._known, changed)
        self._passed.left.clear()
        self._fractions.follow(changed)
        self._follow(statement, changed)
        changes = frozenset(self._passed.left)
        if by_setting:
            because = (*prediction.because, *(each.does for each in by_setting))
            prediction = replace(prediction, because=because)
        return PlannedStatement(
            migration,
            statement.line,
            statement.sql,
            prediction,
            blocked,
            took,
            changes=changes,
            by_setting=by_setting,
            disk=disk,
        )

    def _asked_of(self, prediction: Prediction) -> Prediction:
        """Name the tables whose rows its conditions take as the run has left them."""
        if not prediction.conditions:
            return prediction
        conditions = tuple(
            replace(each, changed=self._passed.changed({*each.probe.tables, *prediction.effects.locks}))
            if each.probe is not None
            else each
            for each in prediction.conditions
        )
        return replace(prediction, conditions=conditions)

    def _is_empty(self, prediction: Prediction) -> bool:
        """Say whether all tables that it locks certainly have no rows: then nothing is blocked for long."""
        sizes = self._tools.sizes or {}
        locked = [each for each in prediction.effects.locks if self._known.has_storage(each)]
        return bool(locked) and all(each in sizes and sizes[each].bytes == 0 for each in locked)

    def _is_new(self, relation: Relation) -> bool:
        return relation in self._made or self._known.table_of(relation) in self._made

    def _held(self, prediction: Prediction, last_line: int) -> Prediction:
        """Say that the lock outlasts the statement: it is held to the end of its transaction."""
        if self._transaction.in_block is None:
            held = f"its locks are held to line {last_line} if Prisma runs the file as one batch (before 7.4)"
        elif self._transaction.in_block:
            held = f"its locks are held to the end of the transaction (the file runs to line {last_line})"
        else:
            return prediction
        return replace(prediction, because=(*prediction.because, held))

    def _follow(self, statement: Statement, changed: Effect) -> None:
        added = added_value(statement, self._known, changed.objects)
        if added is not None and not self._transaction.made_type(added[0]):
            self._transaction.new_values.add(added)
        if statement.kind == "CreateEnumStmt":
            self._transaction.types |= {".".join(subject.name) for subject in changed.objects}
        target = statement.node.get("relation")
        if statement.kind in _MAY_FILL:
            self._empty.clear()
        elif statement.kind in ("InsertStmt", "CopyStmt", "MergeStmt") and isinstance(target, dict):
            filled = self._known.find(target)
            self._empty -= set(self._known.family(filled)) if filled is not None else set()
        new = made(changed, statement.kind)
        if statement.kind == "RenameStmt":
            new = self._renamed(changed)
        self._made |= new
        if statement.kind == "CreateStmt":
            self._empty |= new
        self._vague |= relations_of((*changed.opaque, *changed.doubts))
        follow(self._passed, statement, self._known, changed.objects, self._vague, ran_before=self._ran_before)
        apply_to(self._known, statement, {**changed.objects, **changed.uncompared})

    def _renamed(self, changed: Effect) -> set[Relation]:
        """The new name of a relation that the run made."""
        relations = [each for each in changed.objects.items() if each[0].kind in _RENAMED]
        gone = {(subject.name[0], subject.name[1]) for subject, (_, now) in relations if now is None}
        new = {(subject.name[0], subject.name[1]) for subject, (was, _) in relations if was is None}
        if not gone & self._made:
            return set()
        self._made -= gone
        if gone & self._empty:
            self._empty = self._empty - gone | new
        return new
