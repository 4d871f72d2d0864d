"""What the records of the replay's catalog are called in the model."""

from collections.abc import Iterable
from typing import Any

from ....model.schema import IN_THIS_DATABASE, Kind, Subject
from ... import canonical
from .. import records
from ..names import TEMPORARY, Names
from ..records import Oid, Record

_GIVEN = ("public", TEMPORARY)
_MODES: dict[str, Any] = {"": "in", "OUT": "out", "INOUT": "inout", "VARIADIC": "variadic", "TABLE": "table"}
_KINDS: dict[type[Record], Kind] = {
    records.Table: Kind.TABLE,
    records.ForeignKey: Kind.FOREIGN_KEY,
    records.Index: Kind.INDEX,
    records.Enum: Kind.ENUM,
    records.Domain: Kind.DOMAIN,
    records.Composite: Kind.COMPOSITE_TYPE,
    records.Range: Kind.RANGE,
    records.Sequence: Kind.SEQUENCE,
    records.Trigger: Kind.TRIGGER,
    records.Policy: Kind.POLICY,
    records.ReplicaIdentity: Kind.REPLICA_IDENTITY,
    records.ClusterMark: Kind.CLUSTER_MARK,
    records.Rule: Kind.RULE,
    records.Cast: Kind.CAST,
    records.Extension: Kind.EXTENSION,
    records.Aggregate: Kind.AGGREGATE,
    records.Collation: Kind.COLLATION,
    records.Operator: Kind.OPERATOR,
    records.OperatorClass: Kind.OPERATOR_CLASS,
    records.OperatorFamily: Kind.OPERATOR_FAMILY,
    records.SearchConfiguration: Kind.SEARCH_CONFIGURATION,
    records.SearchDictionary: Kind.SEARCH_DICTIONARY,
    records.SearchParser: Kind.SEARCH_PARSER,
    records.SearchTemplate: Kind.SEARCH_TEMPLATE,
    records.Statistics: Kind.STATISTICS,
    records.Publication: Kind.PUBLICATION,
    records.Subscription: Kind.SUBSCRIPTION,
    records.EventTrigger: Kind.EVENT_TRIGGER,
}


_OF_DATABASE = (
    records.Namespace, records.Extension, records.Publication, records.Subscription, records.EventTrigger,
    records.Server,
)  # fmt: skip


class Subjects:
    def __init__(self, names: Names) -> None:
        self._names = names
        self._catalog = names.catalog

    def subject(self, oid: Oid, record: Record | None = None) -> Subject | None:  # noqa: C901, PLR0911  (one a kind)
        """What *oid*, or a *record* it once had, is called in the model; None for what has no definition of its own."""
        record = self._catalog[oid] if record is None else record
        if isinstance(record, records.Column):  # most records are
            if record.of_foreign:
                return Subject(Kind.FOREIGN_TABLE, self._names.full_name(record.table))
            return Subject(Kind.COLUMN, (*self._names.full_name(record.table), record.name))
        name = self._full_name(record)
        if isinstance(record, records.Table) and record.foreign:
            return Subject(Kind.FOREIGN_TABLE, name)
        if (kind := _KINDS.get(type(record))) is not None:
            return Subject(kind, name)
        match record:
            case records.Namespace():
                return None if record.name in _GIVEN else Subject(Kind.SCHEMA, name)
            case records.KeyConstraint(kind="primary key"):
                return Subject(Kind.PRIMARY_KEY, name[:-1])
            case records.KeyConstraint():
                return Subject(Kind.UNIQUE if record.kind == "unique" else Kind.EXCLUSION, name)
            case records.View():
                return Subject(Kind.MATERIALIZED_VIEW if record.materialized else Kind.VIEW, name)
            case records.Routine():
                return Subject(Kind.PROCEDURE if record.procedure else Kind.FUNCTION, name)
            case records.Check():
                return self.subject(record.table) if record.of_domain else Subject(Kind.CHECK, name)
            case records.Setting():
                return _setting(record)
            case _:
                return None

    def _full_name(self, record: Record) -> tuple[str, ...]:  # noqa: PLR0911  (one a kind of name)
        if isinstance(record, _OF_DATABASE):
            return (record.name,)
        if isinstance(record, records.Cast):
            source, target = (self._names.spelled(each, modified=False) for each in (record.source, record.target))
            return (f"{source} as {target}",)
        if isinstance(record, records.Operator):
            left, right = (
                None if each is None else self._names.spelled(each, modified=False)
                for each in (record.left, record.right)
            )
            signature = canonical.operator_signature(record.name, left, right)
            return (*self._names.full_name(record.schema), signature)
        if isinstance(record, records.OperatorClass | records.OperatorFamily):
            last = canonical.with_method(record.name, record.method)
            return (*self._names.full_name(record.schema), last)
        if isinstance(record, records.Routine):
            signature = canonical.routine_name(record.name, self.arguments(record))
            return (*self._names.full_name(record.schema), signature)
        table = getattr(record, "table", None)
        if isinstance(record, records.ReplicaIdentity | records.ClusterMark):
            return self._names.full_name(record.table)
        if table is not None and not isinstance(record, records.Index | records.Statistics):
            return (*self._names.full_name(table), record.name)  # type: ignore[attr-defined]  # what has a table has a name
        if isinstance(record, records.InSchema):
            return (*self._names.full_name(record.schema), record.name)
        return ()

    def hangs_on(self, oids: Iterable[Oid | None], *own: Oid) -> tuple[Subject, ...]:
        """The subjects of what holds an object, but for its own table and schema, which go without saying."""
        found: dict[Subject, None] = {}
        for oid in oids:
            if (
                oid is None
                or oid in own
                or oid not in self._catalog
                or isinstance(self._catalog[oid], records.Namespace)
            ):
                continue
            if (subject := self.subject(oid)) is not None:
                found[subject] = None
        return tuple(found)

    def of(self, oid: Oid) -> Subject:
        subject = self.subject(oid)
        if subject is None:
            raise LookupError(f"{oid} has no name in the model")
        return subject

    def column_names(self, oids: Iterable[Oid]) -> tuple[str, ...]:
        return tuple(self._names.full_name(oid)[-1] for oid in oids)

    def arguments(self, routine: records.Routine) -> list[canonical.Argument]:
        return [
            canonical.Argument(_MODES[each.mode], each.name, self._names.spelled(each.type, modified=False))
            for each in routine.arguments
        ]


def _setting(setting: records.Setting) -> Subject:
    if setting.role:
        here = () if setting.database is None else (IN_THIS_DATABASE,)
        return Subject(Kind.ROLE_SETTING, (setting.role, *here, setting.name))
    return Subject(Kind.DATABASE_SETTING, (setting.name,))
