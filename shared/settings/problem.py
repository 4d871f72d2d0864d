"""Where in the file something is wrong, and how that place is called."""

import json
import re
from typing import NamedTuple

# The way from the top of the document: keys, and places in lists counted from 0.
Location = tuple[str | int, ...]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_KEY = 80


class Problem(NamedTuple):
    """A mistake that does not yet know its file and its line."""

    location: Location
    text: str


def spell(location: Location, document: object) -> str:
    """Write *location* in TOML's words, ``target.production.seed."app.users".exact``.

    A table of a list goes by what it calls itself in *document*, which is the file as written: a
    name out of the environment stays ``"env:NAME"``. One without a name goes by its place from one.
    """
    words: list[str] = []
    for step in location:
        document = inside(document, step)
        if isinstance(step, str):
            words.append(_quoted(step))
        elif name := _own_name(document):
            words.append(_quoted(name))
        else:
            words[-1] += f"[{step + 1}]"
    return ".".join(words)


def table_header(location: Location) -> str:
    """Write the header's dotted key of the table at *location*: ``target.seed``, whichever of them it is."""
    return ".".join(_quoted(step) for step in location if isinstance(step, str))


def inside(document: object, step: str | int) -> object:
    """Give what *document* holds at *step*, None if there is nothing."""
    if isinstance(document, dict):
        return document.get(step)
    if isinstance(document, list) and isinstance(step, int) and step < len(document):
        return document[step]
    return None


def _own_name(table: object) -> str | None:
    if not isinstance(table, dict):
        return None
    names = (table.get(key) for key in ("name", "table", "path"))
    return next((name for name in names if isinstance(name, str) and name), None)


def _quoted(key: str) -> str:
    if len(key) > _LONGEST_KEY:
        key = key[:_LONGEST_KEY] + "…"
    return key if _BARE_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=not key.isprintable())
