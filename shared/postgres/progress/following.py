"""All scripts followed from the first in doubt to the last: what ran of it, and what the schema then is."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import field
from functools import partial
from types import MappingProxyType
from typing import Protocol

from ...model.progress import THERE, Progress, StatementProgress, StatementState, Undo
from ...model.question import NO_ANSWERS, Answers
from ...model.schema import Schema, Subject
from ...model.value import dataclass, replace
from ..parse import Statement, unread
from ..replay import Replay
from ..unknown_names import with_unknown_names
from . import undoing, verdicts
from .as_before import without_trace
from .evidence import Live
from .for_a_while import with_removals
from .ground import Effect, Ground, refused
from .replacing import Replacing
from .session_objects import names_of_session
from .solving import solve
from .steps import Script, Step, relevant, steps_of
from .verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Followed:
    """*progress* of every script that is not applied, by its place in the order.

    *expected* is what the applied scripts make, and what exists of the others. What is unknown of those is
    opaque in it: it belongs to them and is no drift. *effects* are what the statements of each script in doubt
    change where all before them ran; *live* is the live schema as it was asked.
    """

    progress: Mapping[int, Progress]
    expected: Schema
    effects: Mapping[int, tuple[Effect, ...]] = field(default_factory=dict)
    live: Live | None = None


class ReplaySource(Protocol):
    """Gives a replay in which *scripts* have run, in a watched *schema*, with the server's *answers*."""

    def __call__(
        self, scripts: Sequence[Sequence[Statement]], schema: str, answers: Answers
    ) -> AbstractContextManager[Replay]: ...


@contextmanager
def _new(scripts: Sequence[Sequence[Statement]], schema: str, answers: Answers) -> Iterator[Replay]:
    replay = Replay(schema, answers)
    for script in scripts:
        replay.run_all(script)
    yield replay


def follow(
    scripts: Sequence[Script],
    live: Schema,
    schema: str = "public",
    answers: Answers = NO_ANSWERS,
    lent: ReplaySource = _new,
) -> Followed:
    """How far each script in doubt got, all of them together, by what *live* is in the end.

    *scripts* are in the order in which they ran, or would run; *schema* is the watched one, *answers* are the server's
    to the questions of an earlier call. *lent* may have a replay of what is applied from an earlier one. One that was
    not begun explains nothing of the others, unless some of it shows, or of a later one.
    """
    found = _followed_apart(scripts, live, partial(lent, schema=schema, answers=answers))
    return replace(
        found, progress={at: _of_script(scripts[at], at, each, found) for at, each in found.progress.items()}
    )


def _of_script(script: Script, at: int, progress: Progress, found: Followed) -> Progress:
    """The *progress* of the *script* at place *at*, with what its statements together say."""
    if at not in found.effects or found.live is None:
        return progress
    if not script.begun:
        progress = without_trace(progress, script.statements, found.effects[at])
    return with_removals(progress, script.statements, found.effects[at], found.live)


def _followed_apart(
    scripts: Sequence[Script],
    live: Schema,
    replayed: Callable[[Sequence[Sequence[Statement]]], AbstractContextManager[Replay]],
) -> Followed:
    unbegun = {number for number, script in enumerate(scripts) if not (script.applied or script.begun)}
    together = _followed(scripts, live, replayed, unbegun)
    while showing := {number for number in unbegun if _shows(together.progress[number])}:
        # Who ran a later one may have run it, too.
        unbegun -= {*range(max(showing)), *showing}
        together = _followed(scripts, live, replayed, unbegun)
    doubtful = any(each.state is StatementState.UNKNOWN for n in unbegun for each in together.progress[n].statements)
    if not unbegun or not (doubtful or unbegun < together.progress.keys()):
        return together
    # What may be foreseen of scripts that did not run does not exist.
    places = [number for number in range(len(scripts)) if number not in unbegun]
    alone = _followed([scripts[number] for number in places], live, replayed)
    progress = {**together.progress, **{places[number]: each for number, each in alone.progress.items()}}
    return replace(together, progress=progress, expected=_with_doubts_of(together.expected, alone.expected))


def _followed(
    scripts: Sequence[Script],
    live: Schema,
    replayed: Callable[[Sequence[Sequence[Statement]]], AbstractContextManager[Replay]],
    unbegun: Collection[int] = (),
) -> Followed:
    first = next((number for number, script in enumerate(scripts) if not script.applied), len(scripts))
    with replayed([script.statements for script in scripts[:first]]) as replay:
        if first == len(scripts):
            return Followed({}, replay.freeze())
        return _Following(scripts, first, replay, live, unbegun).followed()


def _shows(progress: Progress) -> bool:
    return any(each.state in THERE for each in progress.statements)


