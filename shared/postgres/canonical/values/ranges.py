"""Ranges and multiranges over any type that has a reader."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from ....model.session import Session
from . import calendar

Reader = Callable[[str, Session], str | None]
_WORD = r'(?:"(?:[^"\\]|\\.|"")*"|[^\s,"()\[\]{}\\]|\\.|\s)*'
_RANGE = re.compile(rf"\s*(?:(empty)|([\[(])({_WORD}),({_WORD})([\])]))\s*", re.IGNORECASE | re.DOTALL)
_DATE = re.compile(r"(\d+)-(\d\d)-(\d\d)( BC)?")

_Bound = tuple[str | None, bool]


def range_of(read: Reader, step: Callable[[str], str | None] | None = None) -> Reader:
    """The reader of ranges whose bounds *read* reads. With *step* they are counted, and kept as ``[lower,upper)``."""

    def normal(value: str, session: Session) -> str | None:
        found = _RANGE.fullmatch(value)
        bounds = None if found is None else _bounds(found, read, step, session)
        return None if bounds is None else _written(bounds)

    return normal


def multirange_of(read: Reader, step: Callable[[str], str | None] | None = None) -> Reader:
    """The reader of multiranges: sorted, and what touches is one."""

    def normal(value: str, session: Session) -> str | None:
        parts = _parts(value)
        if parts is None:
            return None
        found = []
        for part in parts:
            bounds = _bounds(part, read, step, session)
            if bounds is None:
                return None
            if bounds != ():
                found.append(bounds)
        try:
            return "{" + ",".join(_written(each) for each in _merged(found)) + "}"
        except ValueError:
            return None

    return normal


def _parts(value: str) -> list[re.Match[str]] | None:
    text = value.strip()
    if text[:1] != "{" or text[-1:] != "}":
        return None
    parts, at, end = [], 1, len(text) - 1
    while at < end and text[at:end].strip():
        found = _RANGE.match(text, at)
        if found is None:
            return None
        parts.append(found)
        at = found.end()
        if at < end and text[at] != ",":
            return None
        at += 1
    return parts


# Lower and upper: its words (None: endless), and whether it is within. Nothing at all: empty.
_Range = tuple[_Bound, ...]


def _bounds(
    found: re.Match[str], read: Reader, step: Callable[[str], str | None] | None, session: Session
) -> _Range | None:
    if found[1]:
        return ()
    words: list[str | None] = []
    for given in (found[3], found[4]):
        word = _unquoted(given)
        words.append(None if word is None else read(word, session))
        if word is not None and words[-1] is None:
            return None
    lower, upper = (words[0], found[2] == "["), (words[1], found[5] == "]")
    if step is not None:
        if lower[0] is not None and not lower[1]:
            lower = step(lower[0]), True
        if upper[0] is not None and upper[1]:
            upper = step(upper[0]), False
        if (lower[0] is None) != (words[0] is None) or (upper[0] is None) != (words[1] is None):
            return None
    lower, upper = (lower[0], lower[1] and lower[0] is not None), (upper[0], upper[1] and upper[0] is not None)
    is_empty = lower[0] is not None and lower[0] == upper[0] and not (lower[1] and upper[1])
    return () if is_empty else (lower, upper)


def _unquoted(word: str) -> str | None:
    """None for an endless bound. Blanks outside of quotes belong to the word, but readers heed none."""
    if not word.strip():
        return None
    return re.sub(
        r'"((?:[^"\\]|\\.|"")*)"|\\(.)',
        lambda found: found[2] if found[1] is None else re.sub(r"\\(.)", r"\1", found[1].replace('""', '"')),
        word,
        flags=re.DOTALL,
    )


def _written(bounds: _Range) -> str:
    if bounds == ():
        return "empty"
    (lower, starts_within), (upper, ends_within) = bounds
    return f"{'[' if starts_within else '('}{_quoted(lower)},{_quoted(upper)}{']' if ends_within else ')'}"


def _quoted(word: str | None) -> str:
    return "" if word is None else f'"{word}"' if re.search(r'[\s,"()\[\]{}\\]', word) else word


def _merged(ranges: list[_Range]) -> Iterator[_Range]:
    """In order, those that touch or overlap as one. Raises ValueError where the order is not known."""
    last: _Range = ()
    for each in sorted((each for each in ranges if each != ()), key=lambda bounds: _lower_key(bounds[0])):
        if last == ():
            last = each
        elif _touches(last[1], each[0]):
            last = last[0], max(last[1], each[1], key=_upper_key)
        else:
            yield last
            last = each
    if last != ():
        yield last


def _touches(upper: _Bound, lower: _Bound) -> bool:
    if upper[0] is None or lower[0] is None:
        return True
    one, other = _order(upper[0]), _order(lower[0])
    return one > other or (one == other and (upper[1] or lower[1]))


def _lower_key(bound: _Bound) -> tuple[int, Decimal, bool]:
    return (0, Decimal(0), False) if bound[0] is None else (1, _order(bound[0]), not bound[1])


def _upper_key(bound: _Bound) -> tuple[int, Decimal, bool]:
    return (1, Decimal(0), False) if bound[0] is None else (0, _order(bound[0]), bound[1])


def _order(word: str) -> Decimal:
    """A number or a moment in ISO, as a number by which they are sorted."""
    if word.lower() in {"infinity", "-infinity"}:
        return Decimal(word)
    found = _DATE.match(word)
    if found is None:
        try:
            return Decimal(word)
        except ArithmeticError:
            raise ValueError(word) from None
    year = 1 - int(found[1]) if word.endswith("BC") else int(found[1])
    clock = re.search(r"(\d\d):(\d\d):(\d\d(?:\.\d+)?)", word)
    seconds = int(clock[1]) * 3600 + int(clock[2]) * 60 + Decimal(clock[3]) if clock else Decimal(0)
    return Decimal(calendar.days(year, int(found[2]), int(found[3]))) * 86400 + seconds


def next_number(value: str) -> str | None:
    return str(int(value) + 1) if value.lstrip("-").isdigit() else None


def next_day(value: str) -> str | None:
    if value in {"infinity", "-infinity"}:
        return value
    found = _DATE.fullmatch(value)
    if found is None:
        return None
    year = 1 - int(found[1]) if found[4] else int(found[1])
    year, month, day = calendar.civil(calendar.days(year, int(found[2]), int(found[3])) + 1)
    return f"{year:04}-{month:02}-{day:02}" if year > 0 else f"{1 - year:04}-{month:02}-{day:02} BC"
