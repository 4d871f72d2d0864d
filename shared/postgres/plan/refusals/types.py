"""Enums: values that exist twice, and those that do not exist."""

from collections.abc import Iterator

from ....model.schema import Enum, Kind, Subject
from ...parse import Tree
from ..footprint import Failure, Footprint


def create_enum(_: Footprint, node: Tree) -> Iterator[Failure]:
    labels = [each["String"].get("sval", "") for each in node.get("vals", ())]
    if len(set(labels)) < len(labels):
        yield Failure("23505", "the enum has a label twice")


def alter_enum(footprint: Footprint, node: Tree) -> Iterator[Failure]:
    words = [each["String"]["sval"] for each in node["typeName"]]
    name = footprint.before.own_type(words)
    found = footprint.before.objects.get(Subject(Kind.ENUM, name)) if name is not None else None
    if not isinstance(found, Enum):
        return
    new, old, neighbour = node.get("newVal"), node.get("oldVal"), node.get("newValNeighbor")
    if old is not None:
        if old not in found.values:
            yield Failure("22023", f'"{old}" is not an existing enum label')
        elif new in found.values:
            yield Failure("42710", f'enum label "{new}" already exists')
    elif new in found.values and not node.get("skipIfNewValExists"):
        yield Failure("42710", f'enum label "{new}" already exists')
    elif neighbour is not None and neighbour not in found.values:
        yield Failure("22023", f'"{neighbour}" is not an existing enum label')
