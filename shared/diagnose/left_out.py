"""What belongs to something else by the settings (``[[target.elsewhere]]``), and so is not compared.

Nothing that the applied migrations make is left out, nor what somebody added to a table that they make: a pattern that
matches such a table is reported instead.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from ..model.diagnosis import Comparison
from ..model.report import LeftOut
from ..model.schema import RELATIONS, Cast, EventTrigger, Extension, Kind, Place, Schema, Subject
from ..model.setting_types import Leaves, Pattern
from ..model.settings import Elsewhere
from ..model.value import dataclass, replace

# Each has a name of its own among tables.
_LIKE_TABLES = frozenset({*RELATIONS, Kind.FOREIGN_TABLE, Kind.SEQUENCE})


@dataclass(frozen=True, slots=True)
class _Pattern:
    """*written* is as the settings have it. One of the whole database's objects has no *table*, one of schemas any."""

    written: Pattern
    name: re.Pattern[str]
    table: re.Pattern[str]
    is_whole_schema: bool

    def matches_table(self, name: tuple[str, ...]) -> bool:
        is_of_tables = self.written[0] in ("tables", "schemas")
        return is_of_tables and bool(self.name.fullmatch(name[0]) and self.table.fullmatch(name[1]))

    def matches_schema(self, name: str) -> bool:
        return self.is_whole_schema and self.name.fullmatch(name) is not None

    def matches_alone(self, leaves: Leaves, name: str) -> bool:
        return self.written[0] == leaves and self.name.fullmatch(name) is not None


# What is of the whole database, by its name alone.
_ALONE: Mapping[Kind, Leaves] = {Kind.PUBLICATION: "publications", Kind.SUBSCRIPTION: "subscriptions"}


class OfOthers:
    """The patterns of *elsewhere*, the first one that matches an object counting."""

    def __init__(self, elsewhere: Sequence[Elsewhere]) -> None:
        self._patterns = [_pattern(each) for entry in elsewhere for each in entry.patterns]

    def left_out(self, expected: Schema, actual: Schema) -> Mapping[Subject, Pattern]:
        """What no migration makes of *actual*, and of what is opaque on a side; each object with its pattern."""
        found: dict[Subject, Pattern] = {}
        if not self._patterns:
            return MappingProxyType(found)
        ours = {each.name for each in expected.objects if each.kind in _LIKE_TABLES}
        our_schemas = {each.name[0] for each in expected.objects if each.kind.place is not Place.DATABASE}
        for subject in dict.fromkeys((*actual.objects, *actual.opaque, *expected.opaque)):
            if subject in expected.objects:
                continue
            pattern = None
            if (table := actual.table_of(subject)).kind in _LIKE_TABLES:
                pattern = None if table.name in ours else self._of_table(table.name)
            elif subject.kind in _ALONE:
                pattern = self._alone(subject)
            else:
                others = (each for each in _schemas_of(subject, actual) if each not in our_schemas)
                pattern = next(filter(None, map(self._of_schema, others)), None)
            if pattern is not None:
                found[subject] = pattern
        return MappingProxyType(found)

    def made(self, expected: Schema) -> Mapping[Subject, Pattern]:
        """What a pattern matches although the applied migrations make it: tables, publications and their like."""
        found = dict[Subject, Pattern]()
        for subject in expected.objects:
            pattern = None
            if subject.kind in _LIKE_TABLES:
                pattern = self._of_table(subject.name)
            elif subject.kind in _ALONE:
                pattern = self._alone(subject)
            if pattern is not None:
                found[subject] = pattern
        return MappingProxyType(found)

    def _of_table(self, name: tuple[str, ...]) -> Pattern | None:
        return next((each.written for each in self._patterns if each.matches_table(name)), None)

    def _of_schema(self, name: str) -> Pattern | None:
        return next((each.written for each in self._patterns if each.matches_schema(name)), None)

    def _alone(self, subject: Subject) -> Pattern | None:
        leaves, name = _ALONE[subject.kind], subject.name[0]
        return next((each.written for each in self._patterns if each.matches_alone(leaves, name)), None)


def without(actual: Schema, left_out: Mapping[Subject, Pattern]) -> Schema:
    """Give *actual* without what is *left_out*; itself where that is nothing."""
    if not left_out:
        return actual
    return replace(
        actual,
        objects={subject: each for subject, each in actual.objects.items() if subject not in left_out},
        opaque={subject: each for subject, each in actual.opaque.items() if subject not in left_out},
    )


def counted(comparison: Comparison, elsewhere: Sequence[Elsewhere]) -> Iterator[LeftOut]:
    """Give each pattern, why it is in the settings, how many objects it leaves out, and what of it is compared."""
    counts = Counter(comparison.left_out.values())
    for entry in elsewhere:
        for pattern in entry.patterns:
            made = tuple(sorted(str(subject) for subject, each in comparison.made.items() if each == pattern))
            leaves, written = pattern
            yield LeftOut(written, entry.because, counts[pattern], made, leaves)


def _pattern(written: Pattern) -> _Pattern:
    leaves, text = written
    if leaves == "tables":
        name, _, table = text.partition(".")
    else:
        name, table = text, "*"
    return _Pattern(written, _expression(name), _expression(table), leaves in ("tables", "schemas") and table == "*")


def _expression(pattern: str) -> re.Pattern[str]:
    """``*`` is any text; every other character means itself."""
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)


def _schemas_of(subject: Subject, schema: Schema) -> tuple[str, ...]:
    """The schema that *subject* is, or is in; what is of the whole database is in none.

    An event trigger is as its function, a cast as its types and its function, an extension as the schema that it was
    given: nobody can have them otherwise.
    """
    if subject.kind is Kind.SCHEMA or subject.kind.place is not Place.DATABASE:
        return subject.name[:1]
    definition = schema.objects.get(subject)
    if isinstance(definition, Extension):
        return (definition.schema,) if definition.schema is not None else ()
    return tuple(each.name[0] for each in definition.hangs_on) if isinstance(definition, Cast | EventTrigger) else ()
