"""What GRANT and REVOKE give and take of tables."""

import pytest

from shared.postgres.parse import read
from shared.postgres.plan.grants import grants
from shared.postgres.plan.known import Known
from shared.postgres.replay import Replay

BASE = "CREATE TABLE t (id int, a text); CREATE TABLE u (id int); CREATE SCHEMA s; CREATE TABLE s.v (id int);"
ALL = ["select", "insert", "update", "delete"]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        pytest.param("REVOKE UPDATE ON t FROM app", ["- update t () app"], id="one"),
        pytest.param("GRANT SELECT (id, a) ON t TO app", ["+ select t (id a) app"], id="columns"),
        pytest.param("REVOKE ALL ON t, s.v FROM app", [f"- {each} {table} () app" for table in ("t", "v") for each in ALL], id="all of two tables"),
        pytest.param("REVOKE SELECT ON ALL TABLES IN SCHEMA s FROM PUBLIC", ["- select v () public"], id="all tables of a schema"),
        pytest.param("REVOKE DELETE ON t FROM a, b", ["- delete t () a", "- delete t () b"], id="two roles"),
        pytest.param("REVOKE GRANT OPTION FOR SELECT ON t FROM app", [], id="the right to give it on"),
        pytest.param("REVOKE TRIGGER ON t FROM app", [], id="what no client needs"),
        pytest.param("REVOKE USAGE ON SCHEMA s FROM app", [], id="a schema"),
        pytest.param("REVOKE SELECT ON nowhere FROM app", [], id="no such table"),
        pytest.param("GRANT app TO other", [], id="a role"),
    ],
)  # fmt: skip
def test_grants(sql: str, expected: list[str]) -> None:
    replay = Replay("public")
    replay.run_all(read(BASE))
    (statement,) = read(sql)
    found = grants(statement, Known(replay.freeze().objects))
    assert [
        f"{'+' if each.given else '-'} {each.privilege} {each.table[1]} ({' '.join(each.columns)}) {each.role}"
        for each in found
    ] == expected
