"""Is this the text of that statement? Blanks, comments, a last semicolon and the case of words do not matter."""

import re

_PART = re.compile(
    r"""--[^\n]*|/\*.*?(?:\*/|\Z)|\s+|(?P<kept>"[^"]*"?|'[^']*'?|(?P<tag>\$\w*\$).*?(?:(?P=tag)|\Z))|[^"'$\s/-]+|.""",
    re.DOTALL,
)
# The server keeps 100 bytes of a text at least (track_activity_query_size), less what is left of a last character.
_SHORTEST_CUT = 95


def plain(sql: str) -> str:
    """Give *sql* so that two spellings of one statement are equal; what is quoted is kept."""
    parts = (
        each["kept"] or ("" if each[0][:2] in ("--", "/*") or each[0].isspace() else each[0].lower())
        for each in _PART.finditer(sql)
    )
    return "".join(parts).rstrip(";")


def is_beginning(text: str, whole: str) -> bool:
    """Say whether *text* may be what a server kept of a text whose `plain` form is *whole*."""
    if len(text.encode()) < _SHORTEST_CUT:
        return False
    # The cut may have halved the mark of a comment.
    begun = plain(text.rstrip("-/"))
    return bool(begun) and whole.startswith(begun)
