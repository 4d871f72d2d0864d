"""Do the release's expression and the server's mean the same? Allows for what only one of the two sides can know.

- The server adds casts that nobody wrote, and drops those that do nothing: of two chains of casts over the same value,
  one may lack some of the other's. Two casts to different types differ.
- A bare name of the release that its migrations do not make is an extension's or the platform's: in whatever schema.
- The release's untyped ``'t'`` has the type that the server says.
- A column may be written with its table or without.
"""

from typing import Any

from shared.model.schema import Expression
from shared.postgres.canonical import arrays, literals
from shared.postgres.canonical.expressions import DEEP, Form, read

_CONSTANT = frozenset({"const", "array"})
# Their second word is a name: of a function, an operator, a table, a type.
_NAMED = frozenset({"call", "op", "any", "all", "relation", "type"})


def agree(expected: Expression | None, actual: Expression | None) -> bool:
    """Say whether *actual* (the server's) is what *expected* (the release's) becomes on a server."""
    if expected is None or actual is None:
        return expected is actual
    if expected.meaning == actual.meaning:
        return True
    ours, theirs = read(expected.meaning), read(actual.meaning)
    return DEEP in (ours, theirs) or _agree(ours, theirs)


def names_agree(expected: str, actual: str) -> bool:
    """Spelt names of types, functions, collations: a bare one of the release agrees with a qualified one."""
    return expected == actual or actual.endswith(f".{expected}")


def _agree(expected: Any, actual: Any) -> bool:
    if isinstance(expected, list) and isinstance(actual, list):
        return _forms_agree(expected, actual)
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(_agree(expected[key], actual[key]) for key in expected)
    return bool(expected == actual)


def _forms_agree(expected: Form, actual: Form) -> bool:
    wanted, expected = _uncast(expected)
    found, actual = _uncast(actual)
    if not (_within(wanted, found) or _within(found, wanted)):
        return False
    head = _head(expected)
    if head in _CONSTANT and _head(actual) in _CONSTANT:
        return _constants_agree(expected, actual)
    if head == "column" == _head(actual):
        return _columns_agree(expected, actual)
    if len(expected) != len(actual):
        return False
    named = head in _NAMED and head == _head(actual)
    if named and not names_agree(expected[1], actual[1]):
        return False
    skipped = 2 if named else 0
    return all(map(_agree, expected[skipped:], actual[skipped:]))


def _columns_agree(expected: Form, actual: Form) -> bool:
    if actual[-1] == "*" != expected[-1]:  # row_to_json(t) comes back as row_to_json(t.*)
        return bool(expected[-1] == actual[-2])
    return bool(expected[-1] == actual[-1]) and (len(expected) != len(actual) or expected == actual)


def _head(canonical: Form) -> str:
    return canonical[0] if canonical and isinstance(canonical[0], str) else ""


def _uncast(canonical: Form) -> tuple[list[str], Form]:
    """The types a value is cast to, outermost first, and the value."""
    types = []
    while canonical and canonical[0] == "cast":
        _, target, canonical = canonical
        types.append(target)
    return types, canonical


def _within(some: list[str], more: list[str]) -> bool:
    """Say whether *some* is *more* with some left out."""
    rest = iter(more)
    return all(any(names_agree(one, other) or names_agree(other, one) for other in rest) for one in some)


def _constants_agree(expected: Form, actual: Form) -> bool:
    if expected[0] == actual[0] == "array":
        return len(expected) == len(actual) and all(map(_agree, expected[1:], actual[1:]))
    if expected[0] == "array" or actual[0] == "array":
        constant, array = (actual, expected) if expected[0] == "array" else (expected, actual)
        elements = arrays.elements(constant[1])
        return elements is not None and _elements_agree(elements, array[1:])
    one, other = (literals.plain(form[2]) for form in (expected, actual))
    if expected[1] == actual[1]:
        return True
    if "regclass" in {one, other}:
        return names_agree(expected[1], actual[1])
    if literals.is_moment(other) and expected[1].strip().lower() in literals.MOMENTS:
        return True
    return any(
        literals.normal(expected[1], known) == literals.normal(actual[1], known)
        for known in (other, one)
        if known and (not one or not other or one == other or "number" in {one, other})
    )


def _elements_agree(elements: list[Any], array: list[Form]) -> bool:
    return len(elements) == len(array) and all(
        _elements_agree(element, form[1:])
        if isinstance(element, list)
        else form == ["null"]
        if element is None
        else _agree(["const", element, ""], form)
        for element, form in zip(elements, array, strict=True)
    )
