"""All scripts followed from the first in doubt to the last: what ran of it, and what the schema then is."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from shared.model.progress import Progress, StatementProgress, StatementState, Undo
from shared.model.schema import Schema, Subject
from shared.postgres.progress import undoing, verdicts
from shared.postgres.progress.clusters import Cluster, clusters
from shared.postgres.progress.evidence import Live
from shared.postgres.progress.ground import Ground
from shared.postgres.progress.steps import Script, Step, last_word, mentions, relevant, steps_of, words
from shared.postgres.progress.verdicts import Verdict
from shared.postgres.progress.worlds import Worlds, fitting_worlds
from shared.postgres.replay import Replay

_THERE = (StatementState.PRESENT, StatementState.INVALID)


@dataclass(frozen=True, slots=True)
class Followed:
    """*progress* of every script that is not applied, by its place in the order.

    *expected* is what the applied scripts make, and what is there of the others. What cannot be told of those is
    opaque in it: it is theirs, and no drift.
    """

    progress: Mapping[int, Progress]
    expected: Schema


def follow(scripts: Sequence[Script], live: Schema, schema: str = "public") -> Followed:
    """How far each script in doubt got, all of them together, judged by what *live* is in the end.

    *scripts* are in the order in which they ran, or would run; *schema* is the watched one.
    """
    first = next((number for number, script in enumerate(scripts) if not script.applied), len(scripts))
    replay = Replay(schema)
    for script in scripts[:first]:
        replay.run_all(script.statements)
    if first == len(scripts):
        return Followed({}, replay.freeze())
    return _Following(scripts, first, replay, live).followed()


class _Following:
    def __init__(self, scripts: Sequence[Script], first: int, replay: Replay, live: Schema) -> None:
        self._scripts = scripts
        self._first = first
        self._replay = replay
        self._ground = Ground(replay)
        self._steps = relevant(scripts, first)
        self._words: dict[int, frozenset[str]] = {}
        start = self._ground.mark()
        self._effects = [self._ground.run(step) for step in self._steps]
        self._ground.undo(start)
        opaque = dict(replay.freeze().opaque)
        for effect in self._effects:
            opaque |= effect.opaque
        self._live_schema = live
        self._live = Live(live, opaque)
        self._clusters = clusters(self._steps, self._effects)
        self._shared: dict[int, Worlds] = {}  # by position, for statements of clusters
        self._verdicts: dict[int, Verdict] = {}
        self._doubtful: dict[Subject, str] = {}

    def followed(self) -> Followed:
        self._try_clusters()
        self._decide()
        expected = self._replay.freeze()
        if self._doubtful:
            expected = Schema(expected.objects, MappingProxyType({**self._doubtful, **expected.opaque}))
        return Followed(dict(self._told()), expected)

    # Clusters

    def _try_clusters(self) -> None:
        """Find the worlds of every cluster, each tried where its first member stands, all others before it run."""
        begin: dict[int, list[Cluster]] = defaultdict(list)
        for cluster in self._clusters:
            if len(cluster.members) > 1 and any(self._steps[at].optional for at in cluster.members):
                begin[cluster.members[0]].append(cluster)
        mark = self._ground.mark()
        for at in range(max(begin, default=-1) + 1):
            for cluster in begin.get(at, ()):
                here = self._ground.mark()
                between = self._needed_between(cluster)
                worlds = fitting_worlds(self._ground, self._steps, self._effects, cluster, between, self._live)
                self._ground.undo(here)
                self._shared |= dict.fromkeys(cluster.members, worlds)
            self._ground.run(self._steps[at])
        self._ground.undo(mark)

    def _needed_between(self, cluster: Cluster) -> list[int]:
        """Positions of other statements between the members without which these could not run."""
        first, last = cluster.members[0], cluster.members[-1]
        made: dict[str, list[tuple[int, Subject]]] = defaultdict(list)
        for at in range(first + 1, last):
            for subject in self._effects[at].objects:
                made[last_word(subject)].append((at, subject))
        members = set(cluster.members)
        needed = {at for at in range(first, last) if self._steps[at].is_setting}
        waiting = list(cluster.members)
        while waiting:
            at = waiting.pop()
            found = self._words_of(at)
            for word in found & made.keys():
                for other, subject in made[word]:
                    if other < at and other not in members | needed and mentions(found, subject):
                        needed.add(other)
                        waiting.append(other)
        return sorted(needed - members)

    def _words_of(self, at: int) -> frozenset[str]:
        if at not in self._words:
            self._words[at] = words(self._steps[at].statement)
        return self._words[at]

    # Decisions, in order, on the ground of those before

    def _decide(self) -> None:
        positions = {(step.script, step.number): at for at, step in enumerate(self._steps) if step.optional}
        for number in range(self._first, len(self._scripts)):
            for step in steps_of(self._scripts[number], number):
                at = positions.get((step.script, step.number))
                if at is None:
                    self._ground.pass_by(step)
                else:
                    self._ground.look()
                    self._decide_one(at, step)

    def _decide_one(self, at: int, step: Step) -> None:
        usual = self._effects[at]
        mark = self._ground.mark()
        here = self._ground.attempt(step, usual)
        worlds = self._shared.get(at)
        if worlds is not None:
            verdict = verdicts.together(at, step, usual, worlds, self._live)
            chosen = worlds.fitting[0] if worlds.fitting else None
            kept = chosen is None or at in chosen.ran or at in chosen.idle
        else:
            verdict = verdicts.alone(step, usual, self._live)
            if here is not None and here.objects != usual.objects:
                verdict = verdicts.either(verdict, verdicts.alone(step, here, self._live))
            kept = verdict.state is not StatementState.ABSENT
        self._verdicts[at] = verdict
        if not kept:
            self._ground.undo(mark)
        if verdict.state is StatementState.CANNOT_TELL or (here is None and verdict.state in _THERE):
            because = f"line {step.statement.line} of a script that is not applied: {verdict.because}"
            self._doubtful |= dict.fromkeys(usual.objects, because)

    # What is told

    def _told(self) -> Iterator[tuple[int, Progress]]:
        undos = dict(self._undos())
        for number in range(self._first, len(self._scripts)):
            if self._scripts[number].applied:
                continue
            positions = {step.number: at for at, step in enumerate(self._steps) if step.script == number}
            statements = tuple(
                self._statement(self._steps[at], self._verdicts.get(at), undos.get(at)) for at in positions.values()
            )
            yield number, Progress(statements, self._prefixes(positions))

    @staticmethod
    def _statement(step: Step, verdict: Verdict | None, undo: Undo | None) -> StatementProgress:
        statement = step.statement
        known = verdict or Verdict(StatementState.NO_TRACE, "a setting of the session")
        return StatementProgress(
            statement.sql, statement.line, statement.start, statement.end, known.state, known.because, undo
        )

    def _prefixes(self, positions: Mapping[int, int]) -> tuple[int, ...]:
        states, together = [], []
        for number, at in positions.items():
            if at in self._verdicts and at not in self._shared:
                states.append((number, self._verdicts[at].state))
        numbers = {at: number for number, at in positions.items()}
        for cluster in self._clusters:
            members = [(at, numbers[at]) for at in cluster.members if at in numbers and self._runs_in_order(at)]
            if members and cluster.members[0] in self._shared:
                together.append((members, self._shared[cluster.members[0]].fitting))
        return verdicts.prefixes(len(positions), states, together)

    def _runs_in_order(self, at: int) -> bool:
        return self._steps[at].optional and self._effects[at].refusal is None

    def _undos(self) -> Iterator[tuple[int, Undo]]:
        there = [at for at, verdict in self._verdicts.items() if verdict.state in _THERE]
        touched: dict[Subject, int] = defaultdict(int)
        for at, effect in enumerate(self._effects):
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
