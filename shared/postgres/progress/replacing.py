"""What is still due of the statements that did not run, once later ones that ran replaced or removed what they do.

Mostly nothing. Of a statement with several parts, those that were not replaced. A person must do the rest: where a
statement also changes rows, or where a change of rows would find something else than it was written for.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field
from enum import Enum, auto

from ...model.progress import THERE, StatementState
from ...model.schema import Definition, Kind, Subject
from ...model.value import dataclass, replace
from ..parse import Statement
from ..parts import Parts, several
from .deciding import changed_later, decides
from .evidence import Aspects, Live, aspects
from .ground import Effect, Ground, Mark
from .made_again import MadeAgain, made_again
from .set_again import SetAgain, set_again
from .steps import CHANGES_ROWS, ByWords, Step, words
from .superseded import changes_no_rows
from .verdicts import Verdict

_MADE = "a later statement that ran removed the object on which it works, or made it again"
_SET = "a later statement that ran set again what it sets"
_ROWS = "it also changes rows, and a later statement that ran set again what it sets"
_IN_PART = "a later statement that ran replaced a part of what it does"
_CHANGED = "made, changed or removed"
_TRIGGERS = "it sets all triggers of the table, and a later statement that ran has set one of them in another way"
_ALL_OF_TABLE = "a later statement that ran has set all triggers of the table in another way than it leaves this one"
_WITHIN = "the statements around it, which switch triggers off and on, must not run as written"
_RIGHTS = "a later statement that ran gave or took rights to the same object"


class _Due(Enum):
    """What is due of one thing that a statement does."""

    ALL = auto()
    NOTHING = auto()
    ROWS = auto()  # what it sets was set again; what it does to rows is left


@dataclass(frozen=True, slots=True)
class _Later:
    """What later statements made again, removed and set."""

    made: MadeAgain
    set: SetAgain

    def due(self, at: int, statement: Statement, effect: Effect) -> tuple[_Due, str]:
        """What is due of *statement*, which stands at *at*, and why."""
        if self.made.replaces(at, statement, effect):
            return _Due.NOTHING, _MADE
        if not self.set.replaces(at, statement, effect):
            return _Due.ALL, ""
        if not effect.objects or changes_no_rows(statement):
            return _Due.NOTHING, _SET
        is_setting = all(aspects(*each) is not None for each in effect.objects.values())
        return (_Due.ROWS, _ROWS) if is_setting else (_Due.ALL, "")

    def disturbed(self, at: int, statement: Statement, effect: Effect) -> str:
        """Why *statement* would change, beside what is due of it, what later ones did; empty where it would not."""
        if self.set.counters(at):
            return _RIGHTS
        if self.set.sets_back(at, statement, effect):
            return _TRIGGERS
        if self.set.misses(at, effect):
            return _ALL_OF_TABLE
        is_replaced = self.made.touches(at, effect) or self.set.touches(at, statement, effect)
        return _IN_PART if is_replaced else ""


@dataclass(frozen=True, slots=True)
class Replacing:
    """*effects* are those of all *steps* in full order; *ground* goes back to *start*, which is before all of them."""

    steps: Sequence[Step]
    effects: Mapping[int, Effect]
    live: Live
    ground: Ground
    start: Mark

    def due(self, verdicts: Mapping[int, Verdict]) -> dict[int, Verdict]:
        """The *verdicts* on those in doubt, with what is still due of them."""
        found = dict(verdicts)
        shown = {at for at, each in verdicts.items() if each.state is StatementState.PRESENT}
        ran = shown | {at for at, step in enumerate(self.steps) if not step.optional}
        if not ran:
            return found
        later = self._later(verdicts, ran, {self.steps[at].script for at in shown})
        set_later: set[int] = set()
        parted: dict[int, tuple[Parts, Sequence[Statement]]] = {}
        for at, verdict in verdicts.items():
            if verdict.state in THERE:
                continue
            statement, effect = self.steps[at].statement, self.effects[at]
            due, because = later.due(at, statement, effect)
            if because in (_SET, _ROWS):
                set_later.add(at)
            if due is not _Due.ALL:
                found[at] = _without(verdict, due, because)
            elif not verdict.superseded and (because := later.disturbed(at, statement, effect)):
                if (cut := several(statement)) is not None:
                    parted[at] = cut
                elif because in (_RIGHTS, _TRIGGERS, _ALL_OF_TABLE) or statement.node.get("replace"):
                    found[at] = replace(verdict, person=because)
        for at, effects in self._effects_of_parts({at: statements for at, (_, statements) in parted.items()}):
            parts, statements = parted[at]
            due_of = [later.due(at, *each) for each in zip(statements, effects, strict=True)]
            is_refused = any(each.refusal is not None for each in effects)
            found[at] = replace(verdicts[at], person=_IN_PART) if is_refused else _in_part(verdicts[at], parts, due_of)
        return dict(self._with_changes_of_rows(found, later, ran, set_later | parted.keys()))

    def _later(self, verdicts: Mapping[int, Verdict], ran: Collection[int], scripts: Collection[int]) -> _Later:
        """What those that *ran* did; some of *scripts* shows."""
        without_trace = (at for at, each in verdicts.items() if each.state is StatementState.NO_TRACE)
        unshown = {at for at in without_trace if self.steps[at].script in scripts}
        arguments = self.steps, self.effects, self.live, ran, unshown
        return _Later(made_again(*arguments), set_again(*arguments))

    def _effects_of_parts(self, parts: Mapping[int, Sequence[Statement]]) -> Iterator[tuple[int, list[Effect]]]:
        """What each of *parts* does, one after the other, where all steps before the statement ran."""
        if not parts:
            return
        self.ground.undo(self.start)
        for at, step in enumerate(self.steps[: max(parts) + 1]):
            if at in parts:
                here = self.ground.mark()
                yield at, [self.ground.run(replace(step, statement=each)) for each in parts[at]]
                self.ground.undo(here)
            self.ground.run(step)

    def _with_changes_of_rows(
        self, verdicts: Mapping[int, Verdict], later: _Later, ran: Collection[int], set_later: Collection[int]
    ) -> Iterator[tuple[int, Verdict]]:
        """The *verdicts*, with those changes of rows left to a person that what was replaced or changed decides over.

        *set_later* are the statements whose settings were, or some of them; *ran* are those that may have changed some.
        """
        replaced = _Replaced()
        switching = self._switching(verdicts)
        changed = changed_later(self.effects, self.live, ran)
        for at, verdict in sorted(verdicts.items()):
            statement = self.steps[at].statement
            replaced.enter(self.steps[at].script)
            because = ""
            if at in set_later:
                for subject, each in self.effects[at].objects.items():
                    replaced.add(subject, *each)
            elif verdict.state is StatementState.NO_TRACE and not (verdict.superseded or verdict.person):
                if (used := later.made.used_before(at) or replaced.needed_by(statement)) is not None:
                    because = f"it uses {used}, which a later statement that ran has removed, renamed or replaced"
                elif (used := changed.decides(at, statement)) is not None:
                    because = f"what it does depends on {used}, which a later statement that ran has {_CHANGED}"
                elif statement.kind in CHANGES_ROWS:
                    first, last = switching.get(self.steps[at].script, (at, at))
                    because = _WITHIN if first < at < last else ""
            yield at, replace(verdict, person=because) if because else verdict

    def _switching(self, verdicts: Mapping[int, Verdict]) -> Mapping[int, tuple[int, int]]:
        """By script, the first and the last statement that is left to a person because it sets all triggers."""
        found: dict[int, tuple[int, int]] = {}
        for at in (each for each, verdict in sorted(verdicts.items()) if verdict.person == _TRIGGERS):
            found[self.steps[at].script] = found.get(self.steps[at].script, (at, at))[0], at
        return found


def _without(verdict: Verdict, due: _Due, because: str) -> Verdict:
    if due is _Due.ROWS:
        return replace(verdict, person=because)
    return Verdict(StatementState.NO_TRACE, because, superseded=True)


def _in_part(verdict: Verdict, parts: Parts, due: Sequence[tuple[_Due, str]]) -> Verdict:
    if any(each is _Due.ROWS for each, _ in due):
        return replace(verdict, person=_ROWS)
    left = [number for number, (each, _) in enumerate(due) if each is _Due.ALL]
    if not left:
        return _without(verdict, *due[0])
    return verdict if len(left) == len(due) else replace(verdict, part=parts.sql(left))


@dataclass(slots=True)
class _Replaced:
    """Settings of one script that were replaced, which its changes of rows after them may need."""

    script: int = -1
    settings: ByWords[tuple[Subject, Aspects]] = field(default_factory=ByWords)

    def enter(self, script: int) -> None:
        if script != self.script:
            self.script, self.settings = script, ByWords()

    def add(self, subject: Subject, before: Definition | None, after: Definition | None) -> None:
        is_of_table = subject.kind.is_in_relation
        named = Subject(Kind.TABLE, subject.name[:2]) if is_of_table else subject
        self.settings.add(named, (subject, aspects(before, after)))

    def needed_by(self, statement: Statement) -> Subject | None:
        """The setting by which *statement* would change rows, if it is another one now."""
        if statement.kind not in CHANGES_ROWS:
            return None
        found = words(statement)
        for _, (subject, changed) in self.settings.mentioned(found):
            if decides(statement, found, subject, changed):
                return subject
        return None
