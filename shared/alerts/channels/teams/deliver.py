"""Teams, through a Workflows webhook ("When a Teams webhook request is received")."""

import json
from collections.abc import Mapping

from ....model.finding import Json
from ....model.message import Message
from ....report.json import dumps
from ...delivery.accepted import Accepted
from ...delivery.post import post
from .card import as_teams_post
from .settings import TeamsChannel


def send(message: Message, channel: TeamsChannel, _report: Mapping[str, Json] | None) -> Accepted:
    """Give what Teams answered: 202 means accepted, and says nothing of its arrival."""
    body = as_teams_post(message)
    status = post("Teams", channel.url.value, body, {"Content-Type": "application/json"}, channel.timeout)
    return Accepted(f"Teams answered {status}: accepted, look in the channel")


def preview(message: Message) -> Mapping[str, str]:
    card = json.loads(as_teams_post(message))
    return {"card.json": dumps(card, indent=2, end="\n")}
