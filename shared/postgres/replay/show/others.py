"""Records of kinds that few schemas have as definitions of the model."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ....model import schema as model
from ....model.schema import Definition, Subject
from ....model.value import dataclass
from ... import canonical
from .. import records
from ..names import Names
from ..records import Oid, Record, TypeRef
from ..texts import UNKNOWN
from .expressions import Expressions
from .subjects import Subjects

Defined = Iterator[tuple[Subject, Definition]]

_OPERATIONS: tuple[model.Operation, ...] = ("insert", "update", "delete", "truncate")


@dataclass(frozen=True, slots=True)
class Tools:
    """What a reader needs besides the record."""

    names: Names
    subjects: Subjects
    expressions: Expressions

    def function(self, function: Oid | str) -> str:
        return self.names.qualified(function) if isinstance(function, int) else function

    def named(self, each: Oid | str | None) -> str | None:
        return None if each is None else self.function(each)

    def operator(self, each: Oid | str | None) -> str | None:
        return canonical.operator_name(self.names.full_name(each)) if isinstance(each, int) else each

    def type(self, type_: TypeRef | None) -> str | None:
        return None if type_ is None else self.names.spelled(type_, modified=False)


def _replica_identity(tools: Tools, oid: Oid, identity: records.ReplicaIdentity) -> Defined:
    index = None if identity.index is None else tools.subjects.of(identity.index)
    yield tools.subjects.of(oid), model.ReplicaIdentity(identity.mode, index)


def _cluster_mark(tools: Tools, oid: Oid, mark: records.ClusterMark) -> Defined:
    index = tools.subjects.of(mark.index)
    yield tools.subjects.of(oid), model.ClusterMark(index, hangs_on=(index,))


def _publication(tools: Tools, oid: Oid, publication: records.Publication) -> Defined:
    catalog = tools.names.catalog
    published = [each for _, each in catalog.held(oid, records.Published)]
    tables = [_published(tools, each) for each in published if isinstance(catalog[each.of], records.Table)]
    schemas = (catalog.get(each.of, records.Namespace) for each in published)
    yield (
        tools.subjects.of(oid),
        model.Publication(
            all_tables=publication.all_tables,
            tables=tuple(sorted(tables, key=lambda each: each.table)),
            schemas=tuple(sorted(each.name for each in schemas if each is not None)),
            operations=tuple(each for each in _OPERATIONS if each in publication.operations),
            via_root=publication.via_root,
            generated_columns=publication.generated_columns,
        ),
    )


def _published(tools: Tools, published: records.Published) -> model.PublishedTable:
    columns = tuple(sorted(tools.subjects.column_names(published.columns)))
    return model.PublishedTable(tools.subjects.of(published.of), columns, tools.expressions.optional(published.where))


def _subscription(tools: Tools, oid: Oid, subscription: records.Subscription) -> Defined:
    publications = tuple(sorted(subscription.publications))
    yield tools.subjects.of(oid), model.Subscription(publications, subscription.enabled, subscription.slot)


def _event_trigger(tools: Tools, oid: Oid, trigger: records.EventTrigger) -> Defined:
    yield (
        tools.subjects.of(oid),
        model.EventTrigger(
            event=trigger.event,
            function=tools.function(trigger.function),
            tags=trigger.tags,
            enabled=trigger.enabled,
            hangs_on=tools.subjects.hangs_on(trigger.held_by()),
        ),
    )


def _statistics(tools: Tools, oid: Oid, statistics: records.Statistics) -> Defined:
    columns = (*tools.subjects.column_names(statistics.columns), *statistics.names)
    yield (
        tools.subjects.of(oid),
        model.Statistics(
            table=tools.subjects.of(statistics.table),
            kinds=statistics.kinds,
            columns=tuple(sorted(columns)),
            expressions=tuple(map(tools.expressions.of, statistics.expressions)),
            target=statistics.target,
            hangs_on=tools.subjects.hangs_on(statistics.held_by()),
        ),
    )


def _collation(tools: Tools, oid: Oid, collation: records.Collation) -> Defined:
    yield (
        tools.subjects.of(oid),
        model.Collation(
            collation.provider, collation.locale, collation.ctype, collation.deterministic, collation.rules
        ),
    )


def _cast(tools: Tools, oid: Oid, cast: records.Cast) -> Defined:
    yield (
        tools.subjects.of(oid),
        model.Cast(
            source=tools.names.spelled(cast.source, modified=False),
            target=tools.names.spelled(cast.target, modified=False),
            method=cast.method,
            context=cast.context,
            function=tools.named(cast.function),
            hangs_on=tools.subjects.hangs_on(cast.held_by()),
        ),
    )


def _operator(tools: Tools, oid: Oid, operator: records.Operator) -> Defined:
    if operator.function is None:
        return
    yield (
        tools.subjects.of(oid),
        model.Operator(
            left=tools.type(operator.left),
            right=tools.type(operator.right),
            function=tools.function(operator.function),
            commutator=tools.operator(operator.commutator),
            negator=tools.operator(operator.negator),
            restrict=tools.named(operator.restrict),
            join=tools.named(operator.join),
            hashes=operator.hashes,
            merges=operator.merges,
            hangs_on=tools.subjects.hangs_on(operator.needs),
        ),
    )


def _range(tools: Tools, oid: Oid, range_: records.Range) -> Defined:
    yield (
        tools.subjects.of(oid),
        model.RangeType(
            subtype=tools.names.spelled(range_.subtype, modified=False),
            operator_class=_subtype_class(tools, range_.operator_class),
            collation=tools.named(range_.collation),
            canonical=tools.named(range_.canonical),
            subtype_diff=tools.named(range_.subtype_diff),
            multirange=tools.named(range_.multirange),
            # The function that it is canonical by hangs on it in turn.
            hangs_on=tools.subjects.hangs_on(each for each in range_.held_by() if each != range_.canonical),
        ),
    )


def _subtype_class(tools: Tools, class_: Oid | str | None) -> str | None:
    """None for a default one, as of indexes."""
    record = tools.names.catalog.get(class_, records.OperatorClass) if isinstance(class_, int) else None
    if record is not None:
        return None if record.default else record.name
    return class_ if isinstance(class_, str) else None


def _aggregate(tools: Tools, oid: Oid, aggregate: records.Aggregate) -> Defined:
    yield (
        tools.subjects.of(oid),
        model.Aggregate(
            arguments=canonical.routine_arguments(tools.subjects.arguments(aggregate)),
            functions=tuple(model.Support(role, tools.function(each)) for role, each in aggregate.functions),
            state_type=tools.names.spelled(aggregate.state_type, modified=False),
            initial=aggregate.initial,
            moving_type=tools.type(aggregate.moving_type),
            moving_initial=aggregate.moving_initial,
            form=aggregate.form,
            direct=aggregate.direct,
            extra=aggregate.extra,
            modify=aggregate.modify,
            sort_operator=aggregate.sort_operator,
            parallel=aggregate.parallel,
            hangs_on=tools.subjects.hangs_on(aggregate.held_by()),
        ),
    )


def _setting(tools: Tools, oid: Oid, setting: records.Setting) -> Defined:
    database = None if setting.database == UNKNOWN else setting.database
    yield tools.subjects.of(oid), model.Setting(setting.value, database=database)


OTHERS: Mapping[type[Record], Callable[[Tools, Oid, Any], Defined]] = {
    records.Aggregate: _aggregate,
    records.Cast: _cast,
    records.ClusterMark: _cluster_mark,
    records.Collation: _collation,
    records.EventTrigger: _event_trigger,
    records.Operator: _operator,
    records.Publication: _publication,
    records.Range: _range,
    records.ReplicaIdentity: _replica_identity,
    records.Setting: _setting,
    records.Statistics: _statistics,
    records.Subscription: _subscription,
}
