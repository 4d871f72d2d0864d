"""Do the release's expression and the server's mean the same? Allows for what only one of the two sides can know.

- The server adds casts that nobody wrote, and drops those that do nothing: of two chains of casts over the same value,
  one may lack some of the other's. Two casts to different types differ.
- A bare name of the release that its migrations do not make is an extension's or the platform's: in whatever schema.
- The release's untyped ``'t'`` has the type that the server says.
- A column may be written with its table or without.
- A constant may be read in more than one way, or in one that is not known here: of that nothing is concluded.
"""

from typing import Any

from ...model.schema import Expression
from ...model.value import dataclass
from .comparing import Server, elements_of, same_constant
from .expressions import DEEP, Form, read
from .names import names_agree

_CONSTANT = frozenset({"const", "array"})
# Their second word is a name: of a function, an operator, a table, a type.
_NAMED = frozenset({"call", "op", "any", "all", "relation", "type"})
_ANYWHERE = Server()


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether two expressions agree as far as is known, and what is unknown: constants, or all of it."""

    agrees: bool
    unsure: tuple[str, ...] = ()


def agreement(expected: Expression | None, actual: Expression | None, server: Server = _ANYWHERE) -> Agreement:
    """Say whether *actual* (the server's) is what *expected* (the release's) becomes on *server*."""
    if expected is None or actual is None:
        return Agreement(expected is actual)
    if expected.meaning == actual.meaning:
        return Agreement(agrees=True)
    ours, theirs = read(expected.meaning), read(actual.meaning)
    if DEEP in (ours, theirs):
        return Agreement(agrees=True, unsure=("an expression nested too deeply to be followed",))
    forms = _Forms(server)
    return Agreement(forms.agree(ours, theirs), tuple(dict.fromkeys(forms.unsure)))


def agree(expected: Expression | None, actual: Expression | None, server: Server = _ANYWHERE) -> bool:
    """As ``agreement``; what is unknown is no difference."""
    return agreement(expected, actual, server).agrees


class _Forms:
    def __init__(self, server: Server) -> None:
        self._server = server
        self.unsure: list[str] = []

    def agree(self, expected: Any, actual: Any) -> bool:
        if isinstance(expected, list) and isinstance(actual, list):
            return self._lists_agree(expected, actual)
        if isinstance(expected, dict) and isinstance(actual, dict):
            if "output" not in expected and _is_usual_output(actual.get("output")):
                actual = {key: value for key, value in actual.items() if key != "output"}
            return expected.keys() == actual.keys() and all(self.agree(expected[key], actual[key]) for key in expected)
        return bool(expected == actual)

    def _lists_agree(self, expected: Form, actual: Form) -> bool:
        wanted, expected = _uncast(expected)
        found, actual = _uncast(actual)
        if not (_within(wanted, found) or _within(found, wanted)):
            return False
        head = _head(expected)
        if head in _CONSTANT and _head(actual) in _CONSTANT:
            return self._constants_agree(expected, actual)
        if head == "column" == _head(actual):
            return _columns_agree(expected, actual)
        if len(expected) != len(actual):
            return False
        named = head in _NAMED and head == _head(actual)
        if named and not names_agree(expected[1], actual[1]):
            return False
        skipped = 2 if named else 0
        return all(map(self.agree, expected[skipped:], actual[skipped:]))

    def _constants_agree(self, expected: Form, actual: Form) -> bool:
        if expected[0] == actual[0] == "array":
            return len(expected) == len(actual) and all(map(self.agree, expected[1:], actual[1:]))
        if expected[0] == "array" or actual[0] == "array":
            return self._array_agrees(expected, actual)
        same = same_constant(expected, actual, self._server)
        if same is None:
            self.unsure.append(f"'{expected[1]}' may be '{actual[1]}'")
        return same is not False

    def _array_agrees(self, expected: Form, actual: Form) -> bool:
        """One of the two is the text of an array, whose elements' type only the other one shows."""
        array, constant = (expected, actual) if expected[0] == "array" else (actual, expected)
        elements = elements_of(constant, _element_type(array))
        if elements is None:
            return False
        session = constant[3:]
        return self._elements_agree(elements, array[1:], session, ours=constant is expected)

    def _elements_agree(self, elements: list[Any], array: list[Form], session: list[Any], *, ours: bool) -> bool:
        if len(elements) != len(array):
            return False
        for element, form in zip(elements, array, strict=True):
            if isinstance(element, list):
                agrees = form[0] == "array" and self._elements_agree(element, form[1:], session, ours=ours)
            elif element is None or form == ["null"]:
                agrees = element is None and form == ["null"]
            else:
                constant = ["const", element, "", *session]
                agrees = self.agree(constant, form) if ours else self.agree(form, constant)
            if not agrees:
                return False
        return True


def _is_usual_output(output: Any) -> bool:
    """RETURNING, which the server writes for JSON functions although nobody did."""
    return isinstance(output, dict) and output.get("typeName") in {"json", "jsonb", "text"}


def _element_type(array: Form) -> str:
    first: Form = array[1] if len(array) > 1 else ["null"]
    return _element_type(first) if first[0] == "array" else str(first[2]) if first[0] == "const" else ""


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
