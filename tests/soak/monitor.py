"""The monitor of a soak: the hourly run in this process, by a clock that is ahead, and what its channels took."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.alerts.delivery.deliver import Delivery, deliver
from shared.alerts.notifier import NobodyNotifiedError, notify
from shared.memory import MemoryFile, RememberError
from shared.model.alerts import AlertSettings, Channel
from shared.model.finding import Json
from shared.model.last_seen import LastSeen
from shared.model.memory import Memory
from shared.model.message import Event, Kind, Message
from shared.model.report import Report, Trigger
from shared.model.seed import SeedExpectation
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings, Target
from shared.run import run
from tests.alerts.decide.story import ALERTING
from tests.chaos.receivers import Receiver
from tests.chaos.victim import channels
from tests.patience import HALF_A_MINUTE
from tests.soak.changes import LEAST_USERS
from tests.soak.world import World

RECEIVING = ("team", "paging")


@dataclass(frozen=True, slots=True)
class Taken:
    """One event of a message that the team took, in the run of that *number*."""

    number: int
    kind: Kind
    event: Event


@dataclass
class Monitor:
    """*ahead* is how far its clock is ahead of the real one. What the team took is in *taken*."""

    world: World
    folder: Path
    team: Receiver
    alerts: AlertSettings
    ahead: timedelta = timedelta(0)
    number: int = 0
    taken: list[Taken] = field(default_factory=list)
    kinds: dict[Kind, int] = field(default_factory=dict)
    written: dict[str, Message] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.place = MemoryFile(self.folder, "production")

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    @property
    def memory(self) -> Memory:
        return self.place.load()

    def wait(self) -> None:
        """Have the clock pass the moment of the next run, as the timer of five minutes does."""
        due = self.memory.next_run_at
        if due is not None and due > self.now:
            self.ahead += due - self.now

    def run(self, url: str | None = None) -> Report:
        """Check as the function does and notify; *url* is another way to the database."""
        self.number += 1
        before = self.memory
        last_seen = _moved(before.last_seen, -self.ahead)
        target = replace(self.target, database=DatabaseSettings(Secret("env:DATABASE_URL", url or self.world.url)))
        deploying = before.window is not None
        report = self._of_this_clock(run(target, Trigger.SCHEDULE, last_seen=last_seen, deploying=deploying))
        # Loud, as they should be; what people received is what counts.
        with suppress(NobodyNotifiedError, RememberError):
            notify(
                report, target, self.alerts, self.place, began=before.number, send=self._send, clock=lambda: self.now
            )
        self._collect()
        return report

    @property
    def target(self) -> Target:
        return replace(
            self.world.production.target,
            seeds=(SeedExpectation("users", min=LEAST_USERS),),
            policy="migrate-first",
            remedy=self.world.production.target.remedy,
        )

    def _of_this_clock(self, report: Report) -> Report:
        seen = None if report.seen is None else _moved(report.seen, self.ahead)
        return replace(report, started_at=report.started_at + self.ahead, seen=seen)

    def _send(self, message: Message, to: Sequence[Channel], sent: Mapping[str, Json] | None) -> Sequence[Delivery]:
        for each in (message, replace(message, abridged=True)):
            self.written[each.id] = message
        return deliver(message, to, sent, sleep=lambda _: None)

    def _collect(self) -> None:
        for each in self.team.received:
            message = self.written[each]
            self.kinds[message.kind] = self.kinds.get(message.kind, 0) + 1
            self.taken += [Taken(self.number, message.kind, event) for event in message.events]
        self.team.received.clear()
        # Each holds a whole report, and one that is sent again is written again.
        self.written.clear()

    @property
    def document_bytes(self) -> int:
        return (self.folder / "production.json").stat().st_size


def settings(ports: Mapping[str, int]) -> AlertSettings:
    receiving = tuple(each for each in channels(ports, HALF_A_MINUTE) if each.name in RECEIVING)
    return replace(ALERTING, channels=receiving)


def _moved(seen: LastSeen, by: timedelta) -> LastSeen:
    return replace(
        seen,
        first_seen={name: moment + by for name, moment in seen.first_seen.items()},
        rows={key: replace(each, at=each.at + by) for key, each in seen.rows.items()},
    )
