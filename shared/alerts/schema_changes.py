"""What changed in the database's schema, from run to run: kept for half a year, in a document beside the memory.

The schema that was read last is kept there too, packed. A run that reads the same has nothing to do but to write it out
and compare digests; one that reads another compares the two as drift is compared, so one change is one entry.
"""

import json
from base64 import b85decode, b85encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zlib import compress, decompressobj, error

from ..memory.codec import NotInShapeError, from_json, to_json
from ..model.attribution import SeenBefore
from ..model.difference import Change, Difference
from ..model.digest import digest
from ..model.memory import Memory, SeenSchema
from ..model.schema import Schema
from ..model.schema_change import SchemaChange
from ..model.schema_document import NoSchemaError, as_document, from_document
from ..model.value import dataclass, replace
from ..postgres.difference import differences

KEPT = timedelta(days=180)
# Entries; a migration that makes hundreds of tables is said in part, and its last entry says so.
MOST = 1_000
_MOST_AT_ONCE = 200
_LONGEST_WORDS = 300
# A larger schema is not kept: to write it out at each run takes longer than all else.
MOST_OBJECTS = 20_000
# Bytes of a kept schema once unpacked; more was not written here.
_LARGEST = 64 * 1024 * 1024
# Gives the document of that digest, None where there is none.
TextOf = Callable[[str], str | None]


def no_text(_digest: str) -> None:
    """Give no document: there is none beside the memory."""


@dataclass(frozen=True, slots=True)
class _Entries:
    """The document of the changes, the newest first."""

    changes: tuple[SchemaChange, ...]


def with_schema(memory: Memory, schema: Schema | None, at: datetime, text: TextOf) -> tuple[Memory, Mapping[str, str]]:
    """Give *memory* that knows the *schema* read at *at*, and the documents that are new with it, by digest.

    What was kept and cannot be read any more is no change: the schema is kept again, as at first sight.
    """
    if schema is None or len(schema.objects) > MOST_OBJECTS:
        return memory, {}
    packed = b85encode(compress(as_document(schema), 6)).decode("ascii")
    name, before = digest(packed), memory.schema
    known = replace(memory, schema=SeenSchema(at, name))
    if before is None or before.document == name:
        return known, {} if before is not None else {name: packed}
    kept = _unpacked(text(before.document))
    new = [] if kept is None else list(_changes(kept, schema, before.at, at))
    if not new:
        return known, {name: packed}
    entries = _Entries(_bounded([*new, *changes_of(memory, text)], at))
    document = json.dumps(to_json(entries))
    return replace(known, schema_changes=digest(document)), {name: packed, digest(document): document}


def seen_before(memory: Memory, text: TextOf) -> SeenBefore | None:
    """Give the schema that was read last, and the changes before; None where it cannot be read."""
    if memory.schema is None:
        return None
    kept = _unpacked(text(memory.schema.document))
    return None if kept is None else SeenBefore(kept, memory.schema.at, tuple(changes_of(memory, text)))


def changes_of(memory: Memory, text: TextOf) -> Sequence[SchemaChange]:
    """Give the changes that are kept, the newest first; none where their document cannot be read."""
    document = None if memory.schema_changes is None else text(memory.schema_changes)
    try:
        found = None if document is None else from_json(_Entries, json.loads(document))
    except (ValueError, RecursionError, NotInShapeError):
        found = None
    return found.changes if isinstance(found, _Entries) else ()


def in_words(change: SchemaChange) -> str:
    """``column public.users.age appeared: integer``, ``… is now text; it was integer``."""
    if change.before is None:
        return f"{change.subject} appeared: {change.after}"
    if change.after is None:
        return f"{change.subject} is gone; it was {change.before}"
    return f"{change.subject} is now {change.after}; it was {change.before}"


def _changes(before: Schema, after: Schema, since: datetime, at: datetime) -> Iterator[SchemaChange]:
    found = differences(before, after)
    for each in found[:_MOST_AT_ONCE]:
        yield _change(each, since, at)
    if len(found) > _MOST_AT_ONCE:
        yield SchemaChange(at, since, f"{len(found) - _MOST_AT_ONCE} more objects", "not listed", "not listed")


def _change(each: Difference, since: datetime, at: datetime) -> SchemaChange:
    subject = str(each.subject) if each.found_as is None else f"{each.subject}, now {each.found_as}"
    return SchemaChange(
        at,
        since,
        subject[:_LONGEST_WORDS],
        None if each.change is Change.UNEXPECTED else each.expected[:_LONGEST_WORDS],
        None if each.change is Change.MISSING and each.found_as is None else each.actual[:_LONGEST_WORDS],
        each.attributes,
    )


def _bounded(changes: Sequence[SchemaChange], now: datetime) -> tuple[SchemaChange, ...]:
    return tuple(each for each in changes[:MOST] if now - each.at <= KEPT)


def _unpacked(packed: str | None) -> Schema | None:
    if packed is None:
        return None
    try:
        unpacking = decompressobj()
        document = unpacking.decompress(b85decode(packed), _LARGEST)
        return from_document(document) if unpacking.eof else None
    except (ValueError, error, NoSchemaError):
        return None
