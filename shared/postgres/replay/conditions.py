"""Conditions of DO blocks: ``IF NOT EXISTS (SELECT … FROM pg_type WHERE typname = 'x')``, answered by the replay.

The system's views are rows made up on demand, a row carrying what people join to it as well. An answer is True, False
or None: not known here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.postgres.parse import ParseError, Tree, parse
from shared.postgres.replay import records
from shared.postgres.replay.names import relation_in_quotes, words
from shared.postgres.replay.records import Oid
from shared.postgres.replay.world import TEMPORARY, World

Row = dict[str, Any]
_UNKNOWN = object()
_KINDS = {
    records.Table: "r",
    records.View: "v",
    records.Sequence: "S",
    records.Index: "i",
    records.KeyConstraint: "i",
    records.Composite: "c",
}
_CONSTRAINTS = {"primary key": ("p", "PRIMARY KEY"), "unique": ("u", "UNIQUE"), "exclusion": ("x", "EXCLUDE")}


@dataclass(frozen=True, slots=True)
class Answer:
    holds: bool | None
    of_rows: bool = False  # whether it asks for what is in the tables, which no replay knows


def answer(world: World, condition: str, values: Mapping[str, str]) -> Answer:
    """Say whether *condition* holds now; *values* are the block's variables, as far as they are known."""
    try:
        (statement,) = parse(f"SELECT {condition}")
        tree = statement.node["targetList"][0]["ResTarget"]["val"]
    except (ParseError, ValueError, KeyError):
        return Answer(None)
    asked = _Question(world, values)
    return Answer(asked.holds(tree), asked.of_rows)


class _Question:
    def __init__(self, world: World, values: Mapping[str, str]) -> None:
        self._world = world
        self._values = values
        self.of_rows = False

    def holds(self, tree: Tree) -> bool | None:
        ((kind, node),) = tree.items()
        if kind == "BoolExpr":
            parts = [self.holds(each) for each in node["args"]]
            if node["boolop"] == "NOT_EXPR":
                return None if parts[0] is None else not parts[0]
            decisive = node["boolop"] == "OR_EXPR"
            return decisive if decisive in parts else None if None in parts else not decisive
        if kind == "SubLink" and node.get("subLinkType", "EXISTS_SUBLINK") == "EXISTS_SUBLINK":
            return self._exists(node["subselect"].get("SelectStmt", {}))
        if kind == "NullTest":
            value = self._value(node["arg"])
            return None if value is _UNKNOWN else (value is None) == (node.get("nulltesttype", "IS_NULL") == "IS_NULL")
        if kind == "A_Const" and "boolval" in node:
            return bool(node["boolval"].get("boolval", False))
        if kind == "A_Expr" and "lexpr" in node:
            return self._compares(words(node["name"])[-1], node)
        return None

    def _compares(self, operator: str, node: Tree) -> bool | None:
        left, right = self._value(node["lexpr"]), self._value(node.get("rexpr", {}))
        if left is _UNKNOWN or right is _UNKNOWN:
            return None
        if operator in ("=", "<>", "!="):
            return (str(left) == str(right)) == (operator == "=")
        if isinstance(left, int) and isinstance(right, int):
            return {">": left > right, "<": left < right, ">=": left >= right, "<=": left <= right}.get(operator)
        return None

    def _value(self, tree: Tree) -> Any:
        """A constant's value, an oid, None for NULL, or _UNKNOWN."""
        if not tree:
            return _UNKNOWN
        ((kind, node),) = tree.items()
        if kind == "A_Const":
            return _constant(node)
        if kind == "ColumnRef":
            name = words(node["fields"])
            return self._values.get(name[-1], _UNKNOWN) if len(name) == 1 else _UNKNOWN
        if kind == "SubLink" and node.get("subLinkType") == "EXPR_SUBLINK":
            return self._count(node["subselect"].get("SelectStmt", {}))
        if kind == "TypeCast":
            value = self._value(node["arg"])
            target = words(node["typeName"]["names"])[-1]
            return self._oid(target, value) if target in ("regclass", "regtype", "regnamespace") else value
        if kind == "SQLValueFunction" and node.get("op") == "SVFOP_CURRENT_SCHEMA":
            return self._world.names.watched
        if kind == "FuncCall":
            return self._called(words(node["funcname"])[-1], node.get("args", ()))
        return _UNKNOWN

    def _called(self, name: str, arguments: Any) -> Any:
        if name in ("current_schema", "current_schemas"):
            return self._world.names.watched
        if name in ("to_regclass", "to_regtype") and arguments:
            return self._oid(name.removeprefix("to_"), self._value(arguments[0]))
        if name in ("lower", "quote_ident") and arguments:
            value = self._value(arguments[0])
            return value.lower() if isinstance(value, str) and name == "lower" else value
        return _UNKNOWN

    def _oid(self, target: str, value: Any) -> Any:
        if not isinstance(value, str):
            return _UNKNOWN
        name = relation_in_quotes(value)
        if name is None:
            return None
        if target == "regnamespace":
            return self._world.catalog.find("schema", 0, name["relname"])
        if target == "regtype":
            return self._world.names.find_type([each for each in (name.get("schemaname"), name["relname"]) if each])
        return self._world.names.find_relation(name)

    def _count(self, select: Tree) -> Any:
        target = select.get("targetList", [{}])[0].get("ResTarget", {}).get("val", {})
        if words(target.get("FuncCall", {}).get("funcname", ()))[-1:] != ("count",):
            return _UNKNOWN
        rows = self._rows(select)
        return _UNKNOWN if rows is None else len(rows)

    def _exists(self, select: Tree) -> bool | None:
        rows = self._rows(select)
        return None if rows is None else bool(rows)

    def _rows(self, select: Tree) -> list[Row] | None:
        """The rows that a query of the catalog finds; None if it asks for what is not known here."""
        relations = list(_relations(select.get("fromClause", ())))
        if not relations:
            return None
        if any(each not in _SYSTEM for each in relations):
            self.of_rows = not all(each.startswith(("pg_", "information_schema")) for each in relations)
            return None
        source = min(relations, key=list(_SYSTEM).index)
        found = list(_SYSTEM[source](self._world))
        for condition in _conjuncts(select.get("whereClause")):
            tested = [self._meets(row, condition) for row in found]
            if None in tested:
                return None
            found = [row for row, holds in zip(found, tested, strict=True) if holds]
        return found

    def _meets(self, row: Row, condition: Tree) -> bool | None:
        node = condition.get("A_Expr")
        if node is None or "lexpr" not in node:
            return self.holds(condition)
        left, right = (self._in_row(row, node[side]) for side in ("lexpr", "rexpr"))
        operator = words(node["name"])[-1]
        if node["kind"] == "AEXPR_IN" and isinstance(right, list):
            return None if left is _UNKNOWN else left in right
        if left is _UNKNOWN or right is _UNKNOWN:
            return None
        if node["kind"] in ("AEXPR_OP", "AEXPR_OP_ANY") and operator in ("=", "<>"):
            return (str(left) == str(right)) == (operator == "=")
        return None

    def _in_row(self, row: Row, tree: Any) -> Any:
        if "List" in tree:
            return [self._value(each) for each in tree["List"]["items"]]
        if "ColumnRef" in tree:
            name = words(tree["ColumnRef"]["fields"])
            if name[-1] in row:
                return row[name[-1]]
            if len(name) > 1 and name[-1] == "oid":  # a join of the catalogs: the row is joined already
                return _UNKNOWN
        if "TypeCast" in tree:
            return (
                self._in_row(row, tree["TypeCast"]["arg"])
                if "ColumnRef" in tree["TypeCast"]["arg"]
                else self._value(tree)
            )
        if "SubLink" in tree:  # typnamespace = (SELECT oid FROM pg_namespace WHERE …)
            rows = self._rows(tree["SubLink"]["subselect"].get("SelectStmt", {}))
            return _UNKNOWN if rows is None else rows[0].get("oid") if rows else None
        return self._value(tree)


