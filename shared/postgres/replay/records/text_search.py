"""What text search is made of. What is not known here is a name."""

from collections.abc import Iterable

from ....model.schema import Kind
from ....model.value import dataclass
from .base import InSchema, Key, Oid


@dataclass(frozen=True, slots=True)
class SearchObject(InSchema):
    def keys(self) -> tuple[Key, ...]:
        return ((SPACES[type(self)], self.schema, self.name),)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFunctions(SearchObject):
    """*functions* by what each is for: those of a parser or a template."""

    functions: tuple[tuple[str, Oid | str], ...]

    def held_by(self) -> Iterable[Oid]:
        yield self.schema
        yield from (each for _, each in self.functions if isinstance(each, int))


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchParser(SearchFunctions):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchTemplate(SearchFunctions):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchDictionary(SearchObject):
    template: Oid | str
    options: tuple[tuple[str, str], ...] = ()

    def held_by(self) -> Iterable[Oid]:
        yield self.schema
        yield from (self.template,) if isinstance(self.template, int) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchConfiguration(SearchObject):
    parser: Oid | str
    mappings: tuple[tuple[str, tuple[Oid | str, ...]], ...] = ()

    def held_by(self) -> Iterable[Oid]:
        yield self.schema
        used = (self.parser, *(each for _, dictionaries in self.mappings for each in dictionaries))
        yield from dict.fromkeys(each for each in used if isinstance(each, int))


# Each has a space of names of its own in a schema.
SPACES: dict[type[SearchObject], str] = {
    SearchParser: Kind.SEARCH_PARSER.value,
    SearchTemplate: Kind.SEARCH_TEMPLATE.value,
    SearchDictionary: Kind.SEARCH_DICTIONARY.value,
    SearchConfiguration: Kind.SEARCH_CONFIGURATION.value,
}
