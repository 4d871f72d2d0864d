"""A piece of `make test-fuzz` of a size for every day: the same cases each time."""

from random import Random

import pytest

from tests.fuzz.subjects import SUBJECTS


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("seed", range(25))
def test_random_input_is_answered_or_refused(subject: str, seed: int) -> None:
    SUBJECTS[subject](Random(f"{subject}-{seed}"))
