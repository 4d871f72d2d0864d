"""Who has which name: what the server looks at before it makes an object, in its order."""

from collections.abc import Iterable, Iterator, Mapping

from ...model.schema import (
    CONSTRAINTS,
    INDEXED_CONSTRAINTS,
    NAMED_AS_RELATIONS,
    NAMED_AS_TYPES,
    OPERATOR_GROUPS,
    RELATIONS,
    ROUTINES,
    TEXT_SEARCH,
    TYPES,
    Kind,
    Subject,
)
from ..object_types import DATABASE_TYPES
from .known import Known

_RELATION, _OBJECT, _TABLE, _ROUTINE = "42P07", "42710", "42P16", "42723"
_TYPES_ALONE = NAMED_AS_TYPES - NAMED_AS_RELATIONS
# Nothing of another kind is in the way of their names.
_OF_ONE_NAME: Mapping[Kind, str] = {
    **dict.fromkeys(
        (Kind.TRIGGER, Kind.POLICY, Kind.RULE, Kind.COLLATION, Kind.STATISTICS, Kind.CAST,
         *DATABASE_TYPES.values(), *OPERATOR_GROUPS),
        _OBJECT,
    ),
    Kind.COLUMN: "42701",
    Kind.OPERATOR: _ROUTINE,
    Kind.SCHEMA: "42P06",
    # Only the index of the system's table refuses another one of the name.
    **dict.fromkeys(TEXT_SEARCH, "23505"),
}  # fmt: skip


class TakenNames:
    """Who has which name in the schema that *before* is."""

    def __init__(self, before: Known) -> None:
        self._before = before

    def taken(self, claim: Subject) -> tuple[Subject, str] | None:
        """Who has the name that *claim* is for, and the SQLSTATE with which the server refuses it."""
        found = next((each for each in self._holders(claim) if each[0] is not None), None)
        return None if found is None or found[0] is None else (found[0], found[1])

    def _holders(self, claim: Subject) -> Iterator[tuple[Subject | None, str]]:
        """In the order in which the server looks."""
        kind, name = claim.kind, claim.name
        if kind is Kind.PRIMARY_KEY:
            yield self._same(Subject(kind, name[:2])), _TABLE
        yield from self._relations_and_types(kind, (name[0], name[-1]), is_of_table=len(name) > 2)
        if kind in CONSTRAINTS and len(name) > 2:
            found = self._before.constraint((name[0], name[1]), name[2])
            has_index = found is not None and {kind, found.kind} <= {*INDEXED_CONSTRAINTS}
            yield found, _RELATION if has_index else _OBJECT
        if kind in ROUTINES:
            yield self._first(ROUTINES, name), _ROUTINE
        elif kind in _OF_ONE_NAME:
            yield self._same(claim), _OF_ONE_NAME[kind]

    def _relations_and_types(
        self, kind: Kind, place: tuple[str, str], *, is_of_table: bool
    ) -> Iterator[tuple[Subject | None, str]]:
        if kind in TYPES:
            yield self._first(NAMED_AS_TYPES, place), _OBJECT
        if kind in NAMED_AS_RELATIONS or (kind in INDEXED_CONSTRAINTS and is_of_table):
            yield self._relation(place), _RELATION
        if kind in (*RELATIONS, Kind.FOREIGN_TABLE, Kind.SEQUENCE, Kind.COMPOSITE_TYPE):
            yield self._first(_TYPES_ALONE, place), _OBJECT

    def _same(self, subject: Subject) -> Subject | None:
        return subject if subject in self._before.objects else None

    def _first(self, kinds: Iterable[Kind], name: tuple[str, ...]) -> Subject | None:
        return next((found for kind in kinds if (found := self._same(Subject(kind, name))) is not None), None)

    def _relation(self, place: tuple[str, str]) -> Subject | None:
        """The sequence of an identity column is no object of the schema."""
        found = self._before.subject(place)
        return None if found is None or found.kind is Kind.COLUMN else found
