"""A table of cases in one test: what pytest does around a case of its own takes longer than the case."""

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def hold(asserts: Callable[[T], None], cases: Iterable[T], name: Callable[[T], object] = lambda case: case) -> None:
    """Have *asserts* called with every one of *cases*; a failure lists all that are wrong, each with its *name*."""
    wrong = []
    for case in cases:
        try:
            asserts(case)
        except AssertionError as error:
            wrong.append(f"{name(case)}\n{error}")
    assert not wrong, "\n\n".join(wrong)
