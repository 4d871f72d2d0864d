"""Which statements set what a later one that ran has set again: to run one now would bring an older setting back.

A setting is an attribute of an object that stays: a column's type or default, a table's row-level security, the body
of a function. That a later statement sets it again is known where that one ran, and where the live schema has the
later value. What is set to the same value again, or only in part, is not replaced. What the schema does not show, a
comment or an owner, counts by the statement that sets it again.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from ...model.schema import Definition, Kind, Subject
from ...model.value import dataclass
from ..parse import Statement
from .evidence import Aspects, Live, aspects
from .ground import Effect
from .made_again import MOVERS
from .steps import Step, targets
from .untraced import Setting, untraced


@dataclass(frozen=True, slots=True)
class SetAgain:
    """*ran* are the positions of the statements of *steps* that ran; *effects* are those of all in full order.

    *bearing* are, by subject and in order, those that ran, and what leaves no trace in a script that ran in part: the
    schema is as it leaves it, so it makes no difference whether it ran where no earlier one is run now. *untraced* are
    the same for settings that do not show, and *rights* those that grant or revoke.
    """

    steps: Sequence[Step]
    effects: Mapping[int, Effect]
    live: Live
    ran: Collection[int]
    bearing: Mapping[Subject, Sequence[int]]
    untraced: Mapping[Setting, Sequence[int]]
    rights: Sequence[int]

    def replaces(self, at: int, statement: Statement, effect: Effect) -> bool:
        """Say whether all that *statement* sets at *at* was set again later. It may do more than to set it."""
        if effect.objects:
            changed = effect.objects.items()
            return all(all(self._again(at, subject, *each)) for subject, each in changed)
        settings = untraced(statement, effect.search_path)
        return bool(settings) and all(self._is_set_later(at, each) for each in settings)

    def touches(self, at: int, statement: Statement, effect: Effect) -> bool:
        """Say whether that is so for a part of it at least."""
        if statement.node.get("replace"):
            # OR REPLACE sets all that it does not say as well.
            return any(self._is_later(each, at) for subject in effect.objects for each in self.bearing.get(subject, ()))
        if effect.objects:
            return any(any(self._again(at, subject, *each)) for subject, each in effect.objects.items())
        return any(self._is_set_later(at, each) for each in untraced(statement, effect.search_path))

    def counters(self, at: int) -> bool:
        """Say whether a later one revokes rights to what the one at *at* grants them to, or the other way round."""
        mine = self.steps[at].statement
        if mine.kind != "GrantStmt":
            return False
        later = (self.steps[each].statement for each in self.rights if each > at)
        return any(_is_opposite(mine, each) for each in later)

    def _is_set_later(self, at: int, setting: Setting) -> bool:
        return any(self._is_later(each, at) for each in self.untraced.get(setting, ()))

    def _is_later(self, each: int, at: int) -> bool:
        """Say whether *each* comes after *at*. One of the same script is only known to have run where that shows."""
        return each > at and (each in self.ran or self.steps[each].script > self.steps[at].script)

    def _again(self, at: int, subject: Subject, before: Definition | None, after: Definition | None) -> Sequence[bool]:
        """Whether each attribute that changes, or the object as a whole, was set again."""
        changed = aspects(before, after)
        parts = (None,) if changed is None else tuple(frozenset({each}) for each in changed)
        is_setting = changed is not None or subject.kind is Kind.ROW_SECURITY
        later = [each for each in self.bearing.get(subject, ()) if each > at and self._counts(each, at, is_setting)]
        if not later or self.live.hidden(subject, before, after) is not None:
            return [False for _ in parts]
        return [self._has_later_value(subject, later, part) for part in parts]

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
    unshown: Collection[int] = (),
) -> SetAgain:
    """What statements of *ran* have set, and those *unshown* in scripts that ran in part."""
    bearing: dict[Subject, list[int]] = defaultdict(list)
    settings: dict[Setting, list[int]] = defaultdict(list)
    rights = []
    for at in sorted({*ran, *unshown} if ran else ()):
        statement, effect = steps[at].statement, effects[at]
        for subject in effect.objects if statement.kind not in MOVERS else ():
            bearing[subject].append(at)
        for setting in () if effect.objects else untraced(statement, effect.search_path):
            settings[setting].append(at)
        if statement.kind == "GrantStmt":
            rights.append(at)
    return SetAgain(steps, effects, live, ran, bearing, settings, rights)


def _is_opposite(one: Statement, other: Statement) -> bool:
    """Say whether one grants and the other revokes, and both name an object, or one of them all of a schema."""
    if bool(one.node.get("is_grant")) == bool(other.node.get("is_grant")):
        return False
    is_wide = any(each.node.get("targtype") != "ACL_TARGET_OBJECT" for each in (one, other))
    is_alike = one.node.get("objtype") == other.node.get("objtype")
    return is_alike and (is_wide or not set(targets(one)).isdisjoint(targets(other)))
