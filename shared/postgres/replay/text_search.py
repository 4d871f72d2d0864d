"""CREATE and ALTER of what text search is made of."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from ...model.schema import Doubt, Kind
from ..canonical import text_search
from ..canonical.names import spelled_unless_system
from ..parse import Tree
from . import records
from .catalog import UnknownError
from .definitions import given, name_in
from .names import words
from .others import function_taking
from .records import Oid
from .state import ExistsError, State, options

R = TypeVar("R", bound=records.SearchFunctions)
_Mappings = dict[str, tuple[Oid | str, ...]]
_MAPPINGS = frozenset({"mappings"})
_ROLES = {
    "start": "start", "gettoken": "token", "end": "end", "lextypes": "types", "headline": "headline",
    "init": "init", "lexize": "lexize",
}  # fmt: skip
_REQUIRED = {Kind.SEARCH_PARSER: ("start", "gettoken", "end", "lextypes"), Kind.SEARCH_TEMPLATE: ("lexize",)}
# What a bare name means before any of the schemas of the search path is asked.
_BUILT_IN: Mapping[Kind, frozenset[str]] = {
    Kind.SEARCH_PARSER: frozenset({text_search.DEFAULT_PARSER}),
    Kind.SEARCH_TEMPLATE: text_search.TEMPLATES,
    Kind.SEARCH_DICTIONARY: text_search.DICTIONARIES,
    Kind.SEARCH_CONFIGURATION: text_search.CONFIGURATIONS,
}


def create_parser(state: State, node: Tree) -> None:
    state.catalog.add(_of_functions(state, node, records.SearchParser, Kind.SEARCH_PARSER))


def create_template(state: State, node: Tree) -> None:
    state.catalog.add(_of_functions(state, node, records.SearchTemplate, Kind.SEARCH_TEMPLATE))


def _of_functions(state: State, node: Tree, of_class: type[R], kind: Kind) -> R:
    schema, name = _place(state, node, kind)
    said = given(node["definition"])
    if unheard_of := said.keys() - _ROLES.keys():
        raise UnknownError(f"the option {min(unheard_of)}")
    wanted = {*_REQUIRED[kind], *said}
    functions = {_ROLES[each]: function_taking(state, name_in(said[each]), ()) for each in sorted(wanted)}
    return of_class(schema, name, functions=tuple(sorted(functions.items())))


def create_dictionary(state: State, node: Tree) -> None:
    schema, name = _place(state, node, Kind.SEARCH_DICTIONARY)
    template = _named(state, Kind.SEARCH_TEMPLATE, name_in(given(node["definition"])["template"]))
    plain = {each: str(value) for each, value in options(node["definition"]) if each != "template"}
    state.catalog.add(records.SearchDictionary(schema, name, template=template, options=tuple(plain.items())))


def alter_dictionary(state: State, node: Tree) -> None:
    oid = find(state, Kind.SEARCH_DICTIONARY, words(node["dictname"]))
    plain = dict(state.catalog.expect(oid, records.SearchDictionary).options)
    for name, value in options(node["options"]):
        if value is None:
            plain.pop(name, None)
        else:
            plain[name] = str(value)
    state.catalog.change(oid, options=tuple(plain.items()))


def create_configuration(state: State, node: Tree) -> None:
    schema, name = _place(state, node, Kind.SEARCH_CONFIGURATION)
    said = given(node["definition"])
    if "copy" not in said:
        parser = _named(state, Kind.SEARCH_PARSER, name_in(said["parser"]))
        oid = state.catalog.add(records.SearchConfiguration(schema, name, parser=parser))
        if not _has_standard_tokens(state, parser):
            state.doubt(oid, Doubt("only the server knows the tokens of its parser", _MAPPINGS))
        return
    source = _named(state, Kind.SEARCH_CONFIGURATION, name_in(said["copy"]))
    copied = state.catalog.get(source, records.SearchConfiguration) if isinstance(source, int) else None
    if copied is not None:
        state.catalog.add(records.SearchConfiguration(schema, name, parser=copied.parser, mappings=copied.mappings))
    elif source in text_search.CONFIGURATIONS:
        mappings = tuple(text_search.mappings_of(str(source)).items())
        state.catalog.add(
            records.SearchConfiguration(schema, name, parser=text_search.DEFAULT_PARSER, mappings=mappings)
        )
    else:
        oid = state.catalog.add(records.SearchConfiguration(schema, name, parser=text_search.DEFAULT_PARSER))
        state.doubt(oid, Doubt(f"it is a copy of {source}, which no migration makes", _MAPPINGS | {"parser"}))


def alter_configuration(state: State, node: Tree) -> None:
    oid = find(state, Kind.SEARCH_CONFIGURATION, words(node["cfgname"]))
    mappings: _Mappings = dict(state.catalog.expect(oid, records.SearchConfiguration).mappings)
    tokens = words(node.get("tokentype", ()))
    named = [_named(state, Kind.SEARCH_DICTIONARY, words(each["List"]["items"])) for each in node.get("dicts", ())]
    match node["kind"]:
        case "ALTER_TSCONFIG_ADD_MAPPING":
            if taken := mappings.keys() & set(tokens):
                raise ExistsError(f"mapping for {min(taken)}")
            mappings |= dict.fromkeys(tokens, tuple(named))
        case "ALTER_TSCONFIG_ALTER_MAPPING_FOR_TOKEN":
            mappings |= dict.fromkeys(tokens, tuple(named))
        case "ALTER_TSCONFIG_DROP_MAPPING":
            if not node.get("missing_ok") and (missing := set(tokens) - mappings.keys()):
                raise UnknownError(f"mapping for {min(missing)}")
            mappings = {token: each for token, each in mappings.items() if token not in tokens}
        case _:  # REPLACE
            mappings |= _replaced(mappings, tokens or mappings.keys(), *named)
    state.catalog.change(oid, mappings=tuple(mappings.items()))


def _replaced(mappings: _Mappings, tokens: Iterable[str], old: Oid | str, new: Oid | str) -> _Mappings:
    return {
        token: tuple(new if each == old else each for each in mappings[token]) for token in tokens if token in mappings
    }


def find(state: State, kind: Kind, name: Sequence[str]) -> Oid:
    """Give what has *name*. Raises UnknownError."""
    found = _named(state, kind, name)
    if not isinstance(found, int):
        raise UnknownError(f"{kind} {'.'.join(name)}")
    return found


def _named(state: State, kind: Kind, name: Sequence[str]) -> Oid | str:
    is_systems = name[0] == "pg_catalog" or (len(name) == 1 and name[0] in _BUILT_IN[kind])
    found = None if is_systems else state.names.find(kind.value, name)
    return spelled_unless_system(name) if found is None else found


def _has_standard_tokens(state: State, parser: Oid | str) -> bool:
    if not isinstance(parser, int):
        return parser == text_search.DEFAULT_PARSER
    functions = dict(state.catalog.expect(parser, records.SearchParser).functions)
    return functions.get("types") == text_search.STANDARD_TYPES


def _place(state: State, node: Tree, kind: Kind) -> tuple[Oid, str]:
    schema, name = state.place_named(words(node["defnames"]))
    state.taken(kind.value, schema, name)
    return schema, name
