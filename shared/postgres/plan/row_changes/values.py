"""What the columns of a row that is written are assigned: values, defaults, generated columns."""

from collections.abc import Mapping

from ....model.plan import Relation
from ....model.schema import Column, Domain, Kind, Subject
from ...naming import unquoted
from ...parse import Tree
from ..expressions import columns_in, expression_of
from ..row_states import Changed, State
from ..writing import UnwrittenError
from .scene import Assigned, Scene


def row_of(scene: Scene, columns: Mapping[str, Column], given: Mapping[str, Tree]) -> dict[str, Assigned]:
    found: dict[str, Assigned] = {}
    if not given.keys() <= columns.keys():
        raise UnwrittenError
    for name, column in columns.items():
        tree = given.get(name)
        if tree is not None and "SetToDefault" not in tree:
            if column.generated is not None or column.identity is not None:
                raise UnwrittenError
            found[name] = Assigned(tree, scene.write(tree))
        elif column.generated is not None or column.identity is not None:
            found[name] = Assigned(None, None)
        else:
            found[name] = default_of(scene, column)
    return found


def default_of(scene: Scene, column: Column) -> Assigned:
    expression = column.default
    if not column.keeps_default:
        name = unquoted(column.type)
        domain = scene.before.objects.get(Subject(Kind.DOMAIN, name))
        if isinstance(domain, Domain) and domain.default is not None:
            expression = domain.default
    if expression is None:
        return Assigned(None, "NULL")
    tree = expression_of(expression.meaning)
    if tree is None or scene.before.calls_own(tree):
        return Assigned(None, None)
    try:
        return Assigned(tree, scene.write(tree))
    except UnwrittenError:
        return Assigned(None, None)


def with_generated(scene: Scene, table: Relation, alias: str, state: State) -> State:
    """The server computes generated columns again for each row that it writes."""
    values: dict[str, str | None] = {}
    reads: set[str] = set()
    for name, column in scene.before.columns(table):
        if column.generated is None:
            continue
        tree = expression_of(column.generated.expression.meaning)
        values[name] = None
        if tree is not None and not scene.before.calls_own(tree):
            values[name] = scene.cast(scene.write(tree), column.type)
            reads |= set(columns_in(tree))
    return Changed(state, alias, values, frozenset(reads)) if values else state
