"""Between which own checks an object became what it is now."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain

from ...model.attribution import SeenBefore
from ...model.difference import Change, Difference
from ...model.knowledge import Unavailable
from ...model.schema import RELATIONS, Index, Kind, Place, Schema
from ...model.schema_change import SchemaChange
from ...model.value import dataclass
from ...postgres.difference import differences


@dataclass(frozen=True, slots=True)
class Between:
    """The check of *after* saw it as it was before, that of *before* as it is now; None where none is known."""

    after: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Step:
    """What changed between two checks that follow each other: objects came or went, or have other *attributes*.

    *is_whole*: it is not known which objects.
    """

    since: datetime
    at: datetime
    names: frozenset[str]
    came_or_went: bool
    attributes: frozenset[str]
    is_whole: bool = False


class Seen:
    """What own checks saw since *line_since*, from when on they saw one and the same server; *at* is this check."""

    def __init__(
        self, before: SeenBefore | None, actual: Schema | Unavailable, line_since: datetime, at: datetime
    ) -> None:
        self._line_since, self._at = line_since, at
        is_known = before is not None and before.at >= line_since and isinstance(actual, Schema)
        self._last = before.at if before is not None and is_known else None
        self._steps: tuple[_Step, ...] = ()
        if before is not None and self._last is not None and isinstance(actual, Schema):
            new = (_of_difference(each, before.at, at) for each in differences(before.schema, actual))
            self._steps = tuple(chain(new, map(_of_change, before.changes)))

    def between(self, difference: Difference) -> Between:
        """Give the checks between which the last part of *difference* came about, and the first one had not."""
        if self._last is None:
            return Between(None, self._at)
        whole = difference.change is not Change.CHANGED or not difference.attributes
        parts: Sequence[str | None] = [None] if whole else difference.attributes
        found = [self._of_part(difference, part) for part in parts]
        afters = [each.after for each in found]
        befores = [each.before for each in found]
        return Between(
            None if None in afters else min(each for each in afters if each is not None),
            max(each for each in befores if each is not None),
        )

    def _of_part(self, difference: Difference, part: str | None) -> Between:
        """The newest step that made it what it is; a step of unknown objects hides what was before."""
        names, containers = _names(difference), _containers(difference)
        for step in self._steps:
            if step.is_whole:
                return self._on_line(Between(None, step.at))
            is_of_container = step.came_or_went and not containers.isdisjoint(step.names)
            if is_of_container or (not names.isdisjoint(step.names) and _makes(step, part)):
                return self._on_line(Between(step.since, step.at))
        oldest = self._steps[-1].since if self._steps else self._last
        return self._on_line(Between(None, oldest))

    def _on_line(self, found: Between) -> Between:
        """Leave out what checks of another line saw: the server may have gone back since."""
        after = found.after if found.after is not None and found.after >= self._line_since else None
        before = found.before if found.before is not None and found.before >= self._line_since else self._last
        return Between(after, before)


def _makes(step: _Step, part: str | None) -> bool:
    if part is None:
        return step.came_or_went
    # Entries of before they had attributes name none.
    return step.came_or_went or part in step.attributes or not step.attributes


def _names(difference: Difference) -> frozenset[str]:
    return frozenset(str(each) for each in (difference.subject, difference.found_as) if each is not None)


def _containers(difference: Difference) -> frozenset[str]:
    """What takes the object along: its schema, its relation (of any kind that has such names), what it hangs on."""
    subject = difference.subject
    if subject.kind.place is Place.DATABASE:
        return frozenset()
    found = {f"{Kind.SCHEMA} {subject.name[0]}"}
    for definition in (difference.wanted, difference.found):
        if definition is None:
            continue
        found.update(map(str, definition.hangs_on))
        if subject.kind.is_in_relation or isinstance(definition, Index):
            relation = definition.table.name if isinstance(definition, Index) else subject.name[:2]
            found.update(f"{kind} {'.'.join(relation)}" for kind in RELATIONS)
    return frozenset(found)


def _of_difference(each: Difference, since: datetime, at: datetime) -> _Step:
    names = {str(each.subject), *map(str, each.folded)}
    if each.found_as is not None:
        names.add(str(each.found_as))
    return _Step(since, at, frozenset(names), _came_or_went(each), frozenset(each.attributes))


def _came_or_went(each: Difference) -> bool:
    return each.change is not Change.CHANGED or each.found_as is not None


def _of_change(change: SchemaChange) -> _Step:
    if change.before == change.after == "not listed":
        return _Step(change.since, change.at, frozenset(), came_or_went=True, attributes=frozenset(), is_whole=True)
    names = frozenset(_named(change.subject))
    came_or_went = change.before is None or change.after is None or len(names) > 1
    return _Step(change.since, change.at, names, came_or_went, frozenset(change.attributes))


def _named(subject: str) -> Iterator[str]:
    """``index public.a, now index public.b`` names both."""
    before, separator, after = subject.partition(", now ")
    yield before
    if separator:
        yield after
