"""Which transactions last wrote the rows of the catalog that hold a few objects: one connection, one round trip."""

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta

import psycopg

from ...model.attribution import RowVersion, Written
from ...model.schema import ROUTINES, Place, Subject
from ...model.settings import DatabaseSettings
from ...model.value import dataclass
from ...model.xids import newest
from ..attempt import GatherError
from .access import enter
from .query import from_file, sendable
from .refusal import refused
from .session import Session


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    part: str
    xmin: int
    owner: str | None
    committed_at: datetime | None
    next_xid: int


def read_row_versions(
    settings: DatabaseSettings, subjects: Sequence[Subject], within: timedelta
) -> Mapping[Subject, Written]:
    """Give by subject what its rows say, *within* the time given; nothing of one that has none.

    Raises `GatherError`.
    """
    until = time.monotonic() + within.total_seconds()
    _, connection = enter(settings, until)
    asking = from_file("row_versions", _Row, _parameters(subjects))
    with closing(connection):
        session = Session(connection, settings, until)
        session.ask([session.catalog_transaction([asking], "current")])
    try:
        rows = asking.rows()
    except psycopg.Error as error:
        reason = refused("the catalog's rows cannot be read", error)
        raise GatherError(reason.because, lasting=reason.lasting) from None
    found: dict[Subject, list[_Row]] = {}
    for row in rows:
        found.setdefault(subjects[row.number], []).append(row)
    return {subject: _written(of) for subject, of in found.items()}


def _written(rows: Sequence[_Row]) -> Written:
    versions = []
    for row in rows:
        xid = newest(row.xmin, row.next_xid)
        if xid is not None:
            versions.append(RowVersion(row.part, xid, row.committed_at))
    return Written(tuple(versions), next((row.owner for row in rows if row.owner is not None), None))


def _parameters(subjects: Sequence[Subject]) -> Mapping[str, object]:
    names = [_names(subject) for subject in subjects]
    return {
        "numbers": list(range(len(subjects))),
        "kinds": [subject.kind.value for subject in subjects],
        **{key: [sendable(name[place]) for name in names] for place, key in enumerate(("schemas", "names", "parts"))},
    }


def _names(subject: Subject) -> tuple[str, str, str]:
    """Schema, name in it, and the rest; what is in no schema has its name in the first two."""
    if subject.kind.place is Place.DATABASE:
        return subject.name[0], subject.name[0], ""
    schema, name, *part = subject.name
    if subject.kind in ROUTINES:
        return schema, name.partition("(")[0], name
    return schema, name, part[0] if part else ""
