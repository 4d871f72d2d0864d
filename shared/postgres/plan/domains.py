"""ALTER DOMAIN: the columns of the domain's type are searched for values that a new constraint refuses."""

from ...model.plan import LockMode
from ...model.schema import Domain, Kind, Subject
from ..parse import Tree
from .expressions import expression_of
from .footprint import Footprint, Stage
from .probed_rows import Rows
from .probing import breaking, nulls
from .writing import quoted

_ADD, _VALIDATE, _NOT_NULL = "C", "V", "O"


def alter_domain(footprint: Footprint, node: Tree) -> None:
    constraint = node.get("def", {}).get("Constraint", {})
    if node["subtype"] not in (_ADD, _VALIDATE, _NOT_NULL) or constraint.get("skip_validation"):
        return
    words = [each["String"]["sval"] for each in node["typeName"]]
    name = footprint.before.own_type(words)
    domain = footprint.before.objects.get(Subject(Kind.DOMAIN, name)) if name is not None else None
    if name is None or not isinstance(domain, Domain):
        return
    expression = constraint.get("raw_expr")
    if node["subtype"] == _VALIDATE:
        found = next((each for each in domain.checks if each.name == node.get("name")), None)
        if found is None or found.validated:
            return
        expression = expression_of(found.expression.meaning)
    for column in _columns(footprint, ".".join(name)):
        table = column.name[0], column.name[1]
        footprint.lock(table, LockMode.SHARE)
        footprint.scan(table)
        _predict(footprint, column, expression, is_not_null=node["subtype"] == _NOT_NULL)


def _predict(footprint: Footprint, column: Subject, expression: Tree | None, *, is_not_null: bool) -> None:
    table, name = (column.name[0], column.name[1]), column.name[2]
    because = f"it fails where rows of {table[1]} break the domain's constraint"
    if is_not_null:
        footprint.condition(nulls(Rows(footprint, table), name, because), Stage.CHECK, table)
    elif expression is None:
        footprint.depends("23514", because, table)
    else:
        rows = Rows(footprint, table, names={"value": quoted(name)})
        footprint.condition(breaking(rows, expression, because, uses=[name]), Stage.CHECK, table)


def _columns(footprint: Footprint, spelled: str) -> list[Subject]:
    return [
        subject
        for subject, definition in footprint.before.objects.items()
        if subject.kind is Kind.COLUMN and getattr(definition, "type", "").replace('"', "") == spelled
    ]