def _with_doubts_of(together: Schema, alone: Schema) -> Schema:
    """The schema *alone*, with what is unknown of scripts that did not run, as far as they name it."""
    unapplied = together.unapplied - alone.objects.keys()
    opaque = {**{each: together.opaque[each] for each in unapplied}, **alone.opaque}
    return replace(alone, opaque=MappingProxyType(opaque), unapplied=alone.unapplied | unapplied)


class _Following:
    def __init__(
        self, scripts: Sequence[Script], first: int, replay: Replay, live: Schema, unbegun: Collection[int]
    ) -> None:
        self._scripts = scripts
        self._first = first
        self._replay = replay
        self._ground = Ground(replay)
        self._steps = relevant(scripts, first)
        self._start = self._ground.mark()
        schema = replay.freeze()
        self._marks = [self._start]  # before each step, and after the last
        self._effects: dict[int, Effect] = {}
        for at, step in enumerate(self._steps):
            self._effects[at] = self._ground.run(step)
            self._marks.append(self._ground.mark())
        before = with_unknown_names(schema, live.objects, *self._effects_on())
        opaque, doubts = dict(before.opaque), dict(before.doubts)
        for effect in self._effects.values():
            doubts |= effect.doubts
            # What a statement did not find because one in doubt had dropped it is no riddle.
            known = effect.refusal is not None
            opaque |= {each: why for each, why in effect.opaque.items() if not (known and each in schema.objects)}
        self._live_schema = live
        self._live = Live(live, opaque, doubts)
        never_begun = frozenset(at for at, step in enumerate(self._steps) if step.script in unbegun)
        self._solution = solve(self._ground, self._start, self._steps, self._effects, self._live, unbegun=never_begun)
        # All steps have run on the ground as far as they are decided, and those after them, too.
        self._is_in_order = not self._solution.tried
        self._verdicts: dict[int, Verdict] = {}
        self._doubtful: dict[Subject, str] = {}

    def _effects_on(self) -> Iterator[Iterable[Subject]]:
        return (effect.objects for effect in self._effects.values())

    def followed(self) -> Followed:
        self._decide()
        expected = self._replay.freeze()
        if self._doubtful:
            opaque = MappingProxyType({**self._doubtful, **expected.opaque})
            unapplied = frozenset(self._doubtful.keys() - expected.opaque.keys())
            expected = replace(expected, opaque=opaque, unapplied=unapplied)
        return Followed(dict(self._listed()), expected, self._effects_by_script(), self._live)

    def _effects_by_script(self) -> dict[int, tuple[Effect, ...]]:
        found: dict[int, list[Effect]] = defaultdict(list)
        for at, step in enumerate(self._steps):
            if not self._scripts[step.script].applied:
                found[step.script].append(self._effects[at])
        return {script: tuple(effects) for script, effects in found.items()}

    # Decisions, in order, on the ground of those before

    def _decide(self) -> None:
        places = {(step.script, step.number): at for at, step in enumerate(self._steps)}
        decided = 0
        for number in range(self._first, len(self._scripts)):
            for step in steps_of(self._scripts[number], number):
                at = places.get((step.script, step.number))
                if at is None or not (step.optional or self._is_in_order):
                    self._go_back(decided)
                    self._ground.pass_by(step)
                elif step.optional:
                    self._ground.look()
                    self._decide_one(at, step)
                decided += at is not None

    def _go_back(self, at: int) -> None:
        """Undo the step *at* and those after it, where all have run in order."""
        if self._is_in_order:
            self._ground.undo(self._marks[at])
            self._is_in_order = False

    def _decide_one(self, at: int, step: Step) -> None:
        usual = self._effects[at]
        is_alone = self._is_alone(at)
        is_lacking = is_absent_anyhow = False
        if is_alone:
            evidence = verdicts.evidence_of(usual, self._live)
            verdict = verdicts.alone(step, usual, self._live, evidence)
            kept = verdict.state is not StatementState.ABSENT
            is_absent_anyhow = not kept and verdicts.is_absent_anyhow(step, evidence)
        else:
            verdict, kept = self._foreseen(at, step, usual)
        if not (kept and self._is_in_order) or refused(step.statement, usual):
            self._go_back(at)
            # What did not run is run here only to see whether it would show as something else where others are missing.
            if kept or (is_alone and not is_absent_anyhow):
                mark = self._ground.mark()
                here = self._ground.attempt(step, usual)
                if is_alone and here is not None and here.objects != usual.objects:
                    verdict = verdicts.either(verdict, self._alone(step, here))
                    kept = verdict.state is not StatementState.ABSENT
                if not kept:
                    self._ground.undo(mark)
                is_lacking = here is None
        self._verdicts[at] = verdict
        if verdict.state is StatementState.UNKNOWN or (is_lacking and verdict.state in THERE):
            because = f"line {step.statement.line} of a script that is not applied: {verdict.because}"
            self._doubtful |= dict.fromkeys(usual.objects, because)

    def _alone(self, step: Step, effect: Effect) -> Verdict:
        return verdicts.alone(step, effect, self._live, verdicts.evidence_of(effect, self._live))

    def _is_alone(self, at: int) -> bool:
        solution = self._solution
        return at not in solution.candidates and at not in solution.dependent and at not in solution.transient

    def _foreseen(self, at: int, step: Step, usual: Effect) -> tuple[Verdict, bool]:
        """The verdict on a statement that is not alone, by what it does where all before it ran.

        With it, whether its work is to be kept.
        """
        candidates = self._solution.candidates.get(at)
        if candidates is not None:
            verdict = verdicts.together(
                step, usual, self._live, at=at, candidates=candidates, own=self._solution.own[at]
            )
            chosen = candidates.fitting[0] if candidates.fitting else None
            return verdict, chosen is None or at in chosen.ran or at in chosen.idle
        if (dependent := self._solution.dependent.get(at)) is not None:
            verdict = verdicts.dependent(step, usual, dependent, self._live)
        else:
            verdict = verdicts.TRANSIENT
        return verdict, verdict.state is not StatementState.ABSENT

    # What is known

    def _listed(self) -> Iterator[tuple[int, Progress]]:
        undos = dict(self._undos())
        replacing = Replacing(self._steps, self._effects, self._live, self._ground, self._start)
        decided = replacing.due(self._with_superseded())
        positions: dict[int, dict[int, int]] = defaultdict(dict)
        for at, step in enumerate(self._steps):
            positions[step.script][step.number] = at
        for number in range(self._first, len(self._scripts)):
            if self._scripts[number].applied:
                continue
            numbered = positions[number]
            of_session = names_of_session(self._scripts[number].statements)
            statements = tuple(
                replace(
                    self._statement(self._steps[at], decided.get(at), undos.get(at)),
                    of_session=of_session.get(place, frozenset()),
                )
                for place, at in numbered.items()
            )
            yield number, Progress(statements, self._prefixes(numbered))

    def _with_superseded(self) -> dict[int, Verdict]:
        """The verdicts. One is superseded only by what has run: what is missing after it may need it."""
        return {at: self._superseded_by_its_cluster(at, verdict) for at, verdict in self._verdicts.items()}

    def _superseded_by_its_cluster(self, at: int, verdict: Verdict) -> Verdict:
        if verdict.state in THERE or not verdict.superseded:
            return verdict
        later = {self._verdicts[each].state for each in self._solution.members.get(at, ()) if each > at}
        replaced = StatementState.PRESENT in later and later <= {StatementState.PRESENT, StatementState.NO_TRACE}
        return replace(verdict, superseded=replaced)

    @staticmethod
    def _statement(step: Step, verdict: Verdict | None, undo: Undo | None) -> StatementProgress:
        statement = step.statement
        known = verdict or Verdict(StatementState.NO_TRACE, "a setting of the session")
        return StatementProgress(
            statement.sql,
            statement.line,
            statement.start,
            statement.end,
            known.state,
            known.because,
            undo,
            superseded=known.superseded,
            parsed=unread(statement) is None,
            part=known.part,
            person=known.person,
        )

    def _prefixes(self, positions: Mapping[int, int]) -> tuple[int, ...]:
        numbers = {at: number for number, at in positions.items()}
        candidates = self._solution.candidates
        states = [
            (number, self._verdicts[at].state)
            for number, at in positions.items()
            if at in self._verdicts and at not in candidates
        ]
        # A cluster's members are one and the same tuple.
        clusters = {id(members): (at, members) for at, members in self._solution.members.items() if at in numbers}
        together = [
            (
                [(each, numbers[each]) for each in members if each in numbers and self._runs_in_order(each)],
                candidates[at],
            )
            for at, members in clusters.values()
        ]
        return verdicts.prefixes(len(positions), states, together)

    def _runs_in_order(self, at: int) -> bool:
        return self._steps[at].optional and self._effects[at].refusal is None

    def _undos(self) -> Iterator[tuple[int, Undo]]:
        there = {at for at, verdict in self._verdicts.items() if verdict.state in THERE}
        touched: dict[Subject, int] = defaultdict(int)
        for at, effect in self._effects.items():
            if at in there or at not in self._verdicts:
                for subject in effect.objects:
                    touched[subject] += 1
        made = {subject for at in there for subject in self._effects[at].objects}
        dependents = undoing.hanging_on(made, self._live_schema)
        undone: set[Subject] = set()
        script = -1
        for at in sorted(there, reverse=True):
            step, effect = self._steps[at], self._effects[at]
            if step.script != script:
                script, undone = step.script, set()
            if any(touched[subject] > 1 for subject in effect.objects):
                continue
            found = undoing.undo(step, effect, self._live, dependents, undone)
            if found is not None:
                undone |= effect.objects.keys()
                yield at, found
