"""The rows of a database against those of a clean one: which are lost, and which exist twice."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Set

import psycopg
from psycopg import sql

# By table, each row as JSON.
Rows = Mapping[str, list[str]]
# What refers to a key out of a sequence has as many numbers as there are orders in which its rows were made.
_VOLATILE = """
WITH by_default AS (
    SELECT adrelid AS relation, adnum AS number, pg_get_expr(adbin, adrelid) ~* 'nextval' AS is_numbered
    FROM pg_attrdef WHERE pg_get_expr(adbin, adrelid) ~* 'now\\(|current_|uuid|random|nextval'
    UNION ALL SELECT attrelid, attnum, true FROM pg_attribute WHERE attidentity <> ''
), volatile AS (
    SELECT relation, number FROM by_default
    UNION SELECT conrelid, key.own FROM pg_constraint CROSS JOIN unnest(conkey, confkey) AS key (own, other)
    JOIN by_default ON relation = confrelid AND number = key.other AND is_numbered
    WHERE contype = 'f'
)
SELECT relname, attname FROM volatile JOIN pg_class c ON c.oid = relation
JOIN pg_attribute a ON a.attrelid = relation AND a.attnum = number
"""


def rows_of(connection: psycopg.Connection) -> dict[str, list[str]]:
    """Give the rows of each table, without the columns that hold by default when, by which user or as which number they were made."""
    tables = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' "
        "AND relname <> '_prisma_migrations'"
    ).fetchall()
    volatile: dict[str, list[str]] = {table: [] for (table,) in tables}
    for table, column in connection.execute(_VOLATILE):
        volatile.get(table, []).append(column)
    each = (
        sql.SQL("SELECT {}::text, (to_jsonb(t) - {}::text[])::text FROM {} t").format(
            sql.Literal(table), sql.Literal(volatile[table]), sql.Identifier(table)
        )
        for (table,) in tables
    )
    found: dict[str, list[str]] = {table: [] for (table,) in tables}
    for table, row in connection.execute(sql.SQL(" UNION ALL ").join(each) + sql.SQL(" ORDER BY 1, 2")):
        found[table].append(row)
    return found


def numbers_given_again(connection: psycopg.Connection) -> set[str]:
    """Name the columns to which their sequence gives a number next that is not above all of theirs."""
    numbered = connection.execute(
        "SELECT relname, attname, pg_get_serial_sequence(quote_ident(relname), attname) FROM pg_attribute "
        "JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 "
        "AND NOT attisdropped AND pg_get_serial_sequence(quote_ident(relname), attname) IS NOT NULL"
    ).fetchall()
    found = set()
    for table, column, sequence in numbered:
        query = sql.SQL("SELECT (SELECT max({}) FROM {}) >= last_value + is_called::int FROM {}").format(
            sql.Identifier(column), sql.Identifier(table), sql.SQL(sequence)
        )
        if connection.execute(query).fetchone() == (True,):
            found.add(f"{table}.{column}")
    return found


def amiss(there: Rows, wanted: Rows, aside: Set[str], again: Callable[[], Rows]) -> list[str]:
    """Say of each table in what its rows are others than *wanted*, but for what is called as one of *aside*.

    Where some are, *again* deploys a second clean database: in what the two differ, the migrations themselves drew
    lots or read a clock, and such values are nobody's loss.
    """
    kept = {table: [_without(row, aside) for row in each] for table, each in there.items() if table not in aside}
    meant = {table: [_without(row, aside) for row in each] for table, each in wanted.items()}
    if not any(_differences(kept, meant)):
        return []
    varying = _varying(wanted, again())
    return list(_differences(_without_each(kept, varying), _without_each(meant, varying)))


def _differences(there: Rows, wanted: Rows) -> Iterator[str]:
    for table in sorted(there.keys() | wanted.keys()):
        here, meant = Counter(there.get(table, [])), Counter(wanted.get(table, []))
        if here != meant:
            lost, more = list((meant - here).elements()), list((here - meant).elements())
            yield f"the rows of {table} lack {_own(lost, more)} and have {_own(more, lost)}"


def _varying(one: Rows, other: Rows) -> dict[str, set[str]]:
    """Name the columns of each table whose values are not the same in both."""
    found: dict[str, set[str]] = {}
    for table in one.keys() & other.keys():
        mine, theirs = (
            Counter((column, repr(value)) for row in rows[table] for column, value in json.loads(row).items())
            for rows in (one, other)
        )
        found[table] = {column for column, _ in (mine - theirs) + (theirs - mine)}
    return found


def _without_each(rows: Rows, columns: Mapping[str, Set[str]]) -> dict[str, list[str]]:
    return {table: [_without(row, columns.get(table, frozenset())) for row in each] for table, each in rows.items()}


def _without(row: str, columns: Set[str]) -> str:
    if not columns:
        return row
    return json.dumps({column: value for column, value in json.loads(row).items() if column not in columns})


def _own(some: list[str], others: list[str]) -> list[str]:
    """Of each row what none of the *others* has."""
    known = {(column, repr(value)) for row in others for column, value in json.loads(row).items()}
    found = [
        {column: value for column, value in json.loads(row).items() if (column, repr(value)) not in known}
        for row in some
    ]
    return [str(row) for row in found[:4]]
