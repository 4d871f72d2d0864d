"""Long names on a narrow screen: broken into lines where the renderer of a card would let them run out of it.

Text runs wrap between words only, and a migration's name is one long word. A line break does no
harm to who copies the name: a field of one line drops it, and behind a backslash so does a shell.
"""

import re
from collections.abc import Iterator

# What a line of a phone holds of the small monospaced font, with a bracket before and after.
WIDEST = 44
_LONG_WORD = re.compile(rf"[\w.:]{{{WIDEST + 1},}}")
# Where a shell may read a backslash otherwise, or not at all.
_NOT_PLAIN = re.compile(r"[\\`#]|\$\(|<<")


def broken_text(text: str) -> str:
    """Give *text* with a line break in every word that is too long."""
    return _LONG_WORD.sub(lambda word: "\n".join(_pieces(word[0])), text)


def broken_command(command: str) -> str:
    """Give *command* so that a shell reads the same; it is left as it is where that is not certain."""
    if _NOT_PLAIN.search(command) or _LONG_WORD.search(command) is None:
        return command
    broken, end = [], 0
    for word in _LONG_WORD.finditer(command):
        broken.append(command[end : word.start()])
        # Within single quotes a backslash is one: they are closed before it, and opened after.
        quote = "'" if _is_in_single_quotes(command[: word.start()]) else ""
        broken.append(f"{quote}\\\n{quote}".join(_pieces(word[0])))
        end = word.end()
    return "".join([*broken, command[end:]])


def _is_in_single_quotes(before: str) -> bool:
    quote = ""
    for character in before:
        if character in "'\"" and quote in {"", character}:
            quote = "" if quote else character
    return quote == "'"


def _pieces(word: str) -> Iterator[str]:
    """Cut *word* into pieces that fit, behind an underscore where there is one in the second half of a line."""
    while len(word) > WIDEST:
        at = word.rfind("_", WIDEST // 2, WIDEST) + 1 or WIDEST
        yield word[:at]
        word = word[at:]
    yield word
