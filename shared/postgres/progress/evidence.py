"""What the live schema says of one object: whether it is as with a statement, or as without it."""

from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Listed
from dataclasses import fields
from enum import StrEnum
from functools import lru_cache
from typing import Any

from ...model.labels import apart
from ...model.schema import (
    RELATIONS,
    ROUTINES,
    Column,
    Definition,
    Doubt,
    Enum,
    Index,
    Kind,
    Schema,
    SequenceOptions,
    Storing,
    Subject,
    Trigger,
)
from ...model.value import compared_fields, dataclass
from ..canonical.names import spelled
from ..difference.comparing import Comparing, compared, server_of, signatures_agree
from ..difference.words import described

# An attribute of a definition, and of those that hold several (an enum's values, a sequence's options, storage
# parameters) one of them: each can be changed by a statement of its own.
Aspect = tuple[str, str | None]
# None: all of an object, whether it is there at all to begin with.
Aspects = frozenset[Aspect] | None
# Nothing but whether it is there.
EXISTENCE: Aspects = frozenset()

_PARAMETERS = frozenset({"parameters", "toast_parameters"})
# Where one side has no canonical form of it, equal says nothing.
_SILENT = "body"


class Reading(StrEnum):
    WITH = "as with the statement"
    WITHOUT = "as without it"
    BOTH = "no difference that shows"
    NEITHER = "as in neither case"
    HIDDEN = "cannot be compared"


