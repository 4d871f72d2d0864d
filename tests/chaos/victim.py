"""One run of the monitor in a process of its own, which may be killed at any moment."""

import resource
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from shared.alerts.channels.email.settings import EmailChannel, SmtpServer
from shared.alerts.channels.pagerduty.settings import PagerDutyChannel
from shared.alerts.channels.slack.settings import SlackChannel
from shared.alerts.channels.webhook.settings import WebhookChannel
from shared.alerts.decide.grouping import FLAPPING
from shared.alerts.delivery.deliver import Delivery, deliver
from shared.alerts.groups import IncidentGroups, last_in
from shared.alerts.messages.parts import short
from shared.alerts.notifier import NobodyNotifiedError, notify
from shared.memory import GROUPS, MemoryFile, RememberError
from shared.model.alerts import Channel
from shared.model.finding import Finding, Json
from shared.model.message import Change, Event, Message
from shared.model.setting_types import Secret
from tests.alerts.decide.story import ALERTING, API_DOWN, EDITED, FAILED, FEW_USERS, report
from tests.builders import target

FINDINGS: Mapping[str, Finding] = {"failed": FAILED, "users": FEW_USERS, "api": API_DOWN, "edited": EDITED}
# By what a group says of it.
_INCIDENTS = {short(each): each.incident for each in FINDINGS.values()}
# What a run waits instead of a minute.
_A_MINUTE = 0.02
# What a channel imports when it is first used: in each process of a run that would take longer than the run.
PRELOADED = (
    "jinja2",
    "shared.alerts.channels.email.smtp",
    "shared.alerts.channels.webhook.deliver",
    "shared.alerts.channels.slack.deliver",
    "shared.alerts.channels.pagerduty.deliver",
)
# A channel is slow beyond this; so short that a server that drips costs little.
HURRIED = timedelta(milliseconds=250)


@dataclass(frozen=True)
class Orders:
    """What a run of *target* finds and when; *space* is how long a file may grow, as on a disk that is nearly full.

    *timeout* is how long a channel may take.
    """

    folder: Path
    target: str
    ports: Mapping[str, int]
    found: tuple[str, ...]
    no_result: tuple[str, ...]
    now: datetime
    space: int | None
    timeout: timedelta
    grouped: bool = False


@dataclass(frozen=True)
class Sending:
    """A message that is about to be sent, or a *short* one instead.

    *alerts* has each alert by its key, with the targets and incidents that it is open for. An alert without any has ended.
    """

    id: str
    short: str
    written_at: datetime
    alerts: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    is_unsaved: bool


@dataclass(frozen=True)
class Outcome:
    """What a run believes of the channels that it sent a message to."""

    id: str
    taken: Mapping[str, bool]


def channels(ports: Mapping[str, int], timeout: timedelta) -> tuple[Channel, ...]:
    hook = WebhookChannel("team", url=_url(ports["team"]), tries=1, timeout=timeout)
    oncall = replace(hook, name="oncall", severities=("critical",), url=_url(ports["oncall"]))
    server = SmtpServer("127.0.0.1", ports["mail"], security="none")
    mail = EmailChannel(
        "mail", sender="monitor@example.com", recipients=("team@example.com",), smtp=server, tries=1,
        timeout=timeout,
    )  # fmt: skip
    chat = SlackChannel(
        "chat", token=Secret("env:TOKEN", "xoxb"), channel="C0123456789", endpoint=f"http://127.0.0.1:{ports['chat']}",
        tries=1, timeout=timeout,
    )  # fmt: skip
    paging = PagerDutyChannel(
        "paging", ("critical",), routing_key=Secret("env:KEY", "0" * 32),
        endpoint=f"http://127.0.0.1:{ports['paging']}", tries=1, timeout=timeout,
    )  # fmt: skip
    return hook, oncall, mail, chat, paging


def _url(port: int) -> Secret:
    return Secret("env:HOOK", f"http://127.0.0.1:{port}/hook")


def run(orders: Orders, end: Connection) -> None:
    """Decide and notify once, and say on the way what is done."""
    if orders.space is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (orders.space, orders.space))

    def send(message: Message, to: Sequence[Channel], sent: Mapping[str, Json] | None) -> Sequence[Delivery]:
        alerts = tuple(
            (message.key_of(each), _open_for(message, each)) for each in message.events if not _is_of_a_channel(each)
        )
        is_unsaved = "could not save" in repr(message.sections)
        short = replace(message, abridged=True).id
        end.send(Sending(message.id, short, message.written_at, alerts, is_unsaved))
        deliveries = deliver(message, to, sent)
        end.send(Outcome(message.id, {each.channel: each.taken for each in deliveries}))
        return deliveries

    place = MemoryFile(orders.folder, orders.target)
    alerts = replace(ALERTING, channels=channels(orders.ports, orders.timeout), weekly=False)
    made = report([FINDINGS[name] for name in orders.found], orders.now, no_result=orders.no_result)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        """Wait a moment for the minute: by the clock of this run it has passed."""
        time.sleep(_A_MINUTE)
        slept.append(seconds)

    groups = IncidentGroups(
        MemoryFile(orders.folder, GROUPS),
        alerts,
        lambda name: last_in(MemoryFile(orders.folder, name)),
        send=send,
        clock=lambda: orders.now + timedelta(seconds=sum(slept)),
        sleep=sleep,
    )
    # All are loud, as they should be; what matters here is what people have received.
    with suppress(NobodyNotifiedError, RememberError):
        if orders.target == GROUPS:
            groups.flush()
            end.send("ended")
            return
        notify(
            replace(made, target=orders.target),
            replace(target(), name=orders.target),
            alerts,
            place,
            began=place.load().number,
            groups=groups if orders.grouped else None,
            send=send,
            clock=lambda: orders.now,
        )
    end.send("ended")


def _is_of_a_channel(event: Event) -> bool:
    """Say whether it is that a channel refuses messages: that is not kept, so a run that dies may leave it open."""
    return event.incident.startswith("channel ")


def _open_for(message: Message, event: Event) -> tuple[tuple[str, str], ...]:
    if event.change is Change.RESOLVED:
        return ()
    problems = ((each.target, problem) for each in message.targets if each.state == "open" for problem in each.problems)
    listed = tuple((name, _INCIDENTS[problem.removesuffix(FLAPPING)]) for name, problem in problems)
    return listed or ((message.target, event.incident),)
