"""Values of columns in layers: what a dictionary would hold, and what was there before stays as it was."""

from hypothesis import given
from hypothesis import strategies as some

from shared.postgres.plan.row_states import Layered

_VALUES = some.dictionaries(some.sampled_from("abcdefgh"), some.sampled_from(["0", "1", None]), max_size=4)


@given(_VALUES, some.lists(_VALUES, max_size=12))
def test_they_are_those_of_a_dictionary(first: dict[str, str | None], more: list[dict[str, str | None]]) -> None:
    layered, whole, before = Layered(first), dict(first), list[tuple[Layered, dict[str, str | None]]]()
    for values in more:
        before.append((layered, dict(whole)))
        layered, whole = layered.and_also(values), {**whole, **values}
    for found, expected in (*before, (layered, whole)):
        assert dict(found) == expected
        assert len(found) == len(expected)
        assert [column in found for column in "abcdefgh"] == [column in expected for column in "abcdefgh"]
        assert [found.get(column, "none") for column in "abcdefgh"] == [
            expected.get(column, "none") for column in "abcdefgh"
        ]
