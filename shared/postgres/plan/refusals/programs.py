"""Views, functions and triggers: what CREATE OR REPLACE cannot change, and what cannot have a trigger."""

from collections.abc import Iterator

from ....model.schema import Kind, Routine, Sequence, Subject, View
from ...naming import unquoted
from ...parse import Tree, name_called, nodes_with
from ..footprint import Failure, Footprint

_INSTEAD = 1 << 6


def create_view(footprint: Footprint, node: Tree) -> Iterator[Failure]:
    found = footprint.before.find(node["view"])
    if found is None or not node.get("replace"):
        return
    kind = footprint.before.kind(found)
    if kind is not Kind.VIEW:
        yield Failure("42809", f"{found[1]} is a {kind}, and no view")
        return
    subject = Subject(Kind.VIEW, found)
    before, after = footprint.before.objects.get(subject), footprint.definition(subject)
    if isinstance(before, View) and isinstance(after, View) and before is not after:
        if len(after.columns) < len(before.columns):
            yield Failure("42P16", "CREATE OR REPLACE VIEW cannot drop columns of the view")
        elif after.columns[: len(before.columns)] != before.columns:
            yield Failure("42P16", "CREATE OR REPLACE VIEW cannot change the name of a column of the view")


def create_function(footprint: Footprint, _: Tree) -> Iterator[Failure]:
    for subject, (before, after) in footprint.changed.items():
        if isinstance(before, Routine) and isinstance(after, Routine) and subject in footprint.before.objects:
            if before.result != after.result:
                yield Failure("42P13", "CREATE OR REPLACE cannot change the type that a function returns")
            elif _names(before) != _names(after):
                yield Failure("42P13", "CREATE OR REPLACE cannot change the name of an argument")


def _names(routine: Routine) -> list[str]:
    """Names of arguments; those that had none may get one."""
    return [word.split(" ")[0] for word in routine.arguments.split(", ") if word.count(" ")]


def create_trigger(footprint: Footprint, node: Tree) -> Iterator[Failure]:
    relation = footprint.before.find(node["relation"])
    kind = footprint.before.kind(relation)
    if relation is None:
        return
    if kind is Kind.TABLE and node.get("timing", 0) & _INSTEAD:
        yield Failure("42809", f"{relation[1]} is a table: it cannot have an INSTEAD OF trigger")
    elif kind is Kind.VIEW and node.get("row") and not node.get("timing", 0) & _INSTEAD:
        yield Failure("42809", f"{relation[1]} is a view: it cannot have a row-level BEFORE or AFTER trigger")


def set_sequence(footprint: Footprint, node: Tree) -> Iterator[Failure]:
    """``SELECT setval('s', 0)``: a number out of the sequence's bounds."""
    for each in nodes_with(node, "funcname"):
        arguments = [argument.get("A_Const", {}) for argument in each.get("args", ())]
        if name_called(each) != "setval" or len(arguments) < 2 or "ival" not in arguments[1]:
            continue
        name = arguments[0].get("sval", {}).get("sval", "")
        found = footprint.before.named(unquoted(name)) if name else None
        sequence = footprint.before.objects.get(Subject(Kind.SEQUENCE, found)) if found is not None else None
        number = arguments[1]["ival"].get("ival", 0)
        if isinstance(sequence, Sequence) and not sequence.options.minimum <= number <= sequence.options.maximum:
            yield Failure("22003", f"{number} is out of the bounds of the sequence {name}")
