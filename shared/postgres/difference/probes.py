"""How the server spells an object, and how it spells the one that is wanted: SQL for both, to be compared as text.

The wanted object is made on a sample, an empty temporary copy of its table, so that the same server spells both.
"""

from collections.abc import Callable
from typing import Any

from ...model import schema as model
from ...model.schema import ROUTINES, Definition, Kind, Subject
from ...model.value import dataclass, replace
from ..canonical.sql import identifier, literal
from . import fragments
from .fragments import qualified

_SAMPLE = "pg_temp.corrective_sample"
_SAMPLE_SPELLED = r"pg_temp\w*\.corrective_sample"
# Where the name of the object goes, or of what it is in: no name holds it.
_PLACE = "\0"
# The table of an index.
_OWNER = "\1"
_RELATION_KINDS = {Kind.VIEW: "v", Kind.MATERIALIZED_VIEW: "m"}
INVALID = " INVALID"
# A default that is one constant. Behind it the server writes its type, or none, by how it was written.
_LONE_CONSTANT = r"^'((?:[^']|'')*)'(?:::[\w\". ,()]+)?$"
_KEPT = r"'\1"
_NUMBER = r"^'?[-+]?\d+(\.\d*)?(e[-+]?\d+)?$"
_NUMBERS = "{smallint,integer,bigint,numeric,real,double precision}"
# The server writes them behind a constant, or not, by how it was written.
_CASTS = r"'::(text|character varying|bpchar)(\(\d+\))?(\[\])?"
_AROUND_ELEMENTS = r"""::[\w". ]+|ARRAY|[][{}()'" ]"""
Sample = tuple[list[str], str]


@dataclass(frozen=True, slots=True)
class Probe:
    """*text* is SQL that spells the object *real*, NULL where there is none.

    *sample* gives the statements that make a definition on a sample, and the one that drops it; there it is *sampled*.
    *constant*, instead, spells a definition by itself.
    """

    text: str
    real: str
    sample: Callable[[Any], Sample] | None = None
    constant: Callable[[Any], str] | None = None
    sampled: str = _SAMPLE

    @property
    def present(self) -> str:
        return self.text.replace(_PLACE, literal(self.real)).replace(_OWNER, "x.indrelid")

    def spelling(self, definition: Definition, variable: str) -> list[str]:
        """Statements that put into *variable* how the server spells *definition*."""
        if self.constant is not None:
            return [f"{variable} := {self.constant(definition)};"]
        assert self.sample is not None  # noqa: S101  # a probe has one of both
        made, dropped = self.sample(definition)
        text = self.text.replace(_PLACE, literal(self.sampled))
        if isinstance(definition, model.Index):
            text = text.replace(_OWNER, f"{literal(qualified(definition.table.name))}::regclass::oid")
            text += "" if definition.valid else f" || {literal(INVALID)}"
        return [*made, f"{variable} := {text};", dropped]


def probe_of(subject: Subject, definition: Definition | None) -> Probe | None:
    maker = _PROBES.get(type(definition)) if definition is not None else None
    return None if maker is None else maker(subject, definition)


def _in_table(table: tuple[str, ...], text: str, made: Callable[[Any], list[str]]) -> Probe:
    name = qualified(table)

    def sample(definition: Any) -> Sample:
        return [f"CREATE TEMPORARY TABLE corrective_sample (LIKE {name});", *made(definition)], f"DROP TABLE {_SAMPLE};"

    return Probe(text, name, sample)


def _column(subject: Subject, _: model.Column) -> Probe:
    name = identifier(subject.name[2])
    text = (
        "(SELECT row(format_type(a.atttypid, a.atttypmod), a.attcollation, a.attnotnull, a.attidentity, "
        f"a.attgenerated, {_default()})::text FROM pg_attribute a "
        "LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
        f"WHERE a.attrelid = {_PLACE}::regclass AND a.attname = {literal(subject.name[2])})"
    )

    def made(column: model.Column) -> list[str]:
        return [
            f"ALTER TABLE {_SAMPLE} DROP COLUMN {name};",
            f"ALTER TABLE {_SAMPLE} ADD COLUMN {name} {fragments.column(column)};",
        ]

    return _in_table(subject.name[:2], text, made)


