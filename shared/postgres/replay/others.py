"""CREATE STATISTICS, COLLATION and AGGREGATE, and what ALTER makes of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from ...model.schema import Doubt
from ...model.value import replace
from ..canonical import icu_locale, spelled
from ..canonical.names import spelled_unless_system
from ..naming import joined_columns
from ..object_types import SCHEMA_TYPES
from ..parse import Tree
from . import records
from .catalog import UnknownError
from .definitions import given, type_in
from .names import Scope, words
from .offered import built_in_type
from .programs import arguments_of
from .records import Bound, Oid, TypeRef
from .state import ExistsError, State, is_off, options, value_of

_KINDS: tuple[Literal["ndistinct", "dependencies", "mcv"], ...] = ("ndistinct", "dependencies", "mcv")
_TARGET = frozenset({"target"})
_SYSTEM = ("C", "POSIX")
_OF_ICU = "-x-icu"


def find(state: State, kind: str, name: Sequence[str]) -> Oid:
    """Give what has *name* among the objects of a *kind*, one of `SCHEMA_TYPES`. Raises UnknownError."""
    space = SCHEMA_TYPES[kind].value
    found = state.names.find(space, name)
    if found is None:
        raise UnknownError(f"{space} {'.'.join(name)}")
    return found


def create_statistics(state: State, node: Tree) -> None:
    table = state.names.relation(node["relations"][0]["RangeVar"])
    elements = [each["StatsElem"] for each in node["exprs"]]
    is_table = isinstance(state.catalog[table], records.Table)
    named = [name for each in elements if (name := _column_of(each)) is not None]
    written = [each["expr"] for each in elements if _column_of(each) is None]
    scope = Scope(table, state.names.full_name(table)[-1:]) if is_table else None
    add_statistics(
        state,
        words(node.get("defnames", ())),
        table,
        wanted=frozenset(words(node.get("stat_types", ()))),
        columns=tuple(state.names.column(table, each) for each in named) if is_table else (),
        names=() if is_table else tuple(sorted(named)),
        expressions=tuple(state.names.bind(each, scope) for each in written),
        parts=[_column_of(each) or "expr" for each in elements],
    )


def _column_of(element: Tree) -> str | None:
    """The column that it is, be it in parentheses."""
    fields = element.get("expr", {}).get("ColumnRef", {}).get("fields", ())
    return element.get("name") or (words(fields)[-1] if fields else None)


def add_statistics(
    state: State,
    name: Sequence[str],
    table: Oid,
    *,
    wanted: frozenset[str],
    columns: tuple[Oid, ...],
    expressions: tuple[Bound, ...],
    parts: Iterable[str],
    names: tuple[str, ...] = (),
) -> None:
    """Add statistics of the kinds *wanted*, or all; one without a *name* has it from its table and its *parts*."""
    owner, own = state.names.full_name(table)
    schema = state.schema_to_create_in(name[-2] if len(name) > 1 else None if name else owner)
    chosen = name[-1] if name else state.catalog.free_statistics_name(schema, own, joined_columns(parts))
    if name:
        state.taken("statistics", schema, chosen)
    is_one = len(columns) + len(names) + len(expressions) == 1
    kinds = () if is_one else tuple(each for each in _KINDS if each in wanted or not wanted)
    state.catalog.add(
        records.Statistics(
            schema, chosen, table=table, kinds=kinds, columns=columns, names=names, expressions=expressions
        )
    )


def copy_statistics(state: State, source: Oid, table: Oid) -> None:
    """LIKE … INCLUDING STATISTICS."""
    for _, each in list(state.catalog.held(source, records.Statistics)):
        if each.table != source:
            continue
        own = [state.names.full_name(column)[-1] for column in sorted(each.columns)]  # in the order of the table's
        trees = [state.names.unbound(expression.tree) for expression in each.expressions]
        add_statistics(
            state,
            (),
            table,
            wanted=frozenset(each.kinds),
            columns=tuple(state.names.column(table, column) for column in own),
            expressions=tuple(state.names.bind(tree, Scope(table)) for tree in trees),
            parts=[*own, *("expr" for _ in trees)],
        )


def alter_statistics(state: State, node: Tree) -> None:
    name = words(node["defnames"])
    found = state.names.find("statistics", name)
    if found is None and node.get("missing_ok"):
        return
    target = node.get("stxstattarget", {}).get("Integer", {}).get("ival", 0) if "stxstattarget" in node else -1
    oid = find(state, "OBJECT_STATISTIC_EXT", name)
    state.catalog.change(oid, target=target if target >= 0 else None)
    state.know(oid, _TARGET)


def column_retyped(state: State, column: Oid) -> None:
    """Since 14, statistics of a column are made again with its new type, and forget their target."""
    for oid, each in list(state.catalog.held(column, records.Statistics)):
        if each.target is not None:
            state.doubt(
                oid, Doubt("whether it keeps its target when a column's type changes depends on the server", _TARGET)
            )


def create_collation(state: State, node: Tree) -> None:
    schema, name = state.place_named(words(node["defnames"]))
    state.taken("collation", schema, name)
    given = dict(options(node.get("definition", ())))
    if "from" in given:
        state.catalog.add(_copy(state, schema, name, tuple(given["from"])))
        return
    text = {key: str(value) for key, value in given.items()}
    provider: Any = text.get("provider", "libc").lower()
    locale = text.get("locale", text.get("lc_collate"))
    ctype = text.get("lc_ctype", locale) if provider == "libc" else locale
    if provider == "icu" and locale is not None:
        locale = ctype = icu_locale(locale)
    state.catalog.add(
        records.Collation(
            schema,
            name,
            provider=provider,
            locale=locale,
            ctype=None if ctype == locale else ctype,
            deterministic=not is_off(text.get("deterministic", "true")),
            rules=text.get("rules"),
        )
    )


def _copy(state: State, schema: Oid, name: str, source: Sequence[str]) -> records.Collation:
    there = state.catalog.get(state.names.find("collation", source), records.Collation)
    if there is not None:
        return records.Collation(
            schema, name, provider=there.provider, locale=there.locale, ctype=there.ctype,
            deterministic=there.deterministic, rules=there.rules,
        )  # fmt: skip
    last = source[-1]
    if last in _SYSTEM:
        return records.Collation(schema, name, provider="libc", locale=last)
    if last.endswith(_OF_ICU):
        return records.Collation(schema, name, provider="icu", locale=icu_locale(last.removesuffix(_OF_ICU)))
    return records.Collation(schema, name, provider=None, locale=None)


def follow_collation(state: State, oid: Oid, old: Sequence[str]) -> None:
    """Columns, domains, attributes and keys of indexes say their collation by name."""
    olds, new = _spellings(old), state.names.qualified(oid)
    for each, record in list(state.catalog.everything()):
        if isinstance(record, records.Column | records.Domain) and record.collation in olds:
            state.catalog.change(each, collation=new)
        elif isinstance(record, records.Composite) and any(last in olds for *_, last in record.attributes):
            attributes = ((name, type_, new if last in olds else last) for name, type_, last in record.attributes)
            state.catalog.change(each, attributes=tuple(attributes))
        elif isinstance(record, records.Index) and any(key.collation in olds for key in record.own_keys):
            keys = (replace(key, collation=new) if key.collation in olds else key for key in record.own_keys)
            state.catalog.change(each, own_keys=tuple(keys))


def drop_sorted_by(state: State, oid: Oid) -> None:
    """What goes with the collation *oid*, as DROP … CASCADE has it; otherwise a server drops none that is in use."""
    olds = _spellings(state.names.full_name(oid))
    for each, record in list(state.catalog.everything()):
        if isinstance(record, records.Column | records.Domain) and record.collation in olds:
            state.catalog.remove(each)
        elif isinstance(record, records.Composite) and any(last in olds for *_, last in record.attributes):
            left = (attribute for attribute in record.attributes if attribute[2] not in olds)
            state.catalog.change(each, attributes=tuple(left))
        elif isinstance(record, records.Index) and any(key.collation in olds for key in record.own_keys):
            state.catalog.remove(each)


def _spellings(name: Sequence[str]) -> frozenset[str | None]:
    return frozenset((spelled(tuple(name)), spelled((name[-1],))))


_ROLES: Mapping[str, Any] = {
    "sfunc": "state", "sfunc1": "state", "finalfunc": "final", "combinefunc": "combine", "serialfunc": "serial",
    "deserialfunc": "deserial", "msfunc": "moving state", "minvfunc": "moving inverse", "mfinalfunc": "moving final",
}  # fmt: skip
_ORDER = tuple(dict.fromkeys(_ROLES.values()))


def create_aggregate(state: State, node: Tree) -> None:
    schema, name = state.place_named(words(node["defnames"]))
    said = given(node["definition"])
    plain = dict(options(node["definition"]))
    arguments, direct = _arguments(state, node, said)
    signature = state.names.signature(each.type for each in arguments)
    there = state.names.routine_taking(schema, name, signature)
    if there is not None and not node.get("replace"):
        raise ExistsError(f"aggregate {name}")
    state_type = type_in(state, said.get("stype", said.get("stype1")))
    moving_type = type_in(state, said.get("mstype"))
    inputs = [each.type for each in arguments]
    form: Any = "normal" if direct is None else "hypothetical set" if "hypothetical" in plain else "ordered set"
    usual = "read_only" if direct is None else "read_write"
    record = records.Aggregate(
        schema, name, arguments=arguments, signature=signature, language="internal",
        result=state_type if "finalfunc" not in said else None,
        functions=_functions(state, said, inputs, state_type, moving_type),
        state_type=state_type or built_in_type("internal"), initial=_text(plain, "initcond", "initcond1"),
        moving_type=moving_type, moving_initial=_text(plain, "minitcond"), form=form, direct=direct or 0,
        extra=(_is_on(plain, "finalfunc_extra"), _is_on(plain, "mfinalfunc_extra")),
        modify=(str(plain.get("finalfunc_modify", usual)).lower(), str(plain.get("mfinalfunc_modify", usual)).lower()),
        sort_operator=_operator(said.get("sortop")), parallel=_parallel(plain),
    )  # fmt: skip
    if there is None:
        state.catalog.add(record)
    else:
        state.catalog.put(there, record)


def _arguments(state: State, node: Tree, said: Mapping[str, Tree]) -> tuple[tuple[records.Argument, ...], int | None]:
    """Its arguments, and how many of them are direct ones; None where it is no ordered set's."""
    if node.get("oldstyle"):
        base = said.get("basetype", {})
        is_any = [each.lower() for each in words(base.get("TypeName", {}).get("names", ()))] == ["any"]
        type_ = None if is_any else type_in(state, base)
        return ((records.Argument("", type_),) if type_ is not None else ()), None
    listed, direct = node["args"]
    number = direct["Integer"].get("ival", 0)
    return tuple(arguments_of(state, listed.get("List", {}).get("items", ()))), number if number >= 0 else None