def _constant(node: Tree) -> Any:
    if node.get("isnull"):
        return None
    for kind, empty in (("sval", ""), ("ival", 0), ("boolval", False)):
        if kind in node:
            return node[kind].get(kind, empty)
    return _UNKNOWN


def _relations(items: Any) -> Iterator[str]:
    for item in items:
        if "RangeVar" in item:
            name = item["RangeVar"]
            prefix = "information_schema." if name.get("schemaname") == "information_schema" else ""
            yield prefix + name["relname"]
        elif "JoinExpr" in item:
            yield from _relations((item["JoinExpr"]["larg"], item["JoinExpr"]["rarg"]))
        else:
            yield ""


def _conjuncts(tree: Tree | None) -> Iterator[Tree]:
    if tree is None:
        return
    node = tree.get("BoolExpr")
    if node is not None and node["boolop"] == "AND_EXPR":
        for each in node["args"]:
            yield from _conjuncts(each)
    else:
        yield tree


# The system's views


def _in_schema(world: World, oid: Oid) -> Row:
    schema = world.names.full_name(oid)[0]
    return dict.fromkeys(
        ("nspname", "schemaname", "table_schema", "constraint_schema", "trigger_schema", "sequence_schema"), schema
    )


def _all(world: World, *kinds: type[records.Record]) -> Iterator[tuple[Oid, Any]]:
    for oid, record in world.catalog.everything():
        if isinstance(record, kinds) and not world.is_temporary(oid):
            yield oid, record


def _classes(world: World) -> Iterator[Row]:
    for oid, record in _all(world, records.Relation):
        kind = next((mark for each, mark in _KINDS.items() if isinstance(record, each)), "r")
        if kind == "v" and record.materialized:
            kind = "m"
        yield {
            **_in_schema(world, oid),
            "oid": oid,
            "relname": record.name,
            "relkind": kind,
            "relnamespace": record.schema,
        }


def _tables(world: World) -> Iterator[Row]:
    for oid, record in _all(world, records.Table, records.View):
        view = isinstance(record, records.View)
        yield {
            **_in_schema(world, oid), "table_name": record.name, "tablename": record.name, "viewname": record.name,
            "matviewname": record.name, "table_type": "VIEW" if view else "BASE TABLE",
            "rowsecurity": not view and record.row_security,
        }  # fmt: skip


