"""Which attributes of one object differ. Only here is decided what counts as the same."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from shared.model.schema import Definition, Expression
from shared.postgres.canonical import agree, names_agree

# Spelt names: a bare one of the release is an extension's or the platform's, in whatever schema.
_NAMES = frozenset({"type", "collation", "function", "operator_class", "arguments", "result"})
# One side may have no form of it, or may not say it: then there is nothing to compare.
_SILENT_IF_NONE = frozenset({"body", "version", "schema"})


def differing(expected: Definition, actual: Definition) -> tuple[str, ...]:
    """Names of the attributes in which *actual* is not what *expected* becomes on a server; ``kind`` if all is else."""
    if type(expected) is not type(actual):
        return ("kind",)
    if expected == actual:
        return ()
    return tuple(_differing(expected, actual))


def _differing(expected: Any, actual: Any) -> Iterator[str]:
    for field in fields(expected):
        if field.compare and not _same(field.name, getattr(expected, field.name), getattr(actual, field.name)):
            yield field.name


def _same(name: str, expected: Any, actual: Any) -> bool:
    if expected == actual:
        return True
    if expected is None or actual is None:
        return name in _SILENT_IF_NONE
    if isinstance(expected, str):
        as_names = signatures_agree if name in {"arguments", "result"} else names_agree
        return name in _NAMES and as_names(expected, actual)
    if isinstance(expected, Expression):
        return agree(expected, actual)
    if isinstance(expected, tuple):
        pairs = zip(expected, actual, strict=False)
        return len(expected) == len(actual) and all(_same(name, one, other) for one, other in pairs)
    return is_dataclass(expected) and type(expected) is type(actual) and not any(_differing(expected, actual))


def signatures_agree(expected: str, actual: str) -> bool:
    """``f(citext, integer)`` and ``f(public.citext, integer)``: word by word."""
    ours, theirs = _words(expected), _words(actual)
    return len(ours) == len(theirs) and all(map(names_agree, ours, theirs))


def _words(signature: str) -> list[str]:
    for mark in "(),":
        signature = signature.replace(mark, f" {mark} ")
    return signature.split()
