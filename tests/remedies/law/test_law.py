"""Random states of a production, checked with Prisma's own engine.

Every statement that the report decides is as it says; and following the first choice, the second and the script each end
in a passed check, with the schema and the rows of a clean database.
"""

import os

import pytest

from tests.remedies.law.many import checked
from tests.remedies.law.ordered import FIRST as FIRST_ORDERED
from tests.remedies.law.others import FIRST
from tests.remedies.law.written import FIRST as FIRST_WRITTEN
from tests.remedies.resident import Engine


def test_no_advice_hurts(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    _holds(engine, 60, 0, capsys)


def test_nor_where_rights_triggers_and_sequences_are_concerned(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    _holds(engine, 12, FIRST, capsys)


def test_nor_where_people_have_written_more_than_prisma_does(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    _holds(engine, 12, FIRST_WRITTEN, capsys)


def test_nor_where_writes_are_right_in_one_order_alone(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    _holds(engine, 12, FIRST_ORDERED, capsys)


@pytest.mark.heavy
def test_nor_in_many_more_states(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    _holds(engine, int(os.environ["STATES"]), int(os.environ["SEED"]), capsys)


def _holds(engine: Engine, states: int, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        assert checked(engine.folder, states, seed) == 0
