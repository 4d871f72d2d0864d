"""The names PostgreSQL gives to what nobody named: ``makeObjectName`` and the functions around it.

Sources: src/backend/commands/indexcmds.c, commands/tablecmds.c, catalog/pg_constraint.c, parser/parse_target.c.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple

# NAMEDATALEN - 1: a name's longest form in bytes, everywhere but in servers that someone compiled otherwise.
NAME_BYTES = 63
_WORD = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')


def clip(name: str, size: int = NAME_BYTES) -> str:
    """*name* cut to *size* bytes, never within a character."""
    encoded = name.encode()
    return name if len(encoded) <= size else encoded[:size].decode(errors="ignore")


def object_name(first: str, second: str | None, label: str | None) -> str:
    """``first_second_label``, the longer of the first two shortened until it fits (``makeObjectName``)."""
    whole = "_".join(part for part in (first, second or None, label) if part is not None)
    if len(whole.encode()) <= NAME_BYTES:
        return whole
    sizes = [len(first.encode()), len(second.encode()) if second else 0]
    available = NAME_BYTES - (1 + len(label.encode()) if label else 0) - (1 if second else 0)
    while sum(sizes) > available:
        sizes[0 if sizes[0] > sizes[1] else 1] -= 1
    parts = [clip(first, sizes[0]), clip(second, sizes[1]) if second else None, label]
    return "_".join(part for part in parts if part is not None)


def multirange_name(range_name: str) -> str:
    """What the multirange of a range is called (``makeMultirangeTypeName``)."""
    if "range" in range_name:
        return clip(range_name.replace("range", "multirange", 1), NAME_BYTES)
    return f"{clip(range_name, NAME_BYTES - len('_multirange'))}_multirange"


def numbered(first: str, second: str | None, label: str, begin: int) -> Iterator[tuple[int, str]]:
    """``…_label``, ``…_label1``, ``…_label2``, from number *begin* on (``ChooseRelationName``: the first free one)."""
    return ((number, object_name(first, second, f"{label}{number or ''}")) for number in count(begin))


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
    return _figure(node).name


class _Suggestion(NamedTuple):
    name: str | None = None
    certain: bool = False  # False: only where nothing better is found


_NONE = _Suggestion()
_NAMED_FOR_THEIR_KIND = {
    "CoalesceExpr": "coalesce", "GroupingFunc": "grouping", "XmlSerialize": "xmlserialize", "RowExpr": "row",
    "A_ArrayExpr": "array", "JsonParseExpr": "json", "JsonScalarExpr": "json_scalar",
    "JsonSerializeExpr": "json_serialize", "JsonObjectConstructor": "json_object",
    "JsonArrayConstructor": "json_array", "JsonArrayQueryConstructor": "json_array",
    "JsonObjectAgg": "json_objectagg", "JsonArrayAgg": "json_arrayagg",
}  # fmt: skip
# Kinds whose operation names them. The grammar's first operation is left out of trees, as every default is.
_NAMED_FOR_THEIR_OPERATION = {
    "JsonFuncExpr": {"JSON_EXISTS_OP": "json_exists", "JSON_QUERY_OP": "json_query", "JSON_VALUE_OP": "json_value"},
    "MinMaxExpr": {"IS_GREATEST": "greatest", "IS_LEAST": "least"},
    "XmlExpr": {
        "IS_XMLCONCAT": "xmlconcat", "IS_XMLELEMENT": "xmlelement", "IS_XMLFOREST": "xmlforest",
        "IS_XMLPARSE": "xmlparse", "IS_XMLPI": "xmlpi", "IS_XMLROOT": "xmlroot",
    },
    "SQLValueFunction": {
        "SVFOP_CURRENT_DATE": "current_date", "SVFOP_CURRENT_TIME": "current_time",
        "SVFOP_CURRENT_TIME_N": "current_time", "SVFOP_CURRENT_TIMESTAMP": "current_timestamp",
        "SVFOP_CURRENT_TIMESTAMP_N": "current_timestamp", "SVFOP_LOCALTIME": "localtime",
        "SVFOP_LOCALTIME_N": "localtime", "SVFOP_LOCALTIMESTAMP": "localtimestamp",
        "SVFOP_LOCALTIMESTAMP_N": "localtimestamp", "SVFOP_CURRENT_ROLE": "current_role",
        "SVFOP_CURRENT_USER": "current_user", "SVFOP_USER": "user", "SVFOP_SESSION_USER": "session_user",
        "SVFOP_CURRENT_CATALOG": "current_catalog", "SVFOP_CURRENT_SCHEMA": "current_schema",
    },
}  # fmt: skip


def _figure(node: Any) -> _Suggestion:
    """``FigureColnameInternal``."""
    if not isinstance(node, dict) or len(node) != 1:
        return _NONE
    ((kind, fields),) = node.items()
    if kind in _READERS:
        return _READERS[kind](fields)
    name = _NAMED_FOR_THEIR_KIND.get(kind) or _NAMED_FOR_THEIR_OPERATION.get(kind, {}).get(fields.get("op", ""))
    return _Suggestion(name, certain=True) if name else _NONE


def _last_word(strings: Any) -> str | None:
    words = [each["String"]["sval"] for each in strings if "String" in each]
    return words[-1] if words else None


def _column(fields: Any) -> _Suggestion:
    name = _last_word(fields["fields"])
    return _Suggestion(name, certain=True) if name else _NONE


def _indirection(fields: Any) -> _Suggestion:
    name = _last_word(fields["indirection"])
    return _Suggestion(name, certain=True) if name else _figure(fields.get("arg"))


def _operation(fields: Any) -> _Suggestion:
    return _Suggestion("nullif", certain=True) if fields.get("kind") == "AEXPR_NULLIF" else _NONE


def _cast(fields: Any) -> _Suggestion:
    inner = _figure(fields["arg"])
    return inner if inner.certain else _Suggestion(_last_word(fields["typeName"]["names"]))


def _case(fields: Any) -> _Suggestion:
    inner = _figure(fields.get("defresult"))
    return inner if inner.certain else _Suggestion("case")


def _sublink(fields: Any) -> _Suggestion:
    kind = fields.get("subLinkType", "EXISTS_SUBLINK")
    if kind == "EXPR_SUBLINK":
        targets = fields["subselect"].get("SelectStmt", {}).get("targetList")
        if not targets:
            return _NONE
        target = targets[0]["ResTarget"]
        return _Suggestion(target["name"], certain=True) if "name" in target else _figure(target["val"])
    name = {"EXISTS_SUBLINK": "exists", "ARRAY_SUBLINK": "array"}.get(kind)
    return _Suggestion(name, certain=True) if name else _NONE


_READERS: dict[str, Callable[[Any], _Suggestion]] = {
    "A_Expr": _operation,
    "A_Indirection": _indirection,
    "CaseExpr": _case,
    "CollateClause": lambda fields: _figure(fields["arg"]),
    "ColumnRef": _column,
    "FuncCall": lambda fields: _Suggestion(_last_word(fields["funcname"]), certain=True),
    "SubLink": _sublink,
    "TypeCast": _cast,
}


@lru_cache(maxsize=1024)  # most are types, which are the same few
def unquoted(spelled: str) -> tuple[str, ...]:
    """The words of a qualified name as it is spelled in SQL."""
    return tuple(quoted.replace('""', '"') if quoted else plain for quoted, plain in _WORD.findall(spelled))
