"""The catalog shown as the model's values: names for oids, canonical forms for trees.

Only what has changed since the last time is shown anew, so that looking after every statement costs what the statement
touched.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import md5
from types import MappingProxyType
from typing import Any

from shared.model import schema as model
from shared.model.schema import Definition, Expression, Kind, Schema, Subject
from shared.postgres import canonical
from shared.postgres.parse import Tree
from shared.postgres.replay import records
from shared.postgres.replay.names import Names
from shared.postgres.replay.records import Bound, Oid, Record, TypeRef
from shared.postgres.replay.world import TEMPORARY

_NAMES = canonical.AsWritten()
_GIVEN = ("public", TEMPORARY)


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
        self._definitions: dict[type[Record], Callable[[Oid, Any], Iterator[tuple[Subject, Definition]]]] = {
            records.Namespace: self._namespace,
            records.Table: self._table,
            records.Column: self._column,
            records.KeyConstraint: self._key,
            records.ForeignKey: self._foreign_key,
            records.Check: self._check,
            records.Index: self._index,
            records.Enum: self._enum,
            records.Domain: self._domain,
            records.Composite: self._composite,
            records.Sequence: self._sequence,
            records.View: self._view,
            records.Routine: self._routine,
            records.Trigger: self._trigger,
            records.Policy: self._policy,
            records.Rule: self._rule,
            records.Extension: self._extension,
        }

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
            show = self._definitions.get(type(record))
            if show is not None and not self._is_left_out(oid):
                found = dict(show(oid, record))
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

    # Subjects

    def subject(self, oid: Oid, record: Record | None = None) -> Subject | None:  # noqa: PLR0911  (one a kind)
        """What *oid*, or a *record* it once had, is called in the model; None for what has no definition of its own."""
        record = self._catalog[oid] if record is None else record
        name = self._full_name(record)
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
            case records.Check(of_domain=True):
                return self.subject(record.table)
            case _:
                kind = _KINDS.get(type(record))
                return None if kind is None else Subject(kind, name)

    def _full_name(self, record: Record) -> tuple[str, ...]:
        if isinstance(record, records.Namespace | records.Extension):
            return (record.name,)
        if isinstance(record, records.Routine):
            signature = canonical.routine_name(record.name, self._arguments(record))
            return (*self._names.full_name(record.schema), signature)
        table = getattr(record, "table", None)
        if table is not None and not isinstance(record, records.Index):
            return (*self._names.full_name(table), record.name)  # type: ignore[attr-defined]  # what has a table has a name
        if isinstance(record, records.InSchema):
            return (*self._names.full_name(record.schema), record.name)
        return ()

    def _hangs_on(self, oids: Iterable[Oid | None], *own: Oid) -> tuple[Subject, ...]:
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

    def _table_subject(self, oid: Oid) -> Subject:
        subject = self.subject(oid)
        if subject is None:
            raise LookupError(f"{oid} has no name in the model")
        return subject

    def _column_names(self, oids: Iterable[Oid]) -> tuple[str, ...]:
        return tuple(self._names.full_name(oid)[-1] for oid in oids)

    # Expressions

    def _expression(self, bound: Bound | None) -> Expression | None:
        return None if bound is None else self._certain(bound)

    def _certain(self, bound: Bound) -> Expression:
        return canonical.expression(self._names.unbound(bound.tree), _NAMES)

    def _default(self, bound: Bound | None, type_: TypeRef) -> Expression | None:
        tree = None if bound is None else self._names.unbound(bound.tree)
        return canonical.default(tree, self._base_type(type_), _NAMES)

    def _base_type(self, type_: TypeRef) -> str:
        """What a constant of *type_* is read as: a domain's own type."""
        domain = self._catalog.get(type_.oid, records.Domain)
        if domain is not None and not type_.tree.get("arrayBounds"):
            return self._base_type(domain.type)
        return self._names.spelled(type_)

    def _index_key(self, key: records.IndexKey) -> model.IndexKey:
        column = None if key.column is None else self._names.full_name(key.column)[-1]
        expression, collation = None, key.collation
        if key.expression is not None:
            tree = self._names.unbound(key.expression.tree)
            # A column of a materialized view, or one that was put in parentheses.
            if "CollateClause" in tree:  # one and the same, inside the parentheses or after them
                collation = collation or canonical.spelled(canonical.words(tree["CollateClause"]["collname"]))
                tree = tree["CollateClause"]["arg"]
            if "ColumnRef" in tree and "String" in tree["ColumnRef"]["fields"][-1]:
                column = tree["ColumnRef"]["fields"][-1]["String"]["sval"]
            else:
                expression = canonical.expression(tree, _NAMES)
        own = self._catalog.get(key.column, records.Column)
        if own is not None and collation == own.collation:
            collation = None
        return model.IndexKey(column, expression, key.descending, key.nulls_first, key.operator_class, collation)

    # Definitions

    def _namespace(self, oid: Oid, _: records.Namespace) -> Iterator[tuple[Subject, Definition]]:
        if (subject := self.subject(oid)) is not None:
            yield subject, model.Namespace()

    def _table(self, oid: Oid, table: records.Table) -> Iterator[tuple[Subject, Definition]]:
        subject = self._table_subject(oid)
        key = None
        if table.partition_by is not None:
            strategy, keys = table.partition_by
            key = canonical.partition_key(strategy, map(self._index_key, keys))
        yield (
            subject,
            model.Table(
                unlogged=table.unlogged,
                partition_by=key,
                partition_of=None if table.partition_of is None else self.subject(table.partition_of),
                bound=canonical.partition_bound(self._names.unbound(table.bound), _NAMES) if table.bound else None,
                inherits=tuple(map(self._table_subject, table.inherits)),
                hangs_on=self._hangs_on((*table.inherits, table.partition_of)),
            ),
        )
        if table.row_security or table.forced:
            yield Subject(Kind.ROW_SECURITY, subject.name), model.RowSecurity(table.row_security, table.forced)

    def _column(self, oid: Oid, column: records.Column) -> Iterator[tuple[Subject, Definition]]:
        given = self._catalog.get(self._catalog.find("default", oid, ""), records.Default)
        default = generated = identity = None
        if given is not None and given.generated:
            generated = model.Generated(self._certain(given.expression), given.generated == "stored")
        elif given is not None:
            default = self._default(given.expression, column.type)
        if column.identity:
            owned = (each.options for _, each in self._catalog.held(oid, records.Sequence) if each.identity)
            options = next(owned, model.SequenceOptions())
            identity = model.Identity(column.identity == "always", options)
        yield (
            self._table_subject(oid),
            model.Column(
                type=self._names.spelled(column.type),
                nullable=not column.not_null,
                default=default,
                identity=identity,
                generated=generated,
                collation=column.collation,
                hangs_on=self._hangs_on((*column.inherited_from, *column.held_by()), column.table),
            ),
        )

    def _key(self, oid: Oid, key: records.KeyConstraint) -> Iterator[tuple[Subject, Definition]]:
        if key.parent is not None:
            return
        columns, include = self._column_names(key.columns), self._column_names(key.include)
        hangs_on = self._hangs_on(key.held_by(), key.table)
        definition: Definition
        if key.kind == "primary key":
            definition = model.PrimaryKey(key.name, columns, include, key.deferral, hangs_on=hangs_on)
        elif key.kind == "unique":
            definition = model.Unique(columns, include, key.nulls_not_distinct, key.deferral, hangs_on=hangs_on)
        else:
            elements = tuple((self._index_key(each), operator) for each, operator in key.elements)
            predicate = self._expression(key.predicate)
            definition = model.Exclusion(key.method, elements, include, predicate, key.deferral, hangs_on=hangs_on)
        yield self._table_subject(oid), definition

    def _foreign_key(self, oid: Oid, key: records.ForeignKey) -> Iterator[tuple[Subject, Definition]]:
        if key.parent is None:
            yield (
                self._table_subject(oid),
                model.ForeignKey(
                    columns=self._column_names(key.columns),
                    referenced_table=self._table_subject(key.referenced_table),
                    referenced_columns=self._column_names(key.referenced_columns),
                    on_update=key.on_update,
                    on_delete=key.on_delete,
                    on_delete_columns=self._column_names(key.on_delete_columns),
                    match=key.match,
                    deferral=key.deferral,
                    validated=key.validated,
                    enforced=key.enforced,
                    hangs_on=self._hangs_on(key.held_by(), key.table),
                ),
            )

    def _check(self, oid: Oid, check: records.Check) -> Iterator[tuple[Subject, Definition]]:
        if check.local and not check.of_domain:
            yield (
                self._table_subject(oid),
                model.Check(
                    self._certain(check.expression),
                    validated=check.validated,
                    no_inherit=check.no_inherit,
                    enforced=check.enforced,
                    hangs_on=self._hangs_on(check.held_by(), check.table),
                ),
            )

    def _index(self, oid: Oid, index: records.Index) -> Iterator[tuple[Subject, Definition]]:
        if index.parent is None:
            yield (
                self._table_subject(oid),
                model.Index(
                    table=self._table_subject(index.table),
                    method=index.method,
                    keys=tuple(map(self._index_key, index.index_keys)),
                    include=self._column_names(index.include),
                    predicate=self._expression(index.predicate),
                    unique=index.unique,
                    nulls_not_distinct=index.nulls_not_distinct,
                    valid=index.valid,
                    hangs_on=self._hangs_on(index.held_by(), index.table),
                ),
            )

    def _enum(self, oid: Oid, enum: records.Enum) -> Iterator[tuple[Subject, Definition]]:
        yield self._table_subject(oid), model.Enum(enum.values)

    def _domain(self, oid: Oid, domain: records.Domain) -> Iterator[tuple[Subject, Definition]]:
        checks = [
            model.DomainCheck(each.name, self._certain(each.expression), each.validated)
            for _, each in self._catalog.held(oid, records.Check)
            if each.table == oid
        ]
        yield (
            self._table_subject(oid),
            model.Domain(
                type=self._names.spelled(domain.type),
                nullable=not domain.not_null,
                default=self._default(domain.default, domain.type),
                collation=domain.collation,
                checks=tuple(sorted(checks, key=lambda check: check.name)),
                hangs_on=self._hangs_on(domain.held_by()),
            ),
        )

    def _composite(self, oid: Oid, composite: records.Composite) -> Iterator[tuple[Subject, Definition]]:
        attributes = tuple(
            model.Attribute(name, self._names.spelled(type_), collation)
            for name, type_, collation in composite.attributes
        )
        yield self._table_subject(oid), model.CompositeType(attributes, hangs_on=self._hangs_on(composite.held_by()))

    def _sequence(self, oid: Oid, sequence: records.Sequence) -> Iterator[tuple[Subject, Definition]]:
        if not sequence.identity:
            yield (
                self._table_subject(oid),
                model.Sequence(
                    sequence.options,
                    owner=None if sequence.owner is None else self.subject(sequence.owner),
                    hangs_on=self._hangs_on(sequence.held_by()),
                ),
            )

    def _view(self, oid: Oid, view: records.View) -> Iterator[tuple[Subject, Definition]]:
        body = None if view.query is None else canonical.query(self._names.unbound(view.query.tree), _NAMES)
        yield (
            self._table_subject(oid),
            model.View(
                columns=tuple(column.name for column in view.columns),
                body=body,
                options=view.options,
                hangs_on=self._hangs_on(view.held_by()),
            ),
        )

    def _arguments(self, routine: records.Routine) -> list[canonical.Argument]:
        return [
            canonical.Argument(_MODES[each.mode], each.name, self._names.spelled(each.type, modified=False))
            for each in routine.arguments
        ]

    def _routine(self, oid: Oid, routine: records.Routine) -> Iterator[tuple[Subject, Definition]]:
        arguments = self._arguments(routine)
        result = None
        if routine.result is not None:
            returns = self._names.spelled(routine.result, modified=False)
            result = canonical.routine_result(arguments, returns, returns_set=routine.set_of)
        body = routine.sql_body
        defaults = (
            canonical.argument_default(self._names.unbound(each.default.tree), self._base_type(each.type), _NAMES)
            for each in routine.arguments
            if each.default is not None
        )
        yield (
            self._table_subject(oid),
            model.Routine(
                arguments=canonical.routine_arguments(arguments),
                result=result,
                language=routine.language,
                body_md5=md5(routine.body.encode(), usedforsecurity=False).hexdigest(),
                volatility=routine.volatility,
                strict=routine.strict,
                security_definer=routine.security_definer,
                leakproof=routine.leakproof,
                parallel=routine.parallel,
                defaults=tuple(defaults),
                settings=routine.settings,
                body=None if body is None else canonical.body(self._names.unbound(body.tree), _NAMES),
                hangs_on=self._hangs_on(routine.held_by()),
            ),
        )

    def _trigger(self, oid: Oid, trigger: records.Trigger) -> Iterator[tuple[Subject, Definition]]:
        if trigger.parent is None:
            function = trigger.function
            yield (
                self._table_subject(oid),
                model.Trigger(
                    timing=trigger.timing,
                    events=trigger.events,
                    function=self._names.qualified(function) if isinstance(function, int) else function,
                    arguments=trigger.arguments,
                    for_each=trigger.for_each,
                    update_of=tuple(sorted(self._column_names(trigger.update_of))),
                    when=self._expression(trigger.when),
                    enabled=trigger.enabled,
                    constraint=trigger.constraint,
                    deferral=trigger.deferral,
                    old_table=trigger.old_table,
                    new_table=trigger.new_table,
                    hangs_on=self._hangs_on(trigger.held_by(), trigger.table),
                ),
            )

    def _policy(self, oid: Oid, policy: records.Policy) -> Iterator[tuple[Subject, Definition]]:
        yield (
            self._table_subject(oid),
            model.Policy(
                command=policy.command,
                permissive=policy.permissive,
                roles=policy.roles,
                using=self._expression(policy.using),
                with_check=self._expression(policy.with_check),
                hangs_on=self._hangs_on(policy.held_by(), policy.table),
            ),
        )

    def _rule(self, oid: Oid, rule: records.Rule) -> Iterator[tuple[Subject, Definition]]:
        body: Tree = {} if rule.body is None else self._names.unbound(rule.body.tree)
        yield (
            self._table_subject(oid),
            model.Rule(
                event=rule.event,
                instead=rule.instead,
                enabled=rule.enabled,
                body=canonical.rule_body(body, _NAMES),
                hangs_on=self._hangs_on(rule.held_by(), rule.table),
            ),
        )

    def _extension(self, oid: Oid, extension: records.Extension) -> Iterator[tuple[Subject, Definition]]:
        schema = self._names.full_name(extension.schema)[-1] if extension.schema_said else None
        yield self._table_subject(oid), model.Extension(extension.version, schema)


_MODES: dict[str, Any] = {"": "in", "OUT": "out", "INOUT": "inout", "VARIADIC": "variadic", "TABLE": "table"}
_KINDS: dict[type[Record], Kind] = {
    records.Table: Kind.TABLE,
    records.Column: Kind.COLUMN,
    records.Check: Kind.CHECK,
    records.ForeignKey: Kind.FOREIGN_KEY,
    records.Index: Kind.INDEX,
    records.Enum: Kind.ENUM,
    records.Domain: Kind.DOMAIN,
    records.Composite: Kind.COMPOSITE_TYPE,
    records.Sequence: Kind.SEQUENCE,
    records.Trigger: Kind.TRIGGER,
    records.Policy: Kind.POLICY,
    records.Rule: Kind.RULE,
    records.Extension: Kind.EXTENSION,
}
