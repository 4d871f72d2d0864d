"""Which values ALTER COLUMN … TYPE cannot convert: a condition over the rows as they are.

What a value is converted by is known from the column's type in the catalog and from the statement: the input function
of the new type where a text becomes something else, which PostgreSQL 16 and later can be asked about
(pg_input_is_valid), and otherwise ranges and lengths. Conversions by any other function are left out, as is every USING
but a cast of the column or of a text made of it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..model.schema import TYPES, CompositeType, Definition, Domain, Enum, Kind, Schema, Subject
from ..model.value import dataclass
from .canonical.names import AsWritten, words
from .canonical.sql import identifier, literal
from .canonical.types import type_of
from .offending_rows import is_unequal
from .parse import Tree
from .patterns import RANGES, refused_by_pattern

_ASKS_INPUT = 16
_INTEGERS = frozenset(RANGES)
_FLOATS = frozenset({"real", "double precision"})
NUMBERS = _INTEGERS | _FLOATS | {"numeric"}
_BITS = frozenset({"bit", "bit varying"})
STRINGS = frozenset({"text", "character varying", "character", "bpchar", "name", '"char"'})
# All that text becomes by no other function than their input.
_BY_INPUT = (
    NUMBERS
    | _BITS
    | {
        "boolean", "bytea", "box", "cidr", "circle", "date", "inet", "interval", "json", "jsonb", "jsonpath", "line",
        "lseg", "macaddr", "macaddr8", "money", "oid", "path", "pg_lsn", "point", "polygon", "time without time zone",
        "time with time zone", "timestamp without time zone", "timestamp with time zone", "tsquery", "tsvector", "uuid",
        "xml", "int4range", "int8range", "numrange", "daterange", "tsrange", "tstzrange", "int4multirange",
        "int8multirange", "nummultirange", "datemultirange", "tsmultirange", "tstzmultirange",
    }
)  # fmt: skip
_MODIFIED = re.compile(r"\(([0-9, -]+)\)")
# Functions of pg_catalog that make a text of texts, and fail on none.
_OF_TEXT = frozenset(
    {"btrim", "initcap", "left", "lower", "lpad", "ltrim", "regexp_replace", "replace", "right", "rpad", "rtrim",
     "substr", "substring", "translate", "trim", "upper"}
)  # fmt: skip
# Beyond these, halfway to what comes next, a number is infinite or nothing to the type.
_LIMITS = {"real": ("3.4028235677973366e38", "7.006492321624085e-46"),
           "double precision": ("1.797693134862315807937e308", "2.4703282292062327e-324")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Live:
    """The database that a printed query is to be run on: its objects, the schema of bare names, the major version."""

    objects: Mapping[Subject, Definition]
    schema: str
    major: int

    @classmethod
    def of(cls, catalog: object, schema: str, server_version: str) -> "Live":
        major = re.match(r"\d+", server_version)
        return cls(catalog.objects if isinstance(catalog, Schema) else {}, schema, int(major[0]) if major else 0)

    def column(self, relation: Tree, name: str) -> str | None:
        found = self.objects.get(
            Subject(Kind.COLUMN, (relation.get("schemaname", self.schema), relation["relname"], name))
        )
        return getattr(found, "type", None)

    def type(self, name: Sequence[str]) -> Definition | None:
        full = tuple(name) if len(name) > 1 else (self.schema, *name)
        kinds = TYPES
        return next((self.objects[each] for kind in kinds if (each := Subject(kind, full)) in self.objects), None)


@dataclass(frozen=True, slots=True)
class Unfitting:
    """The *columns* whose values decide, and the *condition* that they do not fit; None where no query can say it.

    *unequal* are columns of types that cannot be grouped. *wanted* is the new type.
    """

    columns: tuple[str, ...]
    condition: str | None
    wanted: str
    unequal: frozenset[str] = frozenset()

    @property
    def named(self) -> str:
        """The new type as messages of the server name it."""
        return _bare(self.wanted).removesuffix("[]")


def unfitting(
    sql: str, relation: Tree, command: Tree, enums: Mapping[str, Sequence[str]], live: Live
) -> Unfitting | None:
    """Say which values the *command* of an ALTER TABLE, which *sql* is, cannot convert; None where that is not known.

    *enums* has the labels of those that the script makes: they may be gone with it.
    """
    if command.get("subtype") != "AT_AlterColumnType":
        return None
    column, definition = command["name"], command["def"]["ColumnDef"]
    new = type_of(definition["typeName"], AsWritten())
    found = _converted(sql, relation, column, definition, live)
    if found is None:
        return None
    value, old, columns = found
    target = _Target(new, words(definition["typeName"]["names"]), enums, live)
    condition = _refused(value, old, target, by_cast="raw_default" in definition)
    if condition is None:
        return None
    types = {each: live.column(relation, each) for each in columns}
    unequal = frozenset(each for each, type_ in types.items() if type_ and is_unequal(_bare(type_)))
    return Unfitting(columns, condition or None, new, unequal)


@dataclass(frozen=True, slots=True)
class _Target:
    """The type that values are converted to: as ``format_type`` spells it, and by name."""

    spelled: str
    name: tuple[str, ...]
    enums: Mapping[str, Sequence[str]]
    live: Live

    @property
    def is_array(self) -> bool:
        return self.spelled.endswith("[]")

    @property
    def element(self) -> "_Target":
        return _Target(self.spelled.removesuffix("[]"), self.name, self.enums, self.live)

    @property
    def bare(self) -> str:
        return _bare(self.spelled)


def _converted(
    sql: str, relation: Tree, column: str, definition: Tree, live: Live
) -> tuple[str, str, tuple[str, ...]] | None:
    """What is converted, as SQL, its type, and the columns in it."""
    using = definition.get("raw_default")
    old = live.column(relation, column)
    if using is None:
        return None if old is None else (identifier(column), old, (column,))
    cast = using.get("TypeCast")
    if cast is None or type_of(cast["typeName"], AsWritten()) != type_of(definition["typeName"], AsWritten()):
        return None
    if (name := _column(cast["arg"])) is not None:
        old = live.column(relation, name)
        return None if old is None else (identifier(name), old, (name,))
    columns = _columns_of_text(cast["arg"], relation, live)
    if not columns:
        return None
    inner = cast["arg"].get("TypeCast", {}).get("arg")
    if inner is not None and (name := _column(inner)) is not None:
        return f"{identifier(name)}::text", "text", (name,)
    text = _text_before(sql, definition, cast)
    return None if text is None else (f"({text})", "text", columns)


def _column(expression: Tree) -> str | None:
    fields = expression.get("ColumnRef", {}).get("fields", ())
    return fields[0].get("String", {}).get("sval") if len(fields) == 1 else None


def _columns_of_text(expression: Tree, relation: Tree, live: Live) -> tuple[str, ...]:
    """The columns in an expression that is certainly a text, and fails on none; none where it is another."""
    found: dict[str, None] = {}
    return tuple(found) if _is_text(expression, relation, live, found) else ()


def _is_text(expression: Tree, relation: Tree, live: Live, found: dict[str, None]) -> bool:
    ((kind, node),) = expression.items()
    if (name := _column(expression)) is not None:
        found[name] = None
        return _bare(live.column(relation, name) or "") in {"text", "character varying"}
    if kind == "TypeCast":
        to_text = type_of(node["typeName"], AsWritten()) in {"text", "character varying"}
        if to_text and (name := _column(node["arg"])) is not None and live.column(relation, name) is not None:
            found[name] = None
            return True
        return to_text and _is_text(node["arg"], relation, live, found)
    if kind == "A_Const":
        return "sval" in node
    parts: Sequence[Any]
    if kind == "FuncCall" and words(node["funcname"])[-1] in _OF_TEXT and len(words(node["funcname"])) == 1:
        parts = [each for each in node.get("args", ()) if "ival" not in each.get("A_Const", {})]
    elif kind == "CoalesceExpr":
        parts = node["args"]
    elif kind == "A_Expr" and (node["kind"] == "AEXPR_NULLIF" or words(node["name"]) == ("||",)):
        parts = [node["lexpr"], node["rexpr"]] if "lexpr" in node else [node]
    else:
        return False
    return all(_is_text(each, relation, live, found) for each in parts)


_TOKEN = re.compile(
    r"""--[^\n]*|/\*.*?\*/|[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|[()]|\w+""", re.DOTALL
)


def _text_before(sql: str, definition: Tree, cast: Tree) -> str | None:
    """The expression before ``::``, as it is written after USING."""
    encoded = sql.encode()
    end = cast["location"]
    if encoded[end : end + 2] != b"::":
        return None
    start = definition["typeName"]["location"]
    text = encoded[start:end].decode(errors="replace")
    using = next((each.end() for each in _TOKEN.finditer(text) if each[0].upper() == "USING"), None)
    if using is None:
        return None
    text = text[using:].strip()
    if "--" in text or "/*" in text:
        return None
    tokens = [each[0] for each in _TOKEN.finditer(text)]
    for _ in range(tokens.count("(") - tokens.count(")")):
        text = text.removeprefix("(").strip()
    return text


def _refused(value: str, old: str, new: _Target, *, by_cast: bool) -> str | None:
    """The condition that *value* cannot be converted; empty where no query can say it, None where that is not known."""
    if old.endswith("[]") and new.is_array:
        each = _refused("each.value", old.removesuffix("[]"), new.element, by_cast=by_cast)
        return f"EXISTS (SELECT FROM unnest({value}) AS each (value) WHERE {each})" if each else each
    source = _bare(old)
    if source in STRINGS:
        return _of_text(value, source, new) if by_cast else _too_long(value, new)
    if source in _BITS and new.bare in _BITS and not by_cast:
        return _wrong_length(value, new)
    if source in NUMBERS and new.bare in NUMBERS:
        return _out_of_range(value, source, new)
    if source == "json" and new.spelled == "jsonb":
        return _not_valid(f"{value}::text", "jsonb", new.live)
    return None


def _of_text(value: str, source: str, new: _Target) -> str | None:
    if new.bare in STRINGS:
        return None  # cut in silence
    # A cast to text cuts blanks at the end, which the input of another type sees.
    padded = source in {"character", "bpchar"}
    given = f"{value} IS NOT NULL AND " if padded else ""
    text = f"{value}::text"
    if source in {"text", "character varying"} or padded:
        text = f"format('%s', {value})" if padded else value
    condition: str | None
    if new.element.bare in _BY_INPUT:
        condition = _not_valid(text, _as_input(new), new.live)
    elif new.is_array and new.element.bare in STRINGS:
        condition = _not_valid(text, "text[]", new.live)
    else:
        condition = _of_own_type(text, new)
    return f"{given}{condition}" if condition else condition


def _of_own_type(text: str, new: _Target) -> str | None:
    known = new.live.type(new.name)
    if new.is_array:
        return _not_valid(text, f"{_written(new.name)}[]", new.live) if isinstance(known, Enum) else None
    if isinstance(known, Enum):
        labels = f"SELECT enumlabel FROM pg_enum WHERE enumtypid = {literal(_written(new.name))}::regtype"  # noqa: S608  # printed
        return f"{text} NOT IN ({labels})"
    if known is None and len(new.name) == 1 and new.name[0] in new.enums:
        return f"{text} NOT IN ({', '.join(map(literal, new.enums[new.name[0]]))})"
    if isinstance(known, CompositeType) or (isinstance(known, Domain) and _bare(known.type) not in STRINGS | _BITS):
        return _not_valid(text, _written(new.name), new.live)
    return None


def _as_input(new: _Target) -> str:
    """The type whose input an explicit cast uses: lengths of bit strings cut in silence, and bit alone has length 1."""
    return f"bit varying{'[]' * new.is_array}" if new.element.bare in _BITS else new.spelled


def _not_valid(text: str, type_: str, live: Live) -> str:
    if live.major >= _ASKS_INPUT:
        return f"NOT pg_input_is_valid({text}, {literal(type_)})"
    return refused_by_pattern(text, type_, live.major) or ""


def _too_long(value: str, new: _Target) -> str | None:
    length = _MODIFIED.search(new.spelled)
    if new.bare not in {"character varying", "character"} or length is None:
        return None
    return f"char_length(rtrim({value}::text, ' ')) > {length[1]}"


def _wrong_length(value: str, new: _Target) -> str | None:
    length = _MODIFIED.search(new.spelled)
    if length is None:
        return None
    return f"length({value}) {'<>' if new.bare == 'bit' else '>'} {length[1]}"


def _out_of_range(value: str, source: str, new: _Target) -> str | None:
    if new.bare in _INTEGERS:
        low, high = RANGES[new.bare]
        if source in _INTEGERS:
            return f"{value} NOT BETWEEN {low} AND {high}"
        return f"NOT (round({value}) >= {low} AND round({value}) < {high + 1})"
    if new.bare == "numeric":
        return _too_big(value, source, new)
    if source in _INTEGERS or (source in _FLOATS and new.bare == "double precision"):
        return None
    most, least = _LIMITS[new.bare]
    outside = f"abs({value}) >= {most} OR ({value} <> 0 AND abs({value}) <= {least})"
    return f"{value}::text NOT IN ('NaN', 'Infinity', '-Infinity') AND ({outside})"


def _too_big(value: str, source: str, new: _Target) -> str | None:
    given = _MODIFIED.search(new.spelled)
    infinite = f"{value} IN ('Infinity', '-Infinity')"
    without_infinity = 14
    if given is None:
        return infinite if source in _FLOATS and new.live.major < without_infinity else None
    precision, scale = map(int, given[1].split(","))
    limit = f"1e{precision - scale}"
    too_big = f"{value} <> 'NaN' AND abs(round({value}::numeric, {scale})) >= {limit}"
    if source in _INTEGERS:
        return f"abs(round({value}::numeric, {scale})) >= {limit}"
    return f"CASE WHEN {infinite} THEN true ELSE {too_big} END" if source in _FLOATS else too_big


def _bare(type_: str) -> str:
    """*type_* without lengths, precisions and an interval's units."""
    bare = _MODIFIED.sub("", type_)
    return f"interval{'[]' * bare.endswith('[]')}" if bare.startswith("interval") else bare


def _written(name: Sequence[str]) -> str:
    return ".".join(map(identifier, name))
