"""One run of the monitor in a process of its own, which may be killed at any moment."""

import resource
import signal
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
from shared.alerts.delivery.deliver import Delivery, deliver
from shared.alerts.notifier import NobodyNotifiedError, notify
from shared.memory import MemoryFile, RememberError
from shared.model.alerts import Channel
from shared.model.finding import Finding, Json
from shared.model.message import Change, Message
from shared.model.setting_types import Secret
from tests.alerts.decide.story import ALERTING, API_DOWN, EDITED, FAILED, FEW_USERS, report
from tests.builders import target

FINDINGS: Mapping[str, Finding] = {"failed": FAILED, "users": FEW_USERS, "api": API_DOWN, "edited": EDITED}
# What a channel imports when it is first used: in each process of a run that would take longer than the run.
PRELOADED = (
    "jinja2",
    "shared.alerts.channels.email.smtp",
    "shared.alerts.channels.webhook.deliver",
    "shared.alerts.channels.slack.deliver",
    "shared.alerts.channels.pagerduty.deliver",
)
# A channel is slow beyond this; so short that a server that drips costs little.
_TIMEOUT = timedelta(milliseconds=250)


@dataclass(frozen=True)
class Orders:
    """What a run finds and when; *space* is how long a file may grow, as on a disk that is nearly full."""

    folder: Path
    ports: Mapping[str, int]
    found: tuple[str, ...]
    no_result: tuple[str, ...]
    now: datetime
    space: int | None


@dataclass(frozen=True)
class Sending:
    """A message that is about to be sent, or a *short* one instead: its incidents by thread, with ends marked.

    *keys* are those of its incidents, by which alerts are known.
    """

    id: str
    short: str
    written_at: datetime
    threads: tuple[tuple[str, str, bool], ...]
    keys: tuple[tuple[str, str], ...]
    is_unsaved: bool


@dataclass(frozen=True)
class Outcome:
    """What a run believes of the channels that it sent a message to."""

    id: str
    taken: Mapping[str, bool]


def channels(ports: Mapping[str, int]) -> tuple[Channel, ...]:
    hook = WebhookChannel("team", url=_url(ports["team"]), tries=1, timeout=_TIMEOUT)
    oncall = replace(hook, name="oncall", severities=("critical",), url=_url(ports["oncall"]))
    server = SmtpServer("127.0.0.1", ports["mail"], security="none")
    mail = EmailChannel(
        "mail", sender="monitor@example.com", recipients=("team@example.com",), smtp=server, tries=1,
        timeout=_TIMEOUT,
    )  # fmt: skip
    chat = SlackChannel(
        "chat", token=Secret("env:TOKEN", "xoxb"), channel="C0123456789", endpoint=f"http://127.0.0.1:{ports['chat']}",
        tries=1, timeout=_TIMEOUT,
    )  # fmt: skip
    paging = PagerDutyChannel(
        "paging", ("critical",), routing_key=Secret("env:KEY", "0" * 32),
        endpoint=f"http://127.0.0.1:{ports['paging']}", tries=1, timeout=_TIMEOUT,
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
        threads = tuple((each.thread, each.incident, each.change is Change.RESOLVED) for each in message.events)
        is_unsaved = "could not save" in repr(message.sections)
        short = replace(message, abridged=True).id
        keys = tuple((message.key_of(each), each.incident) for each in message.events)
        end.send(Sending(message.id, short, message.written_at, threads, keys, is_unsaved))
        deliveries = deliver(message, to, sent)
        end.send(Outcome(message.id, {each.channel: each.taken for each in deliveries}))
        return deliveries

    place = MemoryFile(orders.folder, "production")
    alerts = replace(ALERTING, channels=channels(orders.ports), weekly=False)
    made = report([FINDINGS[name] for name in orders.found], orders.now, no_result=orders.no_result)
    # Both are loud, as they should be; what matters here is what people have received.
    with suppress(NobodyNotifiedError, RememberError):
        notify(made, target(), alerts, place, began=place.load().number, send=send, clock=lambda: orders.now)
    end.send("ended")
