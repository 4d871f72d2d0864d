"""What a command at a terminal has to do with memory: ``--notify`` tells people and remembers; else it is only read."""

from argparse import ArgumentParser, Namespace
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime

from shared.doors.terminal.exits import COULD_NOT_TELL, UsageError
from shared.doors.terminal.output import say
from shared.memory import RememberError, memory_of
from shared.model.last_seen import LastSeen
from shared.model.memory import Memory
from shared.model.report import Report
from shared.model.settings import BrokenTarget, Settings, Target
from shared.report.decide.silences import marked
from shared.tell import NobodyToldError, tell
from shared.watch import SelfWatch


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
        self.trouble: list[str] = []

    def last_seen(self, target: Target | BrokenTarget) -> LastSeen:
        return self._memory(target).last_seen

    def over(self, target: Target | BrokenTarget) -> AbstractContextManager[None]:
        """Watch over a run that tells: signs of life around it, and a last message if it crashes."""
        if self._settings is None or not self._notifies:
            return nullcontext()
        return SelfWatch(say).over(target.name, self._settings.alerts)

    def told(self, report: Report, target: Target | BrokenTarget) -> Report:
        """Give *report* with what is silenced marked, after telling whom it concerns."""
        if self._settings is None or not self._notifies:
            return marked(report, self._memory(target), datetime.now(UTC))
        try:
            told = tell(report, target, self._settings.alerts, memory_of(target.name, self._settings.memory))
        except (NobodyToldError, RememberError) as error:
            self.trouble.append(f"{target.name}: {error}")
            return report
        if told.lost is not None:
            self.trouble.append(f"{target.name}: {told.lost}")
        for delivery in told.deliveries:
            say(f"{target.name}: {delivery.channel}: {delivery.said}")
        return told.report

    def ended(self, status: int) -> int:
        """Say at the end what could not be told or remembered; in step is no status for that."""
        for trouble in self.trouble:
            say(trouble)
        return status or (COULD_NOT_TELL if self.trouble else status)

    def _memory(self, target: Target | BrokenTarget) -> Memory:
        if self._settings is None:
            return Memory(target.name)
        return memory_of(target.name, self._settings.memory).load()
