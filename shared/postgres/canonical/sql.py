"""The canonical form written as SQL again: for people, and for corrective migrations."""

from collections.abc import Callable
from typing import Any

from .expressions import Form
from .literals import NUMBERS

# What pg_get_keywords() of 13 to 18 calls reserved, or not usable as a name of everything.
KEYWORDS = frozenset(
    """
    all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both
    case cast char character check coalesce collate collation column concurrently constraint create cross
    current_catalog current_date current_role current_schema current_time current_timestamp current_user dec
    decimal default deferrable desc distinct do else end except exists extract false fetch float for foreign
    freeze from full grant greatest group grouping having ilike in initially inner inout int integer intersect
    interval into is isnull join json json_array json_arrayagg json_exists json_object json_objectagg json_query
    json_scalar json_serialize json_table json_value lateral leading least left like limit localtime
    localtimestamp merge_action national natural nchar none normalize not notnull null nullif numeric offset on
    only or order out outer overlaps overlay placing position precision primary real references returning right
    row select session_user setof similar smallint some substring symmetric system_user table tablesample then
    time timestamp to trailing treat trim true union unique user using values varchar variadic verbose when
    where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi
    xmlroot xmlserialize xmltable
    """.split()  # noqa: SIM905 - quotes around each word would double it
)
# The placeholder for parts that only the server's own text shows.
UNWRITTEN = "…"


def identifier(word: str) -> str:
    """*word* quoted where SQL needs it."""
    plain = word.isascii() and word.replace("_", "a").isalnum() and word == word.lower() and not word[0].isdigit()
    return word if plain and word not in KEYWORDS else '"' + word.replace('"', '""') + '"'


def literal(value: str) -> str:
    """*value* as a string constant, whatever standard_conforming_strings says."""
    doubled = value.replace("'", "''")
    return "E'" + doubled.replace("\\", "\\\\") + "'" if "\\" in value else f"'{doubled}'"


def rendered(canonical: Form) -> str:
    """SQL of the form. Contains UNWRITTEN where it holds something that is not written here, as a subquery."""
    return _write(canonical)


def _write(form: Any) -> str:
    writer = _WRITERS.get(form[0]) if isinstance(form, list) and form and isinstance(form[0], str) else None
    return writer(form) if writer is not None else UNWRITTEN


def _inner(form: Any) -> str:
    """An operand: in parentheses if it is made of operators itself."""
    compound = form[0] in {"and", "or", "op", "any", "all", "not", "distinct", "collate", "NullTest", "BooleanTest"}
    return f"({_write(form)})" if compound else _write(form)


def _constant(form: Form) -> str:
    _, value, type_name, *_ = form
    if type_name in NUMBERS or type_name == "boolean":
        return str(value) if value.strip("-")[:1].isalnum() and value not in {"NaN", "Infinity"} else literal(value)
    if type_name == "bit":
        return f"B'{value}'"
    # Text, and what a column's own type makes of a bare constant, needs no cast to be read.
    if type_name == "interval" or type_name.startswith(("date", "time")):
        return f"{literal(value)}::{type_name}"
    return literal(value)


def _words(form: Form) -> str:
    return ".".join("*" if word == "*" else identifier(word) for word in form[1:])


def _operation(form: Form) -> str:
    _, name, left, right = form
    symbol = f"OPERATOR({name})" if "." in name else name
    return f"{symbol} {_inner(right)}" if left is None else f"{_inner(left)} {symbol} {_inner(right)}"


def _quantified(form: Form) -> str:
    quantifier, name, left, right = form
    if (quantifier, name) in {("any", "="), ("all", "<>")} and right[0] == "array" and len(right) > 1:
        # An array of constants is text[]; a list takes the type of what it is compared with.
        return f"{_inner(left)} {'IN' if quantifier == 'any' else 'NOT IN'} ({', '.join(map(_write, right[1:]))})"
    return f"{_inner(left)} {name} {quantifier.upper()} ({_write(right)})"


