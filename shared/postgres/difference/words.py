"""An object in words a person reads: ``text, not null`` against ``character varying(40)``."""

from collections.abc import Callable, Iterator
from typing import Any

from ...model import schema as model
from ...model.schema import Definition, Subject
from . import fragments

ABSENT = "nothing"


def described(subject: Subject, definition: Definition | None) -> str:
    """The whole of it, in one line."""
    if definition is None:
        return ABSENT
    writer = _WRITERS[type(definition)]
    return writer(subject, definition) or str(subject.kind)


def both(
    subject: Subject,
    expected: Definition | None,
    actual: Definition | None,
    attributes: tuple[str, ...],
    found_as: Subject | None,
) -> tuple[str, str]:
    """*expected* and *actual* in words that differ: what does not show in the line of each is named."""
    ours, theirs = described(subject, expected), described(found_as or subject, actual)
    if found_as is not None:
        return (str(subject), str(found_as)) if attributes == ("name",) else (ours, f"{found_as}: {theirs}")
    if ours != theirs:
        return ours, theirs
    if isinstance(actual, model.Setting):
        return ours, "another value, not shown either"
    named = ", ".join(attribute.replace("_", " ") for attribute in attributes)
    return ours, f"the same but for {named}"


def _table(_: Subject, table: model.Table) -> str:
    kind = "unlogged table" if table.unlogged else "table"
    parts = [kind]
    if table.partition_of is not None:
        bound = table.bound.sql if table.bound else ""
        parts.append(f"partition of {'.'.join(table.partition_of.name)} {bound}")
    if table.partition_by is not None:
        parts.append(f"partitioned by {table.partition_by.sql}")
    if table.inherits:
        parts.append(f"inherits {', '.join('.'.join(parent.name) for parent in table.inherits)}")
    parts += table.parameters
    parts += (f"toast.{each}" for each in table.toast_parameters or ())
    return ", ".join(parts)


def _column(_: Subject, column: model.Column) -> str:
    parts = [column.type]
    if column.collation:
        parts.append(f"collation {column.collation}")
    if not column.nullable:
        inherited = "" if column.not_null_inherited else " no inherit"
        parts.append(f"not null{inherited}{'' if column.not_null_validated else ' not valid'}")
    if column.default is not None:
        parts.append(f"default {column.default.sql}")
    if column.identity is not None:
        parts.append(fragments.identity(column.identity).lower())
    if column.generated is not None:
        stored = "stored" if column.generated.stored else "virtual"
        parts.append(f"generated always as ({column.generated.expression.sql}) {stored}")
    parts += _storing(column.storing)
    return ", ".join(parts)


def _storing(storing: model.Storing) -> Iterator[str]:
    if storing.storage is not None:
        yield f"storage {storing.storage}"
    if storing.compression is not None:
        yield f"compression {storing.compression}"
    if storing.statistics is not None:
        yield f"statistics {storing.statistics}"
    yield from storing.options


def _primary_key(_: Subject, key: model.PrimaryKey) -> str:
    return f"{fragments.primary_key(key)} named {key.name}"


def _index(_: Subject, index: model.Index) -> str:
    unique = "unique index " if index.unique else "index "
    table = ".".join(index.table.name)
    return f"{unique}on {table} {fragments.index(index)}{'' if index.valid else ', invalid'}"


def _domain(_: Subject, domain: model.Domain) -> str:
    not_valid = [check.name for check in domain.checks if not check.validated]
    return fragments.domain(domain) + (f", not valid: {', '.join(not_valid)}" if not_valid else "")


def _sequence(_: Subject, sequence: model.Sequence) -> str:
    owner = f", owned by {'.'.join(sequence.owner.name)}" if sequence.owner else ""
    options = " ".join(fragments.sequence_options(sequence.options, differing_only=True)).lower()
    return f"{sequence.options.type}{' ' + options if options else ''}{owner}"


def _view(subject: Subject, view: model.View) -> str:
    options = f" with {', '.join(view.options)}" if view.options else ""
    return f"{subject.kind} of {', '.join(view.columns)}{options}"


def _routine(_: Subject, routine: model.Routine) -> str:
    flags = {
        "strict": routine.strict,
        "security definer": routine.security_definer,
        "leakproof": routine.leakproof,
        f"parallel {routine.parallel}": routine.parallel != "unsafe",
    }
    parts = [f"({routine.arguments})" + (f" returns {routine.result}" if routine.result else "")]
    parts += [routine.language, routine.volatility, *(word for word, holds in flags.items() if holds)]
    parts += (f"default {value.sql}" for value in routine.defaults)
    parts += (f"set {setting}" for setting in routine.settings)
    return ", ".join([*parts, f"body {routine.body_digest[:8]}"])


def _trigger(subject: Subject, trigger: model.Trigger) -> str:
    enabled = "" if trigger.enabled == "origin" else f", {_ENABLED[trigger.enabled]}"
    constraint = "constraint trigger " if trigger.constraint else ""
    return f"{constraint}{fragments.trigger(trigger, subject.name[:2])}{enabled}"


_ENABLED = {"origin": "enabled", "disabled": "disabled", "replica": "enabled replica", "always": "enabled always"}


def _row_security(_: Subject, security: model.RowSecurity) -> str:
    return ("enabled" if security.enabled else "not enabled") + (", forced" if security.forced else "")


def _publication(_: Subject, publication: model.Publication) -> str:
    objects = "all tables" if publication.all_tables else fragments.published(publication)
    parts = [objects or "nothing", f"operations {', '.join(publication.operations) or 'none'}"]
    parts += ["via the partitioned table"] if publication.via_root else []
    parts += ["with generated columns"] if publication.generated_columns else []
    return "; ".join(parts)


