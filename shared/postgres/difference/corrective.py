"""The SQL of a migration that makes the server what the release makes: only what loses neither data nor a definition.

It is right on the drifted database and on every other one: what is not right wherever it is run is in a guard. Written
against the server's present names for what another name is all the difference, else in the release's.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from ...model import schema as model
from ...model.difference import Difference
from ...model.schema import (
    CONSTRAINTS,
    NAMED_AS_TYPES,
    ON_A_TABLE,
    OPERATOR_GROUPS,
    ROUTINES,
    SETTINGS,
    TEXT_SEARCH,
    Definition,
    Kind,
    Schema,
    Subject,
)
from ...model.value import replace
from ..canonical import split_method
from ..canonical.sql import UNWRITTEN, identifier
from . import changes, fragments
from .comparing import differing, server_of
from .fragments import qualified, with_parameters
from .guards import before_concurrently, guarded
from .probe import Probe
from .probes import CONSTRAINT_SQL, ENABLING, of_partition, of_table
from .settings import set_again
from .storing import FREELY_SET, change_storing, storing_of

# Dropped without losing a row, and the release's SQL would make them again.
_DROPPED_FREELY = frozenset(
    {*CONSTRAINTS, *ON_A_TABLE, Kind.CAST, Kind.INDEX, Kind.OPERATOR, Kind.STATISTICS, Kind.ROW_SECURITY,
     Kind.REPLICA_IDENTITY, Kind.CLUSTER_MARK}
)  # fmt: skip
# What is of a whole table, and how ALTER TABLE ends it.
SWITCHED_OFF = {
    Kind.ROW_SECURITY: "DISABLE ROW LEVEL SECURITY",
    Kind.REPLICA_IDENTITY: "REPLICA IDENTITY DEFAULT",
    Kind.CLUSTER_MARK: "SET WITHOUT CLUSTER",
}
# Set by statements that are right wherever they are run.
_SET_ANYWHERE = (model.RowSecurity, model.ReplicaIdentity, model.ClusterMark)
# Objects that one CREATE makes, or that a table's finding brings along, in the order in which they can be made.
_ORDER = (
    Kind.EXTENSION, Kind.SCHEMA, Kind.COLLATION, Kind.ENUM, Kind.DOMAIN, Kind.COMPOSITE_TYPE, Kind.RANGE, Kind.OPERATOR,
    *OPERATOR_GROUPS, *TEXT_SEARCH, Kind.SEQUENCE, Kind.TABLE, Kind.COLUMN, Kind.PRIMARY_KEY, Kind.UNIQUE,
    Kind.EXCLUSION, Kind.CHECK, Kind.INDEX, Kind.FOREIGN_KEY, Kind.ROW_SECURITY, Kind.REPLICA_IDENTITY,
    Kind.CLUSTER_MARK, Kind.STATISTICS, Kind.POLICY, Kind.TRIGGER, Kind.CAST, Kind.PUBLICATION, Kind.EVENT_TRIGGER,
)  # fmt: skip
# A table or type that goes takes something of them along, and leaves the rest.
_LOSING_PARTS = frozenset({Kind.PUBLICATION, Kind.COMPOSITE_TYPE, Kind.FOREIGN_TABLE})
_MOVABLE = frozenset({*NAMED_AS_TYPES, Kind.SEQUENCE, Kind.COLLATION, Kind.OPERATOR, *OPERATOR_GROUPS, *TEXT_SEARCH})


Guard = Callable[[Subject, Definition | None, Definition | None, Sequence[str], Probe | None], str | None]


class Corrections:
    """Writes corrective statements from the *expected* schema and the *actual* one in the release's names."""

    def __init__(self, expected: Schema, actual: Schema, guard: Guard = guarded) -> None:
        self._guard = guard
        self._expected = expected
        self._actual = actual
        self._server = server_of(actual)

    def statements(self, difference: Difference) -> tuple[str, ...]:
        """Statements, or none where something could be lost, or where only the release's own SQL says what to do."""
        written = list(self._statements(difference))
        statements = tuple(statement for statement in written if statement is not None and UNWRITTEN not in statement)
        return statements if len(statements) == len(written) else ()

    def concurrently(self, difference: Difference) -> tuple[str, ...]:
        """Two migrations that make a missing index without blocking writes; none where that cannot be.

        A DO block makes its file one batch, in which nothing can be made concurrently: so there are two. The
        second may skip an existing object, since the first has compared it.
        """
        index, subject = difference.wanted, difference.subject
        if not isinstance(index, model.Index) or difference.found is not None or difference.found_as is not None:
            return ()
        table = self._expected.objects.get(index.table)
        (make,) = _index(subject, index, "CONCURRENTLY IF NOT EXISTS ")
        if UNWRITTEN in make or (isinstance(table, model.Table) and table.partition_by is not None):
            return ()
        return before_concurrently(subject, index), make

    def _statements(self, difference: Difference) -> Iterator[str | None]:
        subject, wanted, found = difference.subject, difference.wanted, difference.found
        if subject.kind in SETTINGS:
            yield set_again(subject, wanted)
            return
        marks = self._identified_by.get(subject, ())
        gone = [each for each in difference.folded if each not in self._actual.objects and each not in marks]
        if wanted is None:
            yield self._without(subject, found) if subject.kind in _DROPPED_FREELY else None
            yield from self._change_along(difference.folded)
        elif difference.attributes == ("kind",):
            yield None
        elif found is None:
            yield from self._make_all([subject, *gone])
            yield from self._change_along(each for each in difference.folded if each.kind in _LOSING_PARTS)
        else:
            yield from self._make_all(gone)
            if difference.found_as is not None:
                renaming = self._rename(subject, difference.found_as, difference.attributes)
                yield self._guarded(subject, wanted, None, renaming)
            if difference.attributes != ("name",):
                yield from self._changed(subject, wanted, found, difference.attributes)
        if wanted is not None and difference.attributes != ("name",):
            for each in marks:
                yield from self._make(each, self._expected.objects[each])

    @cached_property
    def _identified_by(self) -> Mapping[Subject | None, list[Subject]]:
        """Replica identities and cluster marks by their index: they go with one that is dropped, be it made again."""
        found = defaultdict[Subject | None, list[Subject]](list)
        for subject, definition in self._expected.objects.items():
            if isinstance(definition, model.ReplicaIdentity | model.ClusterMark):
                found[definition.index].append(subject)
        return found

    def _change_along(self, subjects: Iterable[Subject]) -> Iterator[str | None]:
        """Changes that came with the one that is fixed; those of partitions follow their parents'."""
        for subject in subjects:
            wanted, found = self._expected.objects.get(subject), self._actual.objects.get(subject)
            if wanted is not None and found is not None and not _is_inherited(subject, wanted):
                yield from self._changed(subject, wanted, found, differing(wanted, found, self._server))

    def _make_all(self, subjects: Iterable[Subject]) -> Iterator[str | None]:
        ordered = sorted(
            subjects, key=lambda each: (_ORDER.index(each.kind) if each.kind in _ORDER else len(_ORDER), each)
        )
        tables = {each.name for each in ordered if each.kind is Kind.TABLE}
        owners = []
        for each in ordered:
            if each.kind is Kind.COLUMN and each.name[:2] in tables:
                continue  # CREATE TABLE has made it
            definition = self._expected.objects[each]
            if type(definition) not in MAKERS:
                yield None
                return
            statements = list(self._make(each, definition))
            if isinstance(definition, _SET_ANYWHERE):
                yield from statements
            elif statements:
                yield self._guarded(each, definition, None, statements)
            if isinstance(definition, model.Sequence) and definition.owner is not None:
                owners.append((each, definition.owner))
        for sequence, owner in owners:  # the sequence was made before its column
            yield f"ALTER SEQUENCE {qualified(sequence.name)} OWNED BY {qualified(owner.name)};"

    def _without(self, subject: Subject, found: Definition | None) -> str | None:
        statements = list(self._drop(subject, found))
        if isinstance(found, _SET_ANYWHERE):
            return "\n".join(statements)
        return self._guarded(subject, None, found, statements)

    def _changed(
        self, subject: Subject, expected: Any, actual: Any, attributes: tuple[str, ...]
    ) -> Iterator[str | None]:
        yield from change_storing(subject, expected, actual, attributes)
        if isinstance(expected, model.Column):
            yield from changes.change_not_null(subject, expected, attributes)
        attributes = tuple(each for each in attributes if each not in (*FREELY_SET, *changes.OF_NOT_NULL))
        statements = list(self._change(subject, expected, actual, attributes)) if attributes else []
        if isinstance(expected, (*_SET_ANYWHERE, model.Table, model.Publication, model.Subscription)) or attributes == (
            "owner",
        ):
            yield from statements
        elif isinstance(expected, model.PrimaryKey) and expected.name != actual.name:
            yield self._guarded(subject, expected, None, statements)
        elif statements:
            yield self._guarded(subject, expected, actual, statements)

    def _guarded(
        self,
        subject: Subject,
        wanted: Definition | None,
        drifted: Definition | None,
        statements: Iterable[str | None],
    ) -> str | None:
        """A guard around *statements*; None where one of them is not known, or nothing can compare the object."""
        every = list(statements)
        written = [each for each in every if each is not None]
        if not written or len(written) < len(every):
            return None
        probe = None
        if isinstance(wanted, model.Table):
            partition = wanted.partition_of is not None
            probe = (
                of_partition(subject, _bound(wanted)) if partition else of_table(subject, self._body(subject, wanted))
            )
        return self._guard(subject, wanted, drifted, written, probe)

    def _make(self, subject: Subject, definition: Definition) -> Iterator[str | None]:
        return MAKERS[type(definition)](self, subject, definition)

    def _create_table(self, subject: Subject, table: model.Table) -> Iterator[str | None]:
        unlogged = "UNLOGGED " if table.unlogged else ""
        if table.partition_of is not None:
            body = f"PARTITION OF {qualified(table.partition_of.name)} {_bound(table)}"
        else:
            body = self._body(subject, table)
        yield f"CREATE {unlogged}TABLE {qualified(subject.name)} {body}{_with(table)};"
        yield from change_storing(subject, table, _NO_TOAST_PARAMETERS, ("toast_parameters",))
        for each, column in self._expected.objects.items():
            if isinstance(column, model.Column) and each.name[:2] == subject.name:
                yield from storing_of(each, column)

    def _body(self, subject: Subject, table: model.Table) -> str:
        """What follows a table's name in CREATE TABLE."""
        own = [
            f"    {identifier(each.name[2])} {fragments.column(definition)}"
            for each, definition in self._expected.objects.items()
            if isinstance(definition, model.Column)
            and each.name[:2] == subject.name
            and not _is_inherited(each, definition)
        ]
        body = "(\n" + ",\n".join(own) + "\n)" if own else "()"
        return f"{body}{fragments.table_options(table)}"

    def _create_family(self, subject: Subject, family: model.OperatorFamily) -> Iterator[str | None]:
        """Members of a class that the server lacks are made with that."""
        yield f"CREATE OPERATOR FAMILY {fragments.of_method(subject)};"
        own = replace(
            family,
            operators=tuple(each for each in family.operators or () if not self._is_lacking(each.of_class)),
            functions=tuple(each for each in family.functions or () if not self._is_lacking(each.of_class)),
        )
        if members := ", ".join(fragments.family_members(own)):
            yield f"ALTER OPERATOR FAMILY {fragments.of_method(subject)} ADD {members};"

    def _is_lacking(self, class_: Subject | None) -> bool:
        return class_ is not None and class_ not in self._actual.objects

    def _create_class(self, subject: Subject, class_: model.OperatorClass) -> Iterator[str | None]:
        family = next((each for each in class_.hangs_on if each.kind is Kind.OPERATOR_FAMILY), None)
        wanted, found = (
            schema.objects.get(family) if family is not None else None for schema in (self._expected, self._actual)
        )
        if not isinstance(wanted, model.OperatorFamily) or family is None:
            yield None  # the system's, or an extension's: its members are not compared
            return
        left = () if found is None else fragments.family_members(found)  # type: ignore[arg-type]  # of the same kind
        made = [each for each in fragments.family_members(wanted, subject) if each not in set(left)]
        stored = [f"STORAGE {class_.storage or class_.type}"] if class_.storage or not made else []
        yield (
            f"CREATE OPERATOR CLASS {fragments.of_class(subject, class_)} "
            f"FAMILY {qualified((family.name[0], split_method(family.name[-1])[0]))} AS {', '.join([*made, *stored])};"
        )

    def _mark(self, subject: Subject, mark: model.ClusterMark) -> Iterator[str]:
        index = self._expected.objects.get(mark.index)
        name = index.name if isinstance(index, model.PrimaryKey) else mark.index.name[-1]
        yield f"ALTER TABLE {qualified(subject.name)} CLUSTER ON {identifier(name)};"

    def _add_column(self, subject: Subject, column: model.Column) -> Iterator[str | None]:
        if _is_inherited(subject, column):
            return
        name = identifier(subject.name[2])
        yield f"ALTER TABLE {qualified(subject.name[:2])} ADD COLUMN {name} {fragments.column(column)};"
        yield from storing_of(subject, column)

    def _rename(self, subject: Subject, found_as: Subject, attributes: tuple[str, ...]) -> Iterator[str | None]:
        old, new = identifier(found_as.name[-1]), identifier(subject.name[-1])
        table = qualified(subject.name[:2])
        command = f"ALTER {subject.kind.word}"
        if found_as.name[:-1] != subject.name[:-1]:
            moved = attributes == ("name",) and old == new and subject.kind in _MOVABLE
            yield f"{command} {fragments.named(found_as)} SET SCHEMA {identifier(subject.name[0])};" if moved else None
        elif subject.kind is Kind.COLUMN:
            yield f"ALTER TABLE {table} RENAME COLUMN {old} TO {new};"
        elif subject.kind in CONSTRAINTS:
            yield f"ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new};"
        elif subject.kind in ON_A_TABLE:
            yield f"{command} {old} ON {table} RENAME TO {new};"
        elif subject.kind in ROUTINES:
            bare = identifier(subject.name[-1].partition("(")[0])
            yield f"{command} {fragments.routine(found_as)} RENAME TO {bare};"
        elif subject.kind in OPERATOR_GROUPS:
            bare = identifier(split_method(subject.name[-1])[0])
            yield f"{command} {fragments.of_method(found_as)} RENAME TO {bare};"
        else:
            yield f"{command} {qualified(found_as.name)} RENAME TO {new};"

    def _drop(self, subject: Subject, definition: Definition | None) -> Iterator[str]:
        table, last = qualified(subject.name[:2]), identifier(subject.name[-1])
        if isinstance(definition, model.PrimaryKey):
            yield f"ALTER TABLE {table} DROP CONSTRAINT {identifier(definition.name)};"
        elif subject.kind in CONSTRAINTS:
            yield f"ALTER TABLE {table} DROP CONSTRAINT {last};"
        elif subject.kind in (Kind.INDEX, Kind.STATISTICS):
            yield f"DROP {subject.kind.word} {qualified(subject.name)};"
        elif subject.kind is Kind.OPERATOR:
            yield f"DROP OPERATOR {fragments.operator(subject)};"
        elif isinstance(definition, model.Cast):
            yield f"DROP CAST ({definition.source} AS {definition.target});"
        elif subject.kind in SWITCHED_OFF:
            yield f"ALTER TABLE {table} {SWITCHED_OFF[subject.kind]};"
            if isinstance(definition, model.RowSecurity) and definition.forced:
                yield f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;"
        else:
            yield f"DROP {subject.kind.word} {last} ON {table};"

    def _change(
        self, subject: Subject, expected: Any, actual: Any, attributes: tuple[str, ...]
    ) -> Iterator[str | None]:
        changers: dict[type[Definition], Callable[[Subject, Any, Any, tuple[str, ...]], Iterator[str | None]]] = {
            model.ClusterMark: lambda subject, expected, *_: self._mark(subject, expected),
            model.Column: changes.change_column,
            model.Domain: changes.change_domain,
            model.Enum: changes.change_enum,
            model.EventTrigger: changes.change_event_trigger,
            model.Extension: lambda *_: iter((None,)),
            model.Operator: self._change_operator,
            model.Publication: changes.change_publication,
            model.ReplicaIdentity: lambda subject, expected, *_: _replica_identity(subject, expected),
            model.RowSecurity: changes.change_row_security,
            model.SearchConfiguration: changes.change_search_configuration,
            model.SearchDictionary: changes.change_search_dictionary,
            model.Sequence: changes.change_sequence,
            model.Statistics: changes.change_statistics,
            model.Subscription: changes.change_subscription,
            model.Table: changes.change_table,
            model.Trigger: self._change_trigger,
        }
        if attributes == ("validated",) and expected.validated:
            constraint = identifier(subject.name[-1])
            yield f"ALTER TABLE {qualified(subject.name[:2])} VALIDATE CONSTRAINT {constraint};"
        elif isinstance(expected, model.PrimaryKey) and attributes == ("name",):
            old, new = identifier(actual.name), identifier(expected.name)
            yield f"ALTER TABLE {qualified(subject.name)} RENAME CONSTRAINT {old} TO {new};"
        elif type(expected) in changers:
            yield from changers[type(expected)](subject, expected, actual, attributes)
        elif subject.kind in _DROPPED_FREELY and type(expected) in MAKERS:
            yield from self._drop(subject, actual)
            yield from self._make(subject, expected)
        else:
            yield None

    def _change_operator(
        self, subject: Subject, expected: model.Operator, actual: model.Operator, attributes: tuple[str, ...]
    ) -> Iterator[str | None]:
        if {"restrict", "join"}.issuperset(attributes):
            estimators = (f"{each.upper()} = {getattr(expected, each) or 'NONE'}" for each in attributes)
            yield f"ALTER OPERATOR {fragments.operator(subject)} SET ({', '.join(estimators)});"
        else:
            yield from self._drop(subject, actual)
            yield from _operator(subject, expected)

    def _change_trigger(
        self, subject: Subject, expected: model.Trigger, actual: model.Trigger, attributes: tuple[str, ...]
    ) -> Iterator[str | None]:
        if attributes == ("enabled",):
            yield _enable(subject, expected)
        else:
            yield from self._drop(subject, actual)
            yield from _trigger(subject, expected)


