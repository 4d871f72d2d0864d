"""Nothing in pg_catalog is overlooked: each column is compared, named in "not compared", or no property of a schema.

A column that a newer server brings, or one that is listed and no server here has, fails until the list says the truth.
"""

import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.model.not_compared import NOT_COMPARED
from tests.postgres.servers import servers, version

READER = files("shared.gather").joinpath("sql", "catalog.sql").read_text()
# What is kept in no table of the schema's own.
KEPT_ELSEWHERE = frozenset({"schema.prisma", "rows other than seeds"})
WORDS = frozenset(re.findall(r"\w+", READER))


class Fate(NamedTuple):
    """What becomes of one column, or of all others of a table where *column* is a star; *by* is the proof of it."""

    table: str
    column: str
    word: str
    by: str


def _fates() -> Iterator[Fate]:
    for line in (Path(__file__).parent / "catalog_columns.tsv").read_text().splitlines():
        if not line.startswith("#"):
            name, word, by = line.split("\t")
            table, _, column = name.partition(".")
            yield Fate(table, column, word, by)


FATES = list(_fates())


def lacking(columns: set[tuple[str, str]]) -> list[str]:
    """Those of *columns* that no line names."""
    named = {(fate.table, fate.column) for fate in FATES}
    return sorted(f"{table}.{column}" for table, column in columns - named if (table, "*") not in named)


@pytest.fixture(scope="module", params=servers(), ids=version)
def server(request: pytest.FixtureRequest, start_server: Callable[[Path], PrivatePostgres]) -> PrivatePostgres:
    return start_server(request.param)


def columns_of(server: PrivatePostgres) -> set[tuple[str, str]]:
    with psycopg.connect(server.url()) as connection:
        return set(
            connection.execute(
                "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
                "WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND a.attnum > 0"
            )
        )


def test_every_column_of_the_server_s_catalog_is_accounted_for(server: PrivatePostgres) -> None:
    assert lacking(columns_of(server)) == []


def test_a_column_or_table_of_a_newer_server_is_found() -> None:
    newer = {("pg_class", "relname"), ("pg_class", "relcolor"), ("pg_largeobject", "locolor"), ("pg_color", "oid")}
    assert lacking(newer) == ["pg_class.relcolor", "pg_color.oid"]


def test_what_is_said_of_a_column_is_true() -> None:
    wrong = [
        fate
        for fate in FATES
        if (fate.word == "compared" and fate.by not in WORDS)
        or (fate.word == "not compared" and fate.by not in NOT_COMPARED)
        or fate.word not in ("compared", "not compared", "no property")
    ]
    assert wrong == []


def test_nothing_is_named_as_not_compared_that_no_column_holds() -> None:
    assert set(NOT_COMPARED) - {fate.by for fate in FATES} == KEPT_ELSEWHERE
