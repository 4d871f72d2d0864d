"""What a command at a terminal has to do with memory: ``--notify`` tells people and remembers; else it is only read.

All that remembers and tells is imported where that is done: a call without settings has neither, and starts sooner.
"""

from argparse import ArgumentParser, Namespace
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ...model.last_seen import NOTHING_SEEN, LastSeen
from ...model.report import Report
from ...model.settings import BrokenTarget, Settings, Target
from .exits import COULD_NOT_TELL, UsageError
from .output import say

if TYPE_CHECKING:
    from ...alerts.self_watch import SelfWatch
    from ...model.memory import Memory


def add_notify_option(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--notify", action="store_true", help="tell the channels of the settings what is news, and remember it"
    )


class Telling:
    """Reads the memory of targets, and with ``--notify`` tells and remembers. What fails is `trouble`."""

    def __init__(self, options: Namespace, settings: Settings | None) -> None:
        if options.notify and (settings is None or not settings.alerts.channels):
            raise UsageError("--notify needs a settings file with [[alerts.channel]]: whom should it tell?")
        self._settings, self._notifies = settings, options.notify
        self._watch: SelfWatch | None = None
        # The number of each target's last run when this one began to look.
        self._began: dict[str, int] = {}
        self.trouble: list[str] = []

    def last_seen(self, target: Target | BrokenTarget) -> LastSeen:
        if self._settings is None:
            return NOTHING_SEEN
        memory = _memory(target, self._settings)
        self._began[target.name] = memory.number
        return memory.last_seen

    def deploying(self, target: Target | BrokenTarget) -> bool:
        """Say whether somebody deploys, or is about to: who notifies nobody asks for themselves."""
        if not self._notifies or self._settings is None:
            return True
        return _memory(target, self._settings).window is not None

    def over(self, target: Target | BrokenTarget) -> AbstractContextManager[None]:
        """Watch over a run that tells: signs of life around it, and a last message if it crashes."""
        if self._settings is None or not self._notifies:
            return nullcontext()
        return self._watching().over(target.name, self._settings.alerts)

    def told(self, report: Report, target: Target | BrokenTarget) -> Report:
        """Give *report* with what is silenced marked, after telling whom it concerns."""
        if self._settings is None:
            return report
        if not self._notifies:
            from ...alerts.decide.silences import marked  # noqa: PLC0415  # see above

            return marked(report, _memory(target, self._settings), datetime.now(UTC))
        from ...alerts.notifier import NobodyNotifiedError, notify  # noqa: PLC0415  # see above
        from ...memory import RememberError, memory_of  # noqa: PLC0415  # see above

        alerts, place = self._settings.alerts, memory_of(target.name, self._settings.memory)
        try:
            told = notify(report, target, alerts, place, began=self._began.get(target.name))
        except NobodyNotifiedError as error:
            self.trouble.append(f"{target.name}: {error}")
            return report
        except RememberError as error:
            self.trouble.append(f"{target.name}: {error}")
            self._watching().tell_unsaved(error, target.name, alerts)
            return report
        self.trouble += [f"{target.name}: {given_up}" for given_up in told.given_up]
        if told.lost is not None:
            self.trouble.append(f"{target.name}: {told.lost}")
        for delivery in told.deliveries:
            say(f"{target.name}: {delivery.channel}: {delivery.said}")
        return told.report

    def _watching(self) -> "SelfWatch":
        if self._watch is None:
            from ...alerts.self_watch import SelfWatch  # noqa: PLC0415  # see above

            self._watch = SelfWatch(say)
        return self._watch

    def ended(self, status: int) -> int:
        """Say at the end what could not be told or remembered; in step is no status for that."""
        for trouble in self.trouble:
            say(trouble)
        return status or (COULD_NOT_TELL if self.trouble else status)


def _memory(target: Target | BrokenTarget, settings: Settings) -> "Memory":
    from ...memory import memory_of  # noqa: PLC0415  # see above

    return memory_of(target.name, settings.memory).load()
