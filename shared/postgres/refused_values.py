"""The condition that a value cannot be converted to a type, as SQL for a query that is printed."""

import re
from collections.abc import Mapping, Sequence

from ..model.schema import CompositeType, Domain, Enum
from ..model.value import dataclass
from .canonical.sql import identifier, literal
from .live import Live
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
# Beyond these, halfway to what comes next, a number is infinite or nothing to the type.
_LIMITS = {"real": ("3.4028235677973366e38", "7.006492321624085e-46"),
           "double precision": ("1.797693134862315807937e308", "2.4703282292062327e-324")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """The type that values are converted to: as ``format_type`` spells it, and by name."""

    spelled: str
    name: tuple[str, ...]
    enums: Mapping[str, Sequence[str]]
    live: Live

    @property
    def is_array(self) -> bool:
        return self.spelled.endswith("[]")

    @property
    def element(self) -> "Target":
        return Target(self.spelled.removesuffix("[]"), self.name, self.enums, self.live)

    @property
    def bare(self) -> str:
        return bare(self.spelled)


def refused(value: str, old: str, new: Target, *, by_cast: bool) -> str | None:
    """The condition that *value* cannot be converted; empty where no query can say it, None where that is not known."""
    if old.endswith("[]") and new.is_array:
        each = refused("each.value", old.removesuffix("[]"), new.element, by_cast=by_cast)
        return f"EXISTS (SELECT FROM unnest({value}) AS each (value) WHERE {each})" if each else each
    source = bare(old)
    if source in STRINGS:
        return _of_text(value, source, new) if by_cast else _too_long(value, new)
    if source in _BITS and new.bare in _BITS and not by_cast:
        return _wrong_length(value, new)
    if source in NUMBERS and new.bare in NUMBERS:
        return _out_of_range(value, source, new)
    if source == "json" and new.spelled == "jsonb":
        return _not_valid(f"{value}::text", "jsonb", new.live)
    return None


def _of_text(value: str, source: str, new: Target) -> str | None:
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


def _of_own_type(text: str, new: Target) -> str | None:
    known = new.live.type(new.name)
    if new.is_array:
        return _not_valid(text, f"{_written(new.name)}[]", new.live) if isinstance(known, Enum) else None
    if isinstance(known, Enum):
        labels = f"SELECT enumlabel FROM pg_enum WHERE enumtypid = {literal(_written(new.name))}::regtype"  # noqa: S608  # printed
        return f"{text} NOT IN ({labels})"
    if known is None and len(new.name) == 1 and new.name[0] in new.enums:
        return f"{text} NOT IN ({', '.join(map(literal, new.enums[new.name[0]]))})"
    if isinstance(known, CompositeType) or (isinstance(known, Domain) and bare(known.type) not in STRINGS | _BITS):
        return _not_valid(text, _written(new.name), new.live)
    return None


def _as_input(new: Target) -> str:
    """The type whose input an explicit cast uses: lengths of bit strings cut in silence, and bit alone has length 1."""
    return f"bit varying{'[]' * new.is_array}" if new.element.bare in _BITS else new.spelled


def _not_valid(text: str, type_: str, live: Live) -> str:
    if live.major >= _ASKS_INPUT:
        return f"NOT pg_input_is_valid({text}, {literal(type_)})"
    return refused_by_pattern(text, type_, live.major) or ""


def _too_long(value: str, new: Target) -> str | None:
    length = _MODIFIED.search(new.spelled)
    if new.bare not in {"character varying", "character"} or length is None:
        return None
    return f"char_length(rtrim({value}::text, ' ')) > {length[1]}"


def _wrong_length(value: str, new: Target) -> str | None:
    length = _MODIFIED.search(new.spelled)
    if length is None:
        return None
    return f"length({value}) {'<>' if new.bare == 'bit' else '>'} {length[1]}"


def _out_of_range(value: str, source: str, new: Target) -> str | None:
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


def _too_big(value: str, source: str, new: Target) -> str | None:
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


def bare(type_: str) -> str:
    """*type_* without lengths, precisions and an interval's units."""
    found = _MODIFIED.sub("", type_)
    return f"interval{'[]' * found.endswith('[]')}" if found.startswith("interval") else found


def _written(name: Sequence[str]) -> str:
    return ".".join(map(identifier, name))
