"""What a client suffers, as short as a message needs it: an operation a table, and its error."""

from collections.abc import Iterable, Iterator

from ...model.clients import ClientEffect, Operation, Suffers
from ...model.phrases import listed
from .wording import outcome

# The short name of each, without columns.
_BRIEF = {
    Operation.EVERYTHING: "all operations on {table}",
    Operation.READ: "reads of whole {table} records",
    Operation.INCLUDE: "includes over {table}.{columns}",
    Operation.CREATE: "creates of {table}",
    Operation.CREATE_WITHOUT: "creates of {table} without {columns}",
    Operation.UPDATE: "updates of {table}",
    Operation.WRITE_NULL: "writes of null to {table}.{columns}",
    Operation.DELETE: "deletes of {table}",
    Operation.UPSERT: "upserts of {table}",
    Operation.UPSERT_ON: "upserts of {table} by {columns}",
    Operation.CONNECT: "connects to a {table}",
}
_USES = (Operation.WHERE, Operation.ORDER, Operation.GROUP, Operation.AGGREGATE)


def in_brief(effects: Iterable[ClientEffect]) -> tuple[str, ...]:
    """``reads of whole User records fail: P2022 (42703)``, a sentence an operation: what is certain first.

    What is read of a table comes before what is written.
    """
    every = list(effects)
    tables = {table: place for place, table in enumerate(dict.fromkeys(each.table for each in every))}
    said = [
        ((not each.certain, each.outcome is Suffers.UNKNOWN, tables[each.table], rank), f"{words} {outcome(each)}")
        for each in every
        for rank, words in _operations(each)
    ]
    return tuple(dict.fromkeys(sentence for _, sentence in sorted(said, key=lambda each: each[0])))


def failing_tables(effects: Iterable[ClientEffect]) -> tuple[str, ...]:
    """The tables on which an operation certainly fails."""
    failing = (each for each in effects if each.certain and each.outcome is Suffers.FAILS)
    return tuple(dict.fromkeys(".".join(each.table) for each in failing))


def _operations(effect: ClientEffect) -> Iterator[tuple[int, str]]:
    """Each operation in words, with its place among them."""
    table, columns = effect.table[1], listed(effect.columns) if effect.columns else ""
    found = effect.operations
    for rank, (operation, words) in enumerate(_BRIEF.items()):
        if operation in found:
            yield rank, words.format(table=table, columns=columns)
    if Operation.READ not in found and any(each in found for each in _USES):
        yield 1, f"filters, sorting and aggregates of {table} by {columns}"
    if Operation.WRITE in found and Operation.CREATE not in found:
        yield len(_BRIEF), f"creates and updates of {table} that write {columns}"
