"""Definitions as the SQL that makes them: what people read, and what corrective migrations are made of."""

from collections.abc import Iterable, Iterator

from ...model import schema as model
from ...model.schema import OPERATOR_GROUPS, ROUTINES, Expression, IndexKey, Kind, Subject
from ..canonical.foreign import shown
from ..canonical.routines import split_method
from ..canonical.sql import UNWRITTEN, identifier, literal
from ..naming import multirange_name

_BIGGEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}


def names(words: Iterable[str]) -> str:
    return ", ".join(map(identifier, words))


def qualified(name: tuple[str, ...]) -> str:
    return ".".join(map(identifier, name))


def routine(subject: Subject) -> str:
    """The name of a routine with its types, as ALTER and DROP want it."""
    name, _, types = subject.name[-1].partition("(")
    every_row = subject.kind is Kind.AGGREGATE and types == ")"
    return f"{qualified((subject.name[0], name))}({'*)' if every_row else types}"


def operator(subject: Subject) -> str:
    """The symbol of an operator with its operands, as ALTER and DROP want it."""
    symbol, _, operands = subject.name[-1].partition("(")
    return f"{identifier(subject.name[0])}.{symbol} ({operands}"


def of_method(subject: Subject) -> str:
    """An operator class or family with its index method, as CREATE, ALTER and DROP want it."""
    name, method = split_method(subject.name[-1])
    return f"{qualified((subject.name[0], name))} USING {identifier(method)}"


def of_class(subject: Subject, class_: model.OperatorClass) -> str:
    """``name DEFAULT FOR TYPE t USING btree``, as CREATE has it."""
    name, method = split_method(subject.name[-1])
    default = "DEFAULT " if class_.default else ""
    return f"{qualified((subject.name[0], name))} {default}FOR TYPE {class_.type} USING {identifier(method)}"


def named(subject: Subject) -> str:
    """What ALTER and DROP call what lives in a schema, or a schema."""
    if subject.kind is Kind.OPERATOR:
        return operator(subject)
    if subject.kind in OPERATOR_GROUPS:
        return of_method(subject)
    return routine(subject) if subject.kind in ROUTINES else qualified(subject.name)


def primary_key(key: model.PrimaryKey) -> str:
    return f"PRIMARY KEY ({_key_columns(key)}){_include(key.include)}{_with(key)}{_deferral(key.deferral)}"


def unique(constraint: model.Unique) -> str:
    nulls = " NULLS NOT DISTINCT" if constraint.nulls_not_distinct else ""
    columns = f"({_key_columns(constraint)}){_include(constraint.include)}"
    return f"UNIQUE{nulls} {columns}{_with(constraint)}{_deferral(constraint.deferral)}"


def _key_columns(key: model.PrimaryKey | model.Unique) -> str:
    return names(key.columns) + (" WITHOUT OVERLAPS" if key.without_overlaps else "")


def foreign_key(key: model.ForeignKey) -> str:
    target = qualified(key.referenced_table.name)
    match = " MATCH FULL" if key.match == "full" else ""
    update = f" ON UPDATE {key.on_update.upper()}" if key.on_update != "no action" else ""
    delete = f" ON DELETE {key.on_delete.upper()}" if key.on_delete != "no action" else ""
    some = f" ({names(key.on_delete_columns)})" if key.on_delete_columns else ""
    enforced = "" if key.enforced else " NOT ENFORCED"
    return (
        f"FOREIGN KEY ({_ends(key, key.columns)}) REFERENCES {target} ({_ends(key, key.referenced_columns)})"
        f"{match}{update}{delete}{some}{_deferral(key.deferral)}{enforced}{_not_valid(key.validated)}"
    )


def _ends(key: model.ForeignKey, columns: tuple[str, ...]) -> str:
    if not key.period:
        return names(columns)
    return f"{names(columns[:-1])}, PERIOD {identifier(columns[-1])}"


def check(constraint: model.Check) -> str:
    inherit = " NO INHERIT" if constraint.no_inherit else ""
    enforced = "" if constraint.enforced else " NOT ENFORCED"
    return f"CHECK ({constraint.expression.sql}){inherit}{enforced}{_not_valid(constraint.validated)}"


def exclusion(constraint: model.Exclusion) -> str:
    elements = ", ".join(f"{index_key(key)} WITH {operator}" for key, operator in constraint.elements)
    return (
        f"EXCLUDE USING {constraint.method} ({elements}){_include(constraint.include)}{_with(constraint)}"
        f"{_where(constraint.predicate)}{_deferral(constraint.deferral)}"
    )


