"""How the server spells what is no part of a table: types, sequences, programs, and what is of the whole database."""

from collections.abc import Callable
from typing import Any

from ...model import schema as model
from ...model.schema import ROUTINES, Definition, Kind, Subject
from ...model.value import replace
from ..canonical.routines import operator_signature, split_method
from ..canonical.sql import identifier, literal
from ..canonical.text_search import TOKENS
from ..naming import unquoted
from . import fragments
from .fragments import qualified
from .probe import PLACE, SAMPLE, Probe, Sample, columns_of, plain

_RELATION_KINDS = {Kind.VIEW: "v", Kind.MATERIALIZED_VIEW: "m"}
OPERATIONS: tuple[model.Operation, ...] = ("insert", "update", "delete", "truncate")
_ENABLED_AS = {"origin": "O", "disabled": "D", "replica": "R", "always": "A"}


def _enum(subject: Subject, _: model.Enum) -> Probe:
    text = (
        "(SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) "
        f"FROM pg_enum e WHERE e.enumtypid = to_regtype({PLACE}))"
    )
    return Probe(text, qualified(subject.name), constant=lambda enum: literal(", ".join(map(literal, enum.values))))


def _domain(subject: Subject, _: model.Domain) -> Probe:
    text = (
        "(SELECT row(format_type(t.typbasetype, t.typtypmod), t.typcollation, t.typnotnull, "
        f"{plain('t.typdefault')}, (SELECT string_agg(k.conname || {plain('pg_get_constraintdef(k.oid)')}, ', ' "
        "ORDER BY k.conname) FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'))::text "
        f"FROM pg_type t WHERE t.oid = to_regtype({PLACE}))"
    )

    def sample(domain: model.Domain) -> Sample:
        return [f"CREATE DOMAIN {SAMPLE} AS {fragments.domain(domain)};"], f"DROP DOMAIN {SAMPLE};"

    return Probe(text, qualified(subject.name), sample)


def _composite(subject: Subject, _: model.CompositeType) -> Probe:
    def sample(composite: model.CompositeType) -> Sample:
        return [f"CREATE TYPE {SAMPLE} AS {fragments.composite_type(composite)};"], f"DROP TYPE {SAMPLE};"

    return Probe(columns_of(f"to_regclass({PLACE})"), qualified(subject.name), sample)


def _sequence(subject: Subject, _: model.Sequence) -> Probe:
    text = (
        "(SELECT row(s.seqtypid, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle)::text "
        f"FROM pg_sequence s WHERE s.seqrelid = to_regclass({PLACE}))"
    )

    def sample(sequence: model.Sequence) -> Sample:
        options = " ".join(fragments.sequence_options(sequence.options))
        made = f"CREATE TEMPORARY SEQUENCE corrective_sample AS {sequence.options.type} {options};"
        return [made], f"DROP SEQUENCE {SAMPLE};"

    return Probe(text, qualified(subject.name), sample)


def _namespace(subject: Subject, _: model.Namespace) -> Probe:
    text = f"(SELECT 'schema' FROM pg_namespace n WHERE n.oid = to_regnamespace({PLACE}))"
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
        f"(SELECT concat_ws(' ', {plain(definition)}, "
        "s.stxkind::text, coalesce(s.stxstattarget, -1)) FROM pg_statistic_ext s "
        "JOIN pg_namespace n ON n.oid = s.stxnamespace CROSS JOIN LATERAL (SELECT s.stxrelid::regclass::text) c (name) "
        f"WHERE s.stxrelid = to_regclass({PLACE}) AND s.stxname = {literal(subject.name[1])})"
    )

    def sample(wanted: model.Statistics) -> Sample:
        sampled = Subject(subject.kind, ("pg_temp", subject.name[1]))
        name, target = qualified(sampled.name), -1 if wanted.target is None else wanted.target
        made = [
            f"CREATE TEMPORARY TABLE corrective_sample (LIKE {qualified(wanted.table.name)});",
            f"CREATE STATISTICS {name} {fragments.statistics(wanted)} FROM {SAMPLE};",
            f"ALTER STATISTICS {name} SET STATISTICS {target};",
        ]
        return made, f"DROP TABLE {SAMPLE};"

    return Probe(text, qualified(statistics.table.name), sample)


def _collation(subject: Subject, _: model.Collation) -> Probe:
    text = (
        "(SELECT concat_ws(' ', l.collprovider, l.collisdeterministic, l.collcollate, l.collctype, "
        "to_jsonb(l) ->> 'colliculocale', to_jsonb(l) ->> 'colllocale', to_jsonb(l) ->> 'collicurules') "
        f"FROM pg_collation l WHERE l.oid = to_regcollation({PLACE}))"
    )

    def sample(wanted: model.Collation) -> Sample:
        return [f"CREATE COLLATION {SAMPLE} {fragments.collation(wanted)};"], f"DROP COLLATION {SAMPLE};"

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


