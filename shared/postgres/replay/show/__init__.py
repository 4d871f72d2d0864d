"""The catalog shown as the model's values: names for oids, canonical forms for trees.

Only what has changed since the last time is shown anew, so that looking after every statement costs what the statement
touched.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shared.model.schema import Definition, Schema, Subject
from shared.postgres.replay import records
from shared.postgres.replay.names import Names
from shared.postgres.replay.records import Oid
from shared.postgres.replay.show.definitions import Definitions
from shared.postgres.replay.show.subjects import Subjects
from shared.postgres.replay.world import TEMPORARY

__all__ = ["Changes", "Show", "Subjects"]


@dataclass(frozen=True, slots=True)
class Changes:
    """Each object that changed, as it was and as it is (None: not there); and what has become opaque, and why."""

    objects: Mapping[Subject, tuple[Definition | None, Definition | None]]
    opaque: Mapping[Subject, str]


class Show:
    def __init__(self, names: Names) -> None:
        self._names = names
        self._catalog = names.catalog
        self._shown: dict[Oid, tuple[Subject, ...]] = {}
        self._objects: dict[Subject, Definition] = {}
        self._opaque: dict[Subject, str] = {}
        self._opaque_by: dict[Oid, Subject] = {}
        self._definitions = Definitions(names)

    def schema(self) -> Schema:
        self.changes()
        return Schema(MappingProxyType(dict(self._objects)), MappingProxyType(dict(self._opaque)))

    def current(self, subject: Subject) -> Definition | None:
        """What *subject* was at the last look."""
        return self._objects.get(subject)

    def changes(self) -> Changes:
        """What has changed since the last look."""
        before: dict[Subject, Definition | None] = {}
        opaque_before: dict[Subject, str | None] = {}
        changed = self._catalog.take_changed()
        for oid in changed:
            for subject in self._shown.pop(oid, ()):
                before.setdefault(subject, self._objects.pop(subject, None))
            if (hidden := self._opaque_by.pop(oid, None)) is not None:
                opaque_before.setdefault(hidden, self._opaque.pop(hidden, None))
        for oid in sorted(changed):
            if oid not in self._catalog:
                continue
            record = self._catalog[oid]
            if isinstance(record, records.Opaque):
                opaque_before.setdefault(record.subject, self._opaque.get(record.subject))
                self._opaque[record.subject] = record.because
                self._opaque_by[oid] = record.subject
                continue
            if not self._is_left_out(oid):
                found = dict(self._definitions.of(oid, record))
                for subject in found:
                    before.setdefault(subject, self._objects.get(subject))
                self._objects.update(found)
                self._shown[oid] = tuple(found)
        return Changes(
            {subject: (was, now) for subject, was in before.items() if was != (now := self._objects.get(subject))},
            {
                subject: self._opaque[subject]
                for subject, was in opaque_before.items()
                if was is None and subject in self._opaque
            },
        )

    def _is_left_out(self, oid: Oid) -> bool:
        """Temporary and foreign tables, and all that is theirs."""
        record = self._catalog[oid]
        if isinstance(record, records.InSchema) and self._names.full_name(record.schema) == (TEMPORARY,):
            return True
        table = getattr(record, "table", None)
        return getattr(record, "foreign", False) or (table is not None and self._is_left_out(table))
