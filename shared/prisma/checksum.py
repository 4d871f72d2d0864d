"""Checksums of migration scripts, as Prisma's engine computes and compares them."""

from collections.abc import Iterator
from hashlib import sha256

_HEX_LENGTH = 64


def text_of(script: bytes) -> str:
    """Read a script as Prisma does since 6.6: bytes that are no UTF-8 become U+FFFD. A byte order mark stays."""
    return script.decode("utf-8", "replace")


def matches(script: bytes, checksum: str) -> bool:
    """Say whether *script* is the one that Prisma recorded under *checksum*.

    Git may have rewritten line endings since, so either kind will do. Rows from before May 2021
    lack zero padding (prisma-engines #1889). An empty or upper-case value never matches.
    """
    return any(checksum == accepted for accepted in accepted_checksums(script, legacy=len(checksum) != _HEX_LENGTH))


def accepted_checksums(script: bytes, *, legacy: bool = False) -> Iterator[str]:
    """Every value under which *script* may stand in the history, likeliest first; *legacy*: without zero padding."""
    text = text_of(script)
    lines_end_in_lf = text.replace("\r\n", "\n")
    for variant in dict.fromkeys((text, lines_end_in_lf, lines_end_in_lf.replace("\n", "\r\n"))):
        digest = sha256(variant.encode()).digest()
        yield "".join(f"{byte:x}" for byte in digest) if legacy else digest.hex()
