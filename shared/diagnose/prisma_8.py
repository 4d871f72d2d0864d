"""What Prisma 8 keeps in a database beside a history of Prisma 7 or older: no drift as long as it is only that."""

from ..model.knowledge import Unavailable
from ..model.schema import Kind, Schema, Subject
from ..model.value import replace
from ..prisma.contract import CONTRACT_SCHEMA, CONTRACT_TABLES

_ON_A_TABLE = frozenset(
    {Kind.COLUMN, Kind.PRIMARY_KEY, Kind.UNIQUE, Kind.FOREIGN_KEY, Kind.CHECK, Kind.INDEX, Kind.SEQUENCE}
)


def holds_prisma_8(live: Schema | Unavailable) -> bool:
    """Say whether the schema of Prisma 8 is there and holds nothing else."""
    if isinstance(live, Unavailable) or Subject(Kind.SCHEMA, (CONTRACT_SCHEMA,)) not in live.objects:
        return False
    return all(map(_is_prismas, filter(_is_within, live.objects)))


def without_prisma_8(live: Schema | Unavailable) -> Schema | Unavailable:
    """Give *live* without what Prisma 8 itself made; all of it where something else is in there too."""
    if isinstance(live, Unavailable) or not holds_prisma_8(live):
        return live
    return replace(live, objects={each: found for each, found in live.objects.items() if not _is_within(each)})


def _is_within(subject: Subject) -> bool:
    return subject.schema == CONTRACT_SCHEMA


def _is_prismas(subject: Subject) -> bool:
    """What hangs on its tables is its own, too; a table, view or function of another name is not."""
    if subject.kind is Kind.TABLE:
        return subject.name[1] in CONTRACT_TABLES
    return subject.kind is Kind.SCHEMA or subject.kind in _ON_A_TABLE
