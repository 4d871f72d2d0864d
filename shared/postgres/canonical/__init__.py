"""One canonical form for what the release says and for what the server answers.

The server stores an expression's parse, not its text, and prints it with casts, qualifications and rewritings of its
own. Both sides' trees come here and leave as the same words. What only one side can know (a cast nobody wrote, the
schema of an extension's function) is allowed for by ``agree``, and by nothing else.
"""

from typing import Any

from ...model.schema import Expression
from .agreement import Agreement, agree, agreement
from .aliases import placed
from .collations import icu_locale
from .comparing import Server
from .constants import typed
from .expressions import Form, form, text
from .foreign import foreign_options
from .indexes import index_key, operator_class
from .kept_defaults import is_null, keeps_null, kept_type
from .names import AsWritten, Name, Names, names_agree, operator_name, quoted, spelled, words
from .partitions import partition_bound, partition_key
from .queries import body, query, rule_body
from .routines import (
    Argument,
    operator_signature,
    routine_arguments,
    routine_name,
    routine_result,
    split_method,
    with_method,
)
from .sql import rendered
from .types import SERIAL, type_of

__all__ = [
    "SERIAL",
    "Agreement",
    "Argument",
    "AsWritten",
    "Name",
    "Names",
    "Server",
    "agree",
    "agreement",
    "argument_default",
    "body",
    "default",
    "expression",
    "foreign_options",
    "form",
    "icu_locale",
    "index_key",
    "is_null",
    "keeps_null",
    "kept_type",
    "names_agree",
    "next_value",
    "operator_class",
    "operator_name",
    "operator_signature",
    "partition_bound",
    "partition_key",
    "query",
    "quoted",
    "routine_arguments",
    "routine_name",
    "routine_result",
    "rule_body",
    "spelled",
    "split_method",
    "type_of",
    "with_method",
    "words",
]  # fmt: skip


def expression(tree: dict[str, Any], names: Names) -> Expression:
    """Any expression: a check, a predicate, a policy's, a generated column's."""
    return _written(form(tree, names))


def default(tree: dict[str, Any] | None, type_name: str, names: Names) -> Expression | None:
    """A default of a column or domain of *type_name* (``type_of``'s). None for NULL: the server keeps none."""
    if tree is None:
        return None
    value = typed(form(tree, names), type_name, names)
    return None if value == ["null"] else _written(value)


def argument_default(tree: dict[str, Any], type_name: str, names: Names) -> Expression:
    """A default of a routine's argument of *type_name*; here NULL is one: it makes the argument optional."""
    return _written(typed(form(tree, names), type_name, names))


def next_value(sequence: str) -> Expression:
    """``nextval('sequence')``, the default of a serial column; *sequence* is qualified and quoted as needed."""
    return _written(["call", "nextval", [["const", sequence, "regclass"]]])


def _written(canonical: Form) -> Expression:
    return Expression(sql=rendered(canonical), meaning=text(placed(canonical)))
