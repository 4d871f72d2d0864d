"""Which function runs which statement of the grammar."""

from collections.abc import Callable, Iterator

from ...model.schema import Kind, Subject
from ..object_types import CONSTRAINT_TYPES
from ..parse import UNREAD, Tree
from . import (
    alter_table,
    casts,
    clustering,
    database,
    dropping,
    foreign,
    indexes,
    operator_classes,
    operators,
    others,
    programs,
    records,
    renaming,
    rights,
    role_settings,
    sequences,
    settings,
    subscriptions,
    tables,
    text_search,
    types,
    unread,
    views,
)  # fmt: skip
from .builtin import extension_types
from .catalog import UnknownError
from .names import words
from .state import NOTHING_SET, ExistsError, State, options


def create_schema(state: State, node: Tree) -> None:
    name = node.get("schemaname") or node["authrole"].get("rolename", "")
    if state.catalog.find("schema", 0, name) is not None:
        raise ExistsError(name)
    state.catalog.add(records.Namespace(name))
    path = state.names.search_path
    state.names.search_path = tuple(dict.fromkeys((name, *path)))
    for element in sorted(node.get("schemaElts", ()), key=_place_in_schema):
        run(state, element)
    state.names.search_path = path


# CREATE SCHEMA makes its elements in this order, however they are written (transformCreateSchemaStmtElements).
_IN_SCHEMA = ("CreateSeqStmt", "CreateStmt", "ViewStmt", "IndexStmt", "CreateTrigStmt")


def _place_in_schema(element: Tree) -> int:
    kind = next(iter(element))
    return _IN_SCHEMA.index(kind) if kind in _IN_SCHEMA else len(_IN_SCHEMA)


def create_extension(state: State, node: Tree) -> None:
    name = node["extname"]
    if state.catalog.find("extension", 0, name) is not None:
        raise ExistsError(name)
    given = dict(options(node.get("options", ())))
    schema = state.schema_to_create_in(given.get("schema"))
    oid = state.catalog.add(
        records.Extension(name, schema, schema_said="schema" in given, version=given.get("new_version"))
    )
    for each in extension_types(name):
        state.catalog.add(records.OtherType(schema, each, holder=oid))


def alter_extension(state: State, node: Tree) -> None:
    oid = state.catalog.find("extension", 0, node["extname"])
    if oid is None:
        raise UnknownError(f"extension {node['extname']}")
    # Without TO, the newest version there is: only the server knows which.
    state.catalog.change(oid, version=dict(options(node.get("options", ()))).get("new_version"))


def define(state: State, node: Tree) -> None:
    definers = {
        "OBJECT_AGGREGATE": others.create_aggregate,
        "OBJECT_COLLATION": others.create_collation,
        "OBJECT_OPERATOR": operators.create,
        "OBJECT_TSCONFIGURATION": text_search.create_configuration,
        "OBJECT_TSDICTIONARY": text_search.create_dictionary,
        "OBJECT_TSPARSER": text_search.create_parser,
        "OBJECT_TSTEMPLATE": text_search.create_template,
        "OBJECT_TYPE": types.create_base,
    }
    if node["kind"] in definers:
        definers[node["kind"]](state, node)


def set_variable(state: State, node: Tree) -> None:
    name = node.get("name", "").lower()
    if name == "search_path":
        if node["kind"] == "VAR_SET_VALUE":
            values = (each["A_Const"].get("sval", {}).get("sval", "") for each in node["args"])
            state.set_search_path(list(values))
        else:
            state.reset_search_path()
    elif node["kind"] == "VAR_RESET_ALL":
        state.reset_search_path()
        state.constants_read = NOTHING_SET
    elif node["kind"] == "VAR_SET_VALUE":
        settings.set_reading(state, name, ", ".join(settings.value(each) for each in node["args"]))
    else:
        settings.set_reading(state, name, None)


def drop_owned(state: State, node: Tree) -> None:
    if state.rights is not None:
        rights.drop_owned(state, node)
        return
    raise UnknownError(f"what {words(node.get('roles', ()))} owns")


_RUNNERS: dict[str, Callable[[State, Tree], None]] = {
    "AlterDatabaseSetStmt": role_settings.alter_database,
    "AlterDomainStmt": types.alter_domain,
    "AlterEnumStmt": types.alter_enum,
    "AlterEventTrigStmt": database.alter_event_trigger,
    "AlterExtensionStmt": alter_extension,
    "AlterFunctionStmt": programs.alter_routine,
    "AlterObjectSchemaStmt": renaming.set_schema,
    "AlterOpFamilyStmt": operator_classes.alter_family,
    "AlterOperatorStmt": operators.alter,
    "AlterPolicyStmt": programs.alter_policy,
    "AlterPublicationStmt": database.alter_publication,
    "AlterRoleSetStmt": role_settings.alter_role,
    "AlterSeqStmt": sequences.alter_sequence,
    "AlterStatsStmt": others.alter_statistics,
    "AlterSubscriptionStmt": subscriptions.alter,
    "AlterTSConfigurationStmt": text_search.alter_configuration,
    "AlterTSDictionaryStmt": text_search.alter_dictionary,
    "AlterTableStmt": alter_table.alter_table,
    "ClusterStmt": clustering.cluster,
    "CompositeTypeStmt": types.create_composite,
    "CreateCastStmt": casts.create,
    "CreateDomainStmt": types.create_domain,
    "CreateEnumStmt": types.create_enum,
    "CreateEventTrigStmt": database.create_event_trigger,
    "CreateExtensionStmt": create_extension,
    "CreateForeignServerStmt": foreign.create_server,
    "CreateForeignTableStmt": foreign.create_table,
    "CreateFunctionStmt": programs.create_routine,
    "CreatePolicyStmt": programs.create_policy,
    "CreateOpClassStmt": operator_classes.create_class,
    "CreateOpFamilyStmt": operator_classes.create_family,
    "CreatePublicationStmt": database.create_publication,
    "CreateRangeStmt": types.create_range,
    "CreateSchemaStmt": create_schema,
    "CreateSeqStmt": sequences.create_sequence,
    "CreateStatsStmt": others.create_statistics,
    "CreateStmt": tables.create_table,
    "CreateSubscriptionStmt": subscriptions.create,
    "CreateTableAsStmt": views.create_table_as,
    "CreateTrigStmt": programs.create_trigger,
    "DefineStmt": define,
    "DropOwnedStmt": drop_owned,
    "DropRoleStmt": role_settings.drop_roles,
    "DropStmt": dropping.drop,
    "DropSubscriptionStmt": subscriptions.drop,
    "ImportForeignSchemaStmt": foreign.import_schema,
    "IndexStmt": indexes.create_index,
    "RenameStmt": renaming.rename,
    "RuleStmt": programs.create_rule,
    "SelectStmt": views.select,
    UNREAD: unread.run,
    "VariableSetStmt": set_variable,
    "ViewStmt": views.create_view,
}


