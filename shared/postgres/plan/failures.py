"""Failures that the catalog alone shows: what the server certainly refuses, with which SQLSTATE."""

from collections.abc import Iterable, Iterator

from ...model.schema import Column, Enum, Kind, Subject, Table
from ...model.value import replace
from .. import library
from ..parse import UNREAD, ParseError, Statement, Tree, nodes_with, parse_plpgsql
from ..replay import Refusal
from ..transactions import runs_alone
from .claims import claims
from .dependents import dependent_objects, own_keys
from .enum_values import used_value
from .footprint import Circumstances, Failure, Footprint
from .gone_names import names_gone
from .known import Changed, Known
from .refusals import refusals
from .refusals.alterations.columns import before_new_columns
from .refusals.alterations.partitions import not_partitioned
from .system import wrong_setting
from .taken_names import TakenNames
from .work import constraints_within

# The version of the grammar that reads statements here (libpg_query).
GRAMMAR = 17
# Commands of ALTER TABLE by the version that brought their syntax.
_SINCE = {"AT_SetCompression": 14, "AT_SetExpression": 17}
_NEWEST = 18  # NOT NULL as a constraint, VIRTUAL, WITHOUT OVERLAPS, PERIOD
_CONCURRENT_DETACH = 14
_REPLACED_TRIGGERS, _NULLS_NOT_DISTINCT, _MERGE = 14, 15, 15
# From this version on a generated column is not dropped with a column that it is made of, and has another SQLSTATE.
_KEEPS_GENERATED = 15
_TAKEN = {"relation": "42P07", "type": "42710"}
# By the first word of what exists.
_DEFINED = {"operator": "42723", "aggregate": "42723", "text": "23505"}
_EXISTS = {"CreateSchemaStmt": "42P06", "CreateFunctionStmt": "42723", "AlterTableStmt": "42701"}
_MISSING = {"relation": "42P01", "column": "42703", "schema": "3F000", "routine": "42883"}
# What the server refuses before it looks up any name.
BEFORE_NAMES = frozenset({"42601", "25001"})
# Their SQLSTATE is undefined_object.
_MISSING_OBJECT = "42704"


def refused(statement: Statement, refusal: Refusal, before: Known, *, is_vague: bool) -> Failure:
    """Why the server refuses what the replay refused: a name is taken, or does not exist.

    A column or constraint of a table that migrations make is certainly missing, unless something of that table is not
    known (*is_vague*). All other names may come from elsewhere: an extension, a platform.
    """
    if refusal.exists:
        taken = TakenNames(before)
        for claim in claims(statement, before.default_schema):
            found = taken.taken(claim)
            if found is not None:
                return Failure(found[1], f"{found[0]} exists already", certain=not is_vague)
        sort = refusal.what.partition(" ")[0]
        defined = _DEFINED.get(sort) if statement.kind == "DefineStmt" else None
        sqlstate = _TAKEN.get(sort) or defined or _EXISTS.get(statement.kind, "42710")
        return Failure(sqlstate, f"{refusal.what} exists already", certain=not is_vague)
    index = next(_constraint_indexes(statement, before), None)
    if index is not None:
        return Failure("55000", f"the index is already associated with the constraint {index}")
    sort = refusal.what.partition(" ")[0]
    is_index = sort == "index" and statement.kind in ("AlterTableStmt", "ClusterStmt")
    is_part = (sort in ("column", "constraint") or is_index or _is_of_table(statement, before)) and not is_vague
    because = f"{refusal.what} does not exist" if is_part else f"no migration before makes {refusal.what}"
    sqlstate = _MISSING.get(sort, _MISSING_OBJECT)
    if statement.kind == "DropStmt" and statement.node["removeType"] == "OBJECT_INDEX":
        sqlstate = _MISSING_OBJECT
    return Failure(sqlstate, because, certain=is_part)


def _is_of_table(statement: Statement, before: Known) -> bool:
    """Say whether a trigger, policy or rule of a table that is known is dropped."""
    if statement.kind != "DropStmt" or statement.node["removeType"] not in _OF_TABLE:
        return False
    words = [each["String"]["sval"] for each in statement.node["objects"][0]["List"]["items"]]
    return before.named(words[:-1]) is not None


_OF_TABLE = ("OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE")


