import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.prisma.order import deploy_order

# Sorted by JavaScript's localeCompare (Node 20 with full ICU).
CHARACTERS = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789aAbBcCdDeEfFgGhHiIjJkKlLmMnNoOpPqQrRsStTuUvVwWxXyYzZ"


@pytest.mark.parametrize(
    "in_order",
    [
        pytest.param(list(CHARACTERS), id="every printable ASCII character"),
        pytest.param(["a b", "a_b", "a_B", "A_b", "a-b", "ab", "aB", "Ab"], id="case decides last"),
        pytest.param(["e", "E", "é", "É", "ea", "éa", "f"], id="accents decide after letters"),
        pytest.param(["0_init", "00_init", "20240101_a", "20240101000000_a"], id="timestamps of two lengths"),
        pytest.param(["20240101000000_a", "20240101000000_a_b", "20240101000000_ab"], id="one the start of the other"),
    ],
)
def test_deploy_order(in_order: list[str]) -> None:
    shuffled = random.Random(1).sample(in_order, len(in_order))
    assert sorted(shuffled, key=deploy_order) == in_order


@given(st.text(st.characters(codec="ascii"), max_size=12))
def test_a_name_in_ascii_has_the_key_that_it_has_before_a_letter_that_is_not(name: str) -> None:
    *alone, _ = deploy_order(name)
    *before, _ = deploy_order(f"{name}\u00e9")
    assert [tuple(part[: len(own)]) for part, own in zip(before, alone, strict=True)] == alone
    assert [len(part) - len(own) for part, own in zip(before, alone, strict=True)] == [1, 2, 1]
