"""What a client suffers, in sentences."""

from collections.abc import Iterable, Iterator

from ...model.clients import ClientEffect, Operation, Suffers
from ...model.phrases import listed

_USES = (Operation.WHERE, Operation.ORDER, Operation.GROUP, Operation.AGGREGATE)
_ALL_USES = "filters, sorting, grouping and aggregates by {columns}"
_READ_ALL = "reads of {table}"
# So many effects are one line; what drops a schema has thousands.
_MOST = 10


def client_effects(effects: Iterable[ClientEffect]) -> tuple[str, ...]:
    """Each effect in a sentence, what is certain first."""
    return tuple(dict.fromkeys(map(sentence, _surest_first(effects))))


def on_one_line(effects: Iterable[ClientEffect]) -> str:
    """``breaks clients of the running release: reads of … fail: P2022 (42703); …``."""
    ordered = _surest_first(effects)
    breaks = "breaks" if any(each.certain for each in ordered) else "may break"
    assumed = " that still use what the statement changes" if any(each.assumed for each in ordered) else ""
    said = list(dict.fromkeys(map(_bare, ordered)))
    more = f"; and {len(said) - _MOST} more" if len(said) > _MOST else ""
    return f"{breaks} clients of the running release{assumed}: {'; '.join(said[:_MOST])}{more}"


def _surest_first(effects: Iterable[ClientEffect]) -> list[ClientEffect]:
    return sorted(
        effects, key=lambda each: (not each.certain, each.outcome is Suffers.UNKNOWN, each.sqlstate == "0A000")
    )


def sentence(effect: ClientEffect) -> str:
    """``reads of whole User records or age fail: P2022 (42703)``; what is uncertain has its condition."""
    return f"if the running release still uses it, {_bare(effect)}" if effect.assumed else _bare(effect)


def _bare(effect: ClientEffect) -> str:
    what = ", and ".join(_operations(effect))
    until = f", until {effect.until}" if effect.until is not None else ""
    return f"{what} {outcome(effect)}{until}"


def _operations(effect: ClientEffect) -> Iterator[str]:
    operations = effect.operations
    columns = listed(effect.columns) if effect.columns else ""
    if all(each in operations for each in _USES):
        operations = tuple(each for each in operations if each not in _USES[1:])
    for each in operations:
        text = str(each)
        if each is Operation.READ and not effect.columns:
            text = _READ_ALL
        elif each is Operation.WHERE and _USES[1] not in operations and _USES[1] in effect.operations:
            text = _ALL_USES
        elif each is Operation.WRITE and Operation.CREATE in operations:
            text = "updates of {table} that write {columns}"
        yield text.format(table=effect.table[1], columns=columns)


def outcome(effect: ClientEffect) -> str:
    """What becomes of its operations, for which role, and when or why."""
    may = "" if effect.certain else "may "
    text = {
        Suffers.FAILS: f"{may}fail: {effect.code}{'' if effect.sqlstate is None else f' ({effect.sqlstate})'}",
        Suffers.CHANGES: f"{may}answer differently, without an error",
        Suffers.UNKNOWN: "cannot be predicted",
    }[effect.outcome]
    role = f", for {effect.role}" if effect.role is not None else ""
    return f"{text}{role}{_condition(effect)}"


def _condition(effect: ClientEffect) -> str:
    """What follows the outcome: when it holds, or why."""
    if not effect.because:
        return ""
    joint = ", " if effect.because.startswith(("where ", "while ", "as ")) else ": "
    return joint + effect.because