def index(definition: model.Index) -> str:
    """From the access method on: ``USING btree (a DESC) WHERE (b > 0)``."""
    keys = ", ".join(map(index_key, definition.keys))
    nulls = " NULLS NOT DISTINCT" if definition.nulls_not_distinct else ""
    included = f"{_include(definition.include)}{nulls}{_with(definition)}"
    return f"USING {definition.method} ({keys}){included}{_where(definition.predicate)}"


def index_key(key: IndexKey) -> str:
    written = identifier(key.column) if key.column is not None else f"({_sql(key.expression)})"
    collation = f" COLLATE {key.collation}" if key.collation else ""
    operators = f" {identifier(key.operator_class)}" if key.operator_class else ""
    direction = " DESC" if key.descending else ""
    nulls = "" if key.nulls_first == key.descending else " NULLS FIRST" if key.nulls_first else " NULLS LAST"
    return f"{written}{collation}{operators}{direction}{nulls}"


def column(definition: model.Column) -> str:
    """From the type on, as in CREATE TABLE."""
    return definition.type + "".join(column_options(definition))


def column_options(definition: model.Column) -> Iterable[str]:
    if definition.collation:
        yield f" COLLATE {definition.collation}"
    if definition.generated:
        stored = "STORED" if definition.generated.stored else "VIRTUAL"
        yield f" GENERATED ALWAYS AS ({definition.generated.expression.sql}) {stored}"
    if definition.identity:
        yield f" {identity(definition.identity)}"
    if not definition.nullable:
        yield " NOT NULL"
    if definition.default:
        yield f" DEFAULT {definition.default.sql}"


def identity(definition: model.Identity) -> str:
    options = sequence_options(definition.options, differing_only=True)
    always = "ALWAYS" if definition.always else "BY DEFAULT"
    return f"GENERATED {always} AS IDENTITY" + (f" ({' '.join(options)})" if options else "")


def sequence_options(options: model.SequenceOptions, *, differing_only: bool = False) -> list[str]:
    """Options of CREATE SEQUENCE but the type; all of them, or only those that are not the server's defaults."""
    up = options.increment > 0
    biggest = _BIGGEST.get(options.type, _BIGGEST["bigint"])
    minimum, maximum = (1, biggest) if up else (-biggest - 1, -1)
    values = (
        ("START", options.start, options.minimum if up else options.maximum),
        ("INCREMENT", options.increment, 1),
        ("MINVALUE", options.minimum, minimum),
        ("MAXVALUE", options.maximum, maximum),
        ("CACHE", options.cache, 1),
    )
    written = [f"{word} {value}" for word, value, usual in values if not differing_only or value != usual]
    if options.cycle or not differing_only:
        written.append("CYCLE" if options.cycle else "NO CYCLE")
    return written


def domain(definition: model.Domain) -> str:
    parts = [definition.type]
    if definition.collation:
        parts.append(f"COLLATE {definition.collation}")
    if definition.default:
        parts.append(f"DEFAULT {definition.default.sql}")
    if not definition.nullable:
        parts.append("NOT NULL")
    parts += (f"CONSTRAINT {identifier(check.name)} CHECK ({check.expression.sql})" for check in definition.checks)
    return " ".join(parts)


def composite_type(definition: model.CompositeType) -> str:
    attributes = (
        f"{identifier(attribute.name)} {attribute.type}"
        + (f" COLLATE {attribute.collation}" if attribute.collation else "")
        for attribute in definition.attributes
    )
    return f"({', '.join(attributes)})"


def enum(definition: model.Enum) -> str:
    return f"({', '.join(map(literal, definition.values))})"


def trigger(definition: model.Trigger, table: tuple[str, ...]) -> str:
    """From the timing on: ``BEFORE UPDATE OF a ON s.t FOR EACH ROW EXECUTE FUNCTION s.f('x')``."""
    events = " OR ".join(
        f"UPDATE OF {names(definition.update_of)}" if event == "update" and definition.update_of else event.upper()
        for event in definition.events
    )
    tables = ((definition.old_table, "OLD"), (definition.new_table, "NEW"))
    referencing = "".join(f" {word} TABLE AS {identifier(name)}" for name, word in tables if name)
    when = f" WHEN ({definition.when.sql})" if definition.when else ""
    arguments = ", ".join(map(literal, definition.arguments))
    return (
        f"{definition.timing.upper()} {events} ON {qualified(table)}{_deferral(definition.deferral)}"
        f"{' REFERENCING' + referencing if referencing else ''} FOR EACH {definition.for_each.upper()}{when}"
        f" EXECUTE FUNCTION {definition.function}({arguments})"
    )