def _call(form: Form) -> str:
    _, name, arguments, *more = form
    written = ", ".join(map(_write, arguments))
    if name == "date_part" and arguments and arguments[0][0] == "const":
        return f"EXTRACT({arguments[0][1]} FROM {_write(arguments[1])})" if len(arguments) == 2 else UNWRITTEN
    fields = more[0] if more else {}
    if fields.pop("agg_star", False):
        written = "*"
    if fields.pop("func_variadic", False):
        *first, last = map(_write, arguments)
        written = ", ".join([*first, f"VARIADIC {last}"])
    return f"{name}({written})" if not fields else f"{name}({written}{UNWRITTEN})"


def _array(form: Form) -> str:
    elements = _elements(form)
    if elements is not None:  # readable as an array of any type, as ARRAY['a'] is not
        return literal(elements)
    return f"ARRAY[{', '.join(map(_write, form[1:]))}]"


def _elements(form: Form) -> str | None:
    """The inside of an array constant, None if not all of it is constant."""
    words = []
    for element in form[1:]:
        if element[0] == "array":
            words.append(_elements(element))
        elif element[0] == "null":
            words.append("NULL")
        elif element[0] == "const":
            words.append(_element(element[1]))
        else:
            return None
    return None if None in words else "{" + ",".join(word for word in words if word is not None) + "}"


def _element(value: str) -> str:
    if value and value.upper() != "NULL" and not any(mark in '{},"\\' or mark.isspace() for mark in value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _case(form: Form) -> str:
    fields = form[1]
    subject = f" {_write(fields['arg'])}" if "arg" in fields else ""
    branches = "".join(
        f" WHEN {_write(branch[1]['expr'])} THEN {_write(branch[1]['result'])}" for branch in fields["args"]
    )
    otherwise = f" ELSE {_write(fields['defresult'])}" if "defresult" in fields else ""
    return f"CASE{subject}{branches}{otherwise} END"


def _test(form: Form) -> str:
    kind = form[1].get("nulltesttype") or form[1].get("booltesttype")
    return f"{_inner(form[1]['arg'])} {kind.replace('_', ' ')}"


def _indirection(form: Form) -> str:
    written = f"({_write(form[1]['arg'])})"
    for step in form[1]["indirection"]:
        if step[0] == "String":
            written += f".{identifier(step[1]['sval'])}"
        elif step[0] == "A_Indices" and set(step[1]) == {"uidx"}:
            written += f"[{_write(step[1]['uidx'])}]"
        else:
            written += UNWRITTEN
    return written


def _list(before: str) -> Callable[[Form], str]:
    return lambda form: f"{before}({', '.join(map(_write, form[1]['args']))})"


_WRITERS: dict[str, Callable[[Form], str]] = {
    "A_Indirection": _indirection,
    "BooleanTest": _test,
    "CaseExpr": _case,
    "CoalesceExpr": _list("COALESCE"),
    "MinMaxExpr": lambda form: _list(form[1]["op"].removeprefix("IS_"))(form),
    "NullTest": _test,
    "all": _quantified,
    "and": lambda form: " AND ".join(map(_inner, form[1:])),
    "any": _quantified,
    "array": _array,
    "call": _call,
    "cast": lambda form: f"{_inner(form[2])}::{form[1]}",
    "collate": lambda form: f"{_inner(form[2])} COLLATE {identifier(form[1])}",
    "column": _words,
    "const": _constant,
    "distinct": lambda form: f"{_inner(form[1])} IS DISTINCT FROM {_inner(form[2])}",
    "not": lambda form: f"NOT {_inner(form[1])}",
    "null": lambda _: "NULL",
    "nullif": lambda form: f"NULLIF({_write(form[1])}, {_write(form[2])})",
    "op": _operation,
    "or": lambda form: " OR ".join(map(_inner, form[1:])),
    "row": lambda form: f"ROW({', '.join(map(_write, form[1:]))})",
    "value": lambda form: form[1].upper() + (f"({form[2]})" if len(form) > 2 else ""),
}
