"""SQLSTATEs in words: every code that the product knows of has some of its own."""

import re
from pathlib import Path

import pytest

from shared.postgres.sqlstates import in_words

SHARED = Path(__file__).parents[2] / "shared"
CODE = re.compile(r'"((?:0A|2[1235B]|3[DF]|40|42|5[34578]|P0|XX)[0-9A-Z]{3})"')
KNOWN = sorted({code for path in SHARED.rglob("*.py") for code in CODE.findall(path.read_text())})


@pytest.mark.parametrize("code", KNOWN)
def test_every_code_of_the_product_has_words_of_its_own(code: str) -> None:
    """Unless it has the meaning of its class."""
    means_its_class = code.endswith("000") or code == "2BP01"
    assert (in_words(code) == in_words(f"{code[:2]}ZZZ")) == (means_its_class and code not in {"0A000", "21000"})


@pytest.mark.parametrize(
    ("code", "words"),
    [
        pytest.param("23502", "a column that must not be NULL holds NULL, or gets no value", id="a code"),
        pytest.param("23999", "a row violates a constraint", id="a class"),
        pytest.param("ZZ999", "PostgreSQL refused a statement", id="neither"),
        pytest.param(None, "PostgreSQL refused a statement", id="no code"),
    ],
)
def test_words(code: str | None, words: str) -> None:
    assert in_words(code) == words


def test_words_fit_into_a_sentence() -> None:
    """They stand after a colon and before a bracket."""
    for code in KNOWN:
        words = in_words(code)
        assert words[-1] not in ".:;", code
        assert len(words) <= 110, code