def refused_sooner(statement: Statement, before: Known, circumstances: Circumstances) -> Iterator[Failure]:
    """What the server finds before the name that the replay found taken or missing."""
    if (found := unreadable(statement, circumstances.version)) is not None:
        yield found
    yield from _before_names(statement, circumstances)
    if statement.kind in ("AlterEnumStmt", "ViewStmt", "DropStmt"):
        yield from refusals(statement, Footprint(before, {}, circumstances))
    elif statement.kind == "AlterTableStmt":
        yield from (Failure("2BP01", _depends(key)) for key in own_keys(statement.node, before, {}, of_others=True))
        table = before.find(statement.node["relation"])
        subtypes = {each["AlterTableCmd"]["subtype"] for each in statement.node["cmds"]}
        footprint = Footprint(before, {}, circumstances)
        if table is not None and "AT_AddColumn" in subtypes:
            yield from before_new_columns(footprint, table, statement.node)
        if table is not None and subtypes & {"AT_AttachPartition", "AT_DetachPartition"}:
            refused = not_partitioned(footprint, table)
            yield from (refused,) if refused is not None else ()
    elif statement.kind == "CreateStmt":
        for each in nodes_with(statement.node, "pktable"):
            kind = before.kind(before.find(each["pktable"]))
            if kind in (Kind.VIEW, Kind.MATERIALIZED_VIEW, Kind.SEQUENCE):
                yield Failure("42809", f"{each['pktable']['relname']} is a {kind}, and no table")


def _body(statement: Statement, version: int) -> Iterator[Failure]:
    """The server of this *version* reads a body in PL/pgSQL when the function is made; a newer one knows more."""
    options = {each["DefElem"]["defname"]: each["DefElem"].get("arg", {}) for each in statement.node.get("options", ())}
    if options.get("language", {}).get("String", {}).get("sval", "").lower() != "plpgsql":
        return
    try:
        parse_plpgsql(statement.sql)
    except ParseError as error:
        if "syntax error" in str(error):
            is_newer = version > library.GRAMMAR
            own = f", by the grammar of PostgreSQL {library.GRAMMAR}, which this monitor has" if is_newer else ""
            yield Failure("42601", f"{error}{own}", certain=not is_newer)


def failure(statement: Statement, footprint: Footprint) -> Failure | None:
    """The failure that the server meets first, in the order in which it looks."""
    return unreadable(statement, footprint.circumstances.version) or first(_failures(statement, footprint))


def first(failures: Iterable[Failure]) -> Failure | None:
    """The first that is certain, with those that the server may meet sooner; else the first of all."""
    found = list(failures)
    certain = next((place for place, each in enumerate(found) if each.certain), None)
    if certain is None:
        return found[0] if found else None
    return replace(found[certain], sooner=tuple(found[:certain]))


def unreadable(statement: Statement, version: int) -> Failure | None:
    """The failure where the grammar of the server does not know the statement: nothing that is sent with it runs."""
    if statement.kind == UNREAD:
        is_known = not statement.node["beyond_limits"] and version <= GRAMMAR
        return Failure("42601", str(statement.node["message"])) if is_known else None
    since = _syntax(statement)
    return Failure("42601", f"this syntax came with PostgreSQL {since}") if version < since else None


def _failures(statement: Statement, footprint: Footprint) -> Iterator[Failure]:
    before, changed, circumstances = footprint.before, footprint.changed, footprint.circumstances
    yield from _before_names(statement, circumstances)
    used = used_value(statement, before, changed, circumstances.new_values)
    if used is not None and circumstances.in_block is not False:
        value, surely = used
        yield Failure(
            "55P04",
            f'unsafe use of new enum value "{value}" in the transaction that adds it',
            certain=bool(circumstances.in_block) and surely,
        )
    if statement.kind == "AlterTableStmt":
        commands = [each["AlterTableCmd"] for each in statement.node["cmds"]]
        footprint.subtypes = frozenset(each["subtype"] for each in commands)
        footprint.dropped = frozenset(
            each["name"] for each in commands if each["subtype"] in ("AT_DropColumn", "AT_DropConstraint")
        )
        footprint.without_default = frozenset(
            each["name"] for each in commands if each["subtype"] == "AT_ColumnDefault" and "def" not in each
        )
        yield from _unlogged(statement.node, before)
    if statement.kind == "CreateFunctionStmt":
        yield from _body(statement, circumstances.version)
    yield from names_gone(statement, footprint)
    if statement.kind == "VariableSetStmt" and (wrong := wrong_setting(statement.node)) is not None:
        yield Failure("22023", wrong)
    yield from refusals(statement, footprint)
    for each in dependent_objects(statement, before, changed):
        if circumstances.version < _KEEPS_GENERATED and _is_generated(each, before):
            continue
        yield Failure("2BP01", _depends(each))
        return


