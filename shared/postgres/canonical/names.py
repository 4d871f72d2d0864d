"""Names: as stored in trees, as spelt for people, and whose they are."""

import re
from collections.abc import Iterable
from typing import Any, Protocol

Name = tuple[str, ...]

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")


class Names(Protocol):
    """What a bare name means: ``("public", "status")`` if known, else the name as it was given.

    ``pg_catalog`` never comes here, it is cut off before. A bare name in an answer means "the server's own, or an
    extension's": such a name agrees with a qualified one of the same last word.
    """

    def type(self, name: Name) -> Name: ...

    def function(self, name: Name) -> Name: ...

    def relation(self, name: Name) -> Name: ...


class AsWritten:
    """Names of the catalog, which qualifies all but its own while search_path is pg_catalog."""

    def type(self, name: Name) -> Name:
        return name

    def function(self, name: Name) -> Name:
        return name

    def relation(self, name: Name) -> Name:
        return name


def words(strings: list[dict[str, Any]]) -> Name:
    """The name in a list of String nodes, without ``pg_catalog``."""
    name = tuple(node.get("String", {"sval": "*"}).get("sval", "") for node in strings)
    return name[1:] if len(name) > 1 and name[0] == "pg_catalog" else name


def quoted(word: str) -> str:
    """*word* as an identifier. Keywords are left bare: this is for reading and comparing; see ``sql_name`` for SQL."""
    return word if _PLAIN.fullmatch(word) else delimited(word)


def delimited(word: str) -> str:
    """*word* as an identifier in quotes, whether it needs them or not."""
    return '"' + word.replace('"', '""') + '"'


def spelled(name: Name) -> str:
    return ".".join(map(quoted, name))


def operator_name(name: Name) -> str:
    """``app.===``: a symbol is never quoted."""
    return ".".join([*map(quoted, name[:-1]), name[-1]])


def spelled_unless_system(name: Iterable[str]) -> str:
    """Spell *name* without the schema of what PostgreSQL has by itself."""
    return spelled(tuple(each for each in name if each != "pg_catalog"))


def names_agree(expected: str, actual: str) -> bool:
    """Spelt names of types, functions, collations: a bare one of the release agrees with a qualified one."""
    return expected == actual or actual.endswith(f".{expected}")
