"""Which rows of the catalog hold a difference, and which transaction that gives for it.

A row's last writer comes at or after the change that the row holds; of several rows that may hold it the latest counts.
"""

from collections.abc import Iterable, Mapping, Sequence

from ...model.attribution import RowVersion
from ...model.difference import Change, Difference
from ...model.schema import CONSTRAINTS, RELATIONS, ROUTINES, Kind

# A relation's row type has its name, and nothing but another name, schema or owner writes its row.
_ROW_TYPE = "row type"
# The row that holds its name: RENAME leaves the others as they are, so they may be much older than the name.
_NAMED: Mapping[Kind, tuple[str, ...]] = {
    Kind.SCHEMA: ("schema",),
    Kind.TABLE: (_ROW_TYPE,),
    Kind.MATERIALIZED_VIEW: (_ROW_TYPE,),
    Kind.SEQUENCE: ("relation",),
    Kind.VIEW: (_ROW_TYPE,),
    Kind.COLUMN: ("column",),
    Kind.INDEX: ("relation",),
    Kind.ENUM: ("type",),
    Kind.DOMAIN: ("type",),
    Kind.RANGE: ("type",),
    Kind.COMPOSITE_TYPE: ("relation",),
    Kind.ROW_SECURITY: ("relation",),
    Kind.REPLICA_IDENTITY: ("relation",),
    Kind.PUBLICATION: ("publication",),
    Kind.EVENT_TRIGGER: ("event trigger",),
    Kind.TRIGGER: ("trigger",),
    Kind.POLICY: ("policy",),
    Kind.RULE: ("rule",),
    Kind.EXTENSION: ("extension",),
    **dict.fromkeys(ROUTINES, ("routine",)),
    **dict.fromkeys(CONSTRAINTS, ("constraint",)),
}
# One row holds everything of these kinds.
_ONE_ROW = frozenset(
    {Kind.TRIGGER, Kind.POLICY, Kind.RULE, Kind.ROW_SECURITY, Kind.EXTENSION, Kind.EVENT_TRIGGER, *ROUTINES}
)
# What no ALTER changes: these are another object.
_MADE_AGAIN: Mapping[Kind, frozenset[str]] = {
    Kind.INDEX: frozenset({"table", "method", "keys", "include", "predicate", "unique", "nulls_not_distinct"}),
    Kind.PRIMARY_KEY: frozenset({"columns", "include", "without_overlaps"}),
    Kind.UNIQUE: frozenset({"columns", "include", "nulls_not_distinct", "without_overlaps"}),
    Kind.FOREIGN_KEY: frozenset(
        {
            "columns",
            "referenced_table",
            "referenced_columns",
            "on_update",
            "on_delete",
            "on_delete_columns",
            "match",
            "period",
        }
    ),
    Kind.CHECK: frozenset({"expression"}),
    Kind.EXCLUSION: frozenset({"method", "elements", "include", "predicate"}),
}
# By kind and attribute, the rows that may hold it; an attribute that is not named here has none that is sure.
_HELD: Mapping[tuple[Kind, str], tuple[str, ...]] = {
    (Kind.TABLE, "unlogged"): ("relation",),
    (Kind.TABLE, "bound"): ("relation",),
    (Kind.TABLE, "partition_of"): ("relation",),
    (Kind.TABLE, "parameters"): ("relation",),
    (Kind.COLUMN, "type"): ("column",),
    (Kind.COLUMN, "nullable"): ("column",),
    (Kind.COLUMN, "default"): ("column", "default"),
    (Kind.COLUMN, "collation"): ("column",),
    (Kind.COLUMN, "storing"): ("column",),
    (Kind.COLUMN, "identity"): ("column", "identity"),
    (Kind.COLUMN, "generated"): ("column", "default"),
    (Kind.INDEX, "valid"): ("index", "relation"),
    (Kind.INDEX, "parameters"): ("relation",),
    (Kind.PUBLICATION, "all_tables"): ("publication",),
    (Kind.PUBLICATION, "operations"): ("publication",),
    (Kind.PUBLICATION, "via_root"): ("publication",),
    (Kind.PUBLICATION, "generated_columns"): ("publication",),
    (Kind.ENUM, "values"): ("labels", "type"),
    (Kind.DOMAIN, "type"): ("type",),
    (Kind.DOMAIN, "nullable"): ("type",),
    (Kind.DOMAIN, "default"): ("type",),
    (Kind.DOMAIN, "collation"): ("type",),
    (Kind.COMPOSITE_TYPE, "attributes"): ("columns", "relation"),
    (Kind.SEQUENCE, "options"): ("options", "relation"),
    **{(kind, "validated"): ("constraint",) for kind in CONSTRAINTS},
    **{(kind, "deferral"): ("constraint",) for kind in CONSTRAINTS},
    **{
        (kind, attribute): parts
        for kind in (Kind.VIEW, Kind.MATERIALIZED_VIEW)
        for attribute, parts in (("body", ("rule",)), ("columns", ("rule", "columns")), ("options", ("relation",)))
    },
    **{(kind, "name"): ("relation",) for kind in (*RELATIONS, Kind.INDEX, Kind.SEQUENCE, Kind.COMPOSITE_TYPE)},
    **{(kind, "name"): ("type",) for kind in (Kind.ENUM, Kind.DOMAIN, Kind.RANGE)},
    **{(kind, "name"): ("constraint",) for kind in CONSTRAINTS},
    (Kind.COLUMN, "name"): ("column",),
    (Kind.SCHEMA, "name"): ("schema",),
}


