"""Texts as TOML has them: whatever a name holds, a file with it can be read again."""

import json


def basic_string(text: str) -> str:
    """Give *text* in double quotes. A lone surrogate, which no TOML file can hold, becomes U+FFFD."""
    written = json.dumps(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), ensure_ascii=False)
    return written if text.isprintable() else _escaped(written)


def _escaped(written: str) -> str:
    """Give *written* with escapes for what TOML does not take as it is, and for what nobody would see."""
    from .wording import UNPRINTABLE  # noqa: PLC0415  # hardly a name has such characters

    return UNPRINTABLE.sub(lambda found: f"\\U{ord(found[0]):08x}", written)


def text_of_lines(text: str) -> str:
    """Give *text* as people write several lines, where it can be written so."""
    if "'''" in text or text.endswith("'") or any(not each.isprintable() for each in text.replace("\n", "")):
        return basic_string(text)
    return f"'''\n{text}'''"


def one_line(text: str) -> str:
    """Give *text* as a part of one line, with nothing that could end it."""
    from .wording import printable  # noqa: PLC0415  # few callers write comments

    return " ".join(printable(text).split())
