"""How Prisma runs a migration file: statement by statement, or all of it as one batch.

Before 7.4 the file is one simple query: one implicit transaction, all or nothing, but for a COMMIT of its own. From 7.4
on Prisma splits the file, and each statement commits by itself, if its splitter (the Rust crate sqlparser, up to 0.62)
can parse every statement; otherwise the file is one batch again. Which grammar the splitter knows is written here as
two lists: what it certainly refuses, and the vocabulary of what it certainly takes. All else is left open, as is every
file that is not certainly refused where the version is not known.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

Version = tuple[int, int]
Tree = Mapping[str, Any]

# The first version that splits, and the last one whose splitter's refusals are known.
SPLITS_FROM: Version = (7, 4)
KNOWN_UP_TO: Version = (7, 10)
UNSPLIT: Version = (7, 3)


class Execution(StrEnum):
    """How a file is run."""

    SPLIT = "split"  # each statement commits by itself
    BATCH = "batch"  # one implicit transaction
    EITHER = "either"  # not known


def execution(statements: Iterable[Tree], version: Version | None = None) -> Execution:
    """Say how Prisma of *version* (None: not known) runs a file of these parse trees.

    A file of one statement is no matter of the version: the statement commits by itself.
    """
    trees = tuple(statements)
    if len(trees) <= 1:
        return Execution.SPLIT
    if version is not None and version < SPLITS_FROM:
        return Execution.BATCH
    if any(map(_is_refused, trees)):
        return Execution.BATCH if version is None or version <= KNOWN_UP_TO else Execution.EITHER
    is_taken = version is not None and all(map(_is_taken, trees))
    return Execution.SPLIT if is_taken else Execution.EITHER


# What the splitter refuses

_REFUSED = frozenset({"AlterFunctionStmt", "AlterSeqStmt", "DoStmt", "LockStmt", "RefreshMatViewStmt"})
_REFUSED_COMMANDS = frozenset({"AT_AttachPartition", "AT_DetachPartition"})
_ROUTINES = frozenset({"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE"})
# Every one of them has one of these words.
_WORDS = ("function", "procedure", "routine", "sequence", "lock", "refresh", "attach", "detach", "concurrently")
_DO = re.compile(r"\bdo\b")


def may_be_refused(sql: str) -> bool:
    """Say whether the splitter may refuse a statement of the script *sql*; far cheaper than to parse it."""
    lower = sql.lower().replace("lock_timeout", "")
    return any(word in lower for word in _WORDS) or ("do" in lower and _DO.search(lower) is not None)


def _is_refused(tree: Tree) -> bool:
    kind, node = _opened(tree)
    match kind:
        case "DropStmt":
            return bool(node.get("concurrent"))
        case "AlterTableStmt":
            return any(command["AlterTableCmd"]["subtype"] in _REFUSED_COMMANDS for command in node["cmds"])
        case "RenameStmt" | "AlterObjectSchemaStmt":
            return (node.get("renameType") or node.get("objectType")) in _ROUTINES
        case _:
            return kind in _REFUSED


# What the splitter takes: nodes of the grammar, with the fields that they may have

_PLACES = frozenset(
    {"location", "stmt_location", "stmt_len", "rexpr_list_start", "rexpr_list_end", "list_start", "list_end"}
)
_VOCABULARY: dict[str, frozenset[str]] = {
    node: frozenset(fields.split())
    for node, fields in {
        "A_ArrayExpr": "elements",
        "A_Const": "boolval bsval fval isnull ival sval",
        "A_Expr": "kind lexpr name rexpr",
        "A_Star": "",
        "AlterEnumStmt": "newVal newValIsAfter newValNeighbor skipIfNewValExists typeName",
        "AlterTableCmd": "behavior def missing_ok name subtype",
        "AlterTableStmt": "cmds missing_ok objtype relation",
        "Alias": "aliasname",
        "BoolExpr": "args boolop",
        "CaseExpr": "arg args defresult",
        "CaseWhen": "expr result",
        "CoalesceExpr": "args",
        "ColumnDef": "colname constraints is_local raw_default typeName",
        "ColumnRef": "fields",
        "Constraint": (
            "conname contype deferrable fk_attrs fk_del_action fk_matchtype fk_upd_action initdeferred "
            "initially_valid is_enforced keys pk_attrs pktable raw_expr"
        ),
        "CreateEnumStmt": "typeName vals",
        "CreateSchemaStmt": "if_not_exists schemaname",
        "CreateStmt": "if_not_exists oncommit relation tableElts",
        "DeleteStmt": "relation whereClause",
        "DropStmt": "behavior missing_ok objects removeType",
        "FuncCall": "agg_star args funcformat funcname",
        "IndexElem": "expr name nulls_ordering ordering",
        "IndexStmt": "accessMethod concurrent if_not_exists idxname indexParams relation unique whereClause",
        "Integer": "ival",
        "Literal": "boolval bsval fval sval",
        "InsertStmt": "cols override relation selectStmt",
        "JoinExpr": "jointype larg quals rarg",
        "List": "items",
        "NullTest": "arg nulltesttype",
        "RangeVar": "alias inh relname relpersistence schemaname",
        "RenameStmt": "behavior newname relation relationType renameType subname",
        "ResTarget": "name val",
        "SelectStmt": (
            "distinctClause fromClause groupClause limitOption op sortClause targetList valuesLists whereClause"
        ),
        "SetToDefault": "",
        "SortBy": "node sortby_dir sortby_nulls",
        "SQLValueFunction": "op typmod",
        "String": "sval",
        "SubLink": "operName subLinkType subselect testexpr",
        "TransactionStmt": "kind",
        "TypeCast": "arg typeName",
        "TypeName": "arrayBounds names typemod typmods",
        "UpdateStmt": "fromClause relation targetList whereClause",
    }.items()
}  # fmt: skip
_CHOICES: dict[tuple[str, str], frozenset[str]] = {
    (node, field): frozenset(values.split())
    for (node, field), values in {
        (
            "A_Expr",
            "kind",
        ): "AEXPR_OP AEXPR_IN AEXPR_LIKE AEXPR_ILIKE AEXPR_BETWEEN AEXPR_DISTINCT AEXPR_NOT_DISTINCT AEXPR_NULLIF",
        ("AlterTableCmd", "subtype"): (
            "AT_AddColumn AT_AddConstraint AT_AlterColumnType AT_ColumnDefault AT_DropColumn AT_DropConstraint "
            "AT_DropNotNull AT_SetNotNull"
        ),
        ("AlterTableStmt", "objtype"): "OBJECT_TABLE",
        (
            "Constraint",
            "contype",
        ): "CONSTR_CHECK CONSTR_DEFAULT CONSTR_FOREIGN CONSTR_NOTNULL CONSTR_NULL CONSTR_PRIMARY CONSTR_UNIQUE",
        ("DropStmt", "removeType"): "OBJECT_INDEX OBJECT_SCHEMA OBJECT_TABLE OBJECT_TYPE OBJECT_VIEW",
        ("FuncCall", "funcformat"): "COERCE_EXPLICIT_CALL",
        ("IndexStmt", "accessMethod"): "btree gin gist hash",
        ("InsertStmt", "override"): "OVERRIDING_NOT_SET",
        ("RangeVar", "relpersistence"): "p",
        ("RenameStmt", "relationType"): "OBJECT_TABLE OBJECT_ACCESS_METHOD",
        ("RenameStmt", "renameType"): "OBJECT_COLUMN OBJECT_INDEX OBJECT_TABLCONSTRAINT OBJECT_TABLE",
        ("SelectStmt", "limitOption"): "LIMIT_OPTION_DEFAULT",
        ("SelectStmt", "op"): "SETOP_NONE",
        ("SubLink", "subLinkType"): "EXISTS_SUBLINK EXPR_SUBLINK ANY_SUBLINK",
        ("TransactionStmt", "kind"): "TRANS_STMT_BEGIN TRANS_STMT_COMMIT",
    }.items()
}
_OPERATORS = frozenset(
    {"=", "<>", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "||", "~~", "!~~", "~~*", "!~~*", "BETWEEN", "IN"}
)
_TYPES = frozenset(
    {"bool", "bpchar", "bytea", "date", "float4", "float8", "int2", "int4", "int8", "json", "jsonb", "numeric", "text",
     "time", "timestamp", "timestamptz", "uuid", "varchar", "serial", "bigserial", "smallserial"}
)  # fmt: skip
# Bare, these words are keywords to the splitter where they are names to PostgreSQL; a tree does not show quotes.
_KEYWORDS = frozenset({"directory", "enum", "exists", "interval", "local", "replace", "set", "top", "trim"})


def _is_taken(tree: Tree) -> bool:
    return all(_is_known(kind, node) for kind, node in _nodes(tree))


def _is_known(kind: str, node: Tree) -> bool:
    fields = _VOCABULARY.get(kind)
    if fields is None or not fields.issuperset(node.keys() - _PLACES):
        return False
    if kind != "Literal" and any(isinstance(value, str) and value.lower() in _KEYWORDS for value in node.values()):
        return False
    chosen = (node[field] in values for (of, field), values in _CHOICES.items() if of == kind and field in node)
    return all(chosen) and _names_are_known(kind, node)


def _names_are_known(kind: str, node: Tree) -> bool:
    match kind:
        case "A_Expr":
            return _words(node["name"])[-1] in _OPERATORS and len(node["name"]) == 1
        case "TypeName":
            *scope, name = _words(node["names"])
            return scope != ["pg_catalog"] or name in _TYPES
        case "FuncCall":
            return len(node["funcname"]) == 1
        case "RangeVar":
            return bool(node.get("inh"))  # ONLY is refused before the table of an index
        case _:
            return True


def _nodes(tree: Any) -> Iterator[tuple[str, Tree]]:
    """Every node below *tree*. Fields are in lower case but for few; nodes are named in capitals."""
    if isinstance(tree, list | tuple):
        for item in tree:
            yield from _nodes(item)
    elif isinstance(tree, Mapping):
        for name, value in tree.items():
            if not isinstance(value, Mapping):
                yield from _nodes(value)
                continue
            yield from _nodes(value)
            kind = name if name[:1].isupper() else _IMPLIED.get(name)
            if kind is not None:
                yield kind, value
            elif not (value.keys() and all(key[:1].isupper() for key in value)):
                yield name, value


# Fields whose node is written without its name, since it can be no other.
_IMPLIED = {
    "relation": "RangeVar", "pktable": "RangeVar", "typeName": "TypeName", "alias": "Alias",
    "ival": "Integer", "sval": "Literal", "fval": "Literal", "boolval": "Literal", "bsval": "Literal",
}  # fmt: skip


def _words(strings: Iterable[Tree]) -> tuple[str, ...]:
    return tuple(each.get("String", {}).get("sval", "") for each in strings)


def _opened(tree: Tree) -> tuple[str, Tree]:
    ((kind, node),) = tree.items()
    return kind, node
