"""Lost rows are found whatever their migration draws by lot or reads from a clock, and only they are."""

import pytest

from tests.remedies.law.rows import amiss

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
