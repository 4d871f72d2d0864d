"""What a server must be for a piece of test data: ``since 15`` or ``before 15`` behind it; ``-- since 15`` in SQL."""

import re

_MARK = re.compile(r"(?:[ ]--)? (?P<word>since|before) (?P<version>\d\d)$")


def of_version(piece: str, server_version: int) -> str | None:
    """Give *piece* without its mark; None where it is not for that server (``150004``)."""
    mark = _MARK.search(piece)
    if mark is None:
        return piece
    is_newer = server_version >= int(mark["version"]) * 10_000
    return piece[: mark.start()] if is_newer == (mark["word"] == "since") else None


def lines_of_version(script: str, server_version: int) -> str:
    """Give *script* with its lines that are for that server; the others are left empty, so that all keep their number."""
    return "\n".join(of_version(line, server_version) or "" for line in script.splitlines())
