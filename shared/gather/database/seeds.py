"""How many rows the seeded tables hold: first which table each name means, then the counts."""

from collections.abc import Mapping, Sequence

import psycopg
from psycopg import errors, sql

from ...model.knowledge import Unavailable
from ...model.seed import SeedExpectation, Uncountable
from ...model.value import dataclass
from .conditions import ConditionCode, names_in
from .conditions import runs as runs_in
from .overview import Overview
from .owner_code import OwnerCode, owner_code
from .query import Plan, Query, composed, from_file, plain_table_only, sendable
from .refusal import concerns_the_statement, refused

Count = int | Uncountable | Unavailable

_NO_SUCH_THING = (errors.UndefinedTable, errors.UndefinedColumn, errors.InvalidSchemaName)


@dataclass(frozen=True, slots=True)
class SeedTable:
    """The table that an expectation's name means; *name* is None where there is none."""

    position: int
    schema: str | None
    name: str | None
    quoted_schema: str | None
    quoted_table: str | None
    quoted_column: str | None
    schema_usable: bool
    readable: bool
    rows_hidden: bool
    similar: str | None


@dataclass(frozen=True, slots=True)
class _Rows:
    count: int


def ask_seed_tables(schema: str, seeds: Sequence[SeedExpectation]) -> Query[SeedTable]:
    names = [_split(sendable(seed.table)) for seed in seeds]
    parameters = {
        "schema": schema,
        "wholes": [sendable(seed.table) for seed in seeds],
        "schemas": [schema for schema, _ in names],
        "names": [name for _, name in names],
    }
    return from_file("seed_tables", SeedTable, parameters)


def names_read(schema: str, seeds: Sequence[SeedExpectation]) -> list[tuple[str, str]]:
    """Give every table that may be read: the history, and what the names of *seeds* and their conditions may mean."""
    names = [(schema, "_prisma_migrations")]
    for seed in seeds:
        own_schema, name = _split(seed.table)
        names += [(schema, seed.table)] if own_schema is None else [(schema, seed.table), (own_schema, name)]
        names += sorted(names_in(seed.where, schema).tables)
    return names


def plan_seeds(
    schema: str,
    overview: Overview,
    seeds: Sequence[SeedExpectation],
    tables: Query[SeedTable],
    *,
    code: Query[OwnerCode],
    conditions: Sequence[Query[ConditionCode]],
) -> list[Plan[Count]]:
    """Plan to count each of *seeds* that can be counted."""
    try:
        found, runs = tables.rows(), owner_code(code)
        may_run = [row for each in conditions for row in each.rows()]
    except psycopg.Error as error:
        reason = refused("the seeded tables cannot be found", error)
        return [Plan(lambda: reason) for _ in seeds]
    return [
        _plan(schema, overview.quoted_role, seed, table, _runs(schema, seed, table, runs, may_run))
        for seed, table in zip(seeds, found, strict=True)
    ]


def _runs(
    schema: str,
    seed: SeedExpectation,
    table: SeedTable,
    of_tables: Mapping[tuple[str, str], str],
    of_conditions: Sequence[ConditionCode],
) -> str | None:
    """Say what would run with the monitor's rights if *seed* were counted."""
    if table.schema is not None and table.name is not None and (table.schema, table.name) in of_tables:
        return of_tables[table.schema, table.name]
    if seed.where is None:
        return None
    named = names_in(seed.where, schema)
    others = (
        f"of {name} in its `where`, {of_tables[schema, name]}"
        for schema, name in sorted(named.tables)
        if (schema, name) in of_tables
    )
    return next(others, None) or runs_in(of_conditions, named)


def _plan(schema: str, role: str, seed: SeedExpectation, table: SeedTable, runs: str | None) -> Plan[Count]:
    if table.schema is None or table.name is None:
        hint = f", but there is {table.similar}" if table.similar else ""
        named_schema, name = _split(sendable(seed.table))
        missing = Uncountable(f"there is no table {name} in schema {named_schema or schema}{hint}")
        return Plan(lambda: missing)
    unreadable = _unreadable(seed, table, role) or _not_allowed(seed, runs)
    if unreadable is not None:
        return Plan(lambda: Unavailable(unreadable, lasting=True))
    query = _count_query(sql.Identifier(table.schema, table.name), seed)
    return Plan(lambda: _count(seed, query, table, role), (query,))


