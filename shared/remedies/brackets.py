"""What a script sets for a while: ``DISABLE TRIGGER t``, a write, ``ENABLE TRIGGER t``.

Whether such statements ran shows nowhere, and nobody needs to know: they change nothing a second time, and what counts
is that they stand around what runs between them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from ..model.progress import Progress, Ran, StatementProgress, StatementState
from ..postgres.idempotent import Setting, settings_of
from ..postgres.reading_again import read_again


class Brackets:
    """The *statements* of a script that set what it sets more than once, of those that leave no trace."""

    def __init__(self, progress: Progress) -> None:
        self._script = progress.statements
        found = dict(_settings(progress))
        times = Counter(each for settings in found.values() for each in settings)
        self._by_number = {
            number: settings for number, settings in found.items() if all(times[each] > 1 for each in settings)
        }
        self._last = {setting: number for number, settings in self._by_number.items() for setting in settings}
        self.statements = frozenset(self._script[number] for number in self._by_number)

    def around(self, part: Sequence[StatementProgress]) -> tuple[StatementProgress, ...]:
        """Give what has to stand before, between and after the statements of *part*, in the script's order."""
        if not self._by_number:
            return ()
        of_part = set(part)
        waiting: dict[Setting, int] = {}
        wanted: set[int] = set()
        in_force: set[Setting] = set()
        for number, statement in enumerate(self._script):
            settings = self._by_number.get(number, frozenset())
            ended = {each for each in settings if self._last[each] == number}
            if statement in of_part:
                wanted |= set(waiting.values())
                in_force |= {*waiting, *settings}
                waiting = {}
            else:
                if not in_force.isdisjoint(ended):
                    wanted.add(number)
                waiting |= dict.fromkeys(settings - ended, number)
                waiting = {each: opened for each, opened in waiting.items() if each not in ended}
        return tuple(self._script[number] for number in sorted(wanted))


def _settings(progress: Progress) -> Iterator[tuple[int, frozenset[Setting]]]:
    for number, each in enumerate(progress.statements):
        is_open = each.state is StatementState.NO_TRACE and each.ran is not Ran.RAN
        if is_open and not (each.superseded or each.person) and each.sql[:5].upper() == "ALTER":
            for parsed in read_again(each):
                if settings := settings_of(parsed):
                    yield number, settings