# By whether the live object agrees with what the statement makes, and with what was before it.
_READINGS = {
    (True, False): Reading.WITH,
    (False, True): Reading.WITHOUT,
    (True, True): Reading.BOTH,
    (False, False): Reading.NEITHER,
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One object a statement bears on, and how it reads in the live schema; *hidden* is why it cannot be compared."""

    subject: Subject
    reading: Reading
    change: tuple[Definition | None, Definition | None]
    hidden: str | None = None
    broken: bool = False  # an index that is there and invalid


def aspects(before: Definition | None, after: Definition | None) -> Aspects:
    """In what two definitions of one object differ."""
    if before is None or after is None or type(before) is not type(after):
        return None
    found: set[Aspect] = set()
    for name in compared_fields(type(before)):
        if getattr(before, name) != getattr(after, name):
            if isinstance(before, Enum) and isinstance(after, Enum):
                found |= {("values", value) for value in apart(before.values, after.values)}
            else:
                found |= {(name, each) for each in _differing(before, after, name)}
    return frozenset(found)


def _differing(one: Definition, other: Definition, name: str) -> Iterable[str | None]:
    """Which of several values in the attribute *name* differ; None: it is one value."""
    ours, theirs = _several(getattr(one, name, None), name), _several(getattr(other, name, None), name)
    if ours is None or theirs is None:
        return (None,)
    return [each for each in ours.keys() | theirs.keys() if ours.get(each) != theirs.get(each)]


def _several(value: Any, name: str) -> Mapping[str, Any] | None:
    if isinstance(value, SequenceOptions | Storing):
        return {each.name: getattr(value, each.name) for each in fields(value)}
    return dict(each.split("=", 1) for each in value or ()) if name in _PARAMETERS else None


class Live:
    """The live schema, asked about single objects. *opaque* is what the replay knows too little of, and why.

    *doubts* are attributes that it does not know; they may become more.
    """

    def __init__(self, live: Schema, opaque: Mapping[Subject, str], doubts: Mapping[Subject, Doubt]) -> None:
        self._live = live
        self._doubts = doubts
        self._server = server_of(live)
        self._opaque = {**opaque, **live.opaque}
        # Most names are in none of these, which spares many look-ups.
        self._opaque_names = {subject.name for subject in self._opaque}
        self._last: tuple[tuple[Definition, Definition, Comparing], ...] = ()
        self._routines: dict[tuple[Kind, str, str], list[Subject]] = {}
        for subject in live.objects:
            if subject.kind in ROUTINES:
                self._routines.setdefault(_stem(subject), []).append(subject)

    def find(self, subject: Subject) -> Definition | None:
        found = self._live.objects.get(subject)
        if found is None and subject.kind in ROUTINES:
            # An extension's type is bare in a script and qualified on the server.
            for other in self._routines.get(_stem(subject), ()):
                if signatures_agree(subject.name[1], other.name[1]):
                    return self._live.objects[other]
        return found

    def tables_with(self, subject: Subject) -> Iterable[Subject]:
        """The tables with a trigger that runs the function *subject*, or with a column of the domain that it is."""
        if subject.kind not in (Kind.FUNCTION, Kind.DOMAIN):
            return []
        name = spelled((subject.name[0], subject.name[1].partition("(")[0]))
        return [
            Subject(Kind.TABLE, other.name[:2])
            for other, each in self._live.objects.items()
            if (isinstance(each, Trigger) and each.function == name) or (isinstance(each, Column) and each.type == name)
        ]

    def _compared(self, definition: Definition, found: Definition) -> Comparing:
        """As `compared`. Of one object the same is asked several times, of before and after a statement in turn."""
        for one, other, result in self._last:
            if one is definition and other is found:
                return result
        result = compared(definition, found, self._server)
        self._last = (*self._last[-1:], (definition, found, result))
        return result

    def hidden(self, subject: Subject, *definitions: Definition | None) -> str | None:
        """Why *subject* cannot be compared: it, or what it is part of or hangs on, is opaque. None if it can be."""
        doubt = self._doubts.get(subject)
        if doubt is not None and doubt.may_be_absent:
            return f"{subject}: {doubt}"
        if not self._opaque:
            return None
        found = (*definitions, self._live.objects.get(subject))
        near = [subject, *(each for definition in found if definition is not None for each in definition.hangs_on)]
        near += [definition.table for definition in found if isinstance(definition, Index)]
        names = {each.name[:size] for each in near for size in (1, 2, 3)}
        if names.isdisjoint(self._opaque_names):
            return None
        around = dict.fromkeys(holder for each in near for holder in (each, *containers(each)))
        return next((f"{each}: {self._opaque[each]}" for each in around if each in self._opaque), None)

    def may_exist(self, subject: Subject, definition: Definition | None) -> bool:
        """Say whether *subject* is in the live schema, or cannot be compared: *definition* is what it was before."""
        return self.find(subject) is not None or self.hidden(subject, definition) is not None

    def agrees(self, subject: Subject, definition: Definition | None, wanted: Aspects) -> bool:
        """Say whether *subject* is live what *definition* says, as far as *wanted*. A broken index is an index."""
        return self._agrees(subject, self.find(subject), definition, wanted)

    def _agrees(
        self, subject: Subject, found: Definition | None, definition: Definition | None, wanted: Aspects
    ) -> bool:
        if definition is None or found is None:
            return definition is found
        differs = set(self._compared(definition, found).differs)
        if isinstance(found, Index) and not found.valid:
            differs.discard("valid")
        if (doubt := self._doubts.get(subject)) is not None:
            differs -= doubt.attributes
        if wanted is None:
            return not differs
        if isinstance(definition, Enum) and isinstance(found, Enum):
            return all((value in definition.values) == (value in found.values) for _, value in wanted)
        there = {(name, each) for name in differs for each in _differing(definition, found, name)}
        return there.isdisjoint(wanted)

    def evidence(self, subject: Subject, before: Definition | None, after: Definition | None) -> Evidence:
        """What *subject* says of a statement that made *after* of *before*, if nothing else has touched it since."""
        change = before, after
        if (reason := self.hidden(subject, before, after)) is not None:
            return Evidence(subject, Reading.HIDDEN, change, reason)
        found = self.find(subject)
        if (before is None) != (after is None) and found is None:
            # Nothing is there: of most statements that have not run, all is said by that.
            return Evidence(subject, _READINGS[after is None, before is None], change)
        wanted = aspects(before, after)
        agreeing = self._agrees(subject, found, after, wanted), self._agrees(subject, found, before, wanted)
        reading = _READINGS[agreeing]
        if reading is Reading.BOTH and wanted is not None and (_SILENT, None) in wanted:
            return Evidence(subject, Reading.HIDDEN, change, f"the body of {subject} cannot be compared")
        doubt = self._doubts.get(subject)
        if doubt is not None and wanted and {name for name, _ in wanted} <= doubt.attributes:
            return Evidence(subject, Reading.HIDDEN, change, f"{subject}: {doubt}")
        if (reason := self._unsure(subject, found, change, wanted)) is not None and reading is not Reading.NEITHER:
            return Evidence(subject, Reading.HIDDEN, change, reason)
        broken = isinstance(found, Index) and not found.valid and isinstance(after, Index) and after.valid
        return Evidence(subject, reading, change, broken=broken and reading is Reading.WITH)

    def words(self, evidence: Evidence) -> str:
        """What is seen of the object, or why nothing can be said of it."""
        return evidence.hidden or self.described_change(evidence.subject, *evidence.change)

    def _unsure(
        self, subject: Subject, found: Definition | None, definitions: Iterable[Definition | None], wanted: Aspects
    ) -> str | None:
        """Why it is unknown which of two *definitions* of *subject* is live; None where it is known."""
        if found is None or wanted is None:
            return None
        names = {name for name, _ in wanted}
        for definition in definitions:
            if definition is not None:
                for name, why in self._compared(definition, found).unsure:
                    if name in names:
                        return f"the {name} of {subject} cannot be compared: {why}"
        return None

    def plain(self, subject: Subject) -> str:
        """What *subject* is."""
        found = self.find(subject)
        return f"{subject} does not exist" if found is None else f"{subject} is {described(subject, found)}"

    def described_change(self, subject: Subject, before: Definition | None, after: Definition | None) -> str:
        """What is seen of *subject*, in words, for a statement that made *after* of *before*."""
        found = self.find(subject)
        if found is None:
            return f"{subject} no longer exists" if after is None else f"{subject} does not exist"
        if isinstance(found, Index) and not found.valid:
            return f"{subject} exists but is invalid"
        if after is None and self.agrees(subject, before, None):
            return f"{subject} still exists"
        if before is None and self.agrees(subject, after, None):
            return f"{subject} exists"
        return f"{subject} is {described(subject, found)}{self._otherwise(subject, before, after)}"

    def _otherwise(self, subject: Subject, before: Definition | None, after: Definition | None) -> str:
        """What it would be instead, where it is neither."""
        wanted = aspects(before, after)
        if self.agrees(subject, after, wanted) or self.agrees(subject, before, wanted):
            return ""
        cases = (("before", before), ("after", after))
        found = [f"{described(subject, each)} {when}" for when, each in cases if each is not None]
        return f", where the statement has {' and '.join(found)}"


def above(subject: Subject, definition: Definition) -> Iterable[Subject]:
    """What takes *subject* along when it is dropped."""
    return (*containers(subject), *carriers(definition))


def carriers(definition: Definition) -> Listed[Subject]:
    """What takes along what is so defined: what it hangs on, and the table of an index."""
    return (definition.table, *definition.hangs_on) if isinstance(definition, Index) else definition.hangs_on


def containers(subject: Subject) -> Listed[Subject]:
    """The relation and the schema in which *subject* lives, by its name alone."""
    if subject.kind.is_in_relation:
        return _around(subject.name[:2])
    return (Subject(Kind.SCHEMA, subject.name[:1]),) if len(subject.name) > 1 else ()


# The parts of a table mostly come one after the other.
@lru_cache(maxsize=64)
def _around(relation: tuple[str, ...]) -> tuple[Subject, ...]:
    return (*(Subject(kind, relation) for kind in RELATIONS), Subject(Kind.SCHEMA, relation[:1]))


def _stem(subject: Subject) -> tuple[Kind, str, str]:
    return subject.kind, subject.name[0], subject.name[1].partition("(")[0]
