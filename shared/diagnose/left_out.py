"""What belongs to something else by the settings (``[[target.elsewhere]]``), and so is not compared.

Nothing that the applied migrations make is left out, nor what somebody added to a table that they make: a pattern that
matches such a table is reported instead.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from ..model.diagnosis import Comparison
from ..model.schema import RELATIONS, Index, Kind, Schema, Subject
from ..model.schema import Sequence as SequenceObject
from ..model.settings import Elsewhere
from ..model.value import dataclass, replace

# Each has a name of its own among tables.
_LIKE_TABLES = frozenset({*RELATIONS, Kind.SEQUENCE})


@dataclass(frozen=True, slots=True)
class _Pattern:
    written: str
    schema: re.Pattern[str]
    table: re.Pattern[str]
    is_whole_schema: bool

    def matches_table(self, name: tuple[str, ...]) -> bool:
        return bool(self.schema.fullmatch(name[0]) and self.table.fullmatch(name[1]))

    def matches_schema(self, name: str) -> bool:
        return self.is_whole_schema and self.schema.fullmatch(name) is not None


class OfOthers:
    """The patterns of *elsewhere*, the first one that matches an object counting."""

    def __init__(self, elsewhere: Sequence[Elsewhere]) -> None:
        self._patterns = [_pattern(each) for entry in elsewhere for each in entry.tables]

    def left_out(self, expected: Schema, actual: Schema) -> Mapping[Subject, str]:
        """What no migration makes of *actual*, and of what is opaque on a side; each object with its pattern."""
        found: dict[Subject, str] = {}
        if not self._patterns:
            return MappingProxyType(found)
        ours = {each.name for each in expected.objects if each.kind in _LIKE_TABLES}
        our_schemas = {each.schema for each in expected.objects if each.kind is not Kind.SCHEMA}
        for subject in dict.fromkeys((*actual.objects, *actual.opaque, *expected.opaque)):
            if subject in expected.objects or subject.schema is None:
                continue
            table = _table_of(subject, actual)
            if table is not None:
                pattern = None if table in ours else self._of_table(table)
            else:
                pattern = None if subject.schema in our_schemas else self._of_schema(subject.schema)
            if pattern is not None:
                found[subject] = pattern
        return MappingProxyType(found)

    def made(self, expected: Schema) -> Mapping[Subject, str]:
        """The tables and their like that a pattern matches although the applied migrations make them."""
        patterns = {each: self._of_table(each.name) for each in expected.objects if each.kind in _LIKE_TABLES}
        return MappingProxyType({each: pattern for each, pattern in patterns.items() if pattern is not None})

    def _of_table(self, name: tuple[str, ...]) -> str | None:
        return next((each.written for each in self._patterns if each.matches_table(name)), None)

    def _of_schema(self, name: str) -> str | None:
        return next((each.written for each in self._patterns if each.matches_schema(name)), None)


def without(actual: Schema, left_out: Mapping[Subject, str]) -> Schema:
    """Give *actual* without what is *left_out*; itself where that is nothing."""
    if not left_out:
        return actual
    return replace(
        actual,
        objects={subject: each for subject, each in actual.objects.items() if subject not in left_out},
        opaque={subject: each for subject, each in actual.opaque.items() if subject not in left_out},
    )


def counted(comparison: Comparison, elsewhere: Sequence[Elsewhere]) -> Iterator[tuple[str, str, int, tuple[str, ...]]]:
    """Give each pattern, why it is in the settings, how many objects it leaves out, and what of it is compared."""
    counts = Counter(comparison.left_out.values())
    for entry in elsewhere:
        for pattern in entry.tables:
            made = tuple(sorted(str(subject) for subject, each in comparison.made.items() if each == pattern))
            yield pattern, entry.because, counts[pattern], made


def _pattern(written: str) -> _Pattern:
    schema, _, table = written.partition(".")
    return _Pattern(written, _expression(schema), _expression(table), table == "*")


def _expression(pattern: str) -> re.Pattern[str]:
    """``*`` is any text; every other character means itself."""
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)


def _table_of(subject: Subject, schema: Schema) -> tuple[str, ...] | None:
    """The table that *subject* is, or is a part of; None where there is none."""
    if subject.kind.is_in_relation:
        return subject.relation
    definition = schema.objects.get(subject)
    if isinstance(definition, Index):
        return definition.table.name
    if isinstance(definition, SequenceObject) and definition.owner is not None:
        return definition.owner.relation
    return subject.name if subject.kind in _LIKE_TABLES else None
