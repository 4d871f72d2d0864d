"""The catalog shown as the model's values: names for oids, canonical forms for trees.

Only what has changed since the last time is shown again, so that a refresh after every statement costs what
the statement touched.
"""

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import TypeVar

from ....model.schema import Column, Definition, Doubt, Kind, Schema, Subject
from ....model.value import dataclass, replace
from .. import records
from ..names import TEMPORARY, Names
from ..records import Oid
from .definitions import Definitions
from .subjects import Subjects

__all__ = ["Changes", "Show", "Subjects"]

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Changes:
    """Each object that changed, as it was and as it is (None: no such object); and what has become opaque, and why.

    *doubts* are all that there are of those objects. *uncompared* changed in what is no difference between schemas.
    """

    objects: Mapping[Subject, tuple[Definition | None, Definition | None]]
    opaque: Mapping[Subject, str]
    doubts: Mapping[Subject, Doubt] = field(default_factory=lambda: MappingProxyType({}))
    uncompared: Mapping[Subject, tuple[Definition, Definition]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class _Refresh:
    """What was shown before a refresh, where it found changes; None: nothing."""

    objects: dict[Subject, Definition | None]
    opaque: dict[Subject, str | Doubt | None]
    shown: dict[Oid, tuple[Subject, ...] | None]
    opaque_by: dict[Oid, Subject | None]


def _is_kept_otherwise(was: Column, now: Column) -> bool:
    return (was.default_type, was.not_null_name) != (now.default_type, now.not_null_name)


def _put_back(now: dict[K, V], before: Mapping[K, V | None]) -> None:
    for key, value in before.items():
        if value is None:
            now.pop(key, None)
        else:
            now[key] = value


class Show:
    def __init__(self, names: Names) -> None:
        self._names = names
        self._catalog = names.catalog
        self._shown: dict[Oid, tuple[Subject, ...]] = {}
        self._objects: dict[Subject, Definition] = {}
        self._opaque: dict[Subject, str | Doubt] = {}
        self._opaque_by: dict[Oid, Subject] = {}
        self._definitions = Definitions(names)
        self._subjects = Subjects(names)
        self._kept: list[_Refresh] | None = None
        self._temporary = names.schema(TEMPORARY)

    def schema(self) -> Schema:
        self._refresh(noting=self._kept is not None)
        opaque = {subject: why for subject, why in self._opaque.items() if isinstance(why, str)}
        doubts = {subject: doubt for subject, doubt in self._opaque.items() if isinstance(doubt, Doubt)}
        return Schema(MappingProxyType(dict(self._objects)), MappingProxyType(opaque), MappingProxyType(doubts))

    def current(self, subject: Subject) -> Definition | None:
        """What *subject* was at the last refresh."""
        return self._objects.get(subject)

    def mark(self) -> int | None:
        """The last refresh, to come back to; None if something has changed since."""
        if not self._catalog.is_unchanged:
            return None
        if self._kept is None:  # refreshes are kept only once somebody may come back
            self._kept = []
        return len(self._kept)

    def undo(self, mark: int) -> None:
        """Show again what was shown at *mark*. The catalog must be as it was then."""
        kept = self._kept or []
        while len(kept) > mark:
            refresh = kept.pop()
            _put_back(self._objects, refresh.objects)
            _put_back(self._opaque, refresh.opaque)
            _put_back(self._shown, refresh.shown)
            _put_back(self._opaque_by, refresh.opaque_by)
        self._catalog.forget_changed()

    def changes(self) -> Changes:
        """What has changed since the last refresh."""
        before, opaque_before = self._refresh(noting=True)
        changed = {subject: (was, self._objects.get(subject)) for subject, was in before.items()}
        return Changes(
            {subject: (was, now) for subject, (was, now) in changed.items() if was is not now and was != now},
            {
                subject: why
                for subject, was in opaque_before.items()
                if not isinstance(was, str) and isinstance(why := self._opaque.get(subject), str)
            },
            {
                subject: doubt
                for subject in (*before, *opaque_before)
                if isinstance(doubt := self._opaque.get(subject), Doubt)
            },
            {
                subject: (was, now)
                for subject, (was, now) in changed.items()
                if was is not now and isinstance(was, Column) and isinstance(now, Column)
                if was == now and _is_kept_otherwise(was, now)
            },
        )

    def _refresh(self, *, noting: bool) -> tuple[dict[Subject, Definition | None], dict[Subject, str | Doubt | None]]:
        """Show again what has changed since the last refresh; *noting* it, give what was shown and opaque before."""
        before: dict[Subject, Definition | None] = {}
        opaque_before: dict[Subject, str | Doubt | None] = {}
        changed = self._catalog.take_changed()
        kept = changed if self._kept is not None else ()
        shown = {oid: self._shown.get(oid) for oid in kept}
        opaque_by = {oid: self._opaque_by.get(oid) for oid in kept}
        for oid in changed:
            for subject in self._shown.pop(oid, ()):
                before.setdefault(subject, self._objects.pop(subject, None))
            if (hidden := self._opaque_by.pop(oid, None)) is not None:
                opaque_before.setdefault(hidden, self._opaque.pop(hidden, None))
        for oid in sorted(changed):
            if oid not in self._catalog:
                continue
            record = self._catalog[oid]
            if isinstance(record, records.Opaque | records.Doubted):
                self._show_unknown(oid, record, opaque_before)
            elif not self._is_left_out(oid):
                found = dict(self._definitions.of(oid, record))
                for subject in found if noting else ():
                    before.setdefault(subject, self._objects.get(subject))
                self._objects.update(found)
                self._shown[oid] = tuple(found)
        if self._kept is not None and changed:
            self._kept.append(_Refresh(before, opaque_before, shown, opaque_by))
        return before, opaque_before

    def _show_unknown(
        self, oid: Oid, record: records.Opaque | records.Doubted, before: dict[Subject, str | Doubt | None]
    ) -> None:
        subject: Subject | None
        why: str | Doubt
        if isinstance(record, records.Opaque):
            subject, why = record.subject, record.doubt or record.because
        else:
            said_by = self._catalog.said_by(record.of)
            subject, why = self._subjects.subject(said_by), record.doubt
            if self._is_left_out(said_by):
                return
            if subject is not None and subject.kind is Kind.FOREIGN_TABLE and said_by != record.of:
                why = replace(why, attributes=frozenset({"columns"}))
        # Where nothing is known, there is no more to doubt.
        if subject is not None and not (isinstance(why, Doubt) and isinstance(self._opaque.get(subject), str)):
            before.setdefault(subject, self._opaque.get(subject))
            self._opaque[subject] = why
            self._opaque_by[oid] = subject

    def _is_left_out(self, oid: Oid) -> bool:
        """Temporary tables and all that is theirs; of foreign tables all but themselves, and statistics of them."""
        record = self._catalog[oid]
        if isinstance(record, records.InSchema) and record.schema == self._temporary:
            return True
        table = getattr(record, "table", None)
        if table is None:
            return False
        is_foreign = getattr(self._catalog[table], "foreign", False) and not isinstance(record, records.Statistics)
        return is_foreign or self._is_left_out(table)