def _operator(subject: Subject, _: model.Operator) -> Probe:
    text = (
        "(SELECT concat_ws(' ', o.oprcode::oid, o.oprcom, o.oprnegate, o.oprrest::oid, o.oprjoin::oid, o.oprcanhash, "
        f"o.oprcanmerge) FROM pg_operator o WHERE o.oid = to_regoperator({PLACE}) AND o.oprcode <> 0)"
    )

    def spelled(wanted: model.Operator) -> str:
        left, right = wanted.left, wanted.right
        taken = ", ".join(each for each in (left, right) if each is not None)
        words = [
            f"{literal(f'{wanted.function}({taken})')}::regprocedure::oid",
            _operator_number(wanted.commutator, right, left),
            _operator_number(wanted.negator, left, right),
            *("0" if each is None else f"{literal(each)}::regproc::oid" for each in (wanted.restrict, wanted.join)),
            *(str(each).lower() for each in (wanted.hashes, wanted.merges)),
        ]
        return f"concat_ws(' ', {', '.join(words)})"

    return Probe(text, fragments.operator(subject), constant=spelled)


def _operator_number(symbol: str | None, left: str | None, right: str | None) -> str:
    """One that does not exist has none."""
    if symbol is None:
        return "0"
    return f"coalesce(to_regoperator({literal(operator_signature(symbol, left, right))})::oid, 0)"


def _operator_family(subject: Subject, family: model.OperatorFamily) -> Probe | None:
    if any(each.sort_family for each in family.operators or ()):
        return None
    if any(each.arguments is None for each in family.functions or ()):
        return None
    text = (
        "(SELECT coalesce((SELECT string_agg(m.spelled, ' ' ORDER BY m.spelled) FROM ("
        "SELECT concat_ws(' ', 'o', a.amopstrategy, a.amoplefttype, a.amoprighttype, a.amopopr) FROM pg_amop a "
        "WHERE a.amopfamily = f.oid UNION ALL "
        "SELECT concat_ws(' ', 'f', a.amprocnum, a.amproclefttype, a.amprocrighttype, a.amproc::oid) FROM pg_amproc a "
        f"WHERE a.amprocfamily = f.oid) m (spelled)), '') FROM pg_opfamily f {_of_method('f.opf', subject)})"
    )

    def spelled(wanted: model.OperatorFamily) -> str:
        members = [
            *(
                ("o", each, operator_signature(each.member, each.left, each.right), "operator")
                for each in wanted.operators or ()
            ),
            *(("f", each, f"{each.member}({each.arguments})", "procedure") for each in wanted.functions or ()),
        ]
        rows = (
            f"(concat_ws(' ', '{mark}', {each.number}, {literal(each.left)}::regtype::oid, "
            f"{literal(each.right)}::regtype::oid, {literal(signature)}::reg{kind}::oid))"
            for mark, each, signature, kind in members
        )
        values = ", ".join(rows)
        return (
            f"(SELECT string_agg(m.spelled, ' ' ORDER BY m.spelled) FROM (VALUES {values}) m (spelled))"
            if values
            else "''"
        )

    return Probe(text, "", constant=spelled)


def _operator_class(subject: Subject, _: model.OperatorClass) -> Probe:
    text = (
        "(SELECT concat_ws(' ', o.opcintype, f.opfname, o.opcdefault, o.opckeytype) FROM pg_opclass o "
        f"JOIN pg_opfamily f ON f.oid = o.opcfamily {_of_method('o.opc', subject)})"
    )

    def spelled(wanted: model.OperatorClass) -> str:
        storage = "0" if wanted.storage is None else f"{literal(wanted.storage)}::regtype::oid"
        family, default = literal(_last_word(wanted.family)), str(wanted.default).lower()
        return f"concat_ws(' ', {literal(wanted.type)}::regtype::oid, {family}, {default}, {storage})"

    return Probe(text, "", constant=spelled)


def _of_method(prefix: str, subject: Subject) -> str:
    name, method = split_method(subject.name[-1])
    own = _in_schema(prefix, Subject(subject.kind, (subject.name[0], name)))
    return f"{own} AND {prefix}method = (SELECT m.oid FROM pg_am m WHERE m.amname = {literal(method)})"


def _search_functions(subject: Subject, _: model.SearchParser | model.SearchTemplate) -> Probe:
    if subject.kind is Kind.SEARCH_TEMPLATE:
        functions_of = "SELECT concat_ws(' ', t.tmplinit::oid, t.tmpllexize::oid) FROM pg_ts_template t"
        text = f"({functions_of} {_in_schema('t.tmpl', subject)})"
    else:
        text = (
            "(SELECT concat_ws(' ', p.prsstart::oid, p.prstoken::oid, p.prsend::oid, p.prslextype::oid, "
            f"p.prsheadline::oid) FROM pg_ts_parser p {_in_schema('p.prs', subject)})"
        )

    def spelled(wanted: Any) -> str:
        if isinstance(wanted, model.SearchTemplate):
            functions = [wanted.init, wanted.lexize]
        else:
            functions = [wanted.start, wanted.token, wanted.end, wanted.types, wanted.headline]
        numbers = ("0" if each is None else f"{literal(each)}::regproc::oid" for each in functions)
        return f"concat_ws(' ', {', '.join(numbers)})"

    return Probe(text, "", constant=spelled)


