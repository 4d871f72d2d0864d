"""Texts as TOML: read again they are the same, and nothing in the file is hidden or turns what is beside it."""

import sys
import tomllib

from shared.report.toml import basic_string
from shared.report.wording import UNPRINTABLE


def test_what_nobody_would_see_is_escaped_with_its_value_unchanged() -> None:
    hidden = [
        chr(each) for each in range(sys.maxunicode + 1) if UNPRINTABLE.match(chr(each)) and not 0xD800 <= each < 0xE000
    ]
    assert len(hidden) > 4000
    text = f'tab\t "quoted" \\ 🎉é\n{"a".join(hidden)}'
    written = basic_string(text)
    assert UNPRINTABLE.search(written) is None
    assert tomllib.loads(f"a = {written}") == {"a": text}
    assert "🎉é" in written


def test_a_lone_surrogate_is_no_text() -> None:
    written = basic_string("a\ud800b")
    assert tomllib.loads(f"a = {written}") == {"a": "a\ufffdb"}
