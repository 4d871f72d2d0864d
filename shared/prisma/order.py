"""The order in which Prisma runs migrations: JavaScript's ``localeCompare`` over folder names, since Prisma 6.6."""

import unicodedata
from functools import lru_cache
from operator import ne
from string import ascii_lowercase

# Unicode's root collation of ASCII (CLDR, non-ignorable): marks, then digits, then letters whatever their case.
_ASCII = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789"
_RANK = {character: rank for rank, character in enumerate(_ASCII, start=1)}
_LETTERS = len(_ASCII) + 1
_RANK |= {letter: _LETTERS + ord(letter) for letter in ascii_lowercase}

Key = tuple[tuple[int, ...], tuple[int, ...], tuple[bool, ...], str]


@lru_cache(maxsize=20_000)
def deploy_order(name: str) -> Key:
    """Sort key: base letters decide, then accents, then case (small before capital), each over the whole name.

    Exact for ASCII names. Beyond it letters compare by code point after decomposition, where real
    collation knows each script's own order; a timestamp prefix makes that difference moot.
    """
    if name.isascii() and name.isprintable():  # all that Prisma's own CLI makes; the same, without a check of each
        small = name.lower()
        return tuple(map(_RANK.__getitem__, small)), (0,) * len(name), tuple(map(ne, small, name)), name
    base: list[int] = []
    accents: list[int] = []
    capitals: list[bool] = []
    for character in unicodedata.normalize("NFD", name):
        if unicodedata.combining(character):
            accents.append(ord(character))
        elif unicodedata.category(character) != "Cc":  # control characters do not count
            small = character.lower()
            base.append(_RANK.get(small, _LETTERS + ord(small[0])))
            accents.append(0)
            capitals.append(small != character)
    return tuple(base), tuple(accents), tuple(capitals), name