def _grant(seed: SeedExpectation, table: SeedTable, role: str) -> str:
    """Give the smallest right that counting needs: one column, or those that the condition names."""
    columns = "" if seed.where is None else _columns_of(seed.where)
    if columns == "":  # any column will do
        columns = table.quoted_column
    return f"GRANT SELECT{f' ({columns})' if columns else ''} ON {table.quoted_table} TO {role}"


def _columns_of(where: str) -> str | None:
    """Give the columns that a condition names; None where they may be another table's, or a whole row is read."""
    # Loaded for a refused count alone.
    from ...postgres.parse import ParseError, nodes_with, parse  # noqa: PLC0415
    from ...postgres.plan.expressions import columns_in  # noqa: PLC0415
    from ...postgres.plan.writing import quoted  # noqa: PLC0415

    try:
        tree = [statement.tree for statement in parse(f"SELECT WHERE (\n{where}\n)")]
    except ParseError:
        return None
    whole_rows = any("A_Star" in field for node in nodes_with(tree, "fields") for field in node["fields"])
    if whole_rows or any(nodes_with(tree, "relname")):
        return None
    return ", ".join(map(quoted, columns_in(tree)))


def _unreadable(seed: SeedExpectation, table: SeedTable, role: str) -> str | None:
    grants = [] if table.schema_usable else [f"GRANT USAGE ON SCHEMA {table.quoted_schema} TO {role}"]
    if not table.readable:
        grants.append(_grant(seed, table, role))
    if grants:
        return f"{role} may not count {seed.table}; fix it with: {'; '.join(grants)}"
    if table.rows_hidden:
        return f"row-level security hides rows of {seed.table} from {role}: give the role BYPASSRLS"
    return None


def _not_allowed(seed: SeedExpectation, runs: str | None) -> str | None:
    """Say what would run with the monitor's rights, unless the settings allow that."""
    if runs is None or seed.view:
        return None
    return (
        f"{seed.table} is not counted: {runs}, so code of its owner would run with the monitor's rights; "
        "if you trust that owner, set `view = true` for this seed"
    )


def _count_query(table: sql.Identifier, seed: SeedExpectation) -> Query[_Rows]:
    """Give the query that counts; the condition has lines of its own, so that a comment in it ends with it."""
    guard = sql.SQL("") if seed.view else plain_table_only(table)
    text = composed("seed_count", table=table, plain_table_only=guard).as_bytes()
    if seed.where is not None:
        text += b"WHERE (\n" + sendable(seed.where).encode() + b"\n)"
    return Query(text, _Rows)


def _count(seed: SeedExpectation, query: Query[_Rows], table: SeedTable, role: str) -> Count:
    try:
        rows = query.rows()
    except psycopg.Error as error:
        if isinstance(error, _NO_SUCH_THING) and concerns_the_statement(error):
            return Uncountable(error.diag.message_primary or "it names what does not exist")
        if error.diag.source_function == "transformFromClauseItem":  # that only tables have samples
            return Unavailable(f"{seed.table} was replaced by what is not a table while it was counted")
        if error.diag.source_function == "check_enable_rls":
            sentence = f"row-level security hides rows behind {seed.table}: give the role BYPASSRLS"
            return Unavailable(sentence, lasting=True)
        setting = "" if seed.where is None else " with the setting's `where`"
        denied = isinstance(error, errors.InsufficientPrivilege)
        fix = f"; fix it with: {_grant(seed, table, role)}" if denied else ""
        return refused(f"{seed.table} could not be counted{setting}", error, fix)
    if len(rows) != 1:
        sentence = f"{seed.table} could not be counted: the setting's `where` is more than a condition"
        return Unavailable(sentence, lasting=True)
    return rows[0].count


def _split(table: str) -> tuple[str | None, str]:
    schema, dot, name = table.partition(".")
    return (schema, name) if dot else (None, table)
