"""Records as definitions of the model, each by its kind."""

import marshal
from collections.abc import Callable
from hashlib import blake2b, sha256
from typing import Any

from ....model import schema as model
from ....model.schema import Definition, Kind, Subject
from ....model.value import replace
from ... import canonical
from ...parse import Tree
from .. import records
from ..names import Names
from ..records import Oid, Record
from .expressions import Expressions
from .operator_classes import OPERATOR_GROUPS
from .others import OTHERS, Defined, Tools
from .subjects import Subjects
from .text_search import TEXT_SEARCH

_NAMES = canonical.AsWritten()


class Definitions:
    def __init__(self, names: Names) -> None:
        self._names = names
        self._catalog = names.catalog
        self._subjects = Subjects(names)
        self._expressions = Expressions(names)
        self._tools = Tools(names, self._subjects, self._expressions)
        self._columns: dict[tuple[object, ...], model.Column] = {}
        # A query is shown again in each order in which its statement is tried.
        self._queries: dict[bytes, model.Expression | None] = {}

    def of(self, oid: Oid, record: Record) -> Defined:
        """What the model says of one record: nothing, its definition, or two (a table, its row security)."""
        reader = _READERS.get(type(record))
        if reader is not None:
            return reader(self, oid, record)
        other = _OTHERS.get(type(record))
        return other(self._tools, oid, record) if other is not None else iter(())

    def _namespace(self, oid: Oid, _: records.Namespace) -> Defined:
        if (subject := self._subjects.subject(oid)) is not None:
            yield subject, model.Namespace()

    def _table(self, oid: Oid, table: records.Table) -> Defined:
        subject = self._subjects.of(oid)
        if table.foreign:
            yield subject, self._foreign_table(oid, table)
            return
        key = None
        if table.partition_by is not None:
            strategy, keys = table.partition_by
            key = canonical.partition_key(strategy, map(self._expressions.index_key, keys))
        yield (
            subject,
            model.Table(
                unlogged=table.unlogged,
                partition_by=key,
                partition_of=None if table.partition_of is None else self._subjects.subject(table.partition_of),
                bound=canonical.partition_bound(self._names.unbound(table.bound), _NAMES) if table.bound else None,
                inherits=tuple(map(self._subjects.of, table.inherits)),
                parameters=table.parameters,
                toast_parameters=None if table.partition_by is not None else table.toast_parameters,
                hangs_on=self._subjects.hangs_on((*table.inherits, table.partition_of)),
            ),
        )
        if table.row_security or table.forced:
            yield Subject(Kind.ROW_SECURITY, subject.name), model.RowSecurity(table.row_security, table.forced)

    def _foreign_table(self, oid: Oid, table: records.Table) -> model.ForeignTable:
        # How its columns are sampled, and stored below a partitioned table, is no part of the model.
        columns = (
            model.ForeignColumn(
                column.name, replace(self._column_definition(each, column), storing=model.AS_USUAL), column.options
            )
            for each, column in self._catalog.columns(oid)
        )
        server = self._catalog.get(table.server, records.Server) if isinstance(table.server, int) else None
        return model.ForeignTable(
            server=server.name if server is not None else str(table.server),
            columns=tuple(sorted(columns, key=lambda each: each.name)),
            options=table.options,
            partition_of=None if table.partition_of is None else self._subjects.subject(table.partition_of),
            bound=canonical.partition_bound(self._names.unbound(table.bound), _NAMES) if table.bound else None,
            hangs_on=self._subjects.hangs_on((*table.inherits, table.partition_of)),
        )

    def _column(self, oid: Oid, column: records.Column) -> Defined:
        yield self._subjects.of(oid), self._column_definition(oid, column)

    def _column_definition(self, oid: Oid, column: records.Column) -> model.Column:
        given = self._catalog.get(self._catalog.find("default", oid, ""), records.Default)
        default = generated = identity = default_type = None
        if given is not None and given.generated:
            generated = model.Generated(self._expressions.of(given.expression), given.generated == "stored")
        elif given is not None:
            default = self._expressions.default(given.expression, column.type)
            default_type = self._expressions.default_type(given.expression, given.set_for)
        if column.identity:
            owned = (each.options for _, each in self._catalog.held(oid, records.Sequence) if each.identity)
            options = next(owned, model.SequenceOptions())
            identity = model.Identity(column.identity == "always", options)
        type_ = self._names.spelled(column.type)
        hangs_on = self._subjects.hangs_on((*column.inherited_from, *column.held_by()), column.table)
        # Most columns of a large schema are alike, to the letter: those are one and the same value.
        said = default and (default.sql, default.meaning)
        storing = None if column.storing is model.AS_USUAL else column.storing
        # Of foreign tables the server's catalog is not asked.
        inherited = column.of_foreign or not column.required_here
        validated = column.of_foreign or not column.required_later
        not_null = column.not_null, column.required_as, inherited, validated
        key = type_, not_null, said, column.collation, storing, default_type
        found = None if hangs_on or identity or generated else self._columns.get(key)
        if found is None:
            found = model.Column(
                type=type_,
                nullable=not column.not_null,
                default=default,
                identity=identity,
                generated=generated,
                collation=column.collation,
                storing=column.storing,
                default_type=default_type,
                not_null_validated=validated,
                not_null_inherited=inherited,
                not_null_name=column.required_as or None,
                hangs_on=hangs_on,
            )
            if not (hangs_on or identity or generated):
                self._columns[key] = found
        return found

    def _key(self, oid: Oid, key: records.KeyConstraint) -> Defined:
        if key.parent is not None:
            return
        columns, include = self._subjects.column_names(key.columns), self._subjects.column_names(key.include)
        hangs_on = self._subjects.hangs_on(key.held_by(), key.table)
        definition: Definition
        if key.kind == "primary key":
            definition = model.PrimaryKey(
                key.name, columns, include, key.deferral, key.parameters, key.without_overlaps, hangs_on=hangs_on
            )
        elif key.kind == "unique":
            definition = model.Unique(
                columns, include, key.nulls_not_distinct, key.deferral, key.parameters, key.without_overlaps,
                hangs_on=hangs_on,
            )  # fmt: skip
        else:
            elements = tuple((self._expressions.index_key(each), operator) for each, operator in key.elements)
            predicate = self._expressions.optional(key.predicate)
            definition = model.Exclusion(
                key.method, elements, include, predicate, key.deferral, key.parameters, hangs_on=hangs_on
            )
        yield self._subjects.of(oid), definition

    def _foreign_key(self, oid: Oid, key: records.ForeignKey) -> Defined:
        if key.parent is None:
            yield (
                self._subjects.of(oid),
                model.ForeignKey(
                    columns=self._subjects.column_names(key.columns),
                    referenced_table=self._subjects.of(key.referenced_table),
                    referenced_columns=self._subjects.column_names(key.referenced_columns),
                    on_update=key.on_update,
                    on_delete=key.on_delete,
                    on_delete_columns=self._subjects.column_names(key.on_delete_columns),
                    match=key.match,
                    period=key.period,
                    deferral=key.deferral,
                    validated=key.validated,
                    enforced=key.enforced and not key.switched_off,
                    hangs_on=self._subjects.hangs_on(key.held_by(), key.table),
                ),
            )

    def _check(self, oid: Oid, check: records.Check) -> Defined:
        if check.local and not check.of_domain:
            yield (
                self._subjects.of(oid),
                model.Check(
                    self._expressions.of(check.expression),
                    validated=check.validated,
                    no_inherit=check.no_inherit,
                    enforced=check.enforced,
                    hangs_on=self._subjects.hangs_on(check.held_by(), check.table),
                ),
            )

    def _index(self, oid: Oid, index: records.Index) -> Defined:
        if index.parent is None:
            yield (
                self._subjects.of(oid),
                model.Index(
                    table=self._subjects.of(index.table),
                    method=index.method,
                    keys=tuple(map(self._expressions.index_key, index.index_keys)),
                    include=self._subjects.column_names(index.include),
                    predicate=self._expressions.optional(index.predicate),
                    unique=index.unique,
                    nulls_not_distinct=index.nulls_not_distinct,
                    valid=index.valid,
                    parameters=index.parameters,
                    hangs_on=self._subjects.hangs_on(index.held_by(), index.table),
                ),
            )

    def _enum(self, oid: Oid, enum: records.Enum) -> Defined:
        yield self._subjects.of(oid), model.Enum(enum.values)

    def _domain(self, oid: Oid, domain: records.Domain) -> Defined:
        checks = [
            model.DomainCheck(each.name, self._expressions.of(each.expression), each.validated)
            for _, each in self._catalog.held(oid, records.Check)
            if each.table == oid
        ]
        yield (
            self._subjects.of(oid),
            model.Domain(
                type=self._names.spelled(domain.type),
                nullable=not domain.not_null,
                default=self._expressions.default(domain.default, domain.type),
                collation=domain.collation,
                checks=tuple(sorted(checks, key=lambda check: check.name)),
                hangs_on=self._subjects.hangs_on(domain.held_by()),
            ),
        )

    def _composite(self, oid: Oid, composite: records.Composite) -> Defined:
        attributes = tuple(
            model.Attribute(name, self._names.spelled(type_), collation)
            for name, type_, collation in composite.attributes
        )
        yield (
            self._subjects.of(oid),
            model.CompositeType(attributes, hangs_on=self._subjects.hangs_on(composite.held_by())),
        )

    def _sequence(self, oid: Oid, sequence: records.Sequence) -> Defined:
        if not sequence.identity:
            yield (
                self._subjects.of(oid),
                model.Sequence(
                    sequence.options,
                    owner=None if sequence.owner is None else self._subjects.subject(sequence.owner),
                    hangs_on=self._subjects.hangs_on(sequence.held_by()),
                ),
            )

    def _view(self, oid: Oid, view: records.View) -> Defined:
        body = None if view.query is None else self._query(view.query.tree)
        yield (
            self._subjects.of(oid),
            model.View(
                columns=tuple(column.name for column in view.columns),
                body=body,
                options=view.options,
                hangs_on=self._subjects.hangs_on(view.held_by()),
            ),
        )

    def _query(self, tree: Tree) -> model.Expression | None:
        plain = self._names.unbound(tree)
        # Version 2 writes equal trees alike: later ones refer to objects that are used twice.
        key = blake2b(marshal.dumps(plain, 2), digest_size=16).digest()
        if key not in self._queries:
            self._queries[key] = canonical.query(plain, _NAMES)
        return self._queries[key]

    def _routine(self, oid: Oid, routine: records.Routine) -> Defined:
        arguments = self._subjects.arguments(routine)
        result = None
        if routine.result is not None:
            returns = self._names.spelled(routine.result, modified=False)
            result = canonical.routine_result(arguments, returns, returns_set=routine.set_of)
        body = routine.sql_body
        defaults = (
            canonical.argument_default(self._names.unbound(each.default.tree), self._names.base_type(each.type), _NAMES)
            for each in routine.arguments
            if each.default is not None
        )
        yield (
            self._subjects.of(oid),
            model.Routine(
                arguments=canonical.routine_arguments(arguments),
                result=result,
                language=routine.language,
                body_digest=sha256(routine.body.encode()).hexdigest(),
                volatility=routine.volatility,
                strict=routine.strict,
                security_definer=routine.security_definer,
                leakproof=routine.leakproof,
                parallel=routine.parallel,
                defaults=tuple(defaults),
                settings=routine.settings,
                body=None if body is None else canonical.body(self._names.unbound(body.tree), _NAMES),
                hangs_on=self._subjects.hangs_on(routine.held_by()),
            ),
        )

    def _trigger(self, oid: Oid, trigger: records.Trigger) -> Defined:
        if trigger.parent is None:
            function = trigger.function
            yield (
                self._subjects.of(oid),
                model.Trigger(
                    timing=trigger.timing,
                    events=trigger.events,
                    function=self._names.qualified(function) if isinstance(function, int) else function,
                    arguments=trigger.arguments,
                    for_each=trigger.for_each,
                    update_of=tuple(sorted(self._subjects.column_names(trigger.update_of))),
                    when=self._expressions.optional(trigger.when),
                    enabled=trigger.enabled,
                    constraint=trigger.constraint,
                    deferral=trigger.deferral,
                    old_table=trigger.old_table,
                    new_table=trigger.new_table,
                    hangs_on=self._subjects.hangs_on(trigger.held_by(), trigger.table),
                ),
            )

    def _policy(self, oid: Oid, policy: records.Policy) -> Defined:
        yield (
            self._subjects.of(oid),
            model.Policy(
                command=policy.command,
                permissive=policy.permissive,
                roles=policy.roles,
                using=self._expressions.optional(policy.using),
                with_check=self._expressions.optional(policy.with_check),
                hangs_on=self._subjects.hangs_on(policy.held_by(), policy.table),
            ),
        )

    def _rule(self, oid: Oid, rule: records.Rule) -> Defined:
        body: Tree = {} if rule.body is None else self._names.unbound(rule.body.tree)
        yield (
            self._subjects.of(oid),
            model.Rule(
                event=rule.event,
                instead=rule.instead,
                enabled=rule.enabled,
                acts=bool(body.get("actions")),
                body=canonical.rule_body(body, _NAMES),
                hangs_on=self._subjects.hangs_on(rule.held_by(), rule.table),
            ),
        )

    def _extension(self, oid: Oid, extension: records.Extension) -> Defined:
        schema = self._names.full_name(extension.schema)[-1] if extension.schema_said else None
        yield self._subjects.of(oid), model.Extension(extension.version, schema)


# Of the class: a value that holds itself stays until the garbage collector comes.
_OTHERS = {**OTHERS, **OPERATOR_GROUPS, **TEXT_SEARCH}
_READERS: dict[type[Record], Callable[[Definitions, Oid, Any], Defined]] = {
    records.Namespace: Definitions._namespace,
    records.Table: Definitions._table,
    records.Column: Definitions._column,
    records.KeyConstraint: Definitions._key,
    records.ForeignKey: Definitions._foreign_key,
    records.Check: Definitions._check,
    records.Index: Definitions._index,
    records.Enum: Definitions._enum,
    records.Domain: Definitions._domain,
    records.Composite: Definitions._composite,
    records.Sequence: Definitions._sequence,
    records.View: Definitions._view,
    records.Routine: Definitions._routine,
    records.Trigger: Definitions._trigger,
    records.Policy: Definitions._policy,
    records.Rule: Definitions._rule,
    records.Extension: Definitions._extension,
}