def policy(definition: model.Policy) -> str:
    """From the mode on: ``AS PERMISSIVE FOR SELECT TO public USING (…)``."""
    mode = "PERMISSIVE" if definition.permissive else "RESTRICTIVE"
    roles = ", ".join(role if role == "public" else identifier(role) for role in definition.roles)
    using = f" USING ({definition.using.sql})" if definition.using else ""
    with_check = f" WITH CHECK ({definition.with_check.sql})" if definition.with_check else ""
    return f"AS {mode} FOR {definition.command.upper()} TO {roles}{using}{with_check}"


def replica_identity(identity: model.ReplicaIdentity) -> str:
    """What follows ``REPLICA IDENTITY``."""
    if identity.mode != "index":
        return identity.mode.upper()
    # A primary key's subject has no name of its own, and an index that was dropped none at all.
    named = identity.index is not None and identity.index.kind is not Kind.PRIMARY_KEY
    return f"USING INDEX {identifier(identity.index.name[-1]) if identity.index and named else UNWRITTEN}"


def publication(definition: model.Publication) -> str:
    """What follows the name in CREATE PUBLICATION."""
    objects = "ALL TABLES" if definition.all_tables else published(definition)
    return f"{f' FOR {objects}' if objects else ''} WITH ({publication_options(definition)})"


def published(definition: model.Publication) -> str:
    """What it publishes where that is not all: ``TABLE s.t (a, b) WHERE (a > 0), TABLES IN SCHEMA app``."""
    tables = ", ".join(
        f"ONLY {qualified(each.table.name)}{f' ({names(each.columns)})' if each.columns else ''}{_where(each.where)}"
        for each in definition.tables
    )
    schemas = names(definition.schemas)
    parts = ([f"TABLE {tables}"] if tables else []) + ([f"TABLES IN SCHEMA {schemas}"] if schemas else [])
    return ", ".join(parts)


def publication_options(definition: model.Publication) -> str:
    options = [
        f"publish = {literal(', '.join(definition.operations))}",
        f"publish_via_partition_root = {str(definition.via_root).lower()}",
    ]
    # The option came with PostgreSQL 18.
    return ", ".join([*options, *(["publish_generated_columns = stored"] if definition.generated_columns else [])])


def event_trigger(definition: model.EventTrigger) -> str:
    """What follows the name in CREATE EVENT TRIGGER."""
    tags = f" WHEN TAG IN ({', '.join(map(literal, definition.tags))})" if definition.tags else ""
    return f"ON {definition.event}{tags} EXECUTE FUNCTION {definition.function}()"


def foreign_table(definition: model.ForeignTable) -> str:
    """What follows the name in CREATE FOREIGN TABLE."""
    server = f"SERVER {identifier(definition.server)}{foreign_options(definition.options)}"
    if definition.partition_of is not None:
        # A constant in the bound must keep its case.
        return f"PARTITION OF {qualified(definition.partition_of.name)} {UNWRITTEN} {server}"
    columns = (
        f"{identifier(each.name)} {each.column.type}{foreign_options(each.options)}"
        + "".join(column_options(each.column))
        for each in definition.columns
    )
    return f"({', '.join(columns)}) {server}"


def foreign_options(options: tuple[str, ...]) -> str:
    written = ", ".join(f"{identifier(name)} {literal(value)}" for name, value in map(shown, options))
    return f" OPTIONS ({written})" if written else ""


def statistics(definition: model.Statistics) -> str:
    """What follows the name in CREATE STATISTICS, up to the table: ``(mcv) ON a, (lower(b))``."""
    elements = [*map(identifier, definition.columns), *(f"({each.sql})" for each in definition.expressions)]
    kinds = f"({', '.join(definition.kinds)}) " if definition.kinds else ""
    return f"{kinds}ON {', '.join(elements)}"


def cast(definition: model.Cast) -> str:
    """What follows the types in CREATE CAST."""
    how = {"function": f"WITH FUNCTION {definition.function}", "inout": "WITH INOUT", "binary": "WITHOUT FUNCTION"}
    context = "" if definition.context == "explicit" else f" AS {definition.context.upper()}"
    return f"{how[definition.method]}{context}"


def operator_options(definition: model.Operator) -> str:
    """What follows the symbol in CREATE OPERATOR."""
    links = {"COMMUTATOR": definition.commutator, "NEGATOR": definition.negator}
    options = {
        "FUNCTION": definition.function,
        "LEFTARG": definition.left,
        "RIGHTARG": definition.right,
        **{option: f"OPERATOR({symbol})" for option, symbol in links.items() if symbol is not None},
        "RESTRICT": definition.restrict,
        "JOIN": definition.join,
    }
    written = [f"{option} = {value}" for option, value in options.items() if value is not None]
    written += [word for word, holds in (("HASHES", definition.hashes), ("MERGES", definition.merges)) if holds]
    return f"({', '.join(written)})"


