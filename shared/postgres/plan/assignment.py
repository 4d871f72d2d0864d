"""Whether a value of one type can be assigned to another, and whether two can be compared in a foreign key.

From pg_cast (casts that are implicit or for assignment) and pg_amop of PostgreSQL 13 to 18; what neither has is None:
not known here.
"""

import re
from collections.abc import Callable

from ...model.schema import Definition, Domain, Enum, Kind, Subject
from ..naming import unquoted

# The definition of a type of the database's own, by its name.
Lookup = Callable[[Subject], Definition | None]

_MODIFIER = re.compile(r"\([^)]*\)")
# From the narrowest on.
NUMBERS = ("smallint", "integer", "bigint", "numeric", "real", "double precision")
_TEXTS = frozenset({"text", "character varying", "character", "bpchar", "name", '"char"'})
_MOMENTS = frozenset({"date", "timestamp without time zone", "timestamp with time zone"})
_OIDS = frozenset(
    {"oid", "regclass", "regtype", "regproc", "regprocedure", "regrole", "regnamespace", "regconfig", "regoper",
     "regoperator", "regdictionary", "regcollation"}
)  # fmt: skip
_OTHERS = frozenset(
    {("date", "timestamp without time zone"), ("date", "timestamp with time zone"),
     ("timestamp without time zone", "date"), ("timestamp without time zone", "timestamp with time zone"),
     ("timestamp without time zone", "time without time zone"), ("timestamp with time zone", "date"),
     ("timestamp with time zone", "timestamp without time zone"),
     ("timestamp with time zone", "time without time zone"),
     ("timestamp with time zone", "time with time zone"), ("time without time zone", "interval"),
     ("time without time zone", "time with time zone"), ("time with time zone", "time without time zone"),
     ("interval", "time without time zone"), ("json", "jsonb"), ("jsonb", "json"), ("inet", "cidr"), ("cidr", "inet"),
     ("macaddr", "macaddr8"), ("macaddr8", "macaddr"), ("bit", "bit varying"), ("bit varying", "bit"),
     ("integer", "money"), ("bigint", "money"), ("numeric", "money"), ("money", "numeric"), ("xid8", "xid"),
     ("int4range", "int4multirange"), ("int8range", "int8multirange"), ("numrange", "nummultirange"),
     ("tsrange", "tsmultirange"), ("tstzrange", "tstzmultirange"), ("daterange", "datemultirange")}
)  # fmt: skip
_PLAIN = frozenset(
    {*NUMBERS, *_TEXTS, *_MOMENTS, *_OIDS, "boolean", "uuid", "json", "jsonb", "bytea", "inet", "cidr", "macaddr",
     "macaddr8", "xml", "tsvector", "tsquery", "money", "interval", "time without time zone", "time with time zone",
     "bit", "bit varying", "point", "line", "lseg", "box", "path", "polygon", "circle", "int4range", "int8range",
     "numrange", "tsrange", "tstzrange", "daterange"}
)  # fmt: skip
_LONG_WAY = 8


def base_of(type_: str, of: Lookup) -> str:
    """The type beneath domains, without its modifier."""
    for _ in range(_LONG_WAY):
        found = of(Subject(Kind.DOMAIN, unquoted(type_)))
        if not isinstance(found, Domain):
            break
        type_ = found.type
    plain = _MODIFIER.sub("", type_)
    return {"timestamp": "timestamp without time zone", "time": "time without time zone"}.get(plain, plain)


def is_assignable(source: str, target: str, of: Lookup) -> bool | None:
    """Say whether the server casts *source* to *target* where a value is assigned; None where that is not known."""
    one, other = base_of(source, of), base_of(target, of)
    if one in (other, "unknown"):
        return True
    if other in _TEXTS:
        return other not in ("name", '"char"') or one in _TEXTS  # any type has a text, by assignment
    if one.endswith("[]") and other.endswith("[]"):
        return is_assignable(one[:-2], other[:-2], of)
    whole = NUMBERS[:3]
    casts = one in NUMBERS and other in NUMBERS
    casts = casts or (one, other) in _OTHERS or (other in _OIDS and one in (*_OIDS, *whole))
    if casts or (one in _OIDS and other in whole[1:]):
        return True
    return False if _is_known(one, of) and _is_known(other, of) else None


def is_enum_without_cast(source: str, target: str, of: Lookup) -> bool:
    """Say whether an explicit cast from or to an enum is none that the server has: it has those of texts."""
    one, other = base_of(source, of), base_of(target, of)
    enums = [isinstance(of(Subject(Kind.ENUM, unquoted(each))), Enum) for each in (one, other)]
    return one != other and any(enums) and (all(enums) or (other if enums[0] else one) in _PLAIN - _TEXTS)


def is_comparable(referring: str, referenced: str, of: Lookup) -> bool | None:
    """Say whether a foreign key can be made of the two: there is an operator of the referenced key's index."""
    one, other = base_of(referring, of), base_of(referenced, of)
    if one == other:
        return True
    if one in NUMBERS and other in NUMBERS:
        exact, other_exact = one in NUMBERS[:3], other in NUMBERS[:3]
        return (exact and other_exact) or NUMBERS.index(one) < NUMBERS.index(other) or {one, other} == {*NUMBERS[4:]}
    if one in _TEXTS and other in _TEXTS:
        return True
    if one in _MOMENTS and other in _MOMENTS:
        return True
    if {one, other} == {"inet", "cidr"} or (one in NUMBERS[:3] and other == "oid"):
        return True
    return False if _is_known(one, of) and _is_known(other, of) else None


def _is_known(type_: str, of: Lookup) -> bool:
    """Say whether all casts of a type are known: it is the server's own, or an enum."""
    element = type_.removesuffix("[]")
    return element in _PLAIN or isinstance(of(Subject(Kind.ENUM, unquoted(element))), Enum)
