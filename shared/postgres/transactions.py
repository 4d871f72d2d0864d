"""Which statements PostgreSQL refuses inside a transaction, or together in one, and which make others wait."""

from collections.abc import Callable, Container, Iterable
from typing import Any

from .parse import ParseError, Statement, Tree, nodes_with, parse
from .replay.state import is_off, options

# Refused in a transaction block whatever they say.
_ALONE = {
    "AlterSystemStmt": "ALTER SYSTEM", "CreatedbStmt": "CREATE DATABASE", "DropdbStmt": "DROP DATABASE",
    "CreateTableSpaceStmt": "CREATE TABLESPACE", "DropTableSpaceStmt": "DROP TABLESPACE",
}  # fmt: skip
# Refused in a transaction block where the text does not show it: of a partitioned table, a subscription that has a
# slot, a database that gets another tablespace.
_MAY_BE_ALONE = {
    "AlterDatabaseStmt", "AlterSubscriptionStmt", "ClusterStmt", "CreateSubscriptionStmt", "DropSubscriptionStmt",
    "ReindexStmt", "VacuumStmt",
}  # fmt: skip
# None of them takes a lock on a table above ShareUpdateExclusive, unless a function does that they call.
_WEAK = {
    "CommentStmt", "CopyStmt", "DeleteStmt", "InsertStmt", "MergeStmt", "SelectStmt", "TransactionStmt", "UpdateStmt",
    "VariableSetStmt",
}  # fmt: skip
# Functions of the server that are called over rows; pg_… aside. Any other one may run whatever its owner wrote.
_OF_SERVER = frozenset(
    {"abs", "age", "any_value", "array_agg", "array_append", "array_cat", "array_length", "array_position",
     "array_prepend", "array_remove", "array_replace", "array_to_json", "array_to_string", "avg", "bit_and",
     "bit_or", "bool_and", "bool_or", "btrim", "cardinality", "ceil", "ceiling", "char_length", "chr",
     "clock_timestamp", "concat", "concat_ws", "convert_from", "convert_to", "count", "current_database",
     "current_schema", "current_setting", "currval", "date_part", "date_trunc", "decode", "dense_rank",
     "digest", "encode", "every", "extract", "first_value", "floor", "format", "gen_random_bytes",
     "gen_random_uuid", "generate_series", "greatest", "hashtext", "initcap", "json_agg",
     "json_array_elements", "json_array_elements_text", "json_array_length", "json_build_array",
     "json_build_object", "json_each", "json_each_text", "json_object_agg", "json_object_keys", "jsonb_agg",
     "jsonb_array_elements", "jsonb_array_elements_text", "jsonb_array_length", "jsonb_build_array",
     "jsonb_build_object", "jsonb_each", "jsonb_each_text", "jsonb_insert", "jsonb_object_agg",
     "jsonb_object_keys", "jsonb_path_exists", "jsonb_path_query", "jsonb_set", "jsonb_strip_nulls",
     "jsonb_typeof", "lag", "last_value", "lastval", "lead", "least", "left", "length", "like_escape",
     "lower", "lpad", "ltrim", "make_date", "make_interval", "make_timestamp", "max", "md5", "min", "mod",
     "nextval", "now", "ntile", "nullif", "num_nonnulls", "num_nulls", "octet_length", "overlay", "position",
     "power", "quote_ident", "quote_literal", "random", "rank", "regexp_match", "regexp_matches",
     "regexp_replace", "regexp_split_to_array", "regexp_split_to_table", "repeat", "replace", "reverse",
     "right", "round", "row_number", "row_to_json", "rpad", "rtrim", "set_config", "setval", "sha256", "sign",
     "similar_to_escape", "split_part", "sqrt", "starts_with", "statement_timestamp", "string_agg",
     "string_to_array", "strpos", "substr", "substring", "sum", "timezone", "to_char", "to_date", "to_hex",
     "to_json", "to_jsonb", "to_number", "to_regclass", "to_timestamp", "to_tsvector",
     "transaction_timestamp", "translate", "trim", "trunc", "unnest", "upper", "uuid_generate_v4",
     "width_bucket"}
)  # fmt: skip


def needs_no_transaction(statements: Iterable[str], unread: Container[str] = ()) -> bool:
    """Say whether *statements* must not be sent as one transaction.

    Some bring their own (COMMIT), some refuse any (CREATE INDEX CONCURRENTLY), and a value that ALTER
    TYPE adds to an enum may be used only after its transaction has ended. Those *unread* are not parsed here either.
    """
    return any(_must_not_be_within(statement) for text in statements for statement in _parsed(text, unread))


