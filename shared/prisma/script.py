"""Questions about a migration script that need no parser."""

import re

from .checksum import text_of

_COMMENTS_AND_SPACE = re.compile(r"--[^\n]*|/\*.*?\*/|[\s;]+", re.DOTALL)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def is_empty(text: str) -> bool:
    """Say whether *text* holds no statement, like the ``-- This is an empty migration.`` that Prisma writes."""
    return not _COMMENTS_AND_SPACE.sub("", text)


def has_byte_order_mark(script: bytes) -> bool:
    """Say whether *script* starts with a byte order mark, which PostgreSQL refuses as a syntax error."""
    return script.startswith(_BYTE_ORDER_MARK)


def runnable(script: bytes) -> bytes:
    """Give what PostgreSQL would be sent of *script*: as Prisma reads it, without a byte order mark."""
    return text_of(script).removeprefix("\ufeff").encode()
