"""Which values ALTER COLUMN … TYPE cannot convert: a condition over the rows as they are.

What a value is converted by is known from the column's type in the catalog and from the statement: the input function
of the new type where a text becomes something else, which PostgreSQL 16 and later can be asked about
(pg_input_is_valid), and otherwise ranges and lengths. Conversions by any other function are left out, as is every USING
but a cast of the column or of a text made of it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..model.value import dataclass
from .canonical.names import AsWritten, words
from .canonical.sql import identifier
from .canonical.types import type_of
from .live import Live
from .offending_rows import is_unequal
from .parse import Tree
from .refused_values import Target, bare, refused

# Functions of pg_catalog that make a text of texts, and fail on none.
_OF_TEXT = frozenset(
    {"btrim", "initcap", "left", "lower", "lpad", "ltrim", "regexp_replace", "replace", "right", "rpad", "rtrim",
     "substr", "substring", "translate", "trim", "upper"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unfitting:
    """The *columns* whose values decide, and the *condition* that they do not fit; None where no query can say it.

    *unequal* are columns of types that cannot be grouped. *wanted* is the new type.
    """

    columns: tuple[str, ...]
    condition: str | None
    wanted: str
    unequal: frozenset[str] = frozenset()

    @property
    def named(self) -> str:
        """The new type as messages of the server name it."""
        return bare(self.wanted).removesuffix("[]")


def unfitting(
    sql: str, relation: Tree, command: Tree, enums: Mapping[str, Sequence[str]], live: Live
) -> Unfitting | None:
    """Say which values the *command* of an ALTER TABLE, which *sql* is, cannot convert; None where that is not known.

    *enums* has the labels of those that the script makes: they may be gone with it.
    """
    if command.get("subtype") != "AT_AlterColumnType":
        return None
    column, definition = command["name"], command["def"]["ColumnDef"]
    new = type_of(definition["typeName"], AsWritten())
    found = _converted(sql, relation, column, definition, live)
    if found is None:
        return None
    value, old, columns = found
    target = Target(new, words(definition["typeName"]["names"]), enums, live)
    condition = refused(value, old, target, by_cast="raw_default" in definition)
    if condition is None:
        return None
    types = {each: live.column(relation, each) for each in columns}
    unequal = frozenset(each for each, type_ in types.items() if type_ and is_unequal(bare(type_)))
    return Unfitting(columns, condition or None, new, unequal)


def _converted(
    sql: str, relation: Tree, column: str, definition: Tree, live: Live
) -> tuple[str, str, tuple[str, ...]] | None:
    """What is converted, as SQL, its type, and the columns in it."""
    using = definition.get("raw_default")
    old = live.column(relation, column)
    if using is None:
        return None if old is None else (identifier(column), old, (column,))
    cast = using.get("TypeCast")
    if cast is None or type_of(cast["typeName"], AsWritten()) != type_of(definition["typeName"], AsWritten()):
        return None
    if (name := _column(cast["arg"])) is not None:
        old = live.column(relation, name)
        return None if old is None else (identifier(name), old, (name,))
    columns = _columns_of_text(cast["arg"], relation, live)
    if not columns:
        return None
    inner = cast["arg"].get("TypeCast", {}).get("arg")
    if inner is not None and (name := _column(inner)) is not None:
        return f"{identifier(name)}::text", "text", (name,)
    text = _text_before(sql, definition, cast)
    return None if text is None else (f"({text})", "text", columns)


def _column(expression: Tree) -> str | None:
    fields = expression.get("ColumnRef", {}).get("fields", ())
    return fields[0].get("String", {}).get("sval") if len(fields) == 1 else None


def _columns_of_text(expression: Tree, relation: Tree, live: Live) -> tuple[str, ...]:
    """The columns in an expression that is certainly a text, and fails on none; none where it is another."""
    found: dict[str, None] = {}
    return tuple(found) if _is_text(expression, relation, live, found) else ()


def _is_text(expression: Tree, relation: Tree, live: Live, found: dict[str, None]) -> bool:
    ((kind, node),) = expression.items()
    if (name := _column(expression)) is not None:
        found[name] = None
        return bare(live.column(relation, name) or "") in {"text", "character varying"}
    if kind == "TypeCast":
        to_text = type_of(node["typeName"], AsWritten()) in {"text", "character varying"}
        if to_text and (name := _column(node["arg"])) is not None and live.column(relation, name) is not None:
            found[name] = None
            return True
        return to_text and _is_text(node["arg"], relation, live, found)
    if kind == "A_Const":
        return "sval" in node
    parts: Sequence[Any]
    if kind == "FuncCall" and words(node["funcname"])[-1] in _OF_TEXT and len(words(node["funcname"])) == 1:
        parts = [each for each in node.get("args", ()) if "ival" not in each.get("A_Const", {})]
    elif kind == "CoalesceExpr":
        parts = node["args"]
    elif kind == "A_Expr" and (node["kind"] == "AEXPR_NULLIF" or words(node["name"]) == ("||",)):
        parts = [node["lexpr"], node["rexpr"]] if "lexpr" in node else [node]
    else:
        return False
    return all(_is_text(each, relation, live, found) for each in parts)


_TOKEN = re.compile(
    r"""--[^\n]*|/\*.*?\*/|[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|[()]|\w+""", re.DOTALL
)


def _text_before(sql: str, definition: Tree, cast: Tree) -> str | None:
    """The expression before ``::``, as it is written after USING."""
    encoded = sql.encode()
    end = cast["location"]
    if encoded[end : end + 2] != b"::":
        return None
    start = definition["typeName"]["location"]
    text = encoded[start:end].decode(errors="replace")
    using = next((each.end() for each in _TOKEN.finditer(text) if each[0].upper() == "USING"), None)
    if using is None:
        return None
    text = text[using:].strip()
    if "--" in text or "/*" in text:
        return None
    tokens = [each[0] for each in _TOKEN.finditer(text)]
    for _ in range(tokens.count("(") - tokens.count(")")):
        text = text.removeprefix("(").strip()
    return text
