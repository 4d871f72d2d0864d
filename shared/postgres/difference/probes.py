"""How the server spells a table and what is part of one, and which probe an object has."""

from collections.abc import Callable
from typing import Any

from ...model import schema as model
from ...model.schema import Definition, Subject
from ...model.value import replace
from ..canonical.sql import identifier, literal
from . import fragments
from .fragments import qualified
from .probe import INVALID, OWNER, PLACE, SAMPLE, Probe, Sample, columns_of, default, plain
from .probes_of_others import OTHERS

_SAMPLE_SPELLED = r"pg_temp\w*\.corrective_sample"


def probe_of(subject: Subject, definition: Definition | None) -> Probe | None:
    maker = _PROBES.get(type(definition)) if definition is not None else None
    return None if maker is None else maker(subject, definition)


def _in_table(table: tuple[str, ...], text: str, made: Callable[[Any], list[str]]) -> Probe:
    name = qualified(table)

    def sample(definition: Any) -> Sample:
        return [f"CREATE TEMPORARY TABLE corrective_sample (LIKE {name});", *made(definition)], f"DROP TABLE {SAMPLE};"

    return Probe(text, name, sample)


def _column(subject: Subject, _: model.Column) -> Probe:
    name = identifier(subject.name[2])
    text = (
        "(SELECT row(format_type(a.atttypid, a.atttypmod), a.attcollation, a.attnotnull, a.attidentity, "
        f"a.attgenerated, {default()})::text FROM pg_attribute a "
        "LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
        f"WHERE a.attrelid = {PLACE}::regclass AND a.attname = {literal(subject.name[2])})"
    )

    def made(column: model.Column) -> list[str]:
        return [
            f"ALTER TABLE {SAMPLE} DROP COLUMN {name};",
            f"ALTER TABLE {SAMPLE} ADD COLUMN {name} {fragments.column(column)};",
        ]

    return _in_table(subject.name[:2], text, made)


def _constraint(subject: Subject, definition: Any) -> Probe:
    name = definition.name if isinstance(definition, model.PrimaryKey) else subject.name[-1]
    text = (
        f"(SELECT {plain('pg_get_constraintdef(k.oid)')} FROM pg_constraint k "
        f"WHERE k.conrelid = {PLACE}::regclass AND k.conname = {literal(name)})"
    )

    def made(constraint: Any) -> list[str]:
        written = CONSTRAINT_SQL[type(constraint)](constraint)
        return [f"ALTER TABLE {SAMPLE} ADD CONSTRAINT {identifier(name)} {written};"]

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
        f"WHERE k.conrelid = {PLACE}::regclass AND k.conname = {literal(subject.name[-1])})"
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
        f"{plain(definition)}, ', table ', {OWNER}, CASE WHEN k.oid IS NOT NULL THEN ' of a constraint' END, "
        f"CASE WHEN NOT x.indisvalid THEN {literal(INVALID)} END) FROM pg_index x "
        "LEFT JOIN pg_constraint k ON k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x') "
        f"WHERE x.indexrelid = to_regclass({PLACE}))"
    )

    def sample(index: model.Index) -> Sample:
        unique = "UNIQUE " if index.unique else ""
        made = [
            f"CREATE TEMPORARY TABLE corrective_sample (LIKE {qualified(index.table.name)});",
            f"CREATE {unique}INDEX {name} ON {SAMPLE} {fragments.index(index)};",
        ]
        return made, f"DROP TABLE {SAMPLE};"

    return Probe(text, qualified(subject.name), sample, sampled=f"pg_temp.{name}")


def _policy(subject: Subject, _: model.Policy) -> Probe:
    text = (
        "(SELECT row(p.polcmd, p.polpermissive, (SELECT array_agg(r ORDER BY r) FROM unnest(p.polroles) r), "
        f"{plain('pg_get_expr(p.polqual, p.polrelid)')}, {plain('pg_get_expr(p.polwithcheck, p.polrelid)')})::text "
        f"FROM pg_policy p WHERE p.polrelid = {PLACE}::regclass AND p.polname = {literal(subject.name[2])})"
    )

    def made(policy: model.Policy) -> list[str]:
        return [f"CREATE POLICY {identifier(subject.name[2])} ON {SAMPLE} {fragments.policy(policy)};"]

    return _in_table(subject.name[:2], text, made)


def _trigger(subject: Subject, _: model.Trigger) -> Probe:
    table, name = qualified(subject.name[:2]), identifier(subject.name[2])
    definition = f"regexp_replace(pg_get_triggerdef(g.oid), {literal(_SAMPLE_SPELLED)}, {literal(_replacing(table))})"
    text = (
        f"(SELECT {plain(definition)} || ' ' || g.tgenabled::text FROM pg_trigger g "
        f"WHERE g.tgrelid = {PLACE}::regclass AND g.tgname = {literal(subject.name[2])} AND NOT g.tgisinternal)"
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
            made.append(f"ALTER TABLE {SAMPLE} {ENABLING[wanted.enabled]} TRIGGER {name};")
        return made, f"DROP {'VIEW' if of_view else 'TABLE'} {SAMPLE};"

    return Probe(text, table, sample)


def of_table(subject: Subject, columns: str) -> Probe:
    """Of a table, by its columns and its partition key; *columns* is what follows its name in CREATE TABLE."""
    text = (
        "(SELECT concat(c.relkind, pg_get_partkeydef(c.oid), ' ', "
        f"{columns_of('c.oid')}) FROM pg_class c WHERE c.oid = to_regclass({PLACE}))"
    )
    made = [f"CREATE TEMPORARY TABLE corrective_sample {columns};"]
    return Probe(text, qualified(subject.name), lambda _: (made, f"DROP TABLE {SAMPLE};"))


def of_partition(subject: Subject, bound: str) -> Probe:
    """Of a partition, by its parent and its *bound*."""
    text = (
        "(SELECT upper(pg_get_expr(c.relpartbound, c.oid)) || ' of ' || i.inhparent FROM pg_class c "
        f"LEFT JOIN pg_inherits i ON i.inhrelid = c.oid WHERE c.oid = to_regclass({PLACE}))"
    )

    def spelled(table: model.Table) -> str:
        assert table.partition_of is not None  # noqa: S101  # else it is no partition
        return f"{literal(bound + ' of ')} || {literal(qualified(table.partition_of.name))}::regclass::oid"

    return Probe(text, qualified(subject.name), constant=spelled)


def _replacing(text: str) -> str:
    """*text* as what replaces a match of a regular expression."""
    return text.replace("\\", "\\\\")


ENABLING = {"origin": "ENABLE", "disabled": "DISABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS"}
CONSTRAINT_SQL: dict[type[Definition], Callable[[Any], str]] = {
    model.Check: fragments.check,
    model.Exclusion: fragments.exclusion,
    model.ForeignKey: fragments.foreign_key,
    model.PrimaryKey: fragments.primary_key,
    model.Unique: fragments.unique,
}
_PROBES: dict[type[Definition], Callable[[Subject, Any], Probe | None]] = {
    **OTHERS,
    model.Check: _constraint,
    model.Column: _column,
    model.Exclusion: _constraint,
    model.ForeignKey: _foreign_key,
    model.Index: _index,
    model.Policy: _policy,
    model.PrimaryKey: _constraint,
    model.Trigger: _trigger,
    model.Unique: _constraint,
}
