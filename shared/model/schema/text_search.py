"""What text search is made of: parsers, templates, dictionaries and configurations."""

from ..value import dataclass
from .definition import Definition


@dataclass(frozen=True, slots=True)
class SearchParser(Definition):
    """Functions, qualified and quoted as needed."""

    start: str
    token: str
    end: str
    types: str
    headline: str | None = None


@dataclass(frozen=True, slots=True)
class SearchTemplate(Definition):
    """Functions, as of a parser."""

    lexize: str
    init: str | None = None


@dataclass(frozen=True, slots=True)
class SearchDictionary(Definition):
    template: str  # qualified and quoted as needed
    options: tuple[str, ...] = ()  # sorted `name=value`


@dataclass(frozen=True, slots=True)
class TokenMapping:
    token: str
    dictionaries: tuple[str, ...]  # in the order in which they are asked; qualified and quoted as needed


@dataclass(frozen=True, slots=True)
class SearchConfiguration(Definition):
    parser: str  # qualified and quoted as needed
    mappings: tuple[TokenMapping, ...] = ()  # by token