def _constraint(subject: Subject, definition: Any) -> Probe:
    name = definition.name if isinstance(definition, model.PrimaryKey) else subject.name[-1]
    text = (
        f"(SELECT {_plain('pg_get_constraintdef(k.oid)')} FROM pg_constraint k "
        f"WHERE k.conrelid = {_PLACE}::regclass AND k.conname = {literal(name)})"
    )

    def made(constraint: Any) -> list[str]:
        written = CONSTRAINT_SQL[type(constraint)](constraint)
        return [f"ALTER TABLE {_SAMPLE} ADD CONSTRAINT {identifier(name)} {written};"]

    return _in_table(subject.name[:2], text, made)


def _foreign_key(subject: Subject, _: model.ForeignKey) -> Probe:
    """A temporary table may refer to none that stays: its definition is spelled here, without the table's name.

    One that DISABLE TRIGGER ALL switched off is not enforced, which the server's definition does not say.
    """
    definition = "replace(pg_get_constraintdef(k.oid), ' REFERENCES ' || k.confrelid::regclass || '(', ' REFERENCES (')"
    off = "SELECT FROM pg_trigger g WHERE g.tgconstraint = k.oid AND g.tgenabled IN ('D', 'R')"
    text = (
        f"(SELECT regexp_replace({definition}, '( NOT (ENFORCED|VALID))+$', '') || CASE "
        f"WHEN pg_get_constraintdef(k.oid) ~ ' NOT ENFORCED' OR EXISTS ({off}) THEN ' NOT ENFORCED' "
        "WHEN NOT k.convalidated THEN ' NOT VALID' ELSE '' END || ', table ' || k.confrelid FROM pg_constraint k "
        f"WHERE k.conrelid = {_PLACE}::regclass AND k.conname = {literal(subject.name[-1])})"
    )

    def spelled(key: model.ForeignKey) -> str:
        table = qualified(key.referenced_table.name)
        written = fragments.foreign_key(replace(key, enforced=True, validated=key.validated or not key.enforced))
        written = written.replace(f" REFERENCES {table} (", " REFERENCES (") + ("" if key.enforced else " NOT ENFORCED")
        return f"{literal(written + ', table ')} || {literal(table)}::regclass::oid"

    return Probe(text, qualified(subject.name[:2]), constant=spelled)


def _index(subject: Subject, _: model.Index) -> Probe:
    """By what follows the name of its table, and by that table."""
    name = identifier(subject.name[1])
    definition = "regexp_replace(pg_get_indexdef(x.indexrelid), '^.*? USING ', '')"
    text = (
        "(SELECT concat(CASE WHEN x.indisunique THEN 'UNIQUE ' END, "
        f"{_plain(definition)}, ', table ', {_OWNER}, CASE WHEN k.oid IS NOT NULL THEN ' of a constraint' END, "
        f"CASE WHEN NOT x.indisvalid THEN {literal(INVALID)} END) FROM pg_index x "
        "LEFT JOIN pg_constraint k ON k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x') "
        f"WHERE x.indexrelid = to_regclass({_PLACE}))"
    )

    def sample(index: model.Index) -> Sample:
        unique = "UNIQUE " if index.unique else ""
        made = [
            f"CREATE TEMPORARY TABLE corrective_sample (LIKE {qualified(index.table.name)});",
            f"CREATE {unique}INDEX {name} ON {_SAMPLE} {fragments.index(index)};",
        ]
        return made, f"DROP TABLE {_SAMPLE};"

    return Probe(text, qualified(subject.name), sample, sampled=f"pg_temp.{name}")


