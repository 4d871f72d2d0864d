"""Constants as the server prints them after its type's input function has read them.

Every type has a reader here or is kept as it is written (text). A reader gives None for a spelling that it does not
know, or that depends on a session's settings: of such a constant nothing is concluded.
"""

import re
from collections.abc import Callable

from ...model.session import Session
from .values import geometry, intervals, moments, networks, ranges, scalars, texts

Reader = Callable[[str, Session], str | None]

NUMBERS = frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision", "oid", "number"})
ROUNDED = frozenset({"real", "double precision", "oid"})
OBJECT_NAMES = frozenset(
    {"regclass", "regtype", "regproc", "regprocedure", "regnamespace", "regrole", "regconfig", "regdictionary",
     "regcollation", "regoper", "regoperator"}
)  # fmt: skip
# Read at the moment the statement ran: what is stored is that moment.
MOMENTS = frozenset({"now", "today", "tomorrow", "yesterday"})
# In an unknown session, and in the monitor's own, in which the server prints.
NOWHERE = Session()
PRINTED = Session("UTC", "YMD", sql_intervals=False, money="C")


def plain(type_name: str) -> str:
    """The type without its length or precision: ``timestamp without time zone``, ``interval``."""
    if type_name.startswith("interval"):
        return "interval"
    return re.sub(r"\([^)]*\)", "", type_name)


def is_moment(type_name: str) -> bool:
    return type_name.startswith(("date", "time"))


def is_known(type_name: str) -> bool:
    """Say whether constants of the type are read here, or are as they are written."""
    return type_name in _READERS or type_name in _AS_WRITTEN


def read(value: str, type_name: str, session: Session) -> str | None:
    """*value* as a constant of *type_name* (without modifiers, but for an interval) prints; None: not known."""
    if type_name.startswith("interval"):
        return intervals.interval(value, session, type_name)
    reader = _READERS.get(type_name)
    return reader(value, session) if reader is not None else value


def normal(value: str, type_name: str, session: Session = NOWHERE) -> str:
    """As ``read``, but what is not known stays as it is written."""
    found = read(value, type_name, session)
    return value if found is None else found


def number(value: str) -> str:
    found = scalars.number(value)
    return value if found is None else found


def identifiers(value: str) -> tuple[str, ...] | None:
    """The words of a name in SQL's spelling: ``app."Order_id_seq"``. None if it is none, as ``f(integer)``."""
    found = re.findall(r'"((?:[^"]|"")+)"|([^\s".()]+)', value)
    if not found or re.sub(r'"(?:[^"]|"")+"|[^\s".()]+', "", value).strip(" .") or "(" in value:
        return None
    return tuple(inner.replace('""', '"') if inner else bare.lower() for inner, bare in found)


def _anywhere(read: Callable[[str], str | None]) -> Reader:
    """A reader that needs to know nothing of the session."""
    return lambda value, _: read(value)


_number, _day = _anywhere(scalars.number), moments.date
_SPANS: dict[str, tuple[Reader, Callable[[str], str | None] | None]] = {
    "int4": (_number, ranges.next_number),
    "int8": (_number, ranges.next_number),
    "num": (_number, None),
    "date": (_day, ranges.next_day),
    "ts": (moments.timestamp, None),
    "tstz": (moments.timestamptz, None),
}
_READERS: dict[str, Reader] = {
    **dict.fromkeys(NUMBERS - {"oid", "real", "double precision"}, _number),
    **{
        name: _anywhere(reader)
        for name, reader in {
            "oid": scalars.oid, "xid": scalars.number, "xid8": scalars.number, "real": scalars.real,
            "double precision": scalars.double, "bit": scalars.bits, "bit varying": scalars.bits,
            "boolean": scalars.boolean, "bytea": scalars.bytea, '"char"': scalars.char, "name": scalars.name,
            "jsonb": scalars.jsonb, "uuid": scalars.uuid, "pg_lsn": scalars.lsn, "int2vector": scalars.numbers,
            "oidvector": scalars.numbers, "inet": networks.inet, "cidr": networks.cidr, "macaddr": networks.macaddr,
            "macaddr8": networks.macaddr8, "tsvector": texts.tsvector, "tsquery": texts.tsquery,
            "jsonpath": texts.jsonpath,
            **{each: geometry.geometric(each) for each in geometry.TYPES},
        }.items()
    },
    "money": scalars.money,
    "date": moments.date,
    "interval": intervals.interval,
    "time with time zone": moments.timetz,
    "time without time zone": moments.time,
    "timestamp with time zone": moments.timestamptz,
    "timestamp without time zone": moments.timestamp,
    **{f"{name}range": ranges.range_of(*span) for name, span in _SPANS.items()},
    **{f"{name}multirange": ranges.multirange_of(*span) for name, span in _SPANS.items()},
}  # fmt: skip
_AS_WRITTEN = frozenset({"text", "character varying", "character", "bpchar", "json", "xml", "refcursor"})
