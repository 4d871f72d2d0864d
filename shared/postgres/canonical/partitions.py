"""Keys and bounds of partitions."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any

from ...model.schema import Expression, IndexKey
from .constants import typed
from .expressions import Form, form, read, text
from .names import Names, quoted
from .sql import rendered


def partition_key(strategy: str, keys: Iterable[IndexKey]) -> Expression:
    """``range (created_at)``: *strategy* is range, list or hash; of a key's options the server's default are silent."""
    listed = list(keys)
    words = [quoted(key.column) if key.column is not None else f"({_sql(key)})" for key in listed]
    forms = [[_form(key), key.operator_class, key.collation] for key in listed]
    return Expression(sql=f"{strategy} ({', '.join(words)})", meaning=text([strategy, forms]))


def _sql(key: IndexKey) -> str:
    return key.expression.sql if key.expression is not None else ""


def _form(key: IndexKey) -> Form:
    return ["column", key.column] if key.expression is None else read(key.expression.meaning)


def partition_bound(node: dict[str, Any], names: Names, types: Sequence[str] = ()) -> Expression:
    """``for values from (1) to (10)``, from the fields of a PartitionBoundSpec node.

    *types* are those of the key's parts, which the server prints nowhere: without them a constant has none.
    """
    if node.get("is_default"):
        return Expression(sql="default", meaning=text(["default"]))
    if node["strategy"] == "h":
        modulus, remainder = node.get("modulus", 0), node.get("remainder", 0)
        sql = f"for values with (modulus {modulus}, remainder {remainder})"
        return Expression(sql=sql, meaning=text(["hash", modulus, remainder]))
    if node["strategy"] == "l":
        values = _bounds(node.get("listdatums", ()), names, [*types[:1]] * len(node.get("listdatums", ())))
        return Expression(sql=f"for values in ({_written(values)})", meaning=text(["list", *values]))
    lower, upper = (_bounds(node.get(f"{each}datums", ()), names, types) for each in ("lower", "upper"))
    sql = f"for values from ({_written(lower)}) to ({_written(upper)})"
    return Expression(sql=sql, meaning=text(["range", lower, upper]))


def _bounds(trees: Sequence[dict[str, Any]], names: Names, types: Sequence[str]) -> list[Form]:
    forms = [form(tree, names) for tree in trees]
    return [
        typed(each, type_name, names) if type_name else each
        for each, type_name in zip_longest(forms, types[: len(forms)])
    ]


def _written(forms: Iterable[Form]) -> str:
    return ", ".join(rendered(each) if each[0] != "column" else each[-1].upper() for each in forms)