def _policy(subject: Subject, _: model.Policy) -> Probe:
    text = (
        "(SELECT row(p.polcmd, p.polpermissive, (SELECT array_agg(r ORDER BY r) FROM unnest(p.polroles) r), "
        f"{_plain('pg_get_expr(p.polqual, p.polrelid)')}, {_plain('pg_get_expr(p.polwithcheck, p.polrelid)')})::text "
        f"FROM pg_policy p WHERE p.polrelid = {_PLACE}::regclass AND p.polname = {literal(subject.name[2])})"
    )

    def made(policy: model.Policy) -> list[str]:
        return [f"CREATE POLICY {identifier(subject.name[2])} ON {_SAMPLE} {fragments.policy(policy)};"]

    return _in_table(subject.name[:2], text, made)


def _trigger(subject: Subject, _: model.Trigger) -> Probe:
    table, name = qualified(subject.name[:2]), identifier(subject.name[2])
    definition = f"regexp_replace(pg_get_triggerdef(g.oid), {literal(_SAMPLE_SPELLED)}, {literal(_replacing(table))})"
    text = (
        f"(SELECT {_plain(definition)} || ' ' || g.tgenabled::text FROM pg_trigger g "
        f"WHERE g.tgrelid = {_PLACE}::regclass AND g.tgname = {literal(subject.name[2])} AND NOT g.tgisinternal)"
    )

    def sample(wanted: model.Trigger) -> Sample:
        of_view = wanted.timing == "instead of"
        kind = (
            f"VIEW corrective_sample AS SELECT * FROM {table}" if of_view else f"TABLE corrective_sample (LIKE {table})"
        )
        constraint = "CONSTRAINT " if wanted.constraint else ""
        written = fragments.trigger(wanted, ("pg_temp", "corrective_sample"))
        made = [f"CREATE TEMPORARY {kind};", f"CREATE {constraint}TRIGGER {name} {written};"]
        if wanted.enabled != "origin":
            made.append(f"ALTER TABLE {_SAMPLE} {ENABLING[wanted.enabled]} TRIGGER {name};")
        return made, f"DROP {'VIEW' if of_view else 'TABLE'} {_SAMPLE};"

    return Probe(text, table, sample)


def _enum(subject: Subject, _: model.Enum) -> Probe:
    text = (
        "(SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) "
        f"FROM pg_enum e WHERE e.enumtypid = to_regtype({_PLACE}))"
    )
    return Probe(text, qualified(subject.name), constant=lambda enum: literal(", ".join(map(literal, enum.values))))


def _domain(subject: Subject, _: model.Domain) -> Probe:
    text = (
        "(SELECT row(format_type(t.typbasetype, t.typtypmod), t.typcollation, t.typnotnull, "
        f"{_plain('t.typdefault')}, (SELECT string_agg(k.conname || {_plain('pg_get_constraintdef(k.oid)')}, ', ' "
        "ORDER BY k.conname) FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'))::text "
        f"FROM pg_type t WHERE t.oid = to_regtype({_PLACE}))"
    )

    def sample(domain: model.Domain) -> Sample:
        return [f"CREATE DOMAIN {_SAMPLE} AS {fragments.domain(domain)};"], f"DROP DOMAIN {_SAMPLE};"

    return Probe(text, qualified(subject.name), sample)


def _composite(subject: Subject, _: model.CompositeType) -> Probe:
    def sample(composite: model.CompositeType) -> Sample:
        return [f"CREATE TYPE {_SAMPLE} AS {fragments.composite_type(composite)};"], f"DROP TYPE {_SAMPLE};"

    return Probe(_columns(f"to_regclass({_PLACE})"), qualified(subject.name), sample)


def _sequence(subject: Subject, _: model.Sequence) -> Probe:
    text = (
        "(SELECT row(s.seqtypid, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle)::text "
        f"FROM pg_sequence s WHERE s.seqrelid = to_regclass({_PLACE}))"
    )

    def sample(sequence: model.Sequence) -> Sample:
        options = " ".join(fragments.sequence_options(sequence.options))
        made = f"CREATE TEMPORARY SEQUENCE corrective_sample AS {sequence.options.type} {options};"
        return [made], f"DROP SEQUENCE {_SAMPLE};"

    return Probe(text, qualified(subject.name), sample)


