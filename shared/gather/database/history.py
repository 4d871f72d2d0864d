"""Prisma's history: first what has its name, then the rows."""

from collections.abc import Sequence
from typing import Any, TypedDict

import psycopg
from psycopg import errors, sql

from ...model.database import History, HistoryRow
from ...model.knowledge import Unavailable
from ...model.value import dataclass
from .overview import Overview
from .owner_code import OwnerCode, owner_code
from .query import Plan, Query, from_file, plain_table_only
from .refusal import refused

_TABLE = "_prisma_migrations"
_TIMES = ("started_at", "finished_at", "rolled_back_at")
_NEEDED = ("id", "migration_name", "checksum", *_TIMES)
_CHANGED = Unavailable(f"{_TABLE} was changed while it was read")
_TIME_TYPES = {"timestamp with time zone", "timestamp without time zone"}


class _Column(TypedDict):
    name: str
    type: str
    built_in: bool
    readable: bool


@dataclass(frozen=True, slots=True)
class HistoryTable:
    """What is called ``_prisma_migrations`` in the watched schema."""

    quoted_schema: str
    schema_usable: bool
    rows_hidden: bool
    owned_as: str | None
    xmin_readable: bool
    columns: Sequence[_Column]

    @property
    def name(self) -> str:
        return f"{self.quoted_schema}.{_TABLE}"

    def foreign(self) -> str | None:
        """Say in what it is not Prisma's, if it is not."""
        types = {column["name"]: column["type"] for column in self.columns}
        lacking = [name for name in (*_NEEDED, "logs") if name not in types]
        if lacking:
            return f"it lacks {', '.join(lacking)}"
        odd = [f"{name} is {types[name]}" for name in _TIMES if types[name] not in _TIME_TYPES]
        # Turning another type into text could run a function of its owner's.
        odd += [
            f"{each['name']} is {each['type']}" for each in self.columns if self._reads(each) and not each["built_in"]
        ]
        return ", ".join(odd) or None

    @staticmethod
    def _reads(column: _Column) -> bool:
        return column["name"] in (*_NEEDED, "logs") and column["name"] not in _TIMES

    def missing_grants(self, role: str) -> list[str]:
        grants = [] if self.schema_usable else [f"GRANT USAGE ON SCHEMA {self.quoted_schema} TO {role}"]
        if not all(self.readable(name) for name in _NEEDED):
            grants.append(f"GRANT SELECT ({', '.join(_NEEDED)}) ON {self.name} TO {role}")
        return grants

    def readable(self, name: str) -> bool:
        return any(column["name"] == name and column["readable"] for column in self.columns)


def ask_history_table(schema: str) -> Query[HistoryTable]:
    return from_file("history_table", HistoryTable, {"schema": schema})


def plan_history(
    schema: str, overview: Overview, tables: Query[HistoryTable], code: Query[OwnerCode]
) -> Plan[History | Unavailable]:
    """Plan to read the rows, where there are any to be read."""
    try:
        found, runs = tables.rows(), owner_code(code)
    except psycopg.Error as error:
        reason = refused(f"{_TABLE} cannot be found", error)
        return Plan(lambda: reason)
    again = ask_history_table(schema)
    if not found:
        return Plan(lambda: _no_table(overview) if _is_unchanged(again, []) else _CHANGED, (again,))
    table = found[0]
    unreadable = _unreadable(table, overview.quoted_role, runs.get((schema, _TABLE)))
    if unreadable is not None:
        return Plan(lambda: Unavailable(unreadable, lasting=True))
    name = sql.Identifier(schema, _TABLE)
    xmin = sql.SQL("xmin::text::bigint" if table.xmin_readable else "NULL::bigint")
    rows = from_file(
        "history", _row, history=name, logs=_logs(table), xmin=xmin, plain_table_only=plain_table_only(name)
    )
    return Plan(lambda: _history(rows, table, overview) if _is_unchanged(again, [table]) else _CHANGED, (again, rows))


def _is_unchanged(again: Query[HistoryTable], found: Sequence[HistoryTable]) -> bool:
    """Say whether the table is the one that was found before the snapshot; what cannot be read again, the rows say."""
    try:
        return again.rows() == list(found)
    except psycopg.Error:
        return True


def _logs(table: HistoryTable) -> sql.SQL:
    """Give the logs as bytes: in a database without an encoding, one bad byte must not hide all other columns."""
    if not table.readable("logs"):
        return sql.SQL("NULL::bytea")
    encoding = "CASE getdatabaseencoding() WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END"
    return sql.SQL(f"convert_to(left(logs::text, 20000), {encoding})")


def _row(*, logs: bytes | None, **columns: Any) -> HistoryRow:
    return HistoryRow(logs=None if logs is None else logs.decode("utf-8", "replace"), **columns)


def _no_table(overview: Overview) -> History | Unavailable:
    if overview.has_prisma_8_history:
        sentence = "Prisma 8 keeps the history here (schema prisma_contract), in a form that is not read yet"
        return Unavailable(sentence, lasting=True)
    return History(
        exists=False,
        schema_has_tables=overview.schema_has_tables,
        schema_exists=overview.schema_exists,
        elsewhere=tuple(overview.history_elsewhere),
    )


def _unreadable(table: HistoryTable, role: str, runs: str | None) -> str | None:
    if runs is not None:
        return f"{table.name} is not read: {runs}, so code of its owner would run with the monitor's rights"
    foreign = table.foreign()
    if foreign is not None:
        return f"{table.name} is not Prisma's: {foreign}"
    grants = table.missing_grants(role)
    if grants:
        return f"{role} may not read {table.name}; fix it with: {'; '.join(grants)}"
    if table.rows_hidden:
        return f"row-level security hides rows of {table.name} from {role}: give the role BYPASSRLS"
    return None


def _history(rows: Query[HistoryRow], table: HistoryTable, overview: Overview) -> History | Unavailable:
    try:
        found = tuple(rows.rows())
        return History(True, found, table.readable("logs"), overview.schema_has_tables, owned_as=table.owned_as)
    except errors.FeatureNotSupported:  # by which the server refuses what is no table any more
        return _CHANGED
    except psycopg.Error as error:
        return refused(f"{table.name} cannot be read", error)
