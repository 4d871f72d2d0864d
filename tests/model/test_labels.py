"""Labels are the tuple of their names, and share what stays the same."""

import pickle
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.labels import Labels, apart, labels, with_label

MANY = tuple(f"v{number}" for number in range(500))


def test_few_are_a_tuple() -> None:
    assert labels(["a", "b"]) == ("a", "b")
    assert isinstance(labels(MANY[:170]), tuple)
    assert isinstance(labels(MANY), Labels)
    assert isinstance(labels((*MANY, "v0")), tuple)  # no enum of a server has one twice


def test_many_are_equal_to_their_tuple() -> None:
    found = labels(MANY)
    assert found == MANY
    assert found != MANY[::-1]
    assert found != MANY[:-1]
    assert found != list(MANY)
    assert hash(found) == hash(MANY)
    assert repr(found) == repr(MANY)
    assert (found[7], found[-1], found[3:5]) == ("v7", "v499", ("v3", "v4"))
    assert "v420" in found
    assert "v500" not in found


@pytest.mark.parametrize("copy", [deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_they_can_be_copied(copy: object) -> None:
    assert copy(labels(MANY)) == MANY  # type: ignore[operator]  # one of two functions


@given(st.integers(0, 400), st.lists(st.tuples(st.integers(0, 1000), st.sampled_from(["before", "after", "end"]))))
def test_adding_is_that_of_a_list(first: int, added: list[tuple[int, str]]) -> None:
    expected = list(MANY[:first])
    found = labels(expected)
    for number, (at, where) in enumerate(added):
        before, new = found, f"new{number}"
        if where == "end" or not expected:
            found = with_label(found, new, None, after=False)
            expected.append(new)
        else:
            place = at % len(expected)
            found = with_label(found, new, expected[place], after=where == "after")
            expected.insert(place + (where == "after"), new)
        assert apart(before, found) == apart(found, before) == {new}
    assert list(found) == expected
    assert len(found) == len(expected)
    assert found == tuple(expected)


@pytest.mark.parametrize("before", [MANY[:3], MANY])
def test_beside_a_missing_object(before: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="x"):
        with_label(labels(before), "new", "x", after=True)


def test_one_version_after_another_shares_its_blocks() -> None:
    """Ten thousand versions of up to ten thousand labels would be 400 MB as tuples."""
    import tracemalloc  # noqa: PLC0415  # it is needed here alone

    tracemalloc.start()
    try:
        versions = [labels(MANY)]
        for number in range(2_000):
            versions.append(with_label(versions[-1], f"w{number}", "v0", after=False))
        assert tracemalloc.get_traced_memory()[0] < 2_000 * 8_000
    finally:
        tracemalloc.stop()