def _namespace(subject: Subject, _: model.Namespace) -> Probe:
    text = f"(SELECT 'schema' FROM pg_namespace n WHERE n.oid = to_regnamespace({_PLACE}))"
    return Probe(text, identifier(subject.name[0]), constant=lambda _: "'schema'")


def _extension(subject: Subject, extension: model.Extension) -> Probe:
    schema = "n.nspname" if extension.schema else "'any'"
    text = (
        f"(SELECT {schema} FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace "
        f"WHERE x.extname = {literal(subject.name[0])})"
    )
    return Probe(text, "", constant=lambda wanted: literal(wanted.schema or "any"))


def _publication(subject: Subject, publication: model.Publication) -> Probe | None:
    """By the tables and options; one with more than that has none."""
    if publication.schemas or any(each.columns or each.where is not None for each in publication.tables):
        return None
    tables = "SELECT string_agg(k.relation::oid::text, ' ' ORDER BY k.relation::oid) FROM"
    text = (
        "(SELECT concat_ws(' ', p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, p.pubviaroot, "
        f"({tables} (SELECT r.prrelid FROM pg_publication_rel r WHERE r.prpubid = p.oid) k (relation))) "
        f"FROM pg_publication p WHERE p.pubname = {literal(subject.name[0])})"
    )

    def spelled(wanted: model.Publication) -> str:
        flags = [wanted.all_tables, *(each in wanted.operations for each in OPERATIONS), wanted.via_root]
        published = ", ".join(f"{literal(qualified(each.table.name))}::regclass" for each in wanted.tables)
        return (
            f"concat_ws(' ', {', '.join(str(each).lower() for each in flags)}, "
            f"({tables} unnest(ARRAY[{published}]::regclass[]) k (relation)))"
        )

    return Probe(text, "", constant=spelled)


def _event_trigger(subject: Subject, _: model.EventTrigger) -> Probe:
    text = (
        "(SELECT concat_ws(' ', e.evtevent, e.evtfoid, "
        "(SELECT string_agg(t, ', ' ORDER BY t) FROM unnest(e.evttags) t), "
        f"e.evtenabled) FROM pg_event_trigger e WHERE e.evtname = {literal(subject.name[0])})"
    )

    def spelled(wanted: model.EventTrigger) -> str:
        tags = f"{literal(', '.join(wanted.tags))}, " if wanted.tags else ""
        function, enabled = literal(f"{wanted.function}()"), literal(_ENABLED_AS[wanted.enabled])
        return f"concat_ws(' ', {literal(wanted.event)}, {function}::regprocedure::oid, {tags}{enabled})"

    return Probe(text, "", constant=spelled)


def _statistics(subject: Subject, statistics: model.Statistics) -> Probe:
    """By the kinds, columns, expressions and target."""
    definition = "pg_get_statisticsobjdef(s.oid)"
    # A server may call the schema of temporary objects by its alias.
    for each in ("format('%I.%I', n.nspname, s.stxname)", "format('pg_temp.%I', s.stxname)", "' FROM ' || c.name"):
        definition = f"replace({definition}, {each}, '')"
    text = (
        f"(SELECT concat_ws(' ', {_plain(definition)}, "
        "s.stxkind::text, coalesce(s.stxstattarget, -1)) FROM pg_statistic_ext s "
        "JOIN pg_namespace n ON n.oid = s.stxnamespace CROSS JOIN LATERAL (SELECT s.stxrelid::regclass::text) c (name) "
        f"WHERE s.stxrelid = to_regclass({_PLACE}) AND s.stxname = {literal(subject.name[1])})"
    )

    def sample(wanted: model.Statistics) -> Sample:
        sampled = Subject(subject.kind, ("pg_temp", subject.name[1]))
        name, target = qualified(sampled.name), -1 if wanted.target is None else wanted.target
        made = [
            f"CREATE TEMPORARY TABLE corrective_sample (LIKE {qualified(wanted.table.name)});",
            f"CREATE STATISTICS {name} {fragments.statistics(wanted)} FROM {_SAMPLE};",
            f"ALTER STATISTICS {name} SET STATISTICS {target};",
        ]
        return made, f"DROP TABLE {_SAMPLE};"

    return Probe(text, qualified(statistics.table.name), sample)


