"""Which probes may run at all: what they read, what they call, and how much that is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from types import MappingProxyType
from typing import Any

import psycopg

from ....model.plan import Access, NotProbed, Probe, Relation
from ....model.value import dataclass
from ..owner_code import ask_owner_code, owner_code
from ..query import Query, from_file, sendable
from ..refusal import refusal
from ..session import Session
from .bounds import Bounds

_MIB = 2**20
# A sample is TABLESAMPLE SYSTEM (1).
_PART = 100
_MAY_CAST = ("CAST(", "OPERATOR(")


@dataclass(frozen=True, slots=True)
class Table:
    """A plain or partitioned table as it was chosen; *bytes* are read at most."""

    schema: str
    name: str
    oid: int
    bytes: int


@dataclass(frozen=True, slots=True)
class _Routine:
    routine: str


@dataclass(frozen=True, slots=True)
class _Code:
    """What reading each of the tables would run, which routines may run, and one that casts of the owners' call."""

    of_tables: Mapping[Relation, str]
    allowed: frozenset[str]
    of_casts: str | None


@dataclass(frozen=True, slots=True)
class Admitted:
    """The tables that each probe that may run reads, and why the others may not.

    Of those in *sampled* only a sample is asked: they are too large, as each answer says.
    """

    tables: Mapping[Probe, tuple[Table, ...]]
    refused: Mapping[Probe, NotProbed]
    sampled: Mapping[Probe, NotProbed] = field(default_factory=lambda: MappingProxyType({}))


def admitted(session: Session, probes: Sequence[Probe], bounds: Bounds) -> Admitted:
    """Look *probes* up in the catalog, in one round trip, and admit those within *bounds*."""
    relations = list(dict.fromkeys(each for probe in probes for each in probe.tables))
    routines = list(dict.fromkeys(each for probe in probes for each in probe.routines))
    tables = from_file("probe_tables", Table, _pairs(relations))
    known = from_file("probe_routines", _Routine, _pairs([_split(each) for each in routines]))
    code = ask_owner_code(relations)
    casts = from_file("own_casts", _Routine)
    asked: list[Query[Any]] = [tables, code, casts, *([known] if routines else [])]
    session.ask([session.catalog_transaction(asked, "current")])
    try:
        found = {(each.schema, each.name): each for each in tables.rows()}
        found_code = _Code(
            owner_code(code),
            frozenset(each.routine for each in known.rows()) if routines else frozenset(),
            next((each.routine for each in casts.rows()), None),
        )
    except psycopg.Error as error:
        return Admitted({}, dict.fromkeys(probes, NotProbed(refusal(error))))
    read: dict[Probe, tuple[Table, ...]] = {}
    refused: dict[Probe, NotProbed] = {}
    sampled: dict[Probe, NotProbed] = {}
    for probe in probes:
        own = tuple(found[each] for each in probe.tables if each in found)
        because = next(_reasons(probe, own, found_code, bounds), None)
        if because is not None:
            refused[probe] = NotProbed(because)
            continue
        read[probe] = own
        size = _size(probe, own)
        if probe.access is not Access.INDEX and size > bounds.bytes:
            because = f"it would read {size // _MIB:,} MiB, and at most {bounds.bytes // _MIB:,} MiB are read now"
            if probe.sample is None or _size(probe, own, _PART) > bounds.bytes:
                refused[probe] = NotProbed(because)
                del read[probe]
            else:
                sampled[probe] = NotProbed(f"{because}; a sample of one row in {_PART} shows none in the way")
    return Admitted(read, refused, sampled)


def _size(probe: Probe, tables: Sequence[Table], part: int = 1) -> int:
    """How much is read: the first table has all that is below it in its bytes."""
    others = sum(each.bytes for each in tables if (each.schema, each.name) in probe.whole)
    return max((each.bytes for each in tables), default=0) // part + others


def _reasons(probe: Probe, tables: Sequence[Table], code: _Code, bounds: Bounds) -> Iterator[str]:
    missing = set(probe.tables) - {(each.schema, each.name) for each in tables}
    if missing:
        yield f"{_listed(missing)} is no table"
    for table in tables:
        if (table.schema, table.name) in code.of_tables:
            yield f"reading {table.name} would run code of its owner: {code.of_tables[table.schema, table.name]}"
    unknown = set(probe.routines) - code.allowed
    if unknown:
        yield f"it would call {', '.join(sorted(unknown))}, which is not PostgreSQL's own or may do anything"
    if code.of_casts is not None and any(word in probe.sql for word in _MAY_CAST):
        yield f"casts of this database call {code.of_casts}, which is not PostgreSQL's own"
    if probe.access is Access.GROUP and not bounds.groups:
        yield "it sorts all rows, which is not done on a schedule"


def _pairs(relations: Sequence[Relation]) -> dict[str, list[str]]:
    return {
        "schemas": [sendable(schema) for schema, _ in relations],
        "names": [sendable(name) for _, name in relations],
    }


def _split(routine: str) -> Relation:
    schema, _, name = routine.partition(".")
    return schema, name


def _listed(relations: set[Relation]) -> str:
    return ", ".join(sorted(".".join(each) for each in relations))
