"""Bound trees in their canonical form, under today's names."""

from shared.model import schema as model
from shared.model.schema import Expression
from shared.postgres import canonical
from shared.postgres.replay import records
from shared.postgres.replay.names import Names
from shared.postgres.replay.records import Bound, TypeRef

_NAMES = canonical.AsWritten()


class Expressions:
    def __init__(self, names: Names) -> None:
        self._names = names
        self._catalog = names.catalog

    def optional(self, bound: Bound | None) -> Expression | None:
        return None if bound is None else self.of(bound)

    def of(self, bound: Bound) -> Expression:
        return canonical.expression(self._names.unbound(bound.tree), _NAMES)

    def default(self, bound: Bound | None, type_: TypeRef) -> Expression | None:
        tree = None if bound is None else self._names.unbound(bound.tree)
        return canonical.default(tree, self.base_type(type_), _NAMES)

    def base_type(self, type_: TypeRef) -> str:
        """What a constant of *type_* is read as: a domain's own type."""
        domain = self._catalog.get(type_.oid, records.Domain)
        if domain is not None and not type_.tree.get("arrayBounds"):
            return self.base_type(domain.type)
        return self._names.spelled(type_)

    def index_key(self, key: records.IndexKey) -> model.IndexKey:
        column = None if key.column is None else self._names.full_name(key.column)[-1]
        expression, collation = None, key.collation
        if key.expression is not None:
            tree = self._names.unbound(key.expression.tree)
            # A column of a materialized view, or one that was put in parentheses.
            if "CollateClause" in tree:  # one and the same, inside the parentheses or after them
                collation = collation or canonical.spelled(canonical.words(tree["CollateClause"]["collname"]))
                tree = tree["CollateClause"]["arg"]
            if "ColumnRef" in tree and "String" in tree["ColumnRef"]["fields"][-1]:
                column = tree["ColumnRef"]["fields"][-1]["String"]["sval"]
            else:
                expression = canonical.expression(tree, _NAMES)
        own = self._catalog.get(key.column, records.Column)
        if own is not None and collation == own.collation:
            collation = None
        return model.IndexKey(column, expression, key.descending, key.nulls_first, key.operator_class, collation)
