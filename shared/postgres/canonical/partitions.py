"""Keys and bounds of partitions."""

from collections.abc import Iterable
from typing import Any

from shared.model.schema import Expression, IndexKey
from shared.postgres.canonical import literals
from shared.postgres.canonical.expressions import Form, form, read, text
from shared.postgres.canonical.names import Names, quoted
from shared.postgres.canonical.sql import rendered

_MIDNIGHT = " 00:00:00"


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


def partition_bound(node: dict[str, Any], names: Names) -> Expression:
    """``for values from (1) to (10)``, from the fields of a PartitionBoundSpec node."""
    if node.get("is_default"):
        return Expression(sql="default", meaning=text(["default"]))
    if node["strategy"] == "h":
        modulus, remainder = node.get("modulus", 0), node.get("remainder", 0)
        sql = f"for values with (modulus {modulus}, remainder {remainder})"
        return Expression(sql=sql, meaning=text(["hash", modulus, remainder]))
    if node["strategy"] == "l":
        values = _bounds(node.get("listdatums", ()), names)
        return Expression(sql=f"for values in ({_written(values)})", meaning=text(["list", *values]))
    lower, upper = _bounds(node.get("lowerdatums", ()), names), _bounds(node.get("upperdatums", ()), names)
    sql = f"for values from ({_written(lower)}) to ({_written(upper)})"
    return Expression(sql=sql, meaning=text(["range", lower, upper]))


def _bounds(trees: Iterable[dict[str, Any]], names: Names) -> list[Form]:
    return [_bound(form(tree, names)) for tree in trees]


def _bound(canonical: Form) -> Form:
    """The server prints a bound by the key's type without naming it: midnight may be written as the mere day."""
    if canonical[0] != "const" or not canonical[1][:4].isdigit():
        return canonical
    moment = literals.normal(canonical[1], "timestamp with time zone")
    return ["const", moment.removesuffix("+00").removesuffix(_MIDNIGHT), canonical[2]]


def _written(forms: Iterable[Form]) -> str:
    return ", ".join(rendered(each) if each[0] != "column" else each[-1].upper() for each in forms)