def _search_dictionary(subject: Subject, _: model.SearchDictionary) -> Probe:
    """By the last word of the template, and the options in any order."""
    text = (
        f"(SELECT concat_ws(' ', t.tmplname, {_in_order('d.dictinitoption')}) FROM pg_ts_dict d "
        f"JOIN pg_ts_template t ON t.oid = d.dicttemplate {_in_schema('d.dict', subject)})"
    )

    def spelled(wanted: model.SearchDictionary) -> str:
        options = literal(fragments.search_options(wanted.options)) if wanted.options else "NULL"
        return f"concat_ws(' ', {literal(_last_word(wanted.template))}, {_in_order(options)})"

    return Probe(text, "", constant=spelled)


def _in_order(options: str) -> str:
    quote = literal("'")
    split = f"regexp_split_to_table(replace({options}, {quote}, ''), ', ')"
    return f"(SELECT string_agg(o, ', ' ORDER BY o) FROM {split} o)"


def _search_configuration(subject: Subject, configuration: model.SearchConfiguration) -> Probe | None:
    """By the last word of the parser, and the numbers of tokens and dictionaries."""
    if not {each.token for each in configuration.mappings}.issubset(TOKENS):
        return None
    text = (
        "(SELECT concat_ws(' ', p.prsname, (SELECT string_agg(concat_ws(' ', m.maptokentype, m.mapdict), ', ' "
        "ORDER BY m.maptokentype, m.mapseqno) FROM pg_ts_config_map m WHERE m.mapcfg = c.oid)) FROM pg_ts_config c "
        f"JOIN pg_ts_parser p ON p.oid = c.cfgparser {_in_schema('c.cfg', subject)})"
    )

    def spelled(wanted: model.SearchConfiguration) -> str:
        in_order = sorted(wanted.mappings, key=lambda each: TOKENS.index(each.token))
        mapped = [(TOKENS.index(each.token) + 1, name) for each in in_order for name in each.dictionaries]
        pairs = ", ".join(f"concat_ws(' ', {number}, {literal(name)}::regdictionary::oid)" for number, name in mapped)
        mappings = f", concat_ws(', ', {pairs})" if pairs else ""
        return f"concat_ws(' ', {literal(_last_word(wanted.parser))}{mappings})"

    return Probe(text, "", constant=spelled)


def _in_schema(prefix: str, subject: Subject) -> str:
    schema, name = subject.name
    place = f"to_regnamespace({literal(identifier(schema))})"
    return f"WHERE {prefix}name = {literal(name)} AND {prefix}namespace = {place}"


def _last_word(name: str) -> str:
    return unquoted(name)[-1]


def _range(subject: Subject, _: model.RangeType) -> Probe:
    text = (
        "(SELECT row(format_type(r.rngsubtype, NULL), r.rngsubopc, r.rngcollation, r.rngcanonical, r.rngsubdiff)::text "
        f"FROM pg_range r WHERE r.rngtypid = to_regtype({PLACE}))"
    )

    def sample(wanted: model.RangeType) -> Sample:
        sampled = Subject(subject.kind, ("pg_temp", "corrective_sample"))
        written = fragments.range_type(sampled, replace(wanted, multirange=None))
        return [f"CREATE TYPE {SAMPLE} AS RANGE {written};"], f"DROP TYPE {SAMPLE};"

    return Probe(text, qualified(subject.name), sample)


def _existing(subject: Subject, _: Any) -> Probe:
    """Whether it is there, and of its kind: for what is only renamed."""
    if subject.kind in ROUTINES:
        signature = (
            qualified((subject.name[0], subject.name[1].partition("(")[0])) + "(" + subject.name[1].partition("(")[2]
        )
        text = f"(SELECT 'routine' FROM pg_proc p WHERE p.oid = to_regprocedure({literal(signature)}))"
        return Probe(text, "", constant=lambda _: "'routine'")
    text = f"(SELECT c.relkind::text FROM pg_class c WHERE c.oid = to_regclass({PLACE}))"
    return Probe(text, qualified(subject.name), constant=lambda _: literal(_RELATION_KINDS[subject.kind]))


OTHERS: dict[type[Definition], Callable[[Subject, Any], Probe | None]] = {
    model.Aggregate: _existing,
    model.Cast: _cast,
    model.Collation: _collation,
    model.CompositeType: _composite,
    model.Domain: _domain,
    model.Enum: _enum,
    model.EventTrigger: _event_trigger,
    model.Extension: _extension,
    model.Namespace: _namespace,
    model.Operator: _operator,
    model.OperatorClass: _operator_class,
    model.OperatorFamily: _operator_family,
    model.Publication: _publication,
    model.RangeType: _range,
    model.Routine: _existing,
    model.SearchConfiguration: _search_configuration,
    model.SearchDictionary: _search_dictionary,
    model.SearchParser: _search_functions,
    model.SearchTemplate: _search_functions,
    model.Sequence: _sequence,
    model.Statistics: _statistics,
    model.View: _existing,
}
