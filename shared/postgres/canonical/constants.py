"""Constants in canonical form, and what casts make of them (parse_coerce.c)."""

from typing import Any

from shared.postgres.canonical import arrays, literals
from shared.postgres.canonical.names import Name, Names, spelled

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
    return ["const", node.get("sval", {}).get("sval", ""), ""]


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
    _, value, known = constant
    if target.endswith("[]"):
        elements = arrays.elements(value)
        if elements is None:
            return ["const", value, target]
        return _array(elements, target.removesuffix("[]"), names)
    plain = literals.plain(target)
    if plain in literals.OBJECT_NAMES:
        return ["const", _object_name(value, plain, names), plain]
    if plain == "interval" and target != plain and value.lstrip("-").isdigit():
        value = f"{value} {target.rsplit(maxsplit=1)[-1]}"  # interval '1' day
    # A constant keeps the first type it was given; what follows are steps to another one.
    return ["const", literals.normal(value, plain), known or _family(plain)]


def _family(plain: str) -> str:
    return "number" if plain in literals.NUMBERS else plain


def _array(elements: list[Any], element_type: str, names: Names) -> Form:
    forms: Form = ["array"]
    for element in elements:
        if isinstance(element, list):
            forms.append(_array(element, element_type, names))
        else:
            forms.append(["null"] if element is None else _typed(["const", element, ""], element_type, names))
    return forms


def _object_name(value: str, plain: str, names: Names) -> str:
    name = literals.identifiers(value)
    if name is None:
        return value
    if len(name) > 1 and name[0] == "pg_catalog":
        name = name[1:]
    return spelled(_resolved(name, plain, names))


def _resolved(name: Name, plain: str, names: Names) -> Name:
    if plain == "regclass":
        return names.relation(name)
    if plain == "regtype":
        return names.type(name)
    return names.function(name) if plain in {"regproc", "regprocedure"} else name


def typed(canonical: Form, target: str, names: Names) -> Form:
    """The form of a value that is stored as *target*: what an untyped constant means is settled by that."""
    return cast(canonical, target, names) if is_constant(canonical) else canonical
