"""CREATE and ALTER OPERATOR CLASS and FAMILY, and what is dropped with them (commands/opclasscmds.c)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from ...model.schema import Doubt, Kind
from ...model.value import replace
from ..canonical.names import operator_name
from ..canonical.routines import with_method
from ..parse import Tree
from . import records
from .catalog import UnknownError
from .index_classes import named
from .names import words
from .others import function_taking
from .records import Member, Oid, TypeRef
from .state import ExistsError, State

_KINDS: dict[int, Literal["operator", "function"]] = {1: "operator", 2: "function"}
_STORAGE = 3
_BY_OPERANDS = ("btree", "hash")
# Support functions that an operator class cannot do without: servers since 14 tie no others to it (amadjustmembers).
_REQUIRED = {
    "btree": frozenset({1}), "hash": frozenset({1}), "gist": frozenset({1, 2, 5, 6, 7}), "gin": frozenset({2, 3}),
    "spgist": frozenset({1, 2, 3, 4, 5}), "brin": frozenset(range(1, 100)),
}  # fmt: skip
# Support functions of a btree or hash whose types are those that the function takes: which of its arguments.
_TYPES_OF_FUNCTION = {("btree", 1): (0, 1), ("btree", 3): (0, 2), ("hash", 1): (0, 0), ("hash", 2): (0, 0)}


def create_family(state: State, node: Tree) -> None:
    schema, name = state.place_named(words(node["opfamilyname"]))
    _add_family(state, schema, name, node["amname"])


def _add_family(state: State, schema: Oid, name: str, method: str) -> Oid:
    state.taken(Kind.OPERATOR_FAMILY.value, schema, with_method(name, method))
    return state.catalog.add(records.OperatorFamily(schema, name, method=method))


def create_class(state: State, node: Tree) -> None:
    """A class that names no family is in the one of its name, which it makes if there is none."""
    schema, name = state.place_named(words(node["opclassname"]))
    method, type_ = node["amname"], state.names.type_ref(node["datatype"])
    state.taken(Kind.OPERATOR_CLASS.value, schema, with_method(name, method))
    family: Oid | str | None
    if "opfamilyname" in node:
        family = named(state, Kind.OPERATOR_FAMILY, words(node["opfamilyname"]), method)
    else:
        family = state.catalog.find(Kind.OPERATOR_FAMILY.value, schema, with_method(name, method))
        family = _add_family(state, schema, name, method) if family is None else family
    items = [each["CreateOpClassItem"] for each in node["items"]]
    stored = [state.names.type_ref(each["storedtype"]) for each in items if each["itemtype"] == _STORAGE]
    members = [_member(state, method, each, type_) for each in items if each["itemtype"] in _KINDS]
    storage = next((each for each in stored if _signature(state, each) != _signature(state, type_)), None)
    oid = state.catalog.add(
        records.OperatorClass(
            schema, name, method=method, type=type_, signature=_signature(state, type_), family=family,
            default=bool(node.get("isDefault")), storage=storage,
            needs=tuple(dict.fromkeys(oid for each in members if _is_tied(state, method, each) for oid in each.needs)),
        )
    )  # fmt: skip
    own = (replace(each, of_class=oid, is_tied=_is_tied(state, method, each)) for each in members)
    _add_members(state, family, own)


def alter_family(state: State, node: Tree) -> None:
    method = node["amname"]
    family = named(state, Kind.OPERATOR_FAMILY, words(node["opfamilyname"]), method)
    items = [each["CreateOpClassItem"] for each in node["items"]]
    if node.get("isDrop"):
        _drop_members(state, family, items)
    else:
        members = (_member(state, method, each, None) for each in items)
        _add_members(state, family, (_of_its_class(state, family, each) for each in members))


def _add_members(state: State, family: Oid | str, members: Iterable[Member]) -> None:
    """Of a family that no migration makes nothing is compared."""
    record = state.catalog.get(family, records.OperatorFamily) if isinstance(family, int) else None
    if record is None or not isinstance(family, int):
        return
    added = tuple(members)
    there = {_place(state, each) for each in record.members}
    for each in added:
        if each.kind not in record.unknown and _place(state, each) in there:
            raise ExistsError(f"{each.kind} {each.number} of the operator family {record.name}")
    state.catalog.change(family, members=(*record.members, *added))


def _of_its_class(state: State, family: Oid | str, member: Member) -> Member:
    """Since 14 a member of one type is tied to the class of that type, if there is one by then."""
    record = state.catalog.get(family, records.OperatorFamily) if isinstance(family, int) else None
    if record is not None and record.method in _BY_OPERANDS and _is_tied(state, record.method, member):
        wanted = _signature(state, member.types[0])
        for oid, each in state.catalog.held(family, records.OperatorClass):  # type: ignore[arg-type]  # it has a record
            if each.signature == wanted and each.family == family:
                return replace(member, of_class=oid)
    return member


def _drop_members(state: State, family: Oid | str, items: Iterable[Tree]) -> None:
    record = state.catalog.get(family, records.OperatorFamily) if isinstance(family, int) else None
    if record is None or not isinstance(family, int):
        return
    members = list(record.members)
    for item in items:
        types = [state.names.type_ref(each["TypeName"]) for each in item["class_args"]]
        wanted = _KINDS[item["itemtype"]], item["number"], _signature(state, types[0]), _signature(state, types[-1])
        found = next((each for each in members if _place(state, each) == wanted), None)
        if found is not None:
            members.remove(found)
        elif wanted[0] not in record.unknown:
            raise UnknownError(f"{wanted[0]} {item['number']} of the operator family {record.name}")
    state.catalog.change(family, members=tuple(members))


def _place(state: State, member: Member) -> tuple[str, int, str, str]:
    """What a family has once."""
    left, right = (_signature(state, each) for each in member.types)
    return member.kind, member.number, left, right


def _member(state: State, method: str, item: Tree, of: TypeRef | None) -> Member:
    """An operator or function of the class of the type *of*; in a family's own statements the types are written."""
    kind, number = _KINDS[item["itemtype"]], item["number"]
    name = words(item["name"]["objname"])
    taken = [state.names.type_ref(each["TypeName"]) for each in item["name"].get("objargs", ()) if "TypeName" in each]
    if kind == "operator":
        left, right = taken or (of, of)
        if left is None or right is None:
            raise UnknownError(f"operands of {name[-1]}")
        order = words(item.get("order_family", ()))
        sort = named(state, Kind.OPERATOR_FAMILY, order, "btree") if order else None
        return Member(kind, number, (left, right), _operator(state, name, (left, right)), sort_family=sort)
    function = function_taking(state, name, taken)
    written = [state.names.type_ref(each["TypeName"]) for each in item.get("class_args", ())]
    routine = state.catalog.get(function, records.Routine) if isinstance(function, int) else None
    inputs = taken if routine is None else list(routine.inputs)
    known = routine is not None or not item["name"].get("args_unspecified")
    if written:
        left, right = written[0], written[-1]
    elif (places := _TYPES_OF_FUNCTION.get((method, number))) is not None and max(places) < len(inputs):
        left, right = (inputs[each] for each in places)
    else:
        left = right = of
    if left is None or right is None:
        raise UnknownError(f"types of the function {name[-1]}")
    return Member(kind, number, (left, right), function, tuple(inputs) if known else None)