def run(state: State, tree: Tree) -> None:
    """Run one statement. Raises ExistsError and UnknownError as a server would; the rest changes nothing."""
    if state.rights is None:
        _run(state, tree)
    else:
        rights.run(state, tree, _run)


def _run(state: State, tree: Tree) -> None:
    ((kind, node),) = tree.items()
    runner = _RUNNERS.get(kind)
    if runner is not None:
        runner(state, node if state.constants_read == NOTHING_SET else settings.in_session(node, state.constants_read))


def subjects(state: State, tree: Tree) -> Iterator[Subject]:  # noqa: C901, PLR0912  (one branch a kind, none nested)
    """What a statement makes or changes, by the names it says: for statements that could not be run."""
    ((kind, node),) = tree.items()
    watched = state.names.watched
    relation = node.get("relation", node.get("view", node.get("table", node.get("into", {}).get("rel", {}))))
    name = (relation.get("schemaname", watched), relation.get("relname", ""))
    match kind:
        case "CreateStmt" | "CreateTableAsStmt" if node.get("objtype") != "OBJECT_MATVIEW":
            yield Subject(Kind.TABLE, name)
        case "CreateTableAsStmt":
            yield Subject(Kind.MATERIALIZED_VIEW, name)
        case "ViewStmt":
            yield Subject(Kind.VIEW, name)
        case "IndexStmt" if "idxname" in node:
            yield Subject(Kind.INDEX, (name[0], node["idxname"]))
        case "CreateTrigStmt":
            yield Subject(Kind.TRIGGER, (*name, node["trigname"]))
        case "CreatePolicyStmt" | "AlterPolicyStmt":
            yield Subject(Kind.POLICY, (*name, node["policy_name"]))
        case "RuleStmt":
            yield Subject(Kind.RULE, (*name, node["rulename"]))
        case "AlterTableStmt":
            for each in node["cmds"]:
                yield from _of_command(each["AlterTableCmd"], name)
        case "RenameStmt" if node["renameType"] in ("OBJECT_TABLE", "OBJECT_VIEW"):
            yield Subject(Kind.TABLE, (name[0], node["newname"]))
        case "CreateRangeStmt":
            yield from _of_named(Kind.RANGE, words(node["typeName"]), watched)
        case "CreateStatsStmt" | "AlterStatsStmt":
            yield from _of_named(Kind.STATISTICS, words(node.get("defnames", ())), watched)
        case _ if kind in _NAMED_ALONE:
            of_kind, field = _NAMED_ALONE[kind]
            yield Subject(of_kind, (node[field],))
        case _:
            pass


# In which field the statement has the name of what is of the whole database.
_NAMED_ALONE = {
    "AlterEventTrigStmt": (Kind.EVENT_TRIGGER, "trigname"), "AlterPublicationStmt": (Kind.PUBLICATION, "pubname"),
    "AlterSubscriptionStmt": (Kind.SUBSCRIPTION, "subname"), "CreateSubscriptionStmt": (Kind.SUBSCRIPTION, "subname"),
    "CreateEventTrigStmt": (Kind.EVENT_TRIGGER, "trigname"), "CreatePublicationStmt": (Kind.PUBLICATION, "pubname"),
}  # fmt: skip


def _of_named(kind: Kind, name: tuple[str, ...], watched: str) -> Iterator[Subject]:
    if name:
        yield Subject(kind, ((name[-2] if len(name) > 1 else watched), name[-1]))


def _of_command(command: Tree, table: tuple[str, str]) -> Iterator[Subject]:
    kind = command["subtype"]
    constraint = command.get("def", {}).get("Constraint", {})
    if kind == "AT_AddConstraint" and constraint["contype"] == "CONSTR_PRIMARY":
        yield Subject(Kind.PRIMARY_KEY, table)
    elif kind == "AT_AddConstraint" and constraint["contype"] in CONSTRAINT_TYPES and "conname" in constraint:
        yield Subject(CONSTRAINT_TYPES[constraint["contype"]], (*table, constraint["conname"]))
    elif kind == "AT_AddColumn":
        yield Subject(Kind.COLUMN, (*table, command["def"]["ColumnDef"]["colname"]))
    elif kind in ("AT_AlterColumnType", "AT_ColumnDefault", "AT_SetNotNull", "AT_AddIdentity", "AT_SetExpression"):
        yield Subject(Kind.COLUMN, (*table, command["name"]))
    elif kind == "AT_AttachPartition":
        yield Subject(Kind.TABLE, table)
