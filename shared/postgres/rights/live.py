"""The rows of ``gather/sql/rights.sql`` → `Rights`."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ...model.privileges import Acl, DefaultFor, DefaultsOf, Granted, Owned, Rights, Role
from ...model.schema import Kind, Subject
from ..snapshot.reading import type_of
from .acl import default_acl, defaults_of
from .roles import DATABASE_OWNER

Row = dict[str, Any]
_RELATIONS = {
    "r": Kind.TABLE, "p": Kind.TABLE, "v": Kind.VIEW, "m": Kind.MATERIALIZED_VIEW, "S": Kind.SEQUENCE,
    "f": Kind.FOREIGN_TABLE,
}  # fmt: skip
_ROUTINES = {"f": Kind.FUNCTION, "p": Kind.PROCEDURE, "a": Kind.AGGREGATE}
_TYPES = {"e": Kind.ENUM, "d": Kind.DOMAIN, "c": Kind.COMPOSITE_TYPE, "r": Kind.RANGE}
_DEFAULTS: Mapping[str, DefaultsOf] = {
    "r": "tables", "S": "sequences", "f": "functions", "T": "types", "n": "schemas",
}  # fmt: skip

_EMPTY = "{}"


def rights(rows: Iterable[tuple[str, Row]]) -> Rights | None:
    """What production has; None where no history shows which role deploys."""
    by_kind: dict[str, list[Row]] = {}
    for kind, row in rows:
        by_kind.setdefault(kind, []).append(row)
    if "deployer" not in by_kind:
        return None
    (deployer,) = by_kind["deployer"]
    version = deployer["version"]
    lists = {row["text"]: frozenset(Granted(*each) for each in row["items"]) for row in by_kind.get("list", ())}
    lists[_EMPTY] = frozenset()
    objects = {
        subject: Owned(row.get("owner"), _acl(row, subject.kind, version, lists))
        for kind, subject_of in _SUBJECTS.items()
        for row in by_kind.get(kind, ())
        for subject in (subject_of(row),)
    }
    return Rights(
        deployer["name"],
        version,
        {row["name"]: _role(row) for row in by_kind.get("role", ())},
        objects,
        {
            DefaultFor(row["role"], row["schema"], _DEFAULTS[row["objects"]]): lists[row["acl"]]
            for row in by_kind.get("defaults", ())
        },
    )


def _acl(row: Row, kind: Kind, version: int, lists: Mapping[str, Acl]) -> Acl:
    text = row.get("acl")
    return default_acl(defaults_of(kind), row["owner"], version) if text is None else lists[text]


def _role(row: Row) -> Role:
    own = {DATABASE_OWNER} if row["owns_database"] else set()
    return Role(
        row["superuser"],
        row["bypasses_row_security"],
        frozenset(row["groups"] or ()) | own,
        frozenset(row["others"] or ()),
    )


def _routine(row: Row) -> Subject:
    types = ", ".join(type_of(each, modified=False) for each in row["inputs"] or ())
    return Subject(_ROUTINES[row["kind"]], (row["schema"], f"{row['name']}({types})"))


_SUBJECTS: Mapping[str, Callable[[Row], Subject]] = {
    "schema": lambda row: Subject(Kind.SCHEMA, (row["name"],)),
    "relation": lambda row: Subject(_RELATIONS[row["kind"]], (row["schema"], row["name"])),
    "column": lambda row: Subject(Kind.COLUMN, (row["schema"], row["relation"], row["name"])),
    "routine": _routine,
    "type": lambda row: Subject(_TYPES[row["kind"]], (row["schema"], row["name"])),
}
