"""Migrations that `migrate resolve --applied` recorded although not all of them had run.

The history calls them applied. Where the schema differs in what such a file makes, its statements are followed as if
the history did not know it. What is missing of it is to be run on this database alone: every other one has it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import field

from ..model.diagnosis import MigrationStatus
from ..model.difference import Change, Difference
from ..model.progress import Progress, StatementState
from ..model.question import Answers
from ..model.schema import Schema, Subject
from ..model.value import dataclass
from ..postgres.difference import differences
from ..postgres.idempotent import only_sets
from ..postgres.parse import Statement, read
from ..postgres.progress import Script, follow
from ..postgres.progress.evidence import containers
from ..postgres.progress.ground import Effect
from ..postgres.progress.steps import ByWords, steps_of, words
from ..postgres.renamed import Renamed, relation_renamed, under_new_names
from ..postgres.unknown_names import with_unknown_names
from ..prisma.checksum import matches
from .order import HAVE_RUN, was_started
from .replays import Resumed, replayed
from .scripts import Scripts

_MISSING = frozenset({Change.MISSING, Change.CHANGED})
# The statements of a script by their numbers.
_Numbers = Mapping[int, frozenset[int]]
_Effects = Mapping[int, Sequence[Effect]]


@dataclass(frozen=True, slots=True)
class RecordedEarly:
    """By place: the *progress* of files recorded too early, and the numbers of statements *lacking*, and *settled*.

    What is lacking is to be run; what is settled has a finding of its own. *owners* are the places of the files whose
    missing statements make a difference vanish, and of those that these need, by the difference's subject.
    """

    progress: Mapping[int, Progress] = field(default_factory=dict)
    lacking: _Numbers = field(default_factory=dict)
    settled: _Numbers = field(default_factory=dict)
    owners: Mapping[Subject, tuple[int, ...]] = field(default_factory=dict)


_NOTHING = RecordedEarly()


@dataclass(frozen=True, slots=True)
class Expected:
    """The *schema* of the database that the migrations in *order* make, their *scripts* followed in *live*."""

    order: Sequence[MigrationStatus]
    scripts: Sequence[Script]
    made: Schema
    live: Schema
    schema: str
    answers: Answers


def recorded_early(expected: Expected, found: Sequence[Difference], scripts: Scripts) -> RecordedEarly:
    """Say which migrations were recorded too early; nothing where none of the differences *found* needs that."""
    recorded = [place for place, status in enumerate(expected.order) if is_only_recorded(status)]
    has_failed = any(expected.order[place].failed_before is not None for place in recorded)
    if not recorded or not (has_failed or any(difference.change in _MISSING for difference in found)):
        return _NOTHING
    first = [each.statements for each in expected.scripts[: recorded[0]]]
    with replayed(first, expected.schema, expected.answers) as replay:
        return _Early(expected, found, scripts, Resumed(replay, recorded[0])).among(recorded)


def is_only_recorded(status: MigrationStatus) -> bool:
    """Say whether the history calls it applied, and Prisma never ran it; the file is the one that was recorded."""
    row, shipped = status.row, status.shipped
    if row is None or row.finished_at is None or shipped is None or shipped.script is None:
        return False
    return status.state in HAVE_RUN and not was_started(status) and matches(shipped.script, row.checksum)


@dataclass(frozen=True, slots=True)
class _Early:
    expected: Expected
    found: Sequence[Difference]
    read: Scripts
    resumed: Resumed

    def among(self, recorded: Sequence[int]) -> RecordedEarly:
        scripts, expected = self.expected.scripts, self.expected
        every = [each.statements for each in scripts]
        suspects = self.resumed.makers_among(every, recorded, set(_objects(self.found)))
        if not suspects:
            return _NOTHING
        doubted = [
            Script(self._statements(place), applied=False) if place in suspects else script
            for place, script in enumerate(scripts)
        ]
        followed = follow(doubted, expected.live, expected.schema, expected.answers, self.resumed)
        progress = {place: followed.progress[place] for place in suspects}
        absent = {place: self._absent(place, each, followed.effects[place]) for place, each in progress.items()}
        missing, owned = self._owned(absent, followed.effects)
        early = [place for place, numbers in missing.items() if numbers]
        # What a statement was to remove may have been made by hand since, unless an attempt to run it has failed.
        has_failed = any(self.expected.order[place].failed_before is not None for place in early)
        if not (has_failed or any(difference.change in _MISSING for difference in owned)):
            return _NOTHING
        reported = set(_objects(each for each in self.found if each not in owned))
        return RecordedEarly(
            {place: progress[place] for place in early},
            {place: missing[place] for place in early},
            {
                place: _settled(progress[place], followed.effects[place], absent[place] - missing[place], reported)
                for place in early
            },
            dict(self._owners(owned, missing, followed.effects)),
        )

    def _absent(self, place: int, progress: Progress, effects: Sequence[Effect]) -> frozenset[int]:
        """What has not run, and what shows nothing and belongs to that.

        It works on nothing but that, or names what that makes: VALIDATE of a constraint that is missing, a policy of a
        table, a trigger of a function. Or it sets what that needs or changes, and may be set again: an enum's DROP
        DEFAULT and SET DEFAULT.
        """
        absent = in_state(progress, StatementState.ABSENT)
        of_absent = {subject for number in absent for subject in effects[number].objects}
        statements = self._statements(place)
        found: set[int] = set()
        changed: set[Subject] = set()
        made: ByWords[None] = ByWords()
        for number in sorted(absent | in_state(progress, StatementState.NO_TRACE)):
            objects, statement = effects[number].objects, statements[number]
            belongs = (
                objects.keys() <= changed
                or any(made.mentioned(words(statement)))
                or (only_sets(statement) and not of_absent.isdisjoint(objects))
            )
            if number in absent or (objects and belongs):
                found.add(number)
                changed |= objects.keys()
                for subject, (before, _) in objects.items():
                    if before is None:
                        made.add(subject, None)
        return frozenset(found)

    def _statements(self, place: int) -> Sequence[Statement]:
        status = self.expected.order[place]
        assert status.shipped is not None and status.shipped.script is not None  # noqa: S101, PT018  # it was recorded by it
        return self.read.known(status.name, status.shipped.script)

    def _owned(self, absent: _Numbers, effects: _Effects) -> tuple[_Numbers, list[Difference]]:
        """The statements of *absent* that are to be run now, and the differences that this ends.

        Left out are those that would fail now, or make something else than they would have made in their place, and
        those that bear on a difference that stays.
        """
        made, live = self.expected.made, self.expected.live
        missing = absent
        while any(missing.values()):
            without = self._made_by(self._scripts_without(missing))
            left = differences(with_unknown_names(without, live.objects), live)
            stays = set(_objects(left))
            owned = [each for each in self.found if stays.isdisjoint(_objects([each]))]
            amiss = set(_objects(each for each in left if _key(each) not in {_key(other) for other in self.found}))
            now = self._run_now(missing)
            amiss |= set(_objects(differences(now, made))) | (now.opaque.keys() ^ made.opaque.keys())
            others = {*amiss, *_objects(each for each in self.found if each not in owned)}
            others |= {holder for subject in amiss for holder in containers(subject)}
            kept = {
                place: frozenset(number for number in numbers if others.isdisjoint(effects[place][number].objects))
                for place, numbers in missing.items()
            }
            if kept == missing and amiss:
                # What is refused now makes nothing under the name that its object has got since.
                kept = {place: missing[place] & each.keys() for place, each in self._changed_now(missing).items()}
            if kept == missing:
                return ({}, []) if amiss else (missing, owned)
            missing = kept
        return {}, []

    def _run_now(self, missing: _Numbers) -> Schema:
        late = (Script([each for _, each in statements]) for _, statements in self._late(missing))
        return self._made_by([*self._scripts_without(missing), *late])

    def _changed_now(self, missing: _Numbers) -> Mapping[int, Mapping[int, Set[Subject]]]:
        """What each of the *missing* statements changes that runs now; left out are those that change nothing then."""
        ran = [each.statements if each.applied else () for each in self._scripts_without(missing)]
        found: dict[int, dict[int, Set[Subject]]] = {place: {} for place in missing}
        with self.resumed(ran, self.expected.schema, self.expected.answers) as replay:
            for place, late in self._late(missing):
                replay.start_session()
                replay.changes()
                for number, statement in late:
                    refusal, changed = replay.run(statement), replay.changes().objects.keys()
                    if refusal is None and changed:
                        found[place][number] = changed
        return found

    def _late(self, missing: _Numbers) -> Iterator[tuple[int, Sequence[tuple[int, Statement]]]]:
        """The *missing* statements of each file as they are to run now: by present names, and with what it sets."""
        renamed = list(self._renamed(missing))
        for place in (each for each in missing if missing[each]):
            late: list[tuple[int, Statement]] = []
            for step in steps_of(Script(self._statements(place)), place):
                if step.is_setting:
                    late.append((step.number, step.statement))
                elif step.number in missing[place]:
                    names = [each for at, each in renamed if at > (place, step.number)]
                    late += ((step.number, each) for each in _by_new_names(step.statement, names))
            yield place, late

    def _renamed(self, missing: _Numbers) -> Iterator[tuple[tuple[int, int], Renamed]]:
        """What statements that ran have renamed, by place and number, from the first file with *missing* ones on."""
        for place, script in enumerate(self.expected.scripts):
            for number, statement in enumerate(script.statements if place >= min(missing) and script.applied else ()):
                names = relation_renamed(statement)
                if names is not None and number not in missing.get(place, ()):
                    yield (place, number), names

    def _scripts_without(self, missing: _Numbers) -> list[Script]:
        return [
            Script([each for number, each in enumerate(self._statements(place)) if number not in missing[place]])
            if missing.get(place)
            else script
            for place, script in enumerate(self.expected.scripts)
        ]

    def _made_by(self, scripts: Sequence[Script]) -> Schema:
        expected = self.expected
        return follow(scripts, expected.live, expected.schema, expected.answers, self.resumed).expected

    def _owners(
        self, owned: Iterable[Difference], missing: _Numbers, effects: _Effects
    ) -> Iterator[tuple[Subject, tuple[int, ...]]]:
        made: ByWords[int] = ByWords()
        by_subject: dict[Subject, set[int]] = defaultdict(set)
        needs: dict[int, set[int]] = {}
        now = self._changed_now(missing)
        for place, numbers in sorted(missing.items()):
            needs[place] = {place}
            for number in sorted(numbers):
                for _, earlier in made.mentioned(words(self._statements(place)[number])):
                    needs[place] |= needs[earlier]
            for subject in {each for n in numbers for each in (*effects[place][n].objects, *now[place].get(n, ()))}:
                made.add(subject, place)
                by_subject[subject].add(place)
        for difference in owned:
            makers = {place for subject in _objects([difference]) for place in by_subject[subject]}
            if makers:
                yield difference.subject, tuple(sorted(set().union(*(needs[place] for place in makers))))


def _by_new_names(statement: Statement, renamed: Sequence[Renamed]) -> Iterable[Statement]:
    sql = under_new_names(statement.sql, renamed)
    return [statement] if sql == statement.sql else read(sql)


def _objects(found: Iterable[Difference]) -> Iterator[Subject]:
    for each in found:
        yield from (subject for subject in (each.subject, each.found_as, *each.folded) if subject is not None)


def _key(difference: Difference) -> tuple[Change, Subject]:
    return difference.change, difference.subject


def in_state(progress: Progress, state: StatementState) -> frozenset[int]:
    """Give the numbers of the statements that are in *state*."""
    return frozenset(number for number, each in enumerate(progress.statements) if each.state is state)


def _settled(progress: Progress, effects: Sequence[Effect], others: Set[int], reported: Set[Subject]) -> frozenset[int]:
    """What has a finding of its own: a broken index, and whatever differs in another way than by not having run."""
    unclear = in_state(progress, StatementState.UNKNOWN)
    differing = {number for number in unclear if not reported.isdisjoint(effects[number].objects)}
    return frozenset(in_state(progress, StatementState.INVALID) | others | differing)