def _is_inherited(subject: Subject, definition: Definition) -> bool:
    """Say whether it is a column that a partition or an inheriting table has from its parent."""
    return any(
        parent.kind is Kind.COLUMN is subject.kind and parent.name[:2] != subject.name[:2]
        for parent in definition.hangs_on
    )


def _bound(table: model.Table) -> str:
    bound = table.bound.sql.upper() if table.bound is not None else ""
    return UNWRITTEN if "'" in bound else bound  # a constant must keep its case


def _create(rest: Callable[[Subject, Any], str], command: str) -> Callable[[Subject, Any], Iterator[str]]:
    def create(subject: Subject, definition: Any) -> Iterator[str]:
        yield f"CREATE {command} {qualified(subject.name)}{rest(subject, definition)};"

    return create


def _constraint(subject: Subject, definition: Any) -> Iterator[str]:
    written = CONSTRAINT_SQL[type(definition)](definition)
    name = definition.name if isinstance(definition, model.PrimaryKey) else subject.name[-1]
    yield f"ALTER TABLE {qualified(subject.name[:2])} ADD CONSTRAINT {identifier(name)} {written};"


def _index(subject: Subject, index: model.Index, how: str = "") -> Iterator[str]:
    unique = "UNIQUE " if index.unique else ""
    name, table = identifier(subject.name[1]), qualified(index.table.name)
    yield f"CREATE {unique}INDEX {how}{name} ON {table} {fragments.index(index)};"


