"""What the rows are asked about statements that change them: every query names the table whose columns it reads."""

import pytest

from shared.postgres.parse import parse
from shared.postgres.plan.footprint import Circumstances
from tests.postgres.plan.run import predictions

TABLE = b"CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL CHECK (n < 10), x text);"


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE t SET n = n + 2", id="a sum"),
        pytest.param("UPDATE t SET n = 10 / n WHERE id > 3", id="a quotient, of some rows"),
        pytest.param("UPDATE t SET n = x::int", id="a cast"),
        pytest.param("UPDATE t SET n = length(x) RETURNING id", id="returning"),
        pytest.param("DELETE FROM t WHERE n / id > 1", id="delete"),
    ],
)
def test_a_probe_reads_the_table_whose_columns_it_names(statement: str) -> None:
    ((_, found),) = predictions(parse(statement.encode()), Circumstances(15, "UTC"), parse(TABLE))
    probes = [each.probe for each in found.conditions if each.probe is not None]
    assert all(each.tables == (("public", "t"),) and '"public"."t"' in each.sql for each in probes), probes


def test_a_query_without_tables_is_asked_as_it_is() -> None:
    ((_, found),) = predictions(parse(b"SELECT 1 / 0"), Circumstances(15, "UTC"))
    assert [each.probe.tables for each in found.conditions if each.probe is not None] == [()]
