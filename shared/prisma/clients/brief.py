"""What a client suffers, as short as a message needs it: an operation a table, and its error."""

from collections.abc import Iterable, Iterator

from ...model.clients import ClientEffect, Operation, Suffers

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
_Like = tuple[tuple[str, str], Suffers, str, str | None, bool, str, str | None]


def in_brief(effects: Iterable[ClientEffect]) -> tuple[str, ...]:
    """``reads of whole User records and creates of User fail: P2022 (42703)``, what is certain first.

    Effects of a table that end alike are one sentence.
    """
    operations: dict[_Like, dict[str, None]] = {}
    for effect in sorted(effects, key=lambda each: (not each.certain, each.outcome is Suffers.UNKNOWN)):
        alike = (
            effect.table, effect.outcome, effect.code, effect.sqlstate, effect.certain, effect.because, effect.role,
        )  # fmt: skip
        operations.setdefault(alike, {}).update(dict.fromkeys(_operations(effect)))
    return tuple(f"{_joined(list(found))} {_outcome(alike)}" for alike, found in operations.items())


def failing_tables(effects: Iterable[ClientEffect]) -> tuple[str, ...]:
    """The tables on which an operation certainly fails."""
    failing = (each for each in effects if each.certain and each.outcome is Suffers.FAILS)
    return tuple(dict.fromkeys(".".join(each.table) for each in failing))


def _operations(effect: ClientEffect) -> Iterator[str]:
    table, columns = effect.table[1], _joined(list(effect.columns))
    found = effect.operations
    for operation, words in _BRIEF.items():
        if operation in found:
            yield words.format(table=table, columns=columns)
    if Operation.READ not in found and any(each in found for each in _USES):
        yield f"filters, sorting and aggregates of {table} by {columns}"
    if Operation.WRITE in found and Operation.CREATE not in found:
        yield f"creates and updates of {table} that write {columns}"


def _outcome(alike: _Like) -> str:
    _, outcome, code, sqlstate, certain, because, role = alike
    may = "" if certain else "may "
    text = {
        Suffers.FAILS: f"{may}fail: {code}{'' if sqlstate is None else f' ({sqlstate})'}",
        Suffers.CHANGES: f"{may}answer differently, without an error",
        Suffers.UNKNOWN: "cannot be judged",
    }[outcome]
    of_role = "" if role is None else f", for {role}"
    joint = ", " if because.startswith(("where ", "while ", "as ")) else ": "
    return f"{text}{of_role}{joint if because else ''}{because}"


def _joined(parts: list[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)
