"""The secrets that any shape of the settings holds, wherever in it they stand."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

from .setting_types import Secret
from .value import replace

T = TypeVar("T")


def secrets_in(shape: object) -> Iterator[Secret]:
    """Give every secret within *shape*: a dataclass of the settings, a tuple or a mapping of such."""
    if isinstance(shape, Secret):
        yield shape
    else:
        for inner in _parts(shape).values():
            yield from secrets_in(inner)


def with_secrets_as(shape: T, exchanged: Callable[[Secret], Secret]) -> T:
    """Give *shape* with each secret exchanged; what holds none that changes is the same object as before.

    A shape that is built again asks its own rules again: a secret that breaks one ends in their ValueError.
    """
    if isinstance(shape, Secret):
        return exchanged(shape)  # type: ignore[return-value]  # T is Secret
    before = _parts(shape)
    after = {key: with_secrets_as(inner, exchanged) for key, inner in before.items()}
    changed = {key: inner for key, inner in after.items() if inner is not before[key]}
    if not changed:
        return shape
    if isinstance(shape, tuple):
        return tuple(after.values())  # type: ignore[return-value]  # T is a tuple
    if isinstance(shape, Mapping):
        return after  # type: ignore[return-value]  # T is a mapping
    return replace(shape, **changed)  # type: ignore[type-var]  # what is left is a dataclass


def _parts(shape: object) -> dict[Any, Any]:
    if isinstance(shape, tuple):
        return dict(enumerate(shape))
    if isinstance(shape, Mapping):
        return dict(shape)
    if is_dataclass(shape) and not isinstance(shape, type):
        return {field.name: getattr(shape, field.name) for field in fields(shape)}
    return {}
