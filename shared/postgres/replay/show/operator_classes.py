"""Records of operator classes and families as definitions of the model."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ....model import schema as model
from .. import records
from ..records import Oid, Record
from .others import Defined, Tools


def _family(tools: Tools, oid: Oid, family: records.OperatorFamily) -> Defined:
    members = {kind: model.members_in_order(_members(tools, family, kind)) for kind in ("operator", "function")}
    operators, functions = (None if kind in family.unknown else each for kind, each in members.items())
    yield tools.subjects.of(oid), model.OperatorFamily(family.method, operators, functions)


def _members(tools: Tools, family: records.OperatorFamily, kind: str) -> Iterator[model.FamilyMember]:
    for each in family.members:
        if each.kind == kind:
            left, right = (tools.names.spelled(type_, modified=False) for type_ in each.types)
            named = tools.operator if kind == "operator" else tools.named
            yield model.FamilyMember(
                number=each.number,
                left=left,
                right=right,
                member=named(each.member) or "",
                arguments=None if each.arguments is None else ", ".join(map(tools.type, each.arguments)),  # type: ignore[arg-type]
                sort_family=tools.named(each.sort_family),
                of_class=None if each.of_class is None else tools.subjects.of(each.of_class),
            )


def _class(tools: Tools, oid: Oid, class_: records.OperatorClass) -> Defined:
    yield (
        tools.subjects.of(oid),
        model.OperatorClass(
            class_.method,
            type=tools.names.spelled(class_.type, modified=False),
            family=tools.function(class_.family),
            default=class_.default,
            storage=tools.type(class_.storage),
            hangs_on=tools.subjects.hangs_on(class_.held_by()),
        ),
    )


OPERATOR_GROUPS: Mapping[type[Record], Callable[[Tools, Oid, Any], Defined]] = {
    records.OperatorClass: _class,
    records.OperatorFamily: _family,
}
