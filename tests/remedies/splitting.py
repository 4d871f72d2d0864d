"""In which parts Prisma from 7.4 on sends a script: by the parser that it uses itself."""

from functools import lru_cache

import sqloxide  # type: ignore[import-untyped]

from shared.postgres.parse import ParseError, parse


@lru_cache(maxsize=4096)
def parts_of(script: str) -> tuple[str, ...]:
    """Each statement is a part; the whole file is one where sqlparser-rs does not know a statement."""
    try:
        sqloxide.parse_sql(sql=script, dialect="postgres")
        return tuple(statement.sql for statement in parse(script))
    except (ValueError, ParseError):
        return (script,)
