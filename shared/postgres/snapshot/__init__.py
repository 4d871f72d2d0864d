"""The catalog's rows → Schema. Each kind of row is described in ``gather/sql/catalog.sql``."""

from collections.abc import Callable, Iterable

from shared.model.schema import Definition, Schema, Subject
from shared.model.session import Sessions
from shared.postgres.snapshot import programs, tables, types
from shared.postgres.snapshot.reading import Described, Row
from shared.postgres.snapshot.sessions import sessions

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
    possible = Sessions()
    for kind, row in rows:
        if kind == "session":
            possible = sessions(row)
        else:
            objects.update(_DESCRIBERS[kind](row))
    return Schema(objects, sessions=possible)
