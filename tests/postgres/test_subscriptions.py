"""Subscriptions changed by hand. A database that has one cannot be dropped, nor copied with it: all is rolled back."""

import psycopg
import pytest

from shared.postgres.difference import differences
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from tests.postgres.live import schema_within

RELEASE = """
CREATE SUBSCRIPTION incoming CONNECTION 'dbname=nowhere password=secret' PUBLICATION b, a WITH (connect = false);
ALTER SUBSCRIPTION incoming ENABLE;
"""
MADE = "CREATE SUBSCRIPTION {} CONNECTION 'dbname=nowhere' PUBLICATION a WITH (connect = false);"
OFF = "ALTER SUBSCRIPTION incoming DISABLE; ALTER SUBSCRIPTION incoming SET (slot_name = NONE);"


@pytest.mark.parametrize(
    ("by_hand", "expected"),
    [
        pytest.param("", [], id="as released"),
        pytest.param("ALTER SUBSCRIPTION incoming CONNECTION 'dbname=other'", [], id="another connection"),
        pytest.param("ALTER SUBSCRIPTION incoming DISABLE", [("changed", "incoming", "enabled")], id="disabled"),
        pytest.param("ALTER SUBSCRIPTION incoming SET (slot_name = s)", [("changed", "incoming", "slot")], id="another slot"),
        pytest.param(
            "ALTER SUBSCRIPTION incoming SET PUBLICATION a WITH (refresh = false)",
            [("changed", "incoming", "publications")],
            id="a publication less",
        ),
        pytest.param(f"{OFF} DROP SUBSCRIPTION incoming", [("missing", "incoming", "")], id="dropped"),
        pytest.param("ALTER SUBSCRIPTION incoming RENAME TO other", [("missing", "incoming", "name")], id="renamed"),
        pytest.param(MADE.format("other"), [("unexpected", "other", "")], id="made"),
    ],
)  # fmt: skip
def test_each_change_of_a_subscription_is_one_difference(
    by_hand: str, expected: list[tuple[str, str, str]], database: str
) -> None:
    release = Replay()
    for statement in parse(RELEASE):
        release.run(statement)
    with psycopg.connect(database) as connection:
        for statement in parse(f"{RELEASE} {by_hand}"):
            connection.execute(statement.sql.encode())
        found = differences(release.freeze(), schema_within(connection))
        assert [(str(each.change), each.subject.name[0], ", ".join(each.attributes)) for each in found] == expected
        assert "secret" not in repr(found)
        for difference in found:
            for statement in parse("".join(difference.corrective)):
                connection.execute(statement.sql.encode())
        left = differences(release.freeze(), schema_within(connection))
        assert left == [each for each in found if not each.corrective]
        assert [bool(each.corrective) for each in found] == [each[2] == "enabled" for each in expected]
        connection.rollback()
