"""Which statements set what a later one that ran has set again: to run one now would bring an older setting back.

A setting is an attribute of an object that stays: a column's type or default, a table's row-level security, the body
of a function. That a later statement sets it again is known where that one ran, and where the live schema has the
later value. What is set to the same value again, or only in part, is not replaced. What the schema does not show, a
comment or an owner, counts by the statement that sets it again.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from ...model.schema import Definition, Kind, Subject, Trigger
from ...model.value import dataclass
from ..idempotent import settings_of
from ..parse import Statement
from .evidence import Aspects, Live, aspects
from .ground import Effect
from .made_again import MOVERS
from .steps import Step, targets
from .untraced import Setting, untraced

# Whether it is granted, the kind of its object, and the name of that.
_Right = tuple[bool, str, str]
_ALL_TRIGGERS = frozenset({"all triggers", "triggers of users"})
_ENABLED: Aspects = frozenset({("enabled", None)})
# Any object, and all objects of a schema: no names are like these.
_ANY, _WIDE = "", " "


@dataclass(frozen=True, slots=True)
class SetAgain:
    """*ran* are the positions of the statements of *steps* that ran; *effects* are those of all in full order.

    *bearing* are, by subject and in order, those that ran, and what leaves no trace in a script that ran in part: the
    schema is as it leaves it, so it makes no difference whether it ran where no earlier one is run now. *untraced* are
    the same for settings that do not show; *rights* is the last one that grants or revokes, by what it names;
    *triggers* is the last one that set a trigger otherwise than all are set by ENABLE TRIGGER ALL, by its table.
    """

    steps: Sequence[Step]
    effects: Mapping[int, Effect]
    live: Live
    ran: Collection[int]
    bearing: Mapping[Subject, Sequence[int]]
    untraced: Mapping[Setting, Sequence[int]]
    rights: Mapping[_Right, int]
    triggers: Mapping[tuple[str, ...], int]

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
        statement = self.steps[at].statement
        if statement.kind != "GrantStmt":
            return False
        names = {_ANY} if _is_wide(statement) else {*targets(statement), _WIDE}
        is_grant, kind = _right(statement)
        return any(self.rights.get((not is_grant, kind, name), -1) > at for name in names)

    def sets_back(self, at: int, statement: Statement, effect: Effect) -> bool:
        """Say whether *statement* sets all triggers of a table, and a later one has set one of them in another way."""
        of_all = [(schema, table) for schema, table, _, what in settings_of(statement) if what in _ALL_TRIGGERS]
        named = [(each, table) for schema, table in of_all for each in ([schema] if schema else effect.search_path)]
        return any(self.triggers.get(each, -1) > at for each in named)

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
        return [self._has_later_value(subject, later, part, before) for part in parts]

    def _counts(self, later: int, at: int, is_setting: bool) -> bool:
        """Say whether a later statement ran, or changes nothing whether it runs or not: only a setting is set twice."""
        return later in self.ran or (is_setting and self.steps[later].script > self.steps[at].script)

    def _has_later_value(self, subject: Subject, later: Sequence[int], part: Aspects, first: Definition | None) -> bool:
        """Say whether *subject* is in *part* as the last of *later* that sets it leaves it.

        If it does not exist, that one ran without it, as it sets all of a table: *first* is how it will be then.
        """
        for each in reversed(later):
            before, after = self.effects[each].objects[subject]
            changed = aspects(before, after)
            sets_all = changed is None or bool(self.steps[each].statement.node.get("replace"))
            if sets_all or (part is not None and changed is not None and part <= changed):
                if first is None or after is None or self.live.find(subject) is not None:
                    return self.live.agrees(subject, after, part)
                left = aspects(first, after)
                return part is not None and left is not None and part.isdisjoint(left)
        return False

    def misses(self, at: int, effect: Effect) -> bool:
        """Say whether later ones that ran have set all of a table to what is made at *at* now in another way."""
        for subject, (older, made) in effect.objects.items():
            if older is not None or made is None or self.live.find(subject) is not None:
                continue
            for each in reversed(self.bearing.get(subject, ())):
                before, after = self.effects[each].objects[subject]
                if each > at and each in self.ran and (changed := aspects(before, after)):
                    if not changed.isdisjoint(aspects(made, after) or ()):
                        return True
                    break
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
    rights: dict[_Right, int] = {}
    triggers: dict[tuple[str, ...], int] = {}
    for at in sorted({*ran, *unshown} if ran else ()):
        statement, effect = steps[at].statement, effects[at]
        for subject in effect.objects if statement.kind not in MOVERS else ():
            bearing[subject].append(at)
        for setting in () if effect.objects else untraced(statement, effect.search_path):
            settings[setting].append(at)
        for subject, (_, after) in effect.objects.items() if at in ran else ():
            if isinstance(after, Trigger) and after.enabled != "origin" and live.agrees(subject, after, _ENABLED):
                triggers[subject.name[:2]] = at
        if statement.kind == "GrantStmt":
            names = {*targets(statement), _ANY, *([_WIDE] if _is_wide(statement) else [])}
            rights |= {(*_right(statement), name): at for name in names}
    return SetAgain(steps, effects, live, ran, bearing, settings, rights, triggers)


def _right(statement: Statement) -> tuple[bool, str]:
    return bool(statement.node.get("is_grant")), statement.node.get("objtype", "")


def _is_wide(statement: Statement) -> bool:
    return statement.node.get("targtype") != "ACL_TARGET_OBJECT"
