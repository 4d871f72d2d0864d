"""PagerDuty: each event of a message to the Events API v2."""

import json
from collections.abc import Mapping

from ....model.finding import Json
from ....model.message import Kind, Message
from ....net.client import Request
from ....net.deadline import Deadline
from ....report.json import dumps
from ...delivery.accepted import Accepted
from ...delivery.post import posted
from .events import events_of, resolved
from .settings import PagerDutyChannel

_JSON = {"Content-Type": "application/json"}


def send(message: Message, channel: PagerDutyChannel, _report: Mapping[str, Json] | None) -> Accepted:
    """Send its events. Where one fails, all are sent again later: by its key, PagerDuty takes each once."""
    events = list(events_of(message))
    if not events:
        return Accepted("PagerDuty: nothing in this message pages anybody")
    if message.kind is Kind.TEST:
        events += [resolved(event) for event in events]
    deadline = Deadline.after(channel.longest_exchange)
    for event in events:
        body = json.dumps({"routing_key": channel.routing_key.value, **event}).encode()
        request = Request(f"{channel.endpoint.rstrip('/')}/v2/enqueue", "POST", _JSON, body=body)
        posted("PagerDuty", request, channel.timeout, deadline=deadline)
    actions = [str(event["event_action"]) for event in events]
    counts = [f"{action} {actions.count(action)}" for action in dict.fromkeys(actions)]
    return Accepted(f"PagerDuty accepted: {', '.join(counts)}")


def preview(message: Message) -> Mapping[str, str]:
    return {"pagerduty.json": dumps(list(events_of(message)), indent=2, end="\n")}