def last_written(
    difference: Difference, rows: Sequence[RowVersion], *, may_be_renamed: bool = False
) -> RowVersion | None:
    """Give the version that a transaction wrote at or after *difference* came about; None where no row is sure.

    What is in a relation came to its name with it, at the latest when the relation had that name. *may_be_renamed*: a
    missing column may be there by another name.
    """
    found = _last_written(difference, rows, may_be_renamed=may_be_renamed)
    return None if found is None else max([found, *(row for row in rows if row.part == _ROW_TYPE)], key=_xid)


def _last_written(difference: Difference, rows: Sequence[RowVersion], *, may_be_renamed: bool) -> RowVersion | None:
    if difference.found_as is None and difference.change is Change.MISSING:
        return None if may_be_renamed else _of_missing(difference, rows)
    if difference.found_as is None and difference.change is Change.UNEXPECTED:
        return _latest(rows, _NAMED.get(difference.subject.kind, ()))
    if "kind" in difference.attributes or not difference.attributes:
        return None
    versions = [_of_attribute(difference, attribute, rows) for attribute in difference.attributes]
    if None in versions:
        return None
    return max((each for each in versions if each is not None), key=_xid)


def _of_missing(difference: Difference, rows: Sequence[RowVersion]) -> RowVersion | None:
    match difference.subject.kind:
        case Kind.COLUMN if not any(row.part == "column" for row in rows):
            # Dropped columns have lost their names: it is any of them.
            return _latest(rows, ("dropped column",))
        case Kind.ROW_SECURITY | Kind.REPLICA_IDENTITY:
            return _latest(rows, ("relation",))
    return None


def _of_attribute(difference: Difference, attribute: str, rows: Sequence[RowVersion]) -> RowVersion | None:
    kind = difference.subject.kind
    if kind in _ONE_ROW:
        return _latest(rows, _NAMED[kind])
    held = _HELD.get((kind, attribute))
    if held is not None:
        return _latest(rows, held)
    return _latest(rows, _NAMED[kind]) if attribute in _MADE_AGAIN.get(kind, ()) else None


def _latest(rows: Iterable[RowVersion], parts: tuple[str, ...]) -> RowVersion | None:
    return max((row for row in rows if row.part in parts), key=_xid, default=None)


def _xid(row: RowVersion) -> int:
    return row.xid
