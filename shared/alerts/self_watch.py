"""The monitor watches itself: signs of life around a run, and a last message if it crashes."""

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ..memory import RememberError, UnsavedError
from ..model.alerts import AlertSettings, Channel
from ..model.finding import Json, Severity
from ..model.message import Message
from .delivery.deliver import Delivery, deliver
from .heartbeat import Sign, ping
from .messages import crash, poisoned, unsaved

Deliver = Callable[[Message, Sequence[Channel], Mapping[str, Json] | None], Sequence[Delivery]]
NotNotified = type[Exception] | tuple[type[Exception], ...]
_ROOT = Path(__file__).parents[2]
# The queue tries a crashed check again, and the schedule queues the next one: the same crash is sent once in so long.
_SENT_ONCE_IN = timedelta(hours=1)


class SelfWatch:
    """Sends signs of life, and messages about crashes; it remembers in this process which it has sent.

    *on_silence* gets the reason why a heartbeat or a last message reached nobody: that must not end a run.
    """

    def __init__(
        self,
        on_silence: Callable[[str], None],
        *,
        send: Deliver = deliver,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._on_silence, self._send, self._clock = on_silence, send, clock
        self._sent: dict[tuple[str, str, str], datetime] = {}

    @contextmanager
    def over(self, target: str, alerts: AlertSettings, *, not_notified: NotNotified = ()) -> Iterator[None]:
        """Watch over one run of *target*: success means that the check ran, whatever it found.

        An exception is sent, unless it is one of *not_notified*, which mean that nobody can be notified; then it
        is raised again.
        """
        self._ping(alerts, "start")
        try:
            with self.crashes(target, alerts, not_notified=not_notified):
                yield
        except Exception:
            self._ping(alerts, "fail")
            raise
        self._ping(alerts, "success")

    @contextmanager
    def crashes(self, target: str, alerts: AlertSettings, *, not_notified: NotNotified = ()) -> Iterator[None]:
        """Send exceptions as `over` does, without a sign of life: that belongs to the clock's runs alone."""
        try:
            yield
        except Exception as error:
            if not isinstance(error, not_notified):
                self._notify_end(error, target, alerts)
            raise

    def notify_poisoned(self, target: str, alerts: AlertSettings) -> bool:
        """Send that a check was given up; say whether anybody received it."""
        return self._notify(poisoned(target, alerts, self._clock()), alerts)

    def notify_unsaved(self, error: RememberError, target: str, alerts: AlertSettings) -> None:
        """Send that a run could not save what it found, where that is not sent already."""
        if not isinstance(error, UnsavedError):
            self._notify_end(error, target, alerts)

    def _notify_end(self, error: Exception, target: str, alerts: AlertSettings) -> None:
        kind, place, now = type(error).__name__, _place(error), self._clock()
        last = self._sent.get((target, kind, place))
        # A clock that went back must keep nothing quiet until it is there again.
        if last is not None and timedelta(0) <= now - last < _SENT_ONCE_IN:
            return
        # That it cannot remember is no bug, and its text is a sentence of ours.
        is_memory = isinstance(error, RememberError)
        message = (
            unsaved(target, str(error), None, alerts, now) if is_memory else crash(target, kind, place, alerts, now)
        )
        if self._notify(message, alerts):
            self._sent[target, kind, place] = now

    def _notify(self, message: Message, alerts: AlertSettings) -> bool:
        critical = [channel for channel in alerts.channels if Severity.CRITICAL.value in channel.severities]
        deliveries = self._send(message, critical or alerts.channels, None)
        for delivery in deliveries:
            if not delivery.taken:
                self._on_silence(f"{delivery.channel}: {delivery.said}")
        return any(delivery.taken for delivery in deliveries)

    def _ping(self, alerts: AlertSettings, sign: Sign) -> None:
        if alerts.heartbeat is not None and (not_received := ping(alerts.heartbeat, sign)) is not None:
            self._on_silence(not_received)


def _place(error: Exception) -> str:
    """``shared/checks/schema.py:212``: the last line of our own that the exception came by."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(_ROOT) and ".venv" not in path.parts:
            return f"{path.relative_to(_ROOT).as_posix()}:{frame.lineno}"
    return "a library"
