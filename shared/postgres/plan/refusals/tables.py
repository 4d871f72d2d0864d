"""CREATE TABLE, CREATE TABLE AS and TRUNCATE: what the catalog does not let them do."""

from collections.abc import Iterator, Sequence

from ....model.plan import Relation
from ....model.schema import Kind, Subject, Table
from ...parse import Tree, name_called, nodes_with
from ..footprint import Failure, Footprint
from .keys import foreign_key, twice

SYSTEM_COLUMNS = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"})
# Of the server's own functions, those that are no IMMUTABLE ones whatever they are called with.
NOT_IMMUTABLE = frozenset(
    {"now", "random", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "gen_random_uuid", "timeofday",
     "concat", "concat_ws", "format", "array_to_string", "to_json", "to_jsonb", "row_to_json", "json_build_object",
     "jsonb_build_object", "nextval", "currval", "current_setting", "to_char", "age", "setval", "pg_sleep", "uuidv7",
     "current_database"}
)  # fmt: skip
_GIVES = {"CONSTR_PRIMARY", "CONSTR_UNIQUE", "CONSTR_EXCLUSION"}


def create_table(footprint: Footprint, node: Tree) -> Iterator[Failure]:
    range_var = node["relation"]
    if range_var.get("relpersistence") == "t":
        return
    if node.get("if_not_exists") and footprint.before.find(range_var) is not None:
        return
    schema = range_var.get("schemaname", footprint.before.default_schema)
    if (missing := missing_schema(footprint, range_var.get("schemaname"))) is not None:
        yield missing
    table = schema, range_var["relname"]
    columns = [each["ColumnDef"] for each in node.get("tableElts", ()) if "ColumnDef" in each]
    yield from _columns(columns)
    yield from _constraints(footprint, table, node, columns)


def _constraints(footprint: Footprint, table: Relation, node: Tree, columns: Sequence[Tree]) -> Iterator[Failure]:
    constraints = [each["Constraint"] for each in node.get("tableElts", ()) if "Constraint" in each]
    own = [(each["colname"], inner["Constraint"]) for each in columns for inner in each.get("constraints", ())]
    if sum(each["contype"] == "CONSTR_PRIMARY" for each in (*constraints, *(inner for _, inner in own))) > 1:
        yield Failure("42P16", f"multiple primary keys for table {table[1]}")
    for each in (*constraints, *(inner for _, inner in own)):
        taken_name = (table[0], each.get("conname", ""))
        if each["contype"] in _GIVES and footprint.before.kind(taken_name) is not None:
            yield Failure("42P07", f"relation {taken_name[1]} exists already")
        yield from expressions(each)
        yield from twice(each)
    yield from _partition(footprint, node)
    for name, each in own:
        if each["contype"] == "CONSTR_FOREIGN":
            yield from foreign_key(footprint, table, each, [name])
    for each in constraints:
        if each["contype"] == "CONSTR_FOREIGN":
            yield from foreign_key(footprint, table, each, [key["String"]["sval"] for key in each.get("fk_attrs", ())])


def missing_schema(footprint: Footprint, schema: str | None) -> Failure | None:
    """The failure where *schema* does not exist: the live catalog has all but the system's."""
    if schema is None or not footprint.circumstances.is_live or schema == "public" or schema.startswith("pg_"):
        return None
    if Subject(Kind.SCHEMA, (schema,)) in footprint.before.objects or schema == "information_schema":
        return None
    return Failure("3F000", f"schema {schema} does not exist")


def _columns(columns: Sequence[Tree]) -> Iterator[Failure]:
    names = [each["colname"] for each in columns]
    if len(set(names)) < len(names):
        yield Failure("42701", "a column is specified more than once")
    for name in SYSTEM_COLUMNS.intersection(names):
        yield Failure("42701", f"column name {name} is the system's own")


def expressions(constraint: Tree) -> Iterator[Failure]:
    """What no check, default or generated column may hold."""
    expression = constraint.get("raw_expr")
    if expression is None:
        return
    if any(True for _ in nodes_with(expression, "subLinkType")):
        yield Failure("0A000", "a subquery cannot be used here")
    elif constraint["contype"] == "CONSTR_GENERATED" and not is_immutable(expression):
        yield Failure("42P17", "a generation expression must be immutable")


def is_immutable(expression: Tree) -> bool:
    """Say whether nothing in it is known to give another value another time."""
    if any(True for _ in nodes_with(expression, "op")) and "SVFOP" in str(expression):
        return False
    return all(name_called(each) not in NOT_IMMUTABLE for each in nodes_with(expression, "funcname"))


def _partition(footprint: Footprint, node: Tree) -> Iterator[Failure]:
    if "partbound" not in node:
        return
    for each in node.get("inhRelations", ()):
        parent = footprint.before.find(each["RangeVar"])
        definition = footprint.before.objects.get(Subject(Kind.TABLE, parent)) if parent is not None else None
        if isinstance(definition, Table) and definition.partition_by is None:
            yield Failure("42P17", f"{each['RangeVar']['relname']} is not partitioned")
        elif parent is not None and node["partbound"].get("is_default"):
            default = footprint.before.default_partition(parent)
            if default is not None:
                yield Failure("42P17", f"{default[1]} is the default partition already")


def create_table_as(footprint: Footprint, node: Tree) -> Iterator[Failure]:
    if (missing := missing_schema(footprint, node["into"]["rel"].get("schemaname"))) is not None:
        yield missing


def truncate(footprint: Footprint, node: Tree) -> Iterator[Failure]:
    for each in node["relations"]:
        kind = footprint.before.kind(footprint.before.find(each["RangeVar"]))
        if kind not in (None, Kind.TABLE):
            yield Failure("42809", f"{each['RangeVar']['relname']} is a {kind}, and no table")
            return
    if node.get("behavior") == "DROP_CASCADE":
        return
    named: set[Relation] = set()
    for each in node["relations"]:
        found = footprint.before.find(each["RangeVar"])
        named |= set(footprint.before.family(found)) if found is not None else set()
    for table in named:
        for key, _ in footprint.before.referencing(table):
            if key.name[:2] not in named:
                yield Failure("0A000", f"{table[1]} cannot be truncated: {key} refers to it, and there is no CASCADE")
                return


def is_inherited(footprint: Footprint, table: Relation, name: str) -> bool:
    return any(footprint.before.column(each, name) is not None for each in parents(footprint, table))


def parents(footprint: Footprint, table: Relation) -> list[Relation]:
    """The tables that it inherits from, or is a partition of."""
    definition = footprint.before.objects.get(Subject(Kind.TABLE, table))
    if not isinstance(definition, Table):
        return []
    found = [*definition.inherits, *([definition.partition_of] if definition.partition_of is not None else [])]
    return [(each.name[0], each.name[1]) for each in found]


def is_partition(footprint: Footprint, table: Relation) -> bool:
    definition = footprint.before.objects.get(Subject(Kind.TABLE, table))
    return isinstance(definition, Table) and definition.partition_of is not None