def _collation(subject: Subject, _: model.Collation) -> Probe:
    text = (
        "(SELECT concat_ws(' ', l.collprovider, l.collisdeterministic, l.collcollate, l.collctype, "
        "to_jsonb(l) ->> 'colliculocale', to_jsonb(l) ->> 'colllocale', to_jsonb(l) ->> 'collicurules') "
        f"FROM pg_collation l WHERE l.oid = to_regcollation({_PLACE}))"
    )

    def sample(wanted: model.Collation) -> Sample:
        return [f"CREATE COLLATION {_SAMPLE} {fragments.collation(wanted)};"], f"DROP COLLATION {_SAMPLE};"

    return Probe(text, qualified(subject.name), sample)


def _cast(_: Subject, cast: model.Cast) -> Probe:
    text = (
        "(SELECT concat_ws(' ', c.castmethod, c.castcontext, c.castfunc) FROM pg_cast c WHERE "
        f"c.castsource = to_regtype({literal(cast.source)}) AND c.casttarget = to_regtype({literal(cast.target)}))"
    )

    def spelled(wanted: model.Cast) -> str:
        function = "'0'" if wanted.function is None else f"{literal(wanted.function)}::regproc::oid"
        return f"{literal(f'{wanted.method[0]} {wanted.context[0]} ')} || {function}"

    return Probe(text, "", constant=spelled)


def _range(subject: Subject, _: model.RangeType) -> Probe:
    text = (
        "(SELECT row(format_type(r.rngsubtype, NULL), r.rngsubopc, r.rngcollation, r.rngcanonical, r.rngsubdiff)::text "
        f"FROM pg_range r WHERE r.rngtypid = to_regtype({_PLACE}))"
    )

    def sample(wanted: model.RangeType) -> Sample:
        sampled = Subject(subject.kind, ("pg_temp", "corrective_sample"))
        written = fragments.range_type(sampled, replace(wanted, multirange=None))
        return [f"CREATE TYPE {_SAMPLE} AS RANGE {written};"], f"DROP TYPE {_SAMPLE};"

    return Probe(text, qualified(subject.name), sample)


def _existing(subject: Subject, _: Any) -> Probe:
    """Whether it is there, and of its kind: for what is only renamed."""
    if subject.kind in ROUTINES:
        signature = (
            qualified((subject.name[0], subject.name[1].partition("(")[0])) + "(" + subject.name[1].partition("(")[2]
        )
        text = f"(SELECT 'routine' FROM pg_proc p WHERE p.oid = to_regprocedure({literal(signature)}))"
        return Probe(text, "", constant=lambda _: "'routine'")
    text = f"(SELECT c.relkind::text FROM pg_class c WHERE c.oid = to_regclass({_PLACE}))"
    return Probe(text, qualified(subject.name), constant=lambda _: literal(_RELATION_KINDS[subject.kind]))


def _columns(relation: str) -> str:
    return (
        "(SELECT string_agg(row(a.attname, format_type(a.atttypid, a.atttypmod), a.attcollation, a.attnotnull, "
        f"a.attidentity, a.attgenerated, {_default()})::text, ', ' ORDER BY a.attname) "
        "FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
        f"WHERE a.attrelid = {relation} AND a.attnum > 0 AND NOT a.attisdropped)"
    )


