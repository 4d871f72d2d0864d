"""`dataclass`, as the standard library has it, for classes with slots; what differs is when its methods are written.

The library writes and compiles six methods of each class as a module is imported: half a millisecond a class, and a
check imports a hundred and fifty of them, and never makes most of them. That was a fifth of its time from start to
exit. Here the fields are the library's own, so that `fields`, `replace` and pattern matching know these classes.
``__init__`` is written when the first value is made; the rest needs no writing. `replace` is the library's, too; it
knows the fields of a class after the first time, and takes a third of the time.

Every value can be copied and pickled, a read-only mapping in one of its fields too.
"""

import copyreg
import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, fields
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

__all__ = ["compared_fields", "dataclass", "replace"]

T = TypeVar("T")


def _dataclass(*, slots: bool, frozen: bool = False, eq: bool = True, kw_only: bool = False) -> Callable[[type], type]:
    def made(cls: type) -> type:
        # The library would spell out the signature of a class without one, which takes as long as all the rest.
        cls.__doc__ = cls.__doc__ or cls.__name__
        value: type = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(cls)
        _set(value, __init__=_init_at_first(value), __repr__=_repr)
        if eq:
            _set(value, **_comparison(value, hashed=frozen))
        if frozen:
            _set(value, __setattr__=_refuse_to_set, __delattr__=_refuse_to_delete, __setstate__=_restore)
        return value

    return made


# The function that copies a value of each class, written when the first one is copied.
_COPIES: dict[type, Callable[..., Any]] = {}


def _replace(value: Any, /, **changes: Any) -> Any:
    """Give *value* with *changes*, made and checked like any other of its class."""
    copied = _COPIES.get(type(value))
    if copied is None:
        copied = _COPIES[type(value)] = _written_copy(type(value))
    return copied(value, **changes)


_COMPARED: dict[type, tuple[str, ...]] = {}


def compared_fields(cls: type) -> tuple[str, ...]:
    """The names of the fields by which values of *cls* are compared."""
    found = _COMPARED.get(cls)
    if found is None:
        found = _COMPARED[cls] = tuple(each.name for each in fields(cls) if each.compare)
    return found


if TYPE_CHECKING:
    from dataclasses import dataclass, replace
else:
    dataclass, replace = _dataclass, _replace


def _set(cls: type, **methods: Any) -> None:
    """Add *methods*, but for those that the class has in its own words."""
    for name, method in methods.items():
        if name not in cls.__dict__:
            setattr(cls, name, method)


def _init_at_first(cls: Any) -> Callable[..., None]:
    def __init__(self: object, *given: Any, **named: Any) -> None:  # noqa: N807  # it becomes that of a class
        cls.__init__ = _written_init(cls)
        cls.__init__(self, *given, **named)

    return __init__


def _written_init(cls: Any) -> Any:
    """Write ``__init__``. It fills each slot by the slot's own function: no name is looked up, nothing refuses."""
    known: dict[str, Any] = {"_unset": MISSING}
    positional, named, body = ["self"], list[str](), list[str]()
    for each in fields(cls):
        known[f"_set_{each.name}"] = getattr(cls, each.name).__set__
        if each.init:
            (named if each.kw_only else positional).append(_parameter(each, known))
            body.append(f"_set_{each.name}(self, {_value(each, known)})")
        elif (made := _made(each, known)) is not None:
            body.append(f"_set_{each.name}(self, {made})")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    parameters = ", ".join([*positional, *(["*", *named] if named else [])])
    lines = "\n    ".join(body or ["pass"])
    # Nothing in this text comes from outside: the names of fields are our own source's.
    exec(f"def __init__({parameters}):\n    {lines}\n", known)  # noqa: S102  # as the standard library does
    written = known["__init__"]
    written.__qualname__ = f"{cls.__qualname__}.__init__"
    return written


def _written_copy(cls: Any) -> Callable[..., Any]:
    known: dict[str, Any] = {"_unset": MISSING, "_new": cls}
    given = [each for each in fields(cls) if each.init]
    parameters = "".join(f", {each.name}=_unset" for each in given)
    kept = ", ".join(
        f"{f'{each.name}=' if each.kw_only else ''}_self.{each.name} if {each.name} is _unset else {each.name}"
        for each in sorted(given, key=lambda each: bool(each.kw_only))  # as ``__init__`` has them
    )
    exec(f"def replace(_self, /{parameters and ', *' + parameters}):\n    return _new({kept})\n", known)  # noqa: S102  # as above
    copied: Callable[..., Any] = known["replace"]
    return copied


def _parameter(each: "Field[Any]", known: dict[str, Any]) -> str:
    if each.default_factory is not MISSING:
        return f"{each.name}=_unset"
    made = _made(each, known)
    return each.name if made is None else f"{each.name}={made}"


def _value(each: "Field[Any]", known: dict[str, Any]) -> str:
    if each.default_factory is MISSING:
        return each.name
    return f"{_made(each, known)} if {each.name} is _unset else {each.name}"


def _made(each: "Field[Any]", known: dict[str, Any]) -> str | None:
    """Give the words for what a field holds that nobody gave; None where it holds nothing then."""
    if each.default_factory is not MISSING:
        known[f"_make_{each.name}"] = each.default_factory
        return f"_make_{each.name}()"
    if each.default is MISSING:
        return None
    known[f"_default_{each.name}"] = each.default
    return f"_default_{each.name}"


def _comparison(cls: Any, *, hashed: bool) -> dict[str, Any]:
    compared = compared_fields(cls)
    values: Callable[[object], Any] = attrgetter(*compared) if compared else lambda _: ()

    def __eq__(self: object, other: object) -> bool:  # noqa: N807  # it becomes that of a class
        if other.__class__ is not self.__class__:
            return NotImplemented
        return self is other or bool(values(self) == values(other))

    def __hash__(self: object) -> int:  # noqa: N807  # as above
        return hash(values(self))

    return {"__eq__": __eq__, "__hash__": __hash__ if hashed else None}


def _repr(self: Any) -> str:
    shown = ", ".join(f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{type(self).__qualname__}({shown})"


def _refuse_to_set(_: object, name: str, __: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_: object, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _restore(self: object, state: tuple[None, dict[str, Any]]) -> None:
    """Fill the slots of a copy (``copy``, ``pickle``): the library's own way is to set attributes, which is refused."""
    for name, value in state[1].items():
        object.__setattr__(self, name, value)


def _read_only(mapping: dict[Any, Any]) -> "MappingProxyType[Any, Any]":
    """Give back what was pickled: the type itself cannot be named in a pickle."""
    return MappingProxyType(mapping)


def _reduce_mapping(mapping: "MappingProxyType[Any, Any]") -> tuple[Any, ...]:
    return _read_only, (dict(mapping),)


# The library has no rule for these.
copyreg.pickle(MappingProxyType, _reduce_mapping)