def _policy(subject: Subject, policy: model.Policy) -> Iterator[str]:
    yield f"CREATE POLICY {identifier(subject.name[2])} ON {qualified(subject.name[:2])} {fragments.policy(policy)};"


def _trigger(subject: Subject, trigger: model.Trigger) -> Iterator[str]:
    constraint = "CONSTRAINT " if trigger.constraint else ""
    written = fragments.trigger(trigger, subject.name[:2])
    yield f"CREATE {constraint}TRIGGER {identifier(subject.name[2])} {written};"
    if trigger.enabled != "origin":
        yield _enable(subject, trigger)


def _enable(subject: Subject, trigger: model.Trigger) -> str:
    enabling = ENABLING[trigger.enabled]
    return f"ALTER TABLE {qualified(subject.name[:2])} {enabling} TRIGGER {identifier(subject.name[2])};"


def _row_security(subject: Subject, security: model.RowSecurity) -> Iterator[str]:
    if security.enabled:
        yield f"ALTER TABLE {qualified(subject.name)} ENABLE ROW LEVEL SECURITY;"
    if security.forced:
        yield f"ALTER TABLE {qualified(subject.name)} FORCE ROW LEVEL SECURITY;"


def _replica_identity(subject: Subject, identity: Any) -> Iterator[str]:
    yield f"ALTER TABLE {qualified(subject.name)} REPLICA IDENTITY {fragments.replica_identity(identity)};"


