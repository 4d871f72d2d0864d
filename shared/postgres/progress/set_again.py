"""Which statements set what a later one that ran has set again: to run one now would bring an older setting back.

A setting is an attribute of an object that stays: a column's type or default, a table's row-level security, the body
of a function. That a later statement sets it again is known where that one ran, and where the live schema has the
later value. What is set to the same value again, or only in part, is not replaced.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from ...model.progress import StatementState
from ...model.schema import Definition, Kind, Subject
from ...model.value import dataclass
from .evidence import Aspects, Live, aspects
from .ground import Effect
from .steps import Step, mentions, words
from .superseded import changes_no_rows

# They change rows, or may, and do so by the settings of that moment.
_WRITES = frozenset(
    {"CallStmt", "CopyStmt", "DeleteStmt", "DoStmt", "ExecuteStmt", "InsertStmt", "MergeStmt", "SelectStmt",
     "TruncateStmt", "UpdateStmt"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SetAgain:
    """*ran* are the positions of the statements of *steps* that ran; *effects* are those of all in full order.

    *bearing* are, by subject and in order, those that ran, and what leaves no trace in a script that ran in part: the
    schema is as it leaves it, so it makes no difference whether it ran where no earlier one is run now.
    """

    steps: Sequence[Step]
    effects: Mapping[int, Effect]
    live: Live
    ran: Collection[int]
    bearing: Mapping[Subject, Sequence[int]]

    def replaces(self, at: int) -> bool:
        """Say whether all that the statement at *at* does was set again later.

        Not where it may also change rows, or where a change of rows after it in its script may need it.
        """
        step, objects = self.steps[at], self.effects[at].objects
        if not objects or not all(self._is_set_again(at, subject, *change) for subject, change in objects.items()):
            return False
        after = (each for each in self.steps[at + 1 :] if each.script == step.script)
        return changes_no_rows(step.statement) and not any(_may_use(each, objects) for each in after)

    def _is_set_again(self, at: int, subject: Subject, before: Definition | None, after: Definition | None) -> bool:
        changed = aspects(before, after)
        is_setting = changed is not None or subject.kind is Kind.ROW_SECURITY
        later = [each for each in self.bearing.get(subject, ()) if each > at and self._counts(each, at, is_setting)]
        if not later or self.live.hidden(subject, before, after) is not None:
            return False
        parts = (None,) if changed is None else tuple(frozenset({each}) for each in changed)
        return all(self._has_later_value(subject, later, part) for part in parts)

    def _counts(self, later: int, at: int, is_setting: bool) -> bool:
        """Say whether a later statement ran, or changes nothing whether it runs or not: only a setting is set twice."""
        return later in self.ran or (is_setting and self.steps[later].script > self.steps[at].script)

    def _has_later_value(self, subject: Subject, later: Sequence[int], part: Aspects) -> bool:
        """Say whether the live *subject* is in *part* as the last of *later* that sets it leaves it."""
        for each in reversed(later):
            before, after = self.effects[each].objects[subject]
            changed = aspects(before, after)
            sets_all = changed is None or bool(self.steps[each].statement.node.get("replace"))
            if sets_all or (part is not None and changed is not None and part <= changed):
                return self.live.agrees(subject, after, part)
        return False


def set_again(
    steps: Sequence[Step],
    effects: Mapping[int, Effect],
    live: Live,
    ran: Collection[int],
    states: Mapping[int, StatementState],
) -> SetAgain:
    """What statements of *ran* have set, by the *states* of those in doubt."""
    scripts = {steps[at].script for at in ran if steps[at].optional}
    unshown = (at for at, state in states.items() if state is StatementState.NO_TRACE and steps[at].script in scripts)
    bearing: dict[Subject, list[int]] = defaultdict(list)
    for at in sorted({*ran, *unshown} if ran else ()):
        for subject in effects[at].objects:
            bearing[subject].append(at)
    return SetAgain(steps, effects, live, ran, bearing)


def _may_use(step: Step, subjects: Collection[Subject]) -> bool:
    """Say whether a statement may change rows, and names what *subjects* are or are a part of."""
    if step.statement.kind not in _WRITES:
        return False
    found = words(step.statement)
    return any(mentions(found, Subject(each.kind, each.name[:2])) for each in subjects)