def of_table(subject: Subject, columns: str) -> Probe:
    """Of a table, by its columns and its partition key; *columns* is what follows its name in CREATE TABLE."""
    text = (
        "(SELECT concat(c.relkind, pg_get_partkeydef(c.oid), ' ', "
        f"{_columns('c.oid')}) FROM pg_class c WHERE c.oid = to_regclass({_PLACE}))"
    )
    made = [f"CREATE TEMPORARY TABLE corrective_sample {columns};"]
    return Probe(text, qualified(subject.name), lambda _: (made, f"DROP TABLE {_SAMPLE};"))


def of_partition(subject: Subject, bound: str) -> Probe:
    """Of a partition, by its parent and its *bound*."""
    text = (
        "(SELECT upper(pg_get_expr(c.relpartbound, c.oid)) || ' of ' || i.inhparent FROM pg_class c "
        f"LEFT JOIN pg_inherits i ON i.inhrelid = c.oid WHERE c.oid = to_regclass({_PLACE}))"
    )

    def spelled(table: model.Table) -> str:
        assert table.partition_of is not None  # noqa: S101  # else it is no partition
        return f"{literal(bound + ' of ')} || {literal(qualified(table.partition_of.name))}::regclass::oid"

    return Probe(text, qualified(subject.name), constant=spelled)


def _plain(text: str) -> str:
    """A definition without the casts of constants, and with one name for the time of the transaction."""
    quote = literal("'")
    plain = f"regexp_replace({text}, {literal(_CASTS)}, {quote}, 'g')"
    return f"replace({plain}, 'now()', 'CURRENT_TIMESTAMP')"


def _default() -> str:
    """The default of a column: of one constant its value counts, whatever its spelling.

    An array's may be ``ARRAY['a'::text]`` or ``'{a}'::text[]``: what is in it counts.
    """
    expression = "pg_get_expr(d.adbin, d.adrelid)"
    within = f"regexp_replace({expression}, {literal(_AROUND_ELEMENTS)}, '', 'g')"
    lone = f"regexp_replace({_plain(expression)}, {literal(_LONE_CONSTANT)}, {literal(_KEPT)})"
    quote = literal("'")
    value = f"trim_scale(ltrim({lone}, {quote})::numeric)::text"
    is_number = f"a.atttypid = ANY ({literal(_NUMBERS)}::regtype[]) AND {lone} ~ {literal(_NUMBER)}"
    is_array = "format_type(a.atttypid, -1) LIKE '%[]'"
    return f"CASE WHEN {is_array} THEN {within} WHEN {is_number} THEN {value} ELSE {lone} END"


def _replacing(text: str) -> str:
    """*text* as what replaces a match of a regular expression."""
    return text.replace("\\", "\\\\")


OPERATIONS: tuple[model.Operation, ...] = ("insert", "update", "delete", "truncate")
_ENABLED_AS = {"origin": "O", "disabled": "D", "replica": "R", "always": "A"}
ENABLING = {"origin": "ENABLE", "disabled": "DISABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS"}
CONSTRAINT_SQL: dict[type[Definition], Callable[[Any], str]] = {
    model.Check: fragments.check,
    model.Exclusion: fragments.exclusion,
    model.ForeignKey: fragments.foreign_key,
    model.PrimaryKey: fragments.primary_key,
    model.Unique: fragments.unique,
}
_PROBES: dict[type[Definition], Callable[[Subject, Any], Probe | None]] = {
    model.Aggregate: _existing,
    model.Cast: _cast,
    model.Check: _constraint,
    model.Collation: _collation,
    model.Column: _column,
    model.CompositeType: _composite,
    model.Domain: _domain,
    model.Enum: _enum,
    model.EventTrigger: _event_trigger,
    model.Exclusion: _constraint,
    model.Extension: _extension,
    model.ForeignKey: _foreign_key,
    model.Index: _index,
    model.Namespace: _namespace,
    model.Policy: _policy,
    model.PrimaryKey: _constraint,
    model.Publication: _publication,
    model.RangeType: _range,
    model.Routine: _existing,
    model.Sequence: _sequence,
    model.Statistics: _statistics,
    model.Trigger: _trigger,
    model.Unique: _constraint,
    model.View: _existing,
}
