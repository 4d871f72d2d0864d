"""How large the files of tables and indexes become at most: pages, rows and entries as PostgreSQL lays them out."""

from collections.abc import Sequence

from ...model.disk import DiskUse
from ...model.schema import Column
from ...model.value import dataclass
from .known import Known
from .widths import Width, aligned, fixed_width, most_of

_PAGE = 8192
_USABLE = _PAGE - 24
# A row in its page: its pointer and its header. No row is shorter.
ROW = 4 + 24
# Longer rows move their long values out (TOAST_TUPLE_THRESHOLD), so that four of them fit into a page.
_LONGEST_ROW = 2040
# Rows differ in length: the one that no longer fits into a page is rarely longer than so many times the mean.
_LONGER = 4
# The server's estimate of the rows is from a sample.
MORE_ROWS = 1.25
_ENTRY, _ENTRY_WITH_NULLS, _LONGEST_ENTRY = 4 + 8, 4 + 16, 2704
_FILLED = 0.9
# Upper levels, and the first pages of an index.
_LEVELS, FIRST_PAGES = 1.03, 10 * _PAGE
# A hash index makes its buckets ahead.
_HASH = 3.0
_SORTED = 16  # what a sort keeps beside each entry


@dataclass(frozen=True, slots=True)
class Heap:
    """A table: *bytes* and *rows* at most, *toast* of its long values, and what its pages are filled to, in percent.

    *indexes* are the bytes of all its indexes; None where they were not counted since the table was filled.
    """

    bytes: float
    rows: float
    toast: float
    fillfactor: int
    indexes: float | None


def packed(heap: Heap, more: int) -> float:
    """The bytes of the file with *more* bytes in each row."""
    total = heap.bytes + heap.rows * more
    is_counted = heap.indexes is not None
    mean = total / heap.rows if heap.rows and is_counted else _LONGEST_ROW
    usable = _USABLE * heap.fillfactor / 100 - min(_LONGER * mean, _LONGEST_ROW)
    return total / max(usable, _LONGEST_ROW) * _PAGE + _PAGE if total else 0.0


def hash_index(heap: Heap) -> DiskUse:
    files = round(heap.rows * (_ENTRY + 8) * _HASH) + FIRST_PAGES
    return DiskUse(files, files, round(heap.rows * (_ENTRY + 8 + _SORTED)))


def btree(heap: Heap, columns: Sequence[Column | None], fixed_part: int, before: Known) -> DiskUse:
    """Give what building an index over *columns* writes; *fixed_part* are the bytes of a row that no value is in."""
    entries, longest = _entries(heap, columns, fixed_part, before)
    usable = _FILLED * _USABLE - longest
    files = round(entries / usable * _PAGE * _LEVELS) + FIRST_PAGES
    return DiskUse(files, files, round(entries + heap.rows * _SORTED))


def _entries(heap: Heap, columns: Sequence[Column | None], fixed_part: int, before: Known) -> tuple[float, float]:
    """The bytes of all entries of an index over *columns*, and of the longest one."""
    widths = [fixed_width(each.type, before) if each is not None else None for each in columns]
    has_nulls = len(columns) > 1 and any(each is None or each.nullable for each in columns)
    entry = (_ENTRY_WITH_NULLS if has_nulls else _ENTRY) + max(8, _length(widths))
    if None not in widths:
        return heap.rows * entry, entry
    # What is not of a fixed length stands in the rows too, beside their other parts; and a type may limit it.
    values = max(0.0, heap.bytes + heap.toast - heap.rows / MORE_ROWS * fixed_part)
    limits = [_limit(each, width) for each, width in zip(columns, widths, strict=True)]
    most = min(_LONGEST_ENTRY, sum(each for each in limits if each is not None))
    values = min(values, heap.rows * (_LONGEST_ENTRY if None in limits else most))
    entries = heap.rows * (entry + 8) + values
    return entries, min(_LONGEST_ENTRY, _LONGER * entries / heap.rows) if heap.rows else entry


def _limit(column: Column | None, width: Width | None) -> int | None:
    """The bytes of a value of any length at most; None where its type sets no limit, 0 where it is of fixed length."""
    if width is not None:
        return 0
    return most_of(column.type) if column is not None else None


def _length(widths: Sequence[Width | None]) -> int:
    offset = 0
    for each in widths:
        if each is not None:
            offset = aligned(offset, each.align) + each.bytes
    return aligned(offset, 8)
