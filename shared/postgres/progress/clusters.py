"""Which statements must be examined together, because more than one of them affects the same object.

Most affect only objects of their own. A statement whose object a later one renames, changes or drops shares a cluster
with that one; so does one that would have affected it if an earlier one had not run. Statements whose state is known
join no cluster: they are followers in every cluster that they affect.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from itertools import compress

from ...model.schema import RELATIONS, ROUTINES, TYPES, Kind, Subject
from ...model.value import dataclass
from ..parse import Statement
from .evidence import EXISTENCE, Aspects, above, aspects
from .ground import Effect, is_conditional
from .steps import TRACELESS, ByWords, Step, last_word, mentions, targets, words
from .touched import Among, Competitors, Sets, Touched

# What other things are in, or hang on. Once it is known whether these exist, their parts are evaluated one by one.
CONTAINERS = frozenset({*RELATIONS, *TYPES, *ROUTINES, Kind.SCHEMA, Kind.SEQUENCE, Kind.EXTENSION})
# Two unnamed objects compete for one name: ``t_a_key``, ``t_a_key1``. The first one gets the plain name.
_MOVERS = frozenset({"RenameStmt", "AlterObjectSchemaStmt"})  # what they move has its name already
_DIGITS = "0123456789"
_NEARLY_FULL = 58


@dataclass(slots=True, eq=False)
class Cluster:
    """Positions in the order: of *members*, in doubt, and of *followers*, which are not.

    *settled*: what can change no more after a member or follower, and in which aspects. *lasting*: what none of them
    changes or drops once it is made.
    *coarse*: mainly whether containers are there is asked; of what hangs on them not all is known yet.
    """

    members: list[int]
    coarse: bool = False
    followers: list[int] = field(default_factory=list)
    settled: dict[int, list[tuple[Subject, Aspects]]] = field(default_factory=lambda: defaultdict(list))
    lasting: set[Subject] = field(default_factory=set)

    @property
    def path(self) -> list[int]:
        return sorted(self.members + self.followers)

    @property
    def subjects(self) -> set[Subject]:
        return {subject for checks in self.settled.values() for subject, _ in checks}


class Clusters:
    """The clusters of *steps*, by their *effects*.

    What a statement bears on depends on what ran before it. *others* are its effects in other orders: all count.
    """

    def __init__(
        self, steps: Sequence[Step], effects: Mapping[int, Effect], others: Mapping[int, Effect] | None = None
    ) -> None:
        self._steps = steps
        self._effects = effects
        self._every = [*effects.items(), *((at, each) for at, each in (others or {}).items() if at in effects)]
        self._touched: dict[Subject, Touched] = defaultdict(Touched)
        self._holders: dict[Subject, set[Subject]] = defaultdict(set)
        for at, effect in self._every:
            for subject, (before, after) in effect.objects.items():
                wanted = aspects(before, after)
                if wanted is None:
                    self._touched[subject].wholly.add(at)
                for aspect in wanted or ():
                    self._touched[subject].partly[aspect].add(at)
                held = (above(subject, each) for each in (before, after) if each is not None)
                self._holders[subject].update(*held)
        self._add_competitors()
        self._add_conditional()
        self._add_takers_along()

    def own(self, at: int) -> frozenset[Subject]:
        """What no other statement bears on."""
        return frozenset(subject for subject in self._effects[at].objects if self._touched[subject].is_only(at))

    def are_within(self, at: int, containers: Collection[Subject]) -> bool:
        """Say whether the statement bears on nothing but *containers* and what is in them."""
        subjects = self._effects[at].objects
        return bool(subjects) and all(
            subject in containers or not self._all_above(subject).isdisjoint(containers) for subject in subjects
        )

    def of_containers(self, members: Collection[int]) -> list[Cluster]:
        """Those of *members* that make, rename or drop what holds other things, by whether that is there."""
        touched = {
            subject: Touched(each.wholly, competitors=each.competitors)
            for subject, each in self._touched.items()
            if subject.kind in CONTAINERS and each.wholly
        }
        found = self._joined(touched, members)
        of_member: dict[int, Cluster] = {}
        for cluster in found:
            cluster.coarse = True
            of_member |= dict.fromkeys(cluster.members, cluster)
            for checks in cluster.settled.values():
                checks[:] = [(subject, EXISTENCE) for subject, _ in checks]
        paths: dict[int, tuple[frozenset[int], Among]] = {}
        # What no others affect shows more: CREATE TABLE IF NOT EXISTS may have made this table, or found another.
        for subject, each in self._touched.items():
            bearer = next((of_member[at] for at in each.wholly if at in of_member), None)
            if bearer is None or subject in touched:
                continue
            if id(bearer) not in paths:
                path = frozenset(bearer.path)
                paths[id(bearer)] = path, Among(path)
            path, among = paths[id(bearer)]
            if each.own.issubset(path) and not among.others(each.competitors):
                last = max([*each.own, *among.of(each.competitors)[-1:]])
                bearer.settled[last].append((subject, None))
        return found

    def of_all(self, members: Collection[int]) -> list[Cluster]:
        return self._joined(self._touched, members)

    def _renamed(
        self, touched: Mapping[Subject, Touched], members: Collection[int], among: Among
    ) -> Iterator[list[int]]:
        """What is renamed is the same by its other name."""
        for subject, each in touched.items():
            for at in each.own.difference(members):
                for image in self._images(at, subject):
                    if image in touched:
                        other = touched[image]
                        yield among.with_first(each.own, each.competitors) + among.with_first(
                            other.own, other.competitors
                        )

    def _joined(self, touched: Mapping[Subject, Touched], members: Collection[int]) -> list[Cluster]:
        sets, among = Sets(), Among(members)
        for competitors in {id(each.competitors): each.competitors for each in touched.values()}.values():
            sets.join(among.of(competitors))
        for each in touched.values():
            for group in each.groups():
                sets.join(among.with_first(group, each.competitors))
        for renamed in self._renamed(touched, members, among):
            sets.join(renamed)
        found = {root: Cluster(sorted(each)) for root, each in sets.members().items()}
        subjects: dict[int, set[Subject]] = defaultdict(set)
        for subject, each in touched.items():
            for group in each.groups():
                for at in among.with_first(group, each.competitors)[:1]:  # the others have the same root
                    subjects[sets.root(at)].add(subject)
        for root, cluster in found.items():
            self._add_followers(cluster, subjects[root], touched, among)
        return sorted(found.values(), key=lambda cluster: cluster.members[0])

    def _add_followers(
        self, cluster: Cluster, subjects: set[Subject], touched: Mapping[Subject, Touched], in_doubt: Among
    ) -> None:
        """Add who bears on *subjects* without being in doubt, and what they make of them."""
        waiting, known = list(subjects), set(subjects)
        followers: set[int] = set()
        competing: set[int] = set()
        while waiting:
            subject = waiting.pop()
            each = touched[subject]
            if each.competitors is not None and id(each.competitors) not in competing:
                competing.add(id(each.competitors))
                followers.update(in_doubt.others(each.competitors))
            for at in in_doubt.without(each):
                followers.add(at)
                more = {image for image in self._images(at, subject) if image in touched} - known
                known |= more
                waiting += more
        cluster.followers = sorted(at for at in followers if at > cluster.members[0])
        positions = {*cluster.members, *cluster.followers}
        among = Among(positions)
        for subject in known:
            each = touched[subject]
            for last, wanted in each.last_touches(positions, among.of(each.competitors)):
                cluster.settled[last].append((subject, wanted))
        cluster.lasting = {subject for subject in known if self._lasts(subject, touched[subject])}

    def _lasts(self, subject: Subject, touched: Touched) -> bool:
        """Say whether all that is done to *subject* is to make it."""
        changes = (self._effects[at].objects.get(subject) for at in touched.wholly)
        return not touched.partly and all(each is not None and each[0] is None for each in changes)

    def _images(self, at: int, subject: Subject) -> Iterable[Subject]:
        """What the statement made of *subject*, if it is a renaming."""
        effect = self._effects[at].objects
        before, after = effect.get(subject, (None, None))
        if before is None or after is not None:
            return ()
        made = [each for each, (was, _) in effect.items() if was is None and each.kind is subject.kind]
        of_its_name = [each for each in made if each.name[-1] == subject.name[-1]]
        return of_its_name or [each for each in made if effect[each][1] == before]

    def _add_conditional(self) -> None:
        """Statements that do more or less where others are missing: they may bear on all that they mention."""
        found_open = (bears_on_what_it_names(self._steps[at].statement, each) for at, each in self._effects.items())
        open_ = list(compress(self._effects, found_open))
        by_words: ByWords[None] = ByWords()
        for subject in self._touched if open_ else ():
            by_words.add(subject, None)
        for at in open_:
            statement = self._steps[at].statement
            aims = frozenset(targets(statement))
            found = words(statement) if aims else frozenset()
            for subject, _ in by_words.mentioned(found):
                if mentions(aims, Subject(subject.kind, subject.name[:2])):
                    self._touched[subject].wholly.add(at)

    def _add_takers_along(self) -> None:
        """Who drops or renames a thing bears on all that hangs on it, be it gone already in full order.

        So does who ties it to what is dropped: a partition that was never attached stays when its parent goes.
        """
        takers: dict[Subject, set[int]] = defaultdict(set)
        tiers: dict[Subject, set[int]] = defaultdict(set)
        for at, effect in self._every:
            for subject, (before, after) in effect.objects.items():
                if before is not None and after is None:
                    takers[subject].add(at)
                elif before is not None and after is not None and before.hangs_on != after.hangs_on:
                    tiers[subject].add(at)
        if takers:
            for subject, each in self._touched.items():
                around = self._all_above(subject)
                for holder in around & takers.keys():
                    each.wholly |= takers[holder]
                if each.wholly:
                    for tied in (around | {subject}) & tiers.keys():
                        each.wholly |= tiers[tied]

    def _all_above(self, subject: Subject) -> set[Subject]:
        found: set[Subject] = set()
        waiting = [subject]
        while waiting:
            more = self._holders.get(waiting.pop(), set()) - found
            found |= more
            waiting += more
        return found - {subject}

    def _add_competitors(self) -> None:
        """Statements with unnamed objects affect all that compete for the name: the first to run gets the plain one."""
        competitors: dict[tuple[str, str], Competitors] = defaultdict(Competitors)
        made: dict[tuple[str, str], set[Subject]] = defaultdict(set)
        for at, effect in self._every:
            for subject in unnamed(self._steps[at].statement, effect):
                plain = plain_name(subject)
                competitors[plain].members.add(at)
                made[plain].add(subject)
        for plain, each in competitors.items():
            for subject in made[plain] if len(each.members) > 1 else ():
                self._touched[subject].competitors = each


def bears_on_what_it_names(statement: Statement, effect: Effect) -> bool:
    """Say whether a statement may bear on more than on what it changes in full order."""
    return statement.kind not in TRACELESS and (not effect.objects or is_conditional(statement))


def unnamed(statement: Statement, effect: Effect) -> list[Subject]:
    """What a statement makes without a name for it: the server chooses one."""
    if statement.kind in _MOVERS:
        return []
    new = [
        each
        for each, (before, _) in effect.objects.items()
        # A column is never in another's way.
        if before is None and len(each.name) > 1 and each.kind is not Kind.COLUMN
    ]
    found = words(statement) if new else frozenset()
    return [each for each in new if last_word(each) not in found]


def plain_name(subject: Subject) -> tuple[str, str]:
    """The schema and the name without its number: a number makes the rest of one that fills all 63 bytes shorter."""
    full = len(subject.name[-1].encode()) > _NEARLY_FULL
    return subject.name[0], subject.name[-1].rstrip(_DIGITS)[: 20 if full else None]
