"""Array constants: ``{a,"b c",NULL,{1,2}}``."""

import re
from typing import Any

# The bounds that every array has unless it is given others.
_BOUNDS = re.compile(r"((?:\[[+-]?\d+:[+-]?\d+\])+)=")
_USUAL_BOUNDS = re.compile(r"(?:\[1:\d+\])+=(?=\{)")


def delimiter(element_type: str) -> str:
    """The delimiter between elements (pg_type.typdelim)."""
    return ";" if element_type == "box" else ","


def bounds_and_elements(value: str) -> tuple[str, str]:
    """``[0:1]=`` and the rest, of an array constant with bounds of its own."""
    found = _BOUNDS.match(value.strip())
    return (found[1], value.strip()[found.end() :]) if found else ("", value)


def elements(value: str, delimiter: str = ",") -> list[Any] | None:
    """The elements of an array constant (nested lists, None for NULL); None if it has other bounds or is broken."""
    found = _Array(_USUAL_BOUNDS.sub("", value.strip(), count=1), delimiter).read()
    return found if isinstance(found, list) else None


class _Array:
    def __init__(self, text: str, delimiter: str) -> None:
        self._text = text
        self._delimiter = delimiter
        self._at = 0

    def read(self) -> list[Any] | None:
        try:
            elements = self._list() if self._text.startswith("{") else None
        except (IndexError, RecursionError):
            return None
        return elements if self._at == len(self._text) else None

    def _list(self) -> list[Any]:
        self._at += 1
        elements: list[Any] = []
        while True:
            self._blank()
            if self._text[self._at] == "}" and not elements:
                break
            elements.append(self._element())
            self._blank()
            if self._text[self._at] == "}":
                break
            if self._text[self._at] != self._delimiter:
                raise IndexError
            self._at += 1
        self._at += 1
        return elements

    def _blank(self) -> None:
        while self._text[self._at].isspace():
            self._at += 1

    def _element(self) -> Any:
        if self._text[self._at] == "{":
            return self._list()
        if self._text[self._at] == '"':
            self._at += 1
            return self._until('"', skip=1)
        word = self._until(f"{self._delimiter}}}", skip=0).rstrip()
        return None if word.upper() == "NULL" else word

    def _until(self, ends: str, skip: int) -> str:
        word = ""
        while self._text[self._at] not in ends:
            if self._text[self._at] == "\\":
                self._at += 1
            word += self._text[self._at]
            self._at += 1
        self._at += skip
        return word
