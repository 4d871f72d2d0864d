"""Owners and privileges by the names of the model."""

from collections.abc import Iterator

from ....model.privileges import DefaultFor, ExpectedRights, Held, Owned
from ....model.schema import Kind, Subject
from .. import records
from ..names import TEMPORARY
from ..records.rights import DefaultRights, OwnRights
from ..show.subjects import Subjects
from ..state import State
from .own import OWNED, now_of, rights_on


def shown(state: State) -> ExpectedRights:
    """All that is known, by the names of the model."""
    now = now_of(state)
    objects: dict[Subject, Owned] = {}
    doubtful: dict[Subject, frozenset[Held]] = {}
    for subject, own in _objects(state):
        objects[subject] = Owned(own.owner, own.acl)
        if own.doubtful:
            doubtful[subject] = own.doubtful
    found = dict(_defaults(state))
    return ExpectedRights(
        objects,
        {key: each.acl for key, each in found.items()},
        doubtful,
        {key: each.doubtful for key, each in found.items() if each.doubtful},
        dict(now.members),
        dict(now.bypassing),
        now.unsure,
    )


def _objects(state: State) -> Iterator[tuple[Subject, OwnRights]]:
    """What has an owner, and the columns with privileges of their own."""
    subjects = Subjects(state.names)
    for oid, record in state.catalog.everything():
        there = state.catalog.find("rights", oid, "")
        has_rights = isinstance(record, OWNED) or (isinstance(record, records.Column) and there is not None)
        if not has_rights or state.is_temporary(oid):
            continue
        if not isinstance(record, records.Namespace):
            subject = subjects.subject(oid, record)
        elif record.name == TEMPORARY or (there is None and state.catalog.find("doubt", oid, "") is not None):
            continue  # no script makes it
        else:
            subject = Subject(Kind.SCHEMA, (record.name,))
        # Columns of foreign tables have no subject of their own.
        if subject is not None and isinstance(record, records.Column) == (subject.kind is Kind.COLUMN):
            yield subject, rights_on(state, oid)


def _defaults(state: State) -> Iterator[tuple[DefaultFor, DefaultRights]]:
    for oid in state.catalog.find_all("default rights", 0, ""):
        each = state.catalog.expect(oid, DefaultRights)
        schema = state.catalog.get(each.schema, records.Namespace)
        yield DefaultFor(each.role, "" if schema is None else schema.name, each.objects), each