def _operator(state: State, name: Sequence[str], operands: Sequence[TypeRef]) -> Oid | str:
    *schema, symbol = name
    found = None
    if schema != ["pg_catalog"]:
        found = state.names.find("operator taking", (*schema, f"{symbol}({state.names.signature(operands)})"))
    return operator_name(tuple(each for each in name if each != "pg_catalog")) if found is None else found


def _is_tied(state: State, method: str, member: Member) -> bool:
    """Say whether a member that CREATE OPERATOR CLASS makes goes with the class on every server."""
    left, right = (_signature(state, each) for each in member.types)
    if method in _BY_OPERANDS and left != right:
        return False
    if member.kind == "operator":
        return method in (*_BY_OPERANDS, "brin")
    return member.number in _REQUIRED.get(method, ())


def _signature(state: State, type_: TypeRef) -> str:
    return state.names.signature([type_])


def find(state: State, kind: Kind, items: Iterable[Tree]) -> Oid:
    """Give the class or family that the words of DROP or ALTER mean: a method and a name. Raises UnknownError."""
    method, *name = words(items)
    found = named(state, kind, name, method)
    if not isinstance(found, int):
        raise UnknownError(f"{kind} {with_method('.'.join(name), method)}")
    return found


def rename(state: State, kind: Kind, items: Iterable[Tree], new: str) -> None:
    oid = find(state, kind, items)
    record = state.catalog[oid]
    assert isinstance(record, records.OperatorClass | records.OperatorFamily)  # noqa: S101  # what find looks for
    state.taken(kind.value, record.schema, with_method(new, record.method))
    state.catalog.change(oid, name=new)


def before_drop(state: State, oid: Oid) -> None:
    """Drop the keys that have the default class of their type when that goes, and doubt the classes that may go.

    Only servers before 14 drop a class with any operator or function that it was made with.
    """
    going = state.catalog.with_consequences([oid])
    for each in going:
        record = state.catalog[each]
        if isinstance(record, records.OperatorFamily) and each != oid:
            for member in record.members:
                class_ = member.of_class
                if class_ is not None and not member.is_tied and not going.keys().isdisjoint(member.needs):
                    because = "whether it goes with an operator or function of it depends on the server"
                    state.doubt(class_, Doubt(because, may_be_absent=True))
        elif isinstance(record, records.OperatorClass) and record.default:
            for key in list(_keys_of(state, record)):
                state.catalog.remove(key)


def _keys_of(state: State, class_: records.OperatorClass) -> Iterator[Oid]:
    """Constraints name no class: each column has the default one of its type."""
    for oid, key in state.catalog.of_kind(records.KeyConstraint):
        columns = (state.catalog.get(each, records.Column) for each in key.columns)
        types = (state.names.without_domain(each.type) for each in columns if each is not None)
        if key.method == class_.method and any(_signature(state, each) == class_.signature for each in types):
            yield oid