def _columns(world: World) -> Iterator[Row]:
    for oid, column in _all(world, records.Column):
        table = world.names.full_name(column.table)
        spelled = world.names.spelled(column.type, modified=False)
        yield {
            **_in_schema(world, oid), "table_name": table[-1], "relname": table[-1], "column_name": column.name,
            "attname": column.name, "attrelid": column.table, "is_nullable": "NO" if column.not_null else "YES",
            "data_type": "USER-DEFINED" if column.type.oid is not None else "ARRAY" if spelled.endswith("[]") else spelled,
            "udt_name": words(column.type.tree["names"])[-1], "attnotnull": column.not_null, "attisdropped": False,
        }  # fmt: skip


def _constraints(world: World) -> Iterator[Row]:
    for oid, record in _all(world, records.KeyConstraint, records.ForeignKey, records.Check):
        table = world.names.full_name(record.table)
        short, long = ("f", "FOREIGN KEY") if isinstance(record, records.ForeignKey) else ("c", "CHECK")
        if isinstance(record, records.KeyConstraint):
            short, long = _CONSTRAINTS[record.kind]
        yield {
            **_in_schema(world, record.table), "oid": oid, "conname": record.name, "constraint_name": record.name,
            "contype": short, "constraint_type": long, "conrelid": record.table, "table_name": table[-1],
            "relname": table[-1], "connamespace": record.schema,
        }  # fmt: skip


def _indexes(world: World) -> Iterator[Row]:
    for oid, record in _all(world, records.AnyIndex):
        table = world.names.full_name(record.table)[-1]
        yield {
            **_in_schema(world, oid),
            "indexname": record.name,
            "relname": record.name,
            "tablename": table,
            "relkind": "i",
        }


def _types(world: World) -> Iterator[Row]:
    for oid, record in _all(world, records.Type, records.Composite):
        kind = "e" if isinstance(record, records.Enum) else "d" if isinstance(record, records.Domain) else "c"
        yield {
            **_in_schema(world, oid),
            "oid": oid,
            "typname": record.name,
            "typtype": kind,
            "typnamespace": record.schema,
        }


def _labels(world: World) -> Iterator[Row]:
    for oid, record in _all(world, records.Enum):
        for value in record.values:
            yield {**_in_schema(world, oid), "enumlabel": value, "typname": record.name, "enumtypid": oid}


def _parts(kind: type[records.Record], *fields: str) -> Callable[[World], Iterator[Row]]:
    def rows(world: World) -> Iterator[Row]:
        for _, record in _all(world, kind):
            table = world.names.full_name(record.table)[-1]
            more = {"tgrelid": record.table, "polrelid": record.table, "tgisinternal": False}
            names = dict.fromkeys(("tablename", "relname", "event_object_table"), table)
            yield {**_in_schema(world, record.table), **names, **more, **dict.fromkeys(fields, record.name)}

    return rows


def _routines(world: World) -> Iterator[Row]:
    for oid, record in _all(world, records.Routine):
        yield {
            **_in_schema(world, oid),
            "oid": oid,
            "proname": record.name,
            "routine_name": record.name,
            "pronamespace": record.schema,
        }


def _sequences(world: World) -> Iterator[Row]:
    for oid, record in _all(world, records.Sequence):
        yield {
            **_in_schema(world, oid),
            "sequencename": record.name,
            "sequence_name": record.name,
            "relname": record.name,
        }


def _extensions(world: World) -> Iterator[Row]:
    for _, record in _all(world, records.Extension):
        yield {"extname": record.name}


def _schemas(world: World) -> Iterator[Row]:
    for oid, record in _all(world, records.Namespace):
        if record.name != TEMPORARY:
            yield {"oid": oid, "nspname": record.name, "schema_name": record.name}


# The most telling first: a query that joins several is answered by rows of the first.
_SYSTEM: dict[str, Callable[[World], Iterator[Row]]] = {
    "pg_constraint": _constraints,
    "information_schema.table_constraints": _constraints,
    "pg_enum": _labels,
    "pg_trigger": _parts(records.Trigger, "tgname"),
    "information_schema.triggers": _parts(records.Trigger, "trigger_name"),
    "pg_policy": _parts(records.Policy, "polname"),
    "pg_policies": _parts(records.Policy, "policyname"),
    "pg_rules": _parts(records.Rule, "rulename"),
    "pg_attribute": _columns,
    "information_schema.columns": _columns,
    "pg_indexes": _indexes,
    "pg_index": _indexes,
    "pg_type": _types,
    "pg_proc": _routines,
    "information_schema.routines": _routines,
    "pg_sequences": _sequences,
    "information_schema.sequences": _sequences,
    "pg_tables": _tables,
    "information_schema.tables": _tables,
    "pg_views": _tables,
    "information_schema.views": _tables,
    "pg_matviews": _tables,
    "pg_class": _classes,
    "pg_extension": _extensions,
    "pg_namespace": _schemas,
    "information_schema.schemata": _schemas,
}
