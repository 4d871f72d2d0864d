"""Signatures of operators, and of routines as the server has them (pg_get_function_identity_arguments, …_result)."""

from collections.abc import Iterable
from typing import Literal

from ...model.value import dataclass
from .names import quoted

_MODES = {"in": "", "out": "OUT ", "inout": "INOUT ", "variadic": "VARIADIC "}


@dataclass(frozen=True, slots=True)
class Argument:
    mode: Literal["in", "out", "inout", "variadic", "table"]
    name: str  # may be empty
    type: str

    @property
    def is_input(self) -> bool:
        return self.mode in {"in", "inout", "variadic"}

    def __str__(self) -> str:
        return f"{quoted(self.name)} {self.type}" if self.name else self.type


def routine_name(name: str, arguments: Iterable[Argument]) -> str:
    """A routine's last word, which distinguishes overloads: ``f(integer, text)``."""
    return f"{name}({', '.join(argument.type for argument in arguments if argument.is_input)})"


def operator_signature(symbol: str, left: str | None, right: str | None) -> str:
    """An operator's last word: ``===(integer, integer)``, ``!!(none, integer)``."""
    return f"{symbol}({left or 'none'}, {right or 'none'})"


def with_method(name: str, method: str) -> str:
    """An operator class's or family's last word: ``money_ops using btree``."""
    return f"{name} using {method}"


def split_method(last: str) -> tuple[str, str]:
    """The name and the index method of what `with_method` has made."""
    name, _, method = last.rpartition(" using ")
    return name, method


def routine_arguments(arguments: Iterable[Argument]) -> str:
    """``a integer, OUT b text``; the columns of RETURNS TABLE are part of the result."""
    return ", ".join(f"{_MODES[argument.mode]}{argument}" for argument in arguments if argument.mode != "table")


def routine_result(arguments: Iterable[Argument], returns: str, *, returns_set: bool) -> str:
    """``TABLE(id integer)``, ``SETOF app.users``, ``trigger``."""
    table = [str(argument) for argument in arguments if argument.mode == "table"]
    if table:
        return f"TABLE({', '.join(table)})"
    return f"SETOF {returns}" if returns_set else returns
