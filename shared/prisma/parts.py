"""Which parts of a script ran before as migrations of their own, by the checksums that the history recorded of them."""

from collections.abc import Collection, Iterator
from hashlib import sha256

# Lines that are hashed, all beginnings together: some tenths of a second.
_MOST_LINES = 200_000


def recorded_parts(script: bytes, checksums: Collection[str]) -> Iterator[tuple[int, int]]:
    """Give the byte ranges of *script*, whole lines, that are scripts recorded under one of *checksums*.

    People squash migrations by putting their files together. A script so long that not all can be tried has no parts
    from there on.
    """
    lines = script.splitlines(keepends=True)
    budget = _MOST_LINES
    at = place = 0
    while place < len(lines) and budget > 0:
        digest = sha256()
        end, found = at, 0
        for count, line in enumerate(lines[place:], 1):
            budget -= 1
            unended = digest.copy()
            unended.update(line.removesuffix(b"\n"))
            digest.update(line)
            end += len(line)
            if digest.hexdigest() in checksums or unended.hexdigest() in checksums:
                found = count
                break
            if budget <= 0:
                break
        if found:
            yield at, end
            at, place = end, place + found
        else:
            at, place = at + len(lines[place]), place + 1