def blocks_others(statements: Iterable[str], unread: Container[str] = ()) -> bool:
    """Say whether one of *statements* may take a lock above ShareUpdateExclusive; what is *unread* may."""
    found = [_parsed(text, unread) for text in statements]
    return not all(found) or any(_excludes(statement) for each in found for statement in each)


def waits_for_transactions(statement: str, unread: Container[str] = ()) -> bool:
    """Say whether it has CONCURRENTLY: it blocks nobody while it waits, and is half-done if it is stopped."""
    return any(is_concurrent(each) for each in _parsed(statement, unread))


def is_concurrent(statement: Statement) -> bool:
    """Say whether CONCURRENTLY makes the statement wait for transactions instead of blocking them."""
    kind, node = statement.kind, statement.node
    if kind in {"IndexStmt", "DropStmt"}:
        return bool(node.get("concurrent"))
    if kind == "ReindexStmt":
        return reindexes_concurrently(node)
    return kind == "AlterTableStmt" and _detaches_concurrently(node)


def reindexes_concurrently(node: Tree) -> bool:
    return any(name == "concurrently" and not is_off(value) for name, value in options(node.get("params", ())))


def _detaches_concurrently(node: Tree) -> bool:
    commands = (each["AlterTableCmd"] for each in node["cmds"])
    return any(each.get("def", {}).get("PartitionCmd", {}).get("concurrent") for each in commands)


def runs_alone(statement: Statement) -> str | None:
    """The words for a statement that no transaction block takes (PreventInTransactionBlock); None for all others."""
    kind, node = statement.kind, statement.node
    if is_concurrent(statement):
        return _CONCURRENTLY[kind]
    for of_kind, words, is_so in _IF_SO:
        if kind == of_kind and is_so(node):
            return words
    return _ALONE.get(kind)


def _makes_slot(node: Tree) -> bool:
    """Say whether CREATE SUBSCRIPTION makes a slot on the other server, which it does by default."""
    given = dict(options(node.get("options", ())))
    return not any(is_off(given.get(each)) for each in ("connect", "create_slot"))


_CONCURRENTLY = {
    "IndexStmt": "CREATE INDEX CONCURRENTLY", "DropStmt": "DROP INDEX CONCURRENTLY",
    "ReindexStmt": "REINDEX CONCURRENTLY", "AlterTableStmt": "ALTER TABLE … DETACH CONCURRENTLY",
}  # fmt: skip
_ONE_OBJECT = frozenset({"REINDEX_OBJECT_INDEX", "REINDEX_OBJECT_TABLE"})
_IF_SO: tuple[tuple[str, str, Callable[[Tree], bool]], ...] = (
    ("ClusterStmt", "CLUSTER of all tables", lambda node: "relation" not in node),
    ("CreateSubscriptionStmt", "CREATE SUBSCRIPTION … WITH (create_slot = true)", _makes_slot),
    ("DiscardStmt", "DISCARD ALL", lambda node: node["target"] == "DISCARD_ALL"),
    ("ReindexStmt", "REINDEX of a whole schema or database", lambda node: node["kind"] not in _ONE_OBJECT),
    ("VacuumStmt", "VACUUM", lambda node: bool(node.get("is_vacuumcmd"))),
)


def _must_not_be_within(statement: Statement) -> bool:
    if statement.kind == "AlterEnumStmt":
        return "oldVal" not in statement.node
    ends_it = statement.kind == "TransactionStmt"
    return ends_it or statement.kind in _MAY_BE_ALONE or runs_alone(statement) is not None


def _excludes(statement: Statement) -> bool:
    kind, node = statement.kind, statement.node
    if kind == "VacuumStmt":
        return any(name == "full" and not is_off(value) for name, value in options(node.get("options", ())))
    if kind in _WEAK:
        return any(_may_be_a_program(call["funcname"]) for call in nodes_with(node, "funcname"))
    return not is_concurrent(statement)


def _may_be_a_program(name: list[Tree]) -> bool:
    """Say whether name() may run whatever its owner wrote: DDL, too."""
    *schema, word = [each["String"].get("sval", "") for each in name]
    return schema not in ([], ["pg_catalog"]) or not (word in _OF_SERVER or word.startswith("pg_"))


def _parsed(text: str, unread: Container[str]) -> list[Any]:
    if text in unread:
        return []
    try:
        return list(parse(text))
    except ParseError:
        return []
