"""What a script sets for a while: ``DISABLE TRIGGER t``, a write, ``ENABLE TRIGGER t``.

Whether such statements ran shows nowhere, and nobody needs to know: they change nothing a second time, and what counts
is that they stand around what runs between them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ..model.progress import Progress, Ran, StatementProgress, StatementState
from ..postgres.idempotent import Setting, settings_of
from ..postgres.reading_again import read_again


def brackets(progress: Progress) -> frozenset[StatementProgress]:
    """The statements that set for a while what the script sets again, or set that again: nobody is asked of them."""
    return frozenset(progress.statements[number] for number in _brackets(progress))


def within_brackets(progress: Progress, part: Sequence[StatementProgress]) -> list[StatementProgress]:
    """Give *part* with what has to stand before, between and after its statements, in the script's order."""
    by_number = _brackets(progress)
    if not by_number:
        return list(part)
    last = {setting: number for number, settings in by_number.items() for setting in settings}
    waiting: dict[Setting, int] = {}
    wanted: set[int] = set()
    in_force: set[Setting] = set()
    for number, statement in enumerate(progress.statements):
        settings = by_number.get(number, frozenset())
        if statement in part:
            wanted |= {number, *waiting.values()}
            in_force |= {*waiting, *settings}
            waiting = {}
        elif settings:
            waiting.update(dict.fromkeys((each for each in settings if last[each] != number), number))
            if any(each in in_force and last[each] == number for each in settings):
                wanted.add(number)
            for each in settings:
                if last[each] == number:
                    waiting.pop(each, None)
    return [statement for number, statement in enumerate(progress.statements) if number in wanted]


def _brackets(progress: Progress) -> Mapping[int, frozenset[Setting]]:
    """By number, what the statements set that the script sets more than once, of those that leave no trace."""
    found = dict(_settings(progress))
    times = Counter(each for settings in found.values() for each in settings)
    return {number: settings for number, settings in found.items() if all(times[each] > 1 for each in settings)}


def _settings(progress: Progress) -> Iterator[tuple[int, frozenset[Setting]]]:
    for number, each in enumerate(progress.statements):
        is_open = each.state is StatementState.NO_TRACE and each.ran is not Ran.RAN
        if is_open and not (each.superseded or each.person) and each.sql[:5].upper() == "ALTER":
            for parsed in read_again(each):
                if settings := settings_of(parsed):
                    yield number, settings
