"""Records of what text search is made of as definitions of the model."""

from collections.abc import Callable, Mapping
from typing import Any

from ....model import schema as model
from .. import records
from ..records import Oid, Record
from .others import Defined, Tools


def _parser(tools: Tools, oid: Oid, parser: records.SearchParser) -> Defined:
    functions = {role: tools.function(each) for role, each in parser.functions}
    hangs_on = tools.subjects.hangs_on(parser.held_by())
    yield tools.subjects.of(oid), model.SearchParser(**functions, hangs_on=hangs_on)


def _template(tools: Tools, oid: Oid, template: records.SearchTemplate) -> Defined:
    functions = {role: tools.function(each) for role, each in template.functions}
    hangs_on = tools.subjects.hangs_on(template.held_by())
    yield tools.subjects.of(oid), model.SearchTemplate(**functions, hangs_on=hangs_on)


def _dictionary(tools: Tools, oid: Oid, dictionary: records.SearchDictionary) -> Defined:
    yield (
        tools.subjects.of(oid),
        model.SearchDictionary(
            template=tools.function(dictionary.template),
            options=tuple(sorted(f"{name}={value}" for name, value in dictionary.options)),
            hangs_on=tools.subjects.hangs_on(dictionary.held_by()),
        ),
    )


def _configuration(tools: Tools, oid: Oid, configuration: records.SearchConfiguration) -> Defined:
    yield (
        tools.subjects.of(oid),
        model.SearchConfiguration(
            parser=tools.function(configuration.parser),
            mappings=tuple(
                model.TokenMapping(token, tuple(map(tools.function, dictionaries)))
                for token, dictionaries in sorted(configuration.mappings, key=lambda each: each[0])
            ),
            hangs_on=tools.subjects.hangs_on(configuration.held_by()),
        ),
    )


TEXT_SEARCH: Mapping[type[Record], Callable[[Tools, Oid, Any], Defined]] = {
    records.SearchConfiguration: _configuration,
    records.SearchDictionary: _dictionary,
    records.SearchParser: _parser,
    records.SearchTemplate: _template,
}