def _range(subject: Subject, range_: model.RangeType) -> Iterator[str | None]:
    if range_.canonical is not None:
        yield None  # a function of the type that it is needed for
    else:
        yield f"CREATE TYPE {qualified(subject.name)} AS RANGE {fragments.range_type(subject, range_)};"


def _cast(_: Subject, cast: model.Cast) -> Iterator[str]:
    yield f"CREATE CAST ({cast.source} AS {cast.target}) {fragments.cast(cast)};"


def _operator(subject: Subject, operator: model.Operator) -> Iterator[str]:
    symbol = subject.name[1].partition("(")[0]
    yield f"CREATE OPERATOR {identifier(subject.name[0])}.{symbol} {fragments.operator_options(operator)};"


def _sequence(subject: Subject, sequence: model.Sequence) -> Iterator[str]:
    options = " ".join(fragments.sequence_options(sequence.options, differing_only=True))
    yield f"CREATE SEQUENCE {qualified(subject.name)} AS {sequence.options.type}{' ' + options if options else ''};"


def _extension(subject: Subject, extension: model.Extension) -> Iterator[str]:
    schema = f" SCHEMA {identifier(extension.schema)}" if extension.schema else ""
    yield f"CREATE EXTENSION {identifier(subject.name[0])}{schema};"


