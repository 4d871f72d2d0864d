"""What init needs to know of ``schema.prisma``, from its text: tables by model, and how its URL is named. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping

from ..model.value import dataclass

_OPENING = re.compile(r"[ \t]*(model|datasource)[ \t]+(\w+)[ \t]*\{(.*)", re.DOTALL)
_CLOSING = re.compile(r"[ \t]*\}")
_MAP = re.compile(r'^[ \t]*@@map\(\s*(?:name:\s*)?"((?:[^"\\\n]|\\.)*)"', re.MULTILINE)
_SCHEMA = re.compile(r'^[ \t]*@@schema\(\s*(?:map:\s*)?"((?:[^"\\\n]|\\.)*)"', re.MULTILINE)
_PROVIDER = re.compile(r'^[ \t]*provider[ \t]*=[ \t]*"(\w+)"', re.MULTILINE)
_VARIABLE = r'^[ \t]*{key}[ \t]*=[ \t]*env\(\s*"([A-Za-z_]\w*)"\s*\)'


@dataclass(frozen=True, slots=True)
class PrismaSchema:
    """*tables* has each model's, ``name`` or ``schema.name``; *variables* may hold the URL, the direct one first."""

    tables: Mapping[str, str]
    provider: str | None = None
    variables: tuple[str, ...] = ()


def read_schema(files: Iterable[str]) -> PrismaSchema:
    """Read a schema of one file or of several."""
    tables: dict[str, str] = {}
    provider: str | None = None
    variables: list[str] = []
    for text in files:
        for kind, name, body in _blocks(text):
            if kind == "model":
                table, schema = _MAP.search(body), _SCHEMA.search(body)
                tables[name] = (f"{schema[1]}." if schema else "") + (table[1] if table else name)
            else:
                found = _PROVIDER.search(body)
                provider = provider or (found[1] if found else None)
                urls = (re.search(_VARIABLE.format(key=key), body, re.MULTILINE) for key in ("directUrl", "url"))
                variables += [url[1] for url in urls if url]
    return PrismaSchema(tables, provider, tuple(dict.fromkeys(variables)))


def _blocks(text: str) -> Iterator[tuple[str, str, str]]:
    """Give kind, name and text of each block that a line closes."""
    opened: tuple[str, str] | None = None
    body: list[str] = []
    for line in text.splitlines():
        if match := _OPENING.match(line):
            opened, body = (match[1], match[2]), [match[3]]
        elif opened is not None and _CLOSING.match(line):
            yield *opened, "\n".join(body)
            opened = None
        else:
            body.append(line)


def provider_of_lock_file(text: str) -> str | None:
    found = _PROVIDER.search(text)
    return found[1] if found else None
