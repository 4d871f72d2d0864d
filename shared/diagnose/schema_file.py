"""A release's ``schema.sql``: what `prisma migrate diff --from-empty --to-schema … --script` prints, replayed."""

from functools import lru_cache

from ..model.knowledge import Unavailable
from ..model.schema import Schema
from ..postgres.parse import MalformedError, ParseError, read, unread
from ..postgres.replay import Replay
from ..prisma.release import SCHEMA_FILE
from ..prisma.script import runnable


# The running release, and the one that the sources have, stay the same for many runs.
@lru_cache(maxsize=4)
def schema_of_file(schema_sql: bytes, schema: str) -> Schema | Unavailable:
    """Give the schema that *schema_sql* makes; *schema* is what unqualified names mean.

    Unavailable where a statement cannot be parsed or followed, and where there is none: a schema would be lacking
    something that is not known.
    """
    replay = Replay(schema)
    try:
        for statement in read(runnable(schema_sql)):
            if (error := unread(statement)) is not None:
                return _malformed(error)
            replay.run(statement)
    except MalformedError as error:
        return _malformed(error)
    made = replay.freeze()
    if made.opaque or made.mentioned:
        subject = next(iter(made.opaque), None)
        of = f" ({subject}: {made.opaque[subject]})" if subject is not None else ""
        return Unavailable(f"not all of {SCHEMA_FILE} is understood{of}", lasting=True)
    if not made.objects:
        return Unavailable(f"{SCHEMA_FILE} creates nothing: the command that writes it failed", lasting=True)
    return made


def _malformed(error: ParseError) -> Unavailable:
    return Unavailable(f"PostgreSQL cannot parse {SCHEMA_FILE}, {error}", lasting=True)
