"""How a command at a terminal uses the memory: ``--notify`` notifies people and saves; without it, it only reads.

The modules for that are imported where they are used: a call without settings needs none and starts sooner.
"""

from argparse import ArgumentParser, Namespace
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ...model.attribution import SeenBefore
from ...model.last_seen import NOTHING_SEEN, LastSeen
from ...model.report import Report
from ...model.settings import BrokenTarget, Settings, Target
from .exits import UNKNOWN, UsageError
from .output import say

if TYPE_CHECKING:
    from ...alerts.self_watch import SelfWatch
    from ...model.commit_status import CommitStatusSettings
    from ...model.memory import Memory


def add_notify_option(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--notify", action="store_true", help="notify the channels of the settings of what is new, and save that"
    )


class Notifying:
    """Reads the memory of targets, and with ``--notify`` notifies people and saves. What fails is `trouble`."""

    def __init__(self, options: Namespace, settings: Settings | None) -> None:
        notifies = bool(getattr(options, "notify", False))
        if notifies and (settings is None or not settings.alerts.channels):
            raise UsageError("--notify needs a settings file with at least one [[alerts.channel]]")
        self._settings, self._notifies = settings, notifies
        # Of several targets the messages of incident groups are sent once, at the end.
        self._flushes: bool = getattr(options, "all", False)
        self._watch: SelfWatch | None = None
        # The number of each target's last run when this one began.
        self._began: dict[str, int] = {}
        self.trouble: list[str] = []

    def last_seen(self, target: Target | BrokenTarget) -> LastSeen:
        if self._settings is None:
            return NOTHING_SEEN
        memory = _memory(target, self._settings)
        self._began[target.name] = memory.number
        return memory.last_seen

    def seen_before(self, target: Target | BrokenTarget) -> SeenBefore | None:
        """Give the schema that the run before read; None where nothing is remembered."""
        if self._settings is None:
            return None
        from ...alerts.schema_changes import seen_before  # noqa: PLC0415  # see above
        from ...memory import memory_of  # noqa: PLC0415  # see above

        place = memory_of(target.name, self._settings.memory)
        return seen_before(place.load(), place.text)

    def deploying(self, target: Target | BrokenTarget) -> bool:
        """Say whether a deployment is under way; a call without --notify counts as one."""
        if not self._notifies or self._settings is None:
            return True
        return _memory(target, self._settings).window is not None

    def over(self, target: Target | BrokenTarget) -> AbstractContextManager[None]:
        """Watch a run that notifies: heartbeats around it, and a last message if it crashes."""
        if self._settings is None or not self._notifies:
            return nullcontext()
        return self._watching().over(target.name, self._settings.alerts)

    def notified(self, report: Report, target: Target | BrokenTarget) -> Report:
        """Notify the channels, and give *report* with its silenced findings marked."""
        if self._settings is None:
            return report
        if not self._notifies:
            from ...alerts.decide.silences import marked  # noqa: PLC0415  # see above

            return marked(report, _memory(target, self._settings), datetime.now(UTC))
        from ...alerts.groups import groups_of  # noqa: PLC0415  # see above
        from ...alerts.notifier import NobodyNotifiedError, notify  # noqa: PLC0415  # see above
        from ...memory import RememberError, memory_of  # noqa: PLC0415  # see above

        alerts, place = self._settings.alerts, memory_of(target.name, self._settings.memory)
        try:
            groups = groups_of(self._settings, gather=timedelta(0), leads=not self._flushes)
            sent = notify(report, target, alerts, place, began=self._began.get(target.name), groups=groups)
        except NobodyNotifiedError as error:
            self.trouble.append(f"{target.name}: {error}")
            return report
        except RememberError as error:
            self.trouble.append(f"{target.name}: {error}")
            self._watching().notify_unsaved(error, target.name, alerts)
            return report
        self.trouble += [f"{target.name}: {given_up}" for given_up in sent.given_up]
        if sent.lost is not None:
            self.trouble.append(f"{target.name}: {sent.lost}")
        for delivery in sent.deliveries:
            say(f"{target.name}: {delivery.channel}: {delivery.said}")
        return sent.report

    def write_commit_status(self, report: Report, status: "CommitStatusSettings", release: str | None) -> None:
        """Write the verdict where GitHub asks for it."""
        from ...alerts.commit_status import write_commit_status  # noqa: PLC0415  # see above
        from ...alerts.delivery.error import DeliveryError  # noqa: PLC0415  # see above

        page = None if self._settings is None else self._settings.alerts.status_page
        try:
            write_commit_status(report, status, release=release, page=page)
        except DeliveryError as error:
            self.trouble.append(f"{report.target}: {error}")

    def flush(self) -> None:
        """Send what all targets have in common, once each of them was checked."""
        if self._settings is None or not self._notifies or not self._flushes:
            return
        from ...alerts.groups import groups_of  # noqa: PLC0415  # see above
        from ...alerts.notifier import NobodyNotifiedError  # noqa: PLC0415  # see above
        from ...memory import RememberError  # noqa: PLC0415  # see above

        groups = groups_of(self._settings, gather=timedelta(0))
        try:
            deliveries = () if groups is None else groups.flush()
        except (NobodyNotifiedError, RememberError) as error:
            self.trouble.append(f"all targets: {error}")
            return
        for delivery in deliveries:
            say(f"all targets: {delivery.channel}: {delivery.said}")

    def _watching(self) -> "SelfWatch":
        if self._watch is None:
            from ...alerts.self_watch import SelfWatch  # noqa: PLC0415  # see above

            self._watch = SelfWatch(say)
        return self._watch

    def ended(self, status: int) -> int:
        """Print at the end what could not be sent or saved; the status is then not `PASSED`."""
        for trouble in self.trouble:
            say(trouble)
        return status or (UNKNOWN if self.trouble else status)


def _memory(target: Target | BrokenTarget, settings: Settings) -> "Memory":
    from ...memory import memory_of  # noqa: PLC0415  # see above

    return memory_of(target.name, settings.memory).load()