def family_members(family: model.OperatorFamily, of_class: Subject | None = None) -> Iterator[str]:
    """Its members in the words of CREATE OPERATOR CLASS and ALTER OPERATOR FAMILY: all, or those of a class."""
    for each in family.operators or ():
        if of_class is None or each.of_class == of_class:
            order = f" FOR ORDER BY {each.sort_family}" if each.sort_family else ""
            yield f"OPERATOR {each.number} {each.member} ({each.left}, {each.right}){order}"
    for each in family.functions or ():
        if of_class is None or each.of_class == of_class:
            arguments = "" if each.arguments is None else f"({each.arguments})"
            yield f"FUNCTION {each.number} ({each.left}, {each.right}) {each.member}{arguments}"


def search_functions(definition: model.SearchParser | model.SearchTemplate) -> str:
    """What follows the name in CREATE TEXT SEARCH PARSER and TEMPLATE."""
    if isinstance(definition, model.SearchTemplate):
        options = {"INIT": definition.init, "LEXIZE": definition.lexize}
    else:
        options = {
            "START": definition.start, "GETTOKEN": definition.token, "END": definition.end,
            "LEXTYPES": definition.types, "HEADLINE": definition.headline,
        }  # fmt: skip
    return f"({', '.join(f'{option} = {function}' for option, function in options.items() if function is not None)})"


def search_options(options: Iterable[str]) -> str:
    """``stopwords = 'english'``: words, numbers and switches may all be quoted."""
    pairs = (each.split("=", 1) for each in options)
    return ", ".join(f"{identifier(name)} = {literal(value)}" for name, value in pairs)


def search_dictionary(definition: model.SearchDictionary) -> str:
    """What follows the name in CREATE TEXT SEARCH DICTIONARY."""
    options = search_options(definition.options)
    return f"(TEMPLATE = {definition.template}{', ' if options else ''}{options})"


def collation(definition: model.Collation) -> str:
    """What follows the name in CREATE COLLATION."""
    if definition.provider is None or definition.locale is None:
        return f"({UNWRITTEN})"
    locale = f"locale = {literal(definition.locale)}"
    if definition.ctype is not None:
        locale = f"lc_collate = {literal(definition.locale)}, lc_ctype = {literal(definition.ctype)}"
    rules = f", rules = {literal(definition.rules)}" if definition.rules else ""
    deterministic = "" if definition.deterministic else ", deterministic = false"
    return f"(provider = {definition.provider}, {locale}{rules}{deterministic})"


def range_type(subject: Subject, definition: model.RangeType) -> str:
    """What follows AS RANGE in CREATE TYPE. A multirange with the name that it has by itself is left out."""
    schema, name = subject.name
    multirange = definition.multirange
    options = {
        "subtype": definition.subtype,
        "subtype_opclass": definition.operator_class and identifier(definition.operator_class),
        "collation": definition.collation,
        "canonical": definition.canonical,
        "subtype_diff": definition.subtype_diff,
        "multirange_type_name": None if multirange == qualified((schema, multirange_name(name))) else multirange,
    }
    return f"({', '.join(f'{option} = {value}' for option, value in options.items() if value is not None)})"


def table_options(definition: model.Table) -> str:
    """What follows a table's columns."""
    inherits = f" INHERITS ({', '.join(qualified(parent.name) for parent in definition.inherits)})"
    partition_by = f" PARTITION BY {definition.partition_by.sql}" if definition.partition_by else ""
    return (inherits if definition.inherits else "") + partition_by


def _sql(expression: Expression | None) -> str:
    return expression.sql if expression is not None else ""


def _include(columns: tuple[str, ...]) -> str:
    return f" INCLUDE ({names(columns)})" if columns else ""


def _with(relation: model.Index | model.PrimaryKey | model.Unique | model.Exclusion) -> str:
    return f" WITH ({with_parameters(relation.parameters)})" if relation.parameters else ""


def with_parameters(parameters: Iterable[str], namespace: str = "") -> str:
    """``fillfactor = '70'``: words, numbers and switches may all be quoted."""
    pairs = (each.split("=", 1) for each in parameters)
    return ", ".join(f"{namespace}{identifier(name)} = {literal(value)}" for name, value in pairs)


def _where(predicate: Expression | None) -> str:
    return f" WHERE ({predicate.sql})" if predicate is not None else ""


def _deferral(deferral: model.Deferral) -> str:
    return "" if deferral is model.Deferral.NOT_DEFERRABLE else f" {deferral.upper()}"


def _not_valid(validated: bool) -> str:
    return "" if validated else " NOT VALID"