def _functions(
    state: State,
    said: Mapping[str, Tree],
    inputs: Sequence[TypeRef],
    state_type: TypeRef | None,
    moving_type: TypeRef | None,
) -> tuple[tuple[Any, Oid | str], ...]:
    found: dict[Any, Oid | str] = {}
    for option, role in _ROLES.items():
        name = words(said.get(option, {}).get("TypeName", {}).get("names", ()))
        if not name:
            continue
        first = moving_type if role.startswith("moving") else state_type
        taken = {"combine": [first, first], "serial": [first], "final": [first], "moving final": [first]}
        found[role] = function_taking(state, name, taken.get(role, [first, *inputs]))
    return tuple((role, found[role]) for role in _ORDER if role in found)


def function_taking(state: State, name: Sequence[str], types: Sequence[TypeRef | None]) -> Oid | str:
    """The function of that name that takes *types*, or the first one: arguments may be of any type."""
    candidates = state.names.routines(name) if name[0] != "pg_catalog" else []
    if candidates:
        schema = state.catalog.expect(candidates[0], records.Routine).schema
        signature = state.names.signature(each for each in types if each is not None)
        return state.names.routine_taking(schema, name[-1], signature) or candidates[0]
    return spelled_unless_system(name)


def _text(plain: Mapping[str, Any], *names: str) -> str | None:
    return next((str(plain[each]) for each in names if each in plain), None)


def _is_on(plain: Mapping[str, Any], name: str) -> bool:
    return name in plain and not is_off(plain[name])


def _operator(tree: Tree | None) -> str | None:
    if not tree:
        return None
    if "String" in tree:
        return str(value_of(tree))
    named = tree.get("List", {}).get("items", tree.get("TypeName", {}).get("names", ()))
    return words(named)[-1] if words(named) else None


def _parallel(plain: Mapping[str, Any]) -> Any:
    return str(plain.get("parallel", "unsafe")).lower()
