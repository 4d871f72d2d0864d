"""Bound trees in their canonical form, under today's names."""

from ....model import schema as model
from ....model.schema import Expression
from ... import canonical
from ...parse import Tree
from .. import records
from ..names import Names, next_value_of
from ..records import Bound, TypeRef

_NAMES = canonical.AsWritten()
_OF_SERIAL = frozenset(canonical.SERIAL.values())


class Expressions:
    def __init__(self, names: Names) -> None:
        self._names = names
        self._catalog = names.catalog
        # A schema says the same few defaults over and over, and each constant's tree is kept once (`Names.bind`). By
        # the tree's id: the tree is kept beside what it says, so that no other one can come by that id.
        self._constants: dict[tuple[int, str], tuple[Expression | None, Tree]] = {}
        self._kept_types: dict[tuple[int, str], tuple[str | None, Tree]] = {}

    def optional(self, bound: Bound | None) -> Expression | None:
        return None if bound is None else self.of(bound)

    def of(self, bound: Bound) -> Expression:
        return canonical.expression(self._names.unbound(bound.tree), _NAMES)

    def default(self, bound: Bound | None, type_: TypeRef) -> Expression | None:
        if bound is None:
            return None
        type_name = self._names.base_type(type_)
        if bound.uses:
            # Most tables have one such, and each is another one: it is said without being read.
            if type_name in _OF_SERIAL and _is_next_value(bound):
                return canonical.next_value(self._names.qualified(bound.uses[0]))
            return canonical.default(self._names.unbound(bound.tree), type_name, _NAMES)
        key = id(bound.tree), type_name
        if key not in self._constants:
            self._constants[key] = canonical.default(bound.tree, type_name, _NAMES), bound.tree
        return self._constants[key][0]

    def default_type(self, bound: Bound, set_for: TypeRef) -> str | None:
        base = self._names.base_type(set_for)
        if bound.uses:
            # The type of the call is no matter of the sequence's name.
            tree = bound.tree if _is_next_value(bound) else self._names.unbound(bound.tree)
            return canonical.kept_type(tree, base, _NAMES)
        key = id(bound.tree), base
        if key not in self._kept_types:
            self._kept_types[key] = canonical.kept_type(bound.tree, base, _NAMES), bound.tree
        return self._kept_types[key][0]

    def index_key(self, key: records.IndexKey) -> model.IndexKey:
        oid, expression, collation = key.column, None, key.collation
        name = None if oid is None else self._names.full_name(oid)[-1]
        if key.expression is not None:
            tree = key.expression.tree
            if "CollateClause" in tree:  # one and the same, inside the parentheses or after them
                collation = collation or canonical.spelled(canonical.words(tree["CollateClause"]["collname"]))
                tree = tree["CollateClause"]["arg"]
            tree = self._without_idle_cast(tree)
            if "ColumnRef" in tree and "String" in tree["ColumnRef"]["fields"][-1]:
                # One that was put in parentheses, or a column of a materialized view, which has no oid.
                oid = tree["ColumnRef"].get("$column")
                name = self._names.unbound(tree)["ColumnRef"]["fields"][-1]["String"]["sval"]
            else:
                expression = canonical.expression(self._names.unbound(tree), _NAMES)
        own = self._catalog.get(oid, records.Column)
        if own is not None and collation == (own.collation or "default"):
            collation = None
        return model.IndexKey(name, expression, key.descending, key.nulls_first, self._class(key, own), collation)

    def _class(self, key: records.IndexKey, column: records.Column | None) -> str | None:
        """Its name, unless it is the default one of the key's type. What type an expression has is not known."""
        if not isinstance(key.operator_class, int):
            return key.operator_class
        class_ = self._catalog.expect(key.operator_class, records.OperatorClass)
        types = [] if column is None else [self._names.without_domain(column.type)]
        own = [self._names.signature([each]) for each in types]
        return None if class_.default and own in ([], [class_.signature]) else class_.name

    def _without_idle_cast(self, tree: Tree) -> Tree:
        """A column cast to the type it has is the column."""
        inner: Tree = tree.get("TypeCast", {}).get("arg", {})
        column = self._catalog.get(inner.get("ColumnRef", {}).get("$column"), records.Column)
        if column is None:
            return tree
        wanted = canonical.type_of(self._names.unbound(tree["TypeCast"]["typeName"]), _NAMES)
        return inner if wanted == self._names.spelled(column.type) else tree


def _is_next_value(bound: Bound) -> bool:
    return bool(bound.tree == next_value_of(bound.uses[0]).tree)
