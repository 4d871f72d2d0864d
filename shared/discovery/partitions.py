"""Partitions that something makes while the application runs: no migration creates them. Pure."""

import re
from collections.abc import Iterator

from ..model.schema import Schema, Subject, Table
from ..model.settings import Elsewhere

# Up to the first digit of a date or a number, that one included: events_p2, events_y2.
_PREFIX = re.compile(r"[^0-9]*[0-9]?")


def of_partitions(catalog: Schema, made: Schema) -> list[Elsewhere]:
    """Propose the partitions in *catalog*, of tables that migrations *made*, which no migration made."""
    found = dict.fromkeys(_patterns(catalog, made))
    return [Elsewhere(tuple(found), "partitions that no migration creates")] if found else []


def _patterns(catalog: Schema, made: Schema) -> Iterator[str]:
    for subject in sorted(subject for subject, each in catalog.objects.items() if isinstance(each, Table)):
        parent = _parent(subject, catalog)
        if parent is None or parent not in made.objects or subject in made.objects:
            continue
        schema, table = subject.name
        own = table.removeprefix(parent.name[1])
        prefix = _PREFIX.match(own)
        is_dated = own != table and prefix is not None and prefix[0] != own
        if "." not in schema:
            yield f"{schema}.{parent.name[1]}{prefix[0]}*" if is_dated and prefix is not None else f"{schema}.{table}"


def _parent(subject: Subject, catalog: Schema) -> Subject | None:
    """Give the table that is divided at last: a partition may be divided itself."""
    table = catalog.objects.get(subject)
    parent = table.partition_of if isinstance(table, Table) else None
    while isinstance(above := catalog.objects.get(parent) if parent else None, Table) and above.partition_of:
        parent = above.partition_of
    return parent