_NO_TOAST_PARAMETERS = model.Table()


def _with(table: model.Table) -> str:
    return f" WITH ({with_parameters(table.parameters)})" if table.parameters else ""


_Maker = Callable[[Subject, Any], Iterator[str | None]]


def _of_itself(maker: _Maker) -> Callable[[Corrections, Subject, Any], Iterator[str | None]]:
    """What the definition alone says."""
    return lambda _, subject, definition: maker(subject, definition)


# Of the module: an object that held its own methods would stay until the garbage collector comes, with both schemas.
MAKERS: dict[type[Definition], Callable[[Corrections, Subject, Any], Iterator[str | None]]] = {
    model.Cast: _of_itself(_cast),
    model.Check: _of_itself(_constraint),
    model.ClusterMark: lambda corrections, subject, mark: corrections._mark(subject, mark),
    model.Collation: _of_itself(_create(lambda _, each: f" {fragments.collation(each)}", "COLLATION")),
    model.Column: lambda corrections, subject, column: corrections._add_column(subject, column),
    model.CompositeType: _of_itself(_create(lambda _, each: f" AS {fragments.composite_type(each)}", "TYPE")),
    model.Domain: _of_itself(_create(lambda _, each: f" AS {fragments.domain(each)}", "DOMAIN")),
    model.Enum: _of_itself(_create(lambda _, each: f" AS ENUM {fragments.enum(each)}", "TYPE")),
    model.EventTrigger: _of_itself(changes.make_event_trigger),
    model.Exclusion: _of_itself(_constraint),
    model.Extension: _of_itself(_extension),
    model.ForeignKey: _of_itself(_constraint),
    model.ForeignTable: _of_itself(_create(lambda _, each: f" {fragments.foreign_table(each)}", "FOREIGN TABLE")),
    model.Index: _of_itself(_index),
    model.Namespace: _of_itself(_create(lambda _, __: "", "SCHEMA")),
    model.Operator: _of_itself(_operator),
    model.OperatorClass: lambda corrections, subject, class_: corrections._create_class(subject, class_),
    model.OperatorFamily: lambda corrections, subject, family: corrections._create_family(subject, family),
    model.Policy: _of_itself(_policy),
    model.PrimaryKey: _of_itself(_constraint),
    model.Publication: _of_itself(_create(lambda _, each: fragments.publication(each), "PUBLICATION")),
    model.RangeType: _of_itself(_range),
    model.ReplicaIdentity: _of_itself(_replica_identity),
    model.RowSecurity: _of_itself(_row_security),
    model.SearchConfiguration: _of_itself(changes.make_search_configuration),
    model.SearchDictionary: _of_itself(
        _create(lambda _, each: f" {fragments.search_dictionary(each)}", "TEXT SEARCH DICTIONARY")
    ),
    model.SearchParser: _of_itself(
        _create(lambda _, each: f" {fragments.search_functions(each)}", "TEXT SEARCH PARSER")
    ),
    model.SearchTemplate: _of_itself(
        _create(lambda _, each: f" {fragments.search_functions(each)}", "TEXT SEARCH TEMPLATE")
    ),
    model.Sequence: _of_itself(_sequence),
    model.Statistics: _of_itself(changes.make_statistics),
    model.Table: lambda corrections, subject, table: corrections._create_table(subject, table),
    model.Trigger: _of_itself(_trigger),
    model.Unique: _of_itself(_constraint),
}
