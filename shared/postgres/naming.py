"""The names PostgreSQL gives to what nobody named: ``makeObjectName`` and the functions around it.

Sources: src/backend/commands/indexcmds.c, commands/tablecmds.c, catalog/pg_constraint.c, parser/parse_target.c.
"""

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

# NAMEDATALEN - 1: a name's longest form in bytes, everywhere but in servers that someone compiled otherwise.
NAME_BYTES = 63


def clip(name: str, size: int = NAME_BYTES) -> str:
    """*name* cut to *size* bytes, never within a character."""
    encoded = name.encode()
    return name if len(encoded) <= size else encoded[:size].decode(errors="ignore")


def object_name(first: str, second: str | None, label: str | None) -> str:
    """``first_second_label``, the longer of the first two shortened until it fits (``makeObjectName``)."""
    sizes = [len(first.encode()), len(second.encode()) if second else 0]
    available = NAME_BYTES - (1 + len(label.encode()) if label else 0) - (1 if second else 0)
    while sum(sizes) > available:
        sizes[0 if sizes[0] > sizes[1] else 1] -= 1
    parts = [clip(first, sizes[0]), clip(second, sizes[1]) if second else None, label]
    return "_".join(part for part in parts if part is not None)


def free_name(first: str, second: str | None, label: str, taken: Callable[[str], bool]) -> str:
    """The first of ``…_label``, ``…_label1``, ``…_label2`` that is not *taken* (``ChooseRelationName``)."""
    labels = (label if attempt == 0 else f"{label}{attempt}" for attempt in count())
    return next(name for name in (object_name(first, second, each) for each in labels) if not taken(name))


def joined_columns(columns: Iterable[str]) -> str:
    """The columns' part of an index's or foreign key's name (``ChooseIndexNameAddition``)."""
    joined = b""
    for column in columns:
        joined += (b"_" if joined else b"") + column.encode()
        if len(joined) > NAME_BYTES:
            break
    return joined.decode()


def index_column_names(wanted: Iterable[str | None]) -> tuple[str, ...]:
    """Each key's name in its index, numbered where two would be alike (``ChooseIndexColumnNames``).

    None is an expression that suggests no name.
    """
    names: list[str] = []
    for original in (name or "expr" for name in wanted):
        name = original
        for attempt in count(1):
            if name not in names:
                break
            name = clip(original, NAME_BYTES - len(str(attempt))) + str(attempt)
        names.append(name)
    return tuple(names)


def figured_name(node: Any) -> str | None:
    """The name that an expression suggests for its column, None if it suggests none (``FigureColname``)."""
    return _figure(node)[1]


_NAMED_KEYWORDS = {"GroupingFunc": "grouping", "XmlSerialize": "xmlserialize", "RowExpr": "row", "A_ArrayExpr": "array"}
_JSON_FUNCTIONS = {
    "JsonParseExpr": "json", "JsonScalarExpr": "json_scalar", "JsonSerializeExpr": "json_serialize",
    "JsonObjectConstructor": "json_object", "JsonArrayConstructor": "json_array",
    "JsonArrayQueryConstructor": "json_array", "JsonObjectAgg": "json_objectagg", "JsonArrayAgg": "json_arrayagg",
}  # fmt: skip
_XML_FUNCTIONS = {
    "IS_XMLCONCAT": "xmlconcat", "IS_XMLELEMENT": "xmlelement", "IS_XMLFOREST": "xmlforest", "IS_XMLPARSE": "xmlparse",
    "IS_XMLPI": "xmlpi", "IS_XMLROOT": "xmlroot",
}  # fmt: skip
_VALUE_FUNCTIONS = {
    "SVFOP_CURRENT_DATE": "current_date", "SVFOP_CURRENT_TIME": "current_time", "SVFOP_CURRENT_TIME_N": "current_time",
    "SVFOP_CURRENT_TIMESTAMP": "current_timestamp", "SVFOP_CURRENT_TIMESTAMP_N": "current_timestamp",
    "SVFOP_LOCALTIME": "localtime", "SVFOP_LOCALTIME_N": "localtime", "SVFOP_LOCALTIMESTAMP": "localtimestamp",
    "SVFOP_LOCALTIMESTAMP_N": "localtimestamp", "SVFOP_CURRENT_ROLE": "current_role",
    "SVFOP_CURRENT_USER": "current_user", "SVFOP_USER": "user", "SVFOP_SESSION_USER": "session_user",
    "SVFOP_CURRENT_CATALOG": "current_catalog", "SVFOP_CURRENT_SCHEMA": "current_schema",
}  # fmt: skip
_SUBLINKS = {"EXISTS_SUBLINK": "exists", "ARRAY_SUBLINK": "array"}


def _figure(node: Any) -> tuple[int, str | None]:
    """How good the suggestion is (2 a name, 1 a fallback, 0 none), and the name (``FigureColnameInternal``)."""
    if not isinstance(node, dict) or len(node) != 1:
        return 0, None
    ((kind, value),) = node.items()
    match kind:
        case "ColumnRef" | "A_Indirection":
            words = [
                field["String"]["sval"]
                for field in value.get("fields", value.get("indirection", ()))
                if "String" in field
            ]
            if words:
                return 2, words[-1]
            return _figure(value.get("arg")) if kind == "A_Indirection" else (0, None)
        case "FuncCall":
            return 2, value["funcname"][-1]["String"]["sval"]
        case "A_Expr" if value.get("kind") == "AEXPR_NULLIF":
            return 2, "nullif"
        case "TypeCast":
            strength, name = _figure(value["arg"])
            return (strength, name) if strength > 1 else (1, value["typeName"]["names"][-1]["String"]["sval"])
        case "CollateClause":
            return _figure(value["arg"])
        case "SubLink":
            return _figure_sublink(value)
        case "CaseExpr":
            strength, name = _figure(value.get("defresult"))
            return (strength, name) if strength > 1 else (1, "case")
        case "CoalesceExpr":
            return 2, "coalesce"
        case "MinMaxExpr":
            return 2, "least" if value.get("op") == "IS_LEAST" else "greatest"
        case "XmlExpr":
            name = _XML_FUNCTIONS.get(value.get("op", ""))
            return (2, name) if name else (0, None)
        case "SQLValueFunction":
            return 2, _VALUE_FUNCTIONS.get(value.get("op", "SVFOP_CURRENT_DATE"))
        case "JsonFuncExpr":
            name = {"JSON_EXISTS_OP": "json_exists", "JSON_QUERY_OP": "json_query"}.get(
                value.get("op", ""), "json_value"
            )
            return 2, name
        case _:
            name = _NAMED_KEYWORDS.get(kind) or _JSON_FUNCTIONS.get(kind)
            return (2, name) if name else (0, None)


def _figure_sublink(value: Any) -> tuple[int, str | None]:
    kind = value.get("subLinkType", "EXISTS_SUBLINK")
    if kind == "EXPR_SUBLINK":
        targets = value["subselect"].get("SelectStmt", {}).get("targetList")
        if not targets:
            return 0, None
        target = targets[0]["ResTarget"]
        return (2, target["name"]) if "name" in target else _figure(target["val"])
    name = _SUBLINKS.get(kind)
    return (2, name) if name else (0, None)
