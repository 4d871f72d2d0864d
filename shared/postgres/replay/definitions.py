"""Options of a definition, as of CREATE OPERATOR: the grammar takes any name with any value (commands/define.c)."""

from collections.abc import Iterable

from ..parse import Tree
from .catalog import UnknownError
from .names import words
from .records import TypeRef
from .state import State


class Given(dict[str, Tree]):
    """What each option is set to, by its name in lower case. Raises UnknownError for one that is not given."""

    def __missing__(self, option: str) -> Tree:
        raise UnknownError(f"the option {option} of its definition")


def given(elements: Iterable[Tree]) -> Given:
    return Given({each["DefElem"]["defname"].lower(): each["DefElem"].get("arg", {}) for each in elements})


def name_in(tree: Tree) -> tuple[str, ...]:
    """The name that an option has: in quotes, as of an operator, or as of a type. Raises UnknownError."""
    named = [tree] if "String" in tree else tree.get("List", {}).get("items") or tree.get("TypeName", {}).get("names")
    found = words(named or ())
    if not found:
        raise UnknownError("a name in its definition")
    return found


def type_in(state: State, tree: Tree | None) -> TypeRef | None:
    """The type that an option has, where it has one."""
    return state.names.type_ref(tree["TypeName"]) if tree and "TypeName" in tree else None
