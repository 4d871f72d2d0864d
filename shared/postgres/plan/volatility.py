"""Whether an expression gives every row the same value: then ADD COLUMN … DEFAULT keeps the table's file.

Which of the server's own functions are volatile is pg_proc.provolatile, equal on 13 to 18. A function that neither the
server nor a migration brings is taken to be volatile: a rewrite that does not come blocks nobody.
"""

from typing import Any

from ...model.schema import ROUTINES, Routine
from ..parse import Tree, nodes_with
from .known import Known

# Stable or immutable ones that defaults use.
_STABLE = frozenset(
    {"now", "transaction_timestamp", "statement_timestamp", "current_setting", "current_schema", "to_timestamp",
     "timezone", "date_trunc", "to_char", "to_date", "to_jsonb", "jsonb_build_object", "jsonb_build_array",
     "json_build_object", "json_build_array", "array_fill", "lower", "upper", "concat", "format", "md5", "length",
     "make_interval", "make_date", "date_part", "extract", "coalesce", "string_to_array", "decode", "encode",
     "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "to_tsvector", "replace", "substring",
     "left", "right", "round", "abs", "floor", "ceil", "trunc", "char_length", "repeat", "btrim", "trim"}
)  # fmt: skip


def is_volatile(tree: Any, known: Known) -> bool:
    """Say whether the expression may give another value for each row."""
    return any(not _is_stable(call, known) for call in nodes_with(tree, "funcname"))


def calls_unknown_code(tree: Any, known: Known) -> str | None:
    """The first function that the expression calls and that a migration made; None where it calls the server's own."""
    for call in nodes_with(tree, "funcname") if known.has_routines else ():
        *schema, name = [each["String"].get("sval", "") for each in call["funcname"] if "String" in each]
        places = schema or known.search_path
        if any(subject.name[0] in places for subject, _ in known.routines(name)):
            return str(name)
    return None


def _is_stable(call: Tree, known: Known) -> bool:
    words = [each["String"].get("sval", "") for each in call["funcname"] if "String" in each]
    *schema, name = words
    if schema in ([], ["pg_catalog"]) and name in _STABLE:
        return True
    places = schema or list(known.search_path)
    found = [
        definition
        for subject, definition in known.routines(name)
        if subject.kind in ROUTINES and subject.name[0] in places and isinstance(definition, Routine)
    ]
    return bool(found) and all(each.volatility != "volatile" for each in found)