def _before_names(statement: Statement, circumstances: Circumstances) -> Iterator[Failure]:
    """What the server, which can read it, refuses before it looks up any name."""
    alone = runs_alone(statement)
    if alone is not None and circumstances.in_block is not False:
        yield Failure(
            "25001",
            f"{alone} cannot run inside a transaction block"
            + ("" if circumstances.in_block else ": it depends on whether this Prisma splits the file (7.4 and later)"),
            certain=bool(circumstances.in_block),
        )


def _depends(subject: Subject) -> str:
    return f"{subject} depends on it, and the statement has no CASCADE"


def _is_generated(subject: Subject, before: Known) -> bool:
    definition = before.objects.get(subject)
    return isinstance(definition, Column) and definition.generated is not None


def _syntax(statement: Statement) -> int:
    """The version that brought the syntax of a statement; 0 where all have it."""
    kind, node = statement.kind, statement.node
    if kind == "IndexStmt" and node.get("nulls_not_distinct"):
        return _NULLS_NOT_DISTINCT
    if kind == "CreateTrigStmt" and node.get("replace"):
        return _REPLACED_TRIGGERS
    if kind == "MergeStmt":
        return _MERGE
    commands = [each["AlterTableCmd"] for each in node["cmds"]] if kind == "AlterTableStmt" else []
    elements = node.get("tableElts", ()) if kind == "CreateStmt" else (each.get("def", {}) for each in commands)
    return max((0, *map(_syntax_of, commands), *map(_syntax_of_constraint, constraints_within(elements))))


def _syntax_of_constraint(constraint: Tree) -> int:
    if _is_newest(constraint):
        return _NEWEST
    return _NULLS_NOT_DISTINCT if constraint.get("nulls_not_distinct") else 0


def _is_newest(constraint: Tree) -> bool:
    """Say whether only the newest grammar knows it. A table's NOT NULL names its columns, a column's does not."""
    if constraint["contype"] == "CONSTR_NOTNULL":
        return "keys" in constraint or bool(constraint.get("is_no_inherit")) or bool(constraint.get("skip_validation"))
    is_virtual = constraint["contype"] == "CONSTR_GENERATED" and constraint.get("generated_kind") == "v"
    return is_virtual or bool(constraint.get("without_overlaps")) or bool(constraint.get("fk_with_period"))


def _syntax_of(command: Tree) -> int:
    definition = command.get("def", {})
    if definition.get("PartitionCmd", {}).get("concurrent"):
        return _CONCURRENT_DETACH
    return _SINCE.get(command["subtype"], 0)


def _unlogged(node: Tree, before: Known) -> Iterator[Failure]:
    table = before.find(node["relation"])
    if table is not None and any(each["AlterTableCmd"]["subtype"] == "AT_SetUnLogged" for each in node["cmds"]):
        for key, _ in before.referencing(table):
            if key.name[:2] != table and not _is_unlogged(before, key):
                yield Failure("42P16", f"the logged table {key.name[1]} refers to it ({key})")


def _constraint_indexes(statement: Statement, before: Known) -> Iterator[Subject]:
    """Constraints whose index the statement wants to make another constraint of: USING INDEX."""
    if statement.kind != "AlterTableStmt":
        return
    table = before.find(statement.node["relation"])
    for each in statement.node["cmds"]:
        constraint = each["AlterTableCmd"].get("def", {}).get("Constraint", {})
        if table is not None and "indexname" in constraint:
            subject = before.subject((table[0], constraint["indexname"]))
            if subject is not None and subject.kind in (Kind.PRIMARY_KEY, Kind.UNIQUE, Kind.EXCLUSION):
                yield subject


def _is_unlogged(before: Known, key: Subject) -> bool:
    definition = before.objects.get(Subject(Kind.TABLE, key.name[:2]))
    return isinstance(definition, Table) and definition.unlogged


def added_value(statement: Statement, before: Known, changed: Changed) -> tuple[str, str] | None:
    """The enum value that the statement adds to a type that was there, as `Circumstances.new_values` has it."""
    value = statement.node.get("newVal") if statement.kind == "AlterEnumStmt" else None
    if value is None or "oldVal" in statement.node:
        return None
    for subject, (was, _) in changed.items():
        if isinstance(was, Enum) and subject in before.objects:
            return ".".join(subject.name), value
    return None
