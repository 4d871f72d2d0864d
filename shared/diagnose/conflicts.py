"""Which statements of the next deployment find another object under the name of theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from ..model.diagnosis import MigrationStatus, State
from ..model.difference import Difference
from ..model.plan import Conflict
from ..model.progress import Progress, StatementState
from ..model.question import Answers
from ..model.schema import Schema
from ..model.value import dataclass, replace
from ..postgres.parse import Statement
from ..postgres.progress import Followed, Script, follow
from ..postgres.progress.ground import Effect
from ..prisma.order import deploy_order

if TYPE_CHECKING:
    from ..postgres.plan import Pending

_TO_RUN = frozenset({State.PENDING, State.SKIPPED, State.ROLLED_BACK, State.FAILED})
Conflicts = Mapping[str, tuple[Conflict, ...]]


def doubted(progress: Progress | None, found: Sequence[Conflict]) -> Progress | None:
    """Give *progress*, where it is not known whether the statements of *found* made what differs in a part."""
    if progress is None or not found:
        return progress
    because = {
        each.number: f"{each.subject} exists, yet {each.found_as} is {each.found}, and not {each.wanted}"
        for each in reversed(found)
    }
    statements = tuple(
        replace(each, state=StatementState.UNKNOWN, because=because[number]) if number in because else each
        for number, each in enumerate(progress.statements)
    )
    return replace(progress, statements=statements)


def with_conflicts(status: MigrationStatus, found: tuple[Conflict, ...]) -> MigrationStatus:
    if not found:
        return status
    skips = tuple(each for each in found if each.skipped)
    return replace(status, conflicts=tuple(each for each in found if not each.skipped), skips=skips)


@dataclass(frozen=True, slots=True)
class FollowedOrder:
    """The migrations in *order*, their *scripts*, and how they were *followed* in the watched schema of *live*.

    *unrun* are the numbers of statements that have not run, by place, where only other scripts in doubt show that.
    """

    order: Sequence[MigrationStatus]
    scripts: Sequence[Sequence[Statement]]
    followed: Followed
    live: Schema
    schema: str
    answers: Answers
    unrun: Mapping[int, frozenset[int]] = field(default_factory=dict)

    def effects_after(
        self, applied: Sequence[Sequence[Statement]], run: Mapping[str, Sequence[Statement]]
    ) -> Mapping[str, Sequence[Effect]]:
        """What each statement of *run* does where all of that, and nothing else, runs in that order after *applied*.

        Nothing where it was not followed like that.
        """
        first, effects = len(applied), self.followed.effects
        to_run = {self.order[at].name: at for at in range(first, len(self.order)) if self.scripts[at]}
        is_so = (
            list(run) == list(to_run)
            and effects.keys() == set(to_run.values())
            and all(run[name] is self.scripts[at] for name, at in to_run.items())
            and list(applied) == list(self.scripts[:first])
        )
        return {name: effects[at] for name, at in to_run.items()} if is_so else {}

    def conflicts(self) -> Conflicts:
        """Those of each migration that the next deployment runs, or would run once its failed row is resolved."""
        if self.followed.live is None or not (places := self._places()):
            return {}
        from ..postgres.plan import conflicts  # noqa: PLC0415  # most runs find nothing to deploy

        return self._named(places, conflicts(self._pending(places), self.live, self.followed.live, self.schema))

    def conflicts_in_part(self, differences: Sequence[Difference]) -> Conflicts:
        """Those whose object exists, and differs in a part."""
        if self.followed.live is None or not differences or not (places := self._places()):
            return {}
        from ..postgres.plan import conflicts_in_part  # noqa: PLC0415  # as above

        found = conflicts_in_part(self._pending(places), self.live, self.followed.live, self.schema, differences)
        return self._named(places, found)

    def _places(self) -> list[int]:
        """What a deployment runs, in its order."""
        order = self.order
        places = [at for at in self.followed.effects if order[at].state in _TO_RUN and not order[at].also_finished]
        return sorted(places, key=lambda place: deploy_order(order[place].name))

    def _pending(self, places: Sequence[int]) -> "list[Pending]":
        from ..postgres.plan import Pending  # noqa: PLC0415  # as above

        followed = self.followed
        return [Pending(self.scripts[place], followed.progress[place], followed.effects[place]) for place in places]

    def _named(self, places: Sequence[int], found: Sequence[tuple[Conflict, ...]]) -> Conflicts:
        return {self.order[place].name: met for place, met in zip(places, found, strict=True) if met}

    def scripts_despite(self, met: Conflicts) -> list[Script]:
        """The scripts without the statements that have not run: the object in a statement's way was not made by it."""
        kept = []
        for place, (status, script) in enumerate(zip(self.order, self.scripts, strict=True)):
            out = self.unrun.get(place, frozenset()).union(conflict.number for conflict in met.get(status.name, ()))
            left = [each for number, each in enumerate(script) if number not in out] if out else script
            kept.append(Script(left, applied=place not in self.followed.progress, begun=status.row is not None))
        return kept

    def expected_despite(self, met: Conflicts) -> Schema:
        """The expected schema, but for the statements that have something in their way, or have not run.

        What those that skip over another object make is expected: no deployment will change that object.
        """
        if not met and not self.unrun:
            return self.followed.expected
        found = follow(self.scripts_despite(met), self.live, self.schema, self.answers).expected
        skipped = {subject: made for each in met.values() for one in each for subject, made in one.skipped.items()}
        return replace(found, objects={**found.objects, **skipped}) if skipped else found
