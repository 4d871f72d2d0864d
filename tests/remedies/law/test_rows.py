"""Lost rows are found whatever their migration draws by lot or reads from a clock, and only they are."""

import psycopg
import pytest

from tests.remedies.law.rows import amiss, rows_of

MEANT = ['{"id": "k3", "url": "a", "plan": "free"}', '{"id": "x9", "url": "b", "plan": "team"}']
AGAIN = ['{"id": "q1", "url": "a", "plan": "free"}', '{"id": "m7", "url": "b", "plan": "team"}']


@pytest.mark.parametrize(
    ("there", "again", "found"),
    [
        pytest.param(MEANT, AGAIN, [], id="the same"),
        pytest.param(
            ['{"id": "z2", "url": "a", "plan": "free"}', '{"id": "w5", "url": "b", "plan": "team"}'], AGAIN, [],
            id="ids drawn by lot",
        ),
        pytest.param(
            ['{"id": "z2", "url": "a", "plan": "free"}', '{"id": "w5", "url": "b", "plan": "free"}'], AGAIN,
            ["the rows of t lack [\"{'plan': 'team'}\"] and have [\"{'plan': 'free'}\"]"],
            id="another value beside ids drawn by lot",
        ),
        pytest.param(
            ['{"id": "z2", "url": "a", "plan": "free"}'], AGAIN,
            ["the rows of t lack [\"{'url': 'b', 'plan': 'team'}\"] and have []"],
            id="a row lost beside ids drawn by lot",
        ),
        pytest.param(
            [*AGAIN, '{"id": "d4", "url": "b", "plan": "team"}'], AGAIN,
            ["the rows of t lack [] and have [\"{'url': 'b', 'plan': 'team'}\"]"],
            id="a row twice beside ids drawn by lot",
        ),
        pytest.param(
            AGAIN, MEANT,
            ["the rows of t lack [\"{'id': 'k3'}\", \"{'id': 'x9'}\"] and have [\"{'id': 'q1'}\", \"{'id': 'm7'}\"]"],
            id="other values where nothing is drawn by lot",
        ),
    ],
)  # fmt: skip
def test_what_is_lost_or_more(there: list[str], again: list[str], found: list[str]) -> None:
    assert amiss({"t": there}, {"t": MEANT}, frozenset(), lambda: {"t": again}) == found


def test_what_is_aside_is_not_compared() -> None:
    there = {"t": [row.replace("{", '{"z_old": 1, ', 1) for row in MEANT], "t_old": ["{}"]}
    assert amiss(there, {"t": MEANT}, frozenset({"z_old", "t_old"}), dict) == []


def test_what_refers_to_a_key_out_of_a_sequence_is_a_number_by_chance(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE team (id serial PRIMARY KEY, name text);"
            "CREATE TABLE plan (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code int UNIQUE);"
            "CREATE TABLE member (team int REFERENCES team, code int REFERENCES plan (code), plan int REFERENCES plan);"
            "INSERT INTO team (name) VALUES ('a'); INSERT INTO plan (code) VALUES (7);"
            "INSERT INTO member VALUES (1, 7, 1)"
        )
        assert rows_of(connection) == {
            "team": ['{"name": "a"}'], "plan": ['{"code": 7}'], "member": ['{"code": 7}']
        }  # fmt: skip
