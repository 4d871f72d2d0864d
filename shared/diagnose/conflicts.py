"""Which statements of the next deployment find another object under the name of theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import field

from ..model.diagnosis import MigrationStatus, State
from ..model.plan import Conflict
from ..model.question import Answers
from ..model.schema import Schema
from ..model.value import dataclass, replace
from ..postgres.parse import Statement
from ..postgres.progress import Followed, Script, follow
from ..postgres.progress.ground import Effect
from ..prisma.order import deploy_order

_TO_RUN = frozenset({State.PENDING, State.SKIPPED, State.ROLLED_BACK, State.FAILED})
Conflicts = Mapping[str, tuple[Conflict, ...]]


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
        order, followed = self.order, self.followed
        places = [at for at in followed.effects if order[at].state in _TO_RUN and not order[at].also_finished]
        if followed.live is None or not places:
            return {}
        from ..postgres.plan import Pending, conflicts  # noqa: PLC0415  # most runs find nothing to deploy

        places.sort(key=lambda place: deploy_order(order[place].name))
        run = [Pending(self.scripts[place], followed.progress[place], followed.effects[place]) for place in places]
        found = conflicts(run, self.live, followed.live, self.schema)
        return {order[place].name: met for place, met in zip(places, found, strict=True) if met}

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
