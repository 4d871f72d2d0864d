"""What a deployment writes to the server's disk, and what the disk has left."""

from datetime import datetime

from .value import dataclass

_GIB = 2**30
# An Azure flexible server turns read-only at 95 % used, or where less than 5 GiB are free (Microsoft's documentation,
# "Storage options in Azure Database for PostgreSQL").
READ_ONLY_PERCENT = 95
READ_ONLY_FREE = 5 * _GIB


@dataclass(frozen=True, slots=True)
class DiskUse:
    """Bytes that a statement writes, at most: *files* of tables and indexes, *wal*, and *sorting* until it ends.

    *freed* are old files that go at the end of its transaction, at least.
    """

    files: int = 0
    wal: int = 0
    sorting: int = 0
    freed: int = 0

    @property
    def written(self) -> int:
        return self.files + self.wal + self.sorting


@dataclass(frozen=True, slots=True)
class Storage:
    """The server's disk at the moment *at*: *free* bytes, and *percent* of it used, as Azure measures both."""

    free: int
    percent: float
    at: datetime

    @property
    def size(self) -> int:
        """The bytes of the whole disk; those that are free where no more is known."""
        return round(self.free / (1 - self.percent / 100)) if self.percent < 100 else self.free

    @property
    def left(self) -> int:
        """The bytes that can be written before the server turns read-only; less than 0 once it is."""
        return self.free - max(READ_ONLY_FREE, self.size * (100 - READ_ONLY_PERCENT) // 100)


@dataclass(frozen=True, slots=True)
class ReplicationSlot:
    """*held* are the bytes of WAL that it keeps from being removed, until its consumer has read them."""

    name: str
    active: bool
    held: int


@dataclass(frozen=True, slots=True)
class DiskNeed:
    """Bytes that a run needs beside what is on the disk, at most: *written* at its fullest moment.

    *slot* holds back most WAL: its consumer lags, so that as much again is kept while the run writes. *unknown*
    statements, whose bytes are not known, are not in it. *storage* is None where it was not read: then nothing is
    claimed.
    """

    written: int
    slot: ReplicationSlot | None = None
    unknown: int = 0
    storage: Storage | None = None

    @property
    def bytes(self) -> int:
        held = self.slot.held if self.slot is not None else 0
        return self.written + held if self.written else 0

    @property
    def fills_disk(self) -> bool:
        """The server may turn read-only."""
        return self.storage is not None and self.bytes > max(self.storage.left, 0)

    @property
    def fills_half(self) -> bool:
        """It may take more than half of what is left."""
        return self.storage is not None and self.bytes > max(self.storage.left, 0) / 2