def _event_trigger(_: Subject, trigger: model.EventTrigger) -> str:
    enabled = "" if trigger.enabled == "origin" else f", {_ENABLED[trigger.enabled]}"
    return f"{fragments.event_trigger(trigger)}{enabled}"


def _setting(subject: Subject, setting: model.Setting) -> str:
    """By the digest of a short secret, somebody could guess it."""
    return "a value that is not shown" if "." in subject.name[-1] else setting.value


def _statistics(_: Subject, statistics: model.Statistics) -> str:
    target = "" if statistics.target is None else f", target {statistics.target}"
    return f"{fragments.statistics(statistics)} FROM {'.'.join(statistics.table.name)}{target}"


def _collation(_: Subject, collation: model.Collation) -> str:
    parts = [collation.provider or "any provider", f"locale {collation.locale or 'that is not known'}"]
    parts += [f"ctype {collation.ctype}"] if collation.ctype else []
    parts += [f"rules {collation.rules}"] if collation.rules else []
    return ", ".join(parts if collation.deterministic else [*parts, "not deterministic"])


def _cast(_: Subject, cast: model.Cast) -> str:
    how = f"function {cast.function}" if cast.function is not None else cast.method
    return f"{how}, {cast.context}"


def _operator(_: Subject, operator: model.Operator) -> str:
    links = {"commutator": operator.commutator, "negator": operator.negator}
    links |= {"restrict": operator.restrict, "join": operator.join}
    parts = [f"function {operator.function}", *(f"{link} {name}" for link, name in links.items() if name is not None)]
    return ", ".join([*parts, *(["hashes"] if operator.hashes else []), *(["merges"] if operator.merges else [])])


def _operator_family(_: Subject, family: model.OperatorFamily) -> str:
    return ", ".join(fragments.family_members(family)) or "no operators and functions"


def _operator_class(_: Subject, class_: model.OperatorClass) -> str:
    default, storage = "default " if class_.default else "", f", storage {class_.storage}" if class_.storage else ""
    return f"{default}for type {class_.type}, family {class_.family}{storage}"


def _subscription(_: Subject, subscription: model.Subscription) -> str:
    slot = f"slot {subscription.slot}" if subscription.slot is not None else "no slot"
    state = "enabled" if subscription.enabled else "disabled"
    return f"of {', '.join(subscription.publications)}, {slot}, {state}"


def _search_configuration(_: Subject, configuration: model.SearchConfiguration) -> str:
    mappings = (f"{each.token} with {', '.join(each.dictionaries)}" for each in configuration.mappings)
    return "; ".join([f"parser {configuration.parser}", *mappings])


def _aggregate(_: Subject, aggregate: model.Aggregate) -> str:
    parts = [f"({aggregate.arguments})", f"state {aggregate.state_type}"]
    parts += [f"{each.role} function {each.function}" for each in aggregate.functions]
    parts += [f"initially {aggregate.initial}"] if aggregate.initial is not None else []
    parts += [f"{aggregate.form}"] if aggregate.form != "normal" else []
    return ", ".join([*parts, *([f"parallel {aggregate.parallel}"] if aggregate.parallel != "unsafe" else [])])


def _replica_identity(_: Subject, identity: model.ReplicaIdentity) -> str:
    if identity.mode != "index":
        return identity.mode
    return str(identity.index) if identity.index is not None else "an index that was dropped"


def _rule(_: Subject, rule: model.Rule) -> str:
    instead = "instead" if rule.instead else "also"
    done = rule.body.sql if rule.body else "something" if rule.acts else ""
    return f"on {rule.event} do {instead} {done}, {_ENABLED[rule.enabled]}"


def _extension(_: Subject, extension: model.Extension) -> str:
    version = f"version {extension.version}" if extension.version else "any version"
    return version + (f" in schema {extension.schema}" if extension.schema else "")


_WRITERS: dict[type[Definition], Callable[[Subject, Any], str]] = {
    model.Aggregate: _aggregate,
    model.Cast: _cast,
    model.Check: lambda _, check: fragments.check(check),
    model.Collation: _collation,
    model.ClusterMark: lambda _, mark: str(mark.index),
    model.Column: _column,
    model.CompositeType: lambda _, composite: fragments.composite_type(composite),
    model.Domain: _domain,
    model.Enum: lambda _, enum: fragments.enum(enum),
    model.EventTrigger: _event_trigger,
    model.Exclusion: lambda _, exclusion: fragments.exclusion(exclusion),
    model.Extension: _extension,
    model.ForeignTable: lambda _, table: fragments.foreign_table(table),
    model.ForeignKey: lambda _, key: fragments.foreign_key(key),
    model.Index: _index,
    model.Namespace: lambda _, __: "",
    model.Operator: _operator,
    model.OperatorClass: _operator_class,
    model.OperatorFamily: _operator_family,
    model.Policy: lambda _, policy: fragments.policy(policy),
    model.PrimaryKey: _primary_key,
    model.Publication: _publication,
    model.RangeType: fragments.range_type,
    model.ReplicaIdentity: _replica_identity,
    model.Routine: _routine,
    model.RowSecurity: _row_security,
    model.Rule: _rule,
    model.SearchConfiguration: _search_configuration,
    model.SearchDictionary: lambda _, dictionary: fragments.search_dictionary(dictionary),
    model.SearchParser: lambda _, parser: fragments.search_functions(parser),
    model.SearchTemplate: lambda _, template: fragments.search_functions(template),
    model.Sequence: _sequence,
    model.Setting: _setting,
    model.Statistics: _statistics,
    model.Subscription: _subscription,
    model.Table: _table,
    model.Trigger: _trigger,
    model.Unique: lambda _, unique: fragments.unique(unique),
    model.View: _view,
}
