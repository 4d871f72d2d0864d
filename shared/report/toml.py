"""Texts as TOML has them: whatever a name holds, a file with it can be read again."""

import json
import re

# JSON leaves these as they are; TOML does not take them.
_CONTROL = re.compile("[\x7f]")


def basic_string(text: str) -> str:
    """Give *text* in double quotes. A lone surrogate, which no TOML file can hold, becomes U+FFFD."""
    written = json.dumps(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), ensure_ascii=False)
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def text_of_lines(text: str) -> str:
    """Give *text* as people write several lines, where it can be written so."""
    if "'''" in text or text.endswith("'") or any(not each.isprintable() for each in text.replace("\n", "")):
        return basic_string(text)
    return f"'''\n{text}'''"


def one_line(text: str) -> str:
    """Give *text* as a part of one line, with nothing that could end it."""
    from .wording import printable  # noqa: PLC0415  # few callers write comments

    return " ".join(printable(text).split())
