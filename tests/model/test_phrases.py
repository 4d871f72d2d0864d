import pytest

from shared.model.phrases import listed


@pytest.mark.parametrize(
    ("names", "most", "text"),
    [
        pytest.param("", None, "none", id="none"),
        pytest.param("a", None, "a", id="one"),
        pytest.param("ab", None, "a and b", id="two"),
        pytest.param("abc", 3, "a, b and c", id="as many as may be"),
        pytest.param("abcdefg", 5, "a, b, c, d, e and 2 more", id="more"),
    ],
)
def test_lists_of_names(names: str, most: int | None, text: str) -> None:
    assert listed(names, most) == text
