"""Indented JSON: the same letters as the standard library's."""

import json

from hypothesis import given
from hypothesis import strategies as some

from shared.model.finding import Json
from shared.report.indented import indented

_SCALARS: some.SearchStrategy[Json] = some.none() | some.booleans() | some.integers() | some.floats() | some.text()
_VALUES: some.SearchStrategy[Json] = some.recursive(
    _SCALARS, lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(), inner, max_size=4)
)


@given(_VALUES, some.integers(0, 4))
def test_it_is_what_the_library_writes(value: Json, indent: int) -> None:
    assert indented(value, indent, "\n") == json.dumps(value, indent=indent, ensure_ascii=False) + "\n"


@given(some.dictionaries(some.text(), _VALUES, max_size=3), some.integers(0, 4))
def test_an_object_in_several_places_is_written_in_each(shared: Json, indent: int) -> None:
    value: Json = [shared, shared, {"deeper": [shared, [shared]], "itself": shared}]
    assert indented(value, indent) == json.dumps(value, indent=indent, ensure_ascii=False)
