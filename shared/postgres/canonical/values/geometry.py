"""Points and what is made of them (geo_ops.c)."""

import re
from collections.abc import Callable

from .scalars import double

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
TYPES = ("point", "lseg", "box", "path", "polygon", "circle", "line")
_SKELETON = {
    "point": ("(n,n)", "n,n"),
    "lseg": ("[(n,n),(n,n)]", "((n,n),(n,n))", "(n,n),(n,n)", "n,n,n,n"),
    "box": ("((n,n),(n,n))", "(n,n),(n,n)", "n,n,n,n"),
    "circle": ("<(n,n),n>", "((n,n),n)", "(n,n),n", "n,n,n"),
    "line": ("{n,n,n}",),
}
_CORNERS = re.compile(r"(\[|\()?(\(n,n\)(,\(n,n\))*|n,n(,n,n)*)(\]|\))?")


def geometric(type_name: str) -> Callable[[str], str | None]:
    """The reader of a geometric type."""

    def read(value: str) -> str | None:
        compact = "".join(value.split())
        numbers = [double(each) for each in _NUMBER.findall(compact)]
        skeleton = _NUMBER.sub("n", compact)
        if None in numbers:
            return None
        if type_name in {"path", "polygon"}:
            return _outline(type_name, skeleton, [each for each in numbers if each is not None])
        if skeleton not in _SKELETON[type_name]:
            return None
        return _WRITERS[type_name]([each for each in numbers if each is not None])

    return read


def _points(numbers: list[str]) -> str:
    return ",".join(f"({x},{y})" for x, y in zip(numbers[::2], numbers[1::2], strict=True))


def _outline(type_name: str, skeleton: str, numbers: list[str]) -> str | None:
    if not _CORNERS.fullmatch(skeleton) or (skeleton[0] == "[") != (skeleton[-1] == "]"):
        return None
    is_open = skeleton[0] == "["
    if is_open and type_name == "polygon":
        return None
    return f"[{_points(numbers)}]" if is_open else f"({_points(numbers)})"


def _box(numbers: list[str]) -> str:
    """The upper right corner first."""
    low_x, high_x = sorted((numbers[0], numbers[2]), key=float)
    low_y, high_y = sorted((numbers[1], numbers[3]), key=float)
    return _points([high_x, high_y, low_x, low_y])


_WRITERS: dict[str, Callable[[list[str]], str]] = {
    "point": _points,
    "lseg": lambda numbers: f"[{_points(numbers)}]",
    "box": _box,
    "circle": lambda numbers: f"<{_points(numbers[:2])},{numbers[2]}>",
    "line": lambda numbers: f"{{{','.join(numbers)}}}",
}
