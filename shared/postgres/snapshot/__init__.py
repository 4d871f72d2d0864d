"""The catalog's rows → Schema. Each kind of row is described in ``gather/sql/catalog.sql``."""

from collections.abc import Callable, Iterable

from shared.model.schema import Definition, Schema, Subject
from shared.postgres.snapshot import programs, tables, types
from shared.postgres.snapshot.reading import Described, Row

_DESCRIBERS: dict[str, Callable[[Row], Described]] = {
    "schema": types.schema,
    "table": tables.table,
    "constraint": tables.constraint,
    "index": tables.index,
    "enum": types.enum,
    "domain": types.domain,
    "composite": types.composite,
    "sequence": types.sequence,
    "view": programs.view,
    "routine": programs.routine,
    "trigger": programs.trigger,
    "policy": programs.policy,
    "rule": programs.rule,
    "extension": types.extension,
}


def snapshot(rows: Iterable[tuple[str, Row]]) -> Schema:
    """The schema that a live catalog's rows describe."""
    objects: dict[Subject, Definition] = {}
    for kind, row in rows:
        objects.update(_DESCRIBERS[kind](row))
    return Schema(objects)
