"""Constants in canonical form, and what casts make of them (parse_coerce.c).

``["const", text, type]``; where the script itself had set how constants are read and the text still needs that, the
settings follow: time zone, order of dates, whether intervals are SQL's.
"""

from typing import Any

from ...model.session import Session
from ..parse import ParseError, parse
from . import arrays, literals
from .names import Name, Names, spelled, words
from .types import type_of

Form = list[Any]
Tree = dict[str, Any]


def constant(node: Tree) -> Form:
    if node.get("isnull"):
        return ["null"]
    if "ival" in node:
        return ["const", str(node["ival"].get("ival", 0)), "number"]
    if "fval" in node:
        return ["const", literals.number(node["fval"].get("fval", "0")), "number"]
    if "boolval" in node:
        return ["const", "true" if node["boolval"].get("boolval") else "false", "boolean"]
    if "bsval" in node:
        return ["const", literals.normal(node["bsval"].get("bsval", "b"), "bit"), "bit"]
    found = ["const", node.get("sval", {}).get("sval", ""), ""]
    return [*found, node["session"]] if "session" in node else found


def session_of(constant: Form) -> Session:
    """The settings under which the script had *constant* read, as far as the script says."""
    return Session(*constant[3]) if len(constant) > 3 else literals.NOWHERE


def cast(value: Form, target: str, names: Names) -> Form:
    """Casts of constants only say the type; casts of arrays of constants say the elements'."""
    if value == ["null"]:
        return value
    if value[0] == "const":
        return _typed(value, target, names)
    if value[0] == "array" and target.endswith("[]") and is_constant(value):
        return ["array", *(cast(element, _element(element, target), names) for element in value[1:])]
    return ["cast", target, value]


def _element(element: Form, array: str) -> str:
    """The type of an array's elements; an array inside an array has the type of the whole."""
    return array if element[0] == "array" else array.removesuffix("[]")


def is_constant(canonical: Form) -> bool:
    return canonical[0] in {"const", "null"} or (canonical[0] == "array" and all(map(is_constant, canonical[1:])))


def _typed(constant: Form, target: str, names: Names) -> Form:
    _, value, known, *session = constant
    if target.endswith("[]"):
        element_type = target.removesuffix("[]")
        elements = arrays.elements(value, arrays.delimiter(element_type))
        if elements is None:
            return ["const", value, target, *session]
        return _array(elements, element_type, session, names)
    plain = literals.plain(target)
    if plain in literals.OBJECT_NAMES:
        return ["const", _object_name(value, plain, names), plain]
    # A constant keeps the first type it was given; what follows are steps to another one.
    family = _family(plain)
    if known not in {"", family}:
        return constant
    found = literals.read(value, _as_read(plain, target), session_of(constant))
    return ["const", value, family, *session] if found is None else ["const", found, family]


def _as_read(plain: str, target: str) -> str:
    """An interval is read by the fields and the precision of its type as well."""
    return target if plain == "interval" else plain


def _family(plain: str) -> str:
    """Numbers are one family, but for those that hold fewer digits than are written."""
    return "number" if plain in literals.NUMBERS - literals.ROUNDED else plain


def _array(elements: list[Any], element_type: str, session: list[Any], names: Names) -> Form:
    forms: Form = ["array"]
    for element in elements:
        if isinstance(element, list):
            forms.append(_array(element, element_type, session, names))
        else:
            forms.append(["null"] if element is None else _typed(["const", element, "", *session], element_type, names))
    return forms


def _object_name(value: str, plain: str, names: Names) -> str:
    if plain in {"regtype", "regprocedure"}:
        return _signature(value, names)
    name = literals.identifiers(value)
    if name is None:
        return value
    if len(name) > 1 and name[0] == "pg_catalog":
        name = name[1:]
    return spelled(_resolved(name, plain, names))


def _resolved(name: Name, plain: str, names: Names) -> Name:
    if plain == "regclass":
        return names.relation(name)
    return names.function(name) if plain == "regproc" else name


def _signature(value: str, names: Names) -> str:
    """A type, or a function with the types it takes, as the server spells them."""
    try:
        if "(" in value and value.rstrip().endswith(")"):
            (statement,) = parse(f"ALTER FUNCTION {value} STABLE")
            function = statement.node["func"]
            types = (type_of(each["TypeName"], names, modified=False) for each in function.get("objargs", ()))
            return f"{spelled(names.function(words(function['objname'])))}({','.join(types)})"
        (statement,) = parse(f"SELECT NULL::{value}")
        return type_of(statement.node["targetList"][0]["ResTarget"]["val"]["TypeCast"]["typeName"], names)
    except (ParseError, ValueError, LookupError):
        return value


def typed(canonical: Form, target: str, names: Names) -> Form:
    """The form of a value that is stored as *target*: what an untyped constant means is settled by that."""
    return _counted(cast(canonical, target, names)) if is_constant(canonical) else canonical


def _counted(canonical: Form) -> Form:
    """With every kind of number called one, where the column says which it is."""
    if canonical[0] == "array":
        return ["array", *map(_counted, canonical[1:])]
    is_number = canonical[0] == "const" and canonical[2] in literals.NUMBERS
    return [*canonical[:2], "number", *canonical[3:]] if is_number else canonical
