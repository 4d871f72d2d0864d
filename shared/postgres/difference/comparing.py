"""Which attributes of one object differ. Only here is decided what counts as the same."""

from dataclasses import is_dataclass
from typing import Any

from ...model.schema import Definition, Expression, Kind, Schema
from ...model.value import compared_fields, dataclass
from ..canonical import Server, agreement, names_agree, spelled

# Spelt names: a bare one of the release is an extension's or the platform's, in whatever schema.
_NAMES = frozenset(
    {"type", "collation", "function", "operator_class", "arguments", "result", "state_type", "moving_type", "subtype",
     "canonical", "subtype_diff", "commutator", "negator", "restrict", "join",
     "family", "left", "right", "member", "sort_family",
     "start", "token", "end", "types", "headline", "init", "lexize", "template", "parser", "dictionaries"}
)  # fmt: skip
# One side may have no form of it, or may not say it: then there is nothing to compare.
_SILENT_IF_NONE = frozenset(
    {"body", "version", "schema", "toast_parameters", "provider", "locale", "multirange", "operators", "functions",
     "arguments"}
)  # fmt: skip


_ANYWHERE = Server()


@dataclass(frozen=True, slots=True)
class Comparing:
    """In which attributes one object differs, and which are unknown, with the reason."""

    differs: tuple[str, ...] = ()
    unsure: tuple[tuple[str, str], ...] = ()


def server_of(actual: Schema) -> Server:
    """What *actual*, a server's schema, says of how that server reads constants."""
    enums = (spelled(subject.name) for subject in actual.objects if subject.kind is Kind.ENUM)
    return Server(actual.sessions, frozenset(enums))


def compared(expected: Definition, actual: Definition, server: Server = _ANYWHERE) -> Comparing:
    """In what *actual* is not what *expected* becomes on *server*; ``kind`` if all is else."""
    if type(expected) is not type(actual):
        return Comparing(("kind",))
    if expected == actual:
        return Comparing()
    differs, unsure = [], []
    attributes = _Attributes(server)
    for name in compared_fields(type(expected)):
        one, other = getattr(expected, name), getattr(actual, name)
        if one == other:
            continue
        attributes.unsure.clear()
        if not attributes.same(name, one, other):
            differs.append(name)
        elif attributes.unsure:
            unsure.append((name, "; ".join(attributes.unsure)))
    return Comparing(tuple(differs), tuple(unsure))


def differing(expected: Definition, actual: Definition, server: Server = _ANYWHERE) -> tuple[str, ...]:
    """Names of the attributes in which *actual* is not what *expected* becomes on *server*."""
    return compared(expected, actual, server).differs


class _Attributes:
    def __init__(self, server: Server) -> None:
        self._server = server
        self.unsure: list[str] = []

    def same(self, name: str, expected: Any, actual: Any) -> bool:
        if expected == actual:
            return True
        if expected is None or actual is None:
            return name in _SILENT_IF_NONE
        if isinstance(expected, str):
            as_names = signatures_agree if name in {"arguments", "result"} else names_agree
            return name in _NAMES and as_names(expected, actual)
        if isinstance(expected, Expression):
            found = agreement(expected, actual, self._server)
            self.unsure.extend(found.unsure)
            return found.agrees
        if isinstance(expected, tuple):
            pairs = zip(expected, actual, strict=False)
            return len(expected) == len(actual) and all(self.same(name, one, other) for one, other in pairs)
        return is_dataclass(expected) and type(expected) is type(actual) and self._all_same(expected, actual)

    def _all_same(self, expected: Any, actual: Any) -> bool:
        return all(
            self.same(name, getattr(expected, name), getattr(actual, name)) for name in compared_fields(type(expected))
        )


def signatures_agree(expected: str, actual: str) -> bool:
    """``f(citext, integer)`` and ``f(public.citext, integer)``: word by word."""
    ours, theirs = _words(expected), _words(actual)
    return len(ours) == len(theirs) and all(map(names_agree, ours, theirs))


def _words(signature: str) -> list[str]:
    for mark in "(),":
        signature = signature.replace(mark, f" {mark} ")
    return signature.split()
