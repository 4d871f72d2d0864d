"""Teams, through a Workflows webhook ("When a Teams webhook request is received")."""

from ....model.alerts import Channel
from ....model.message import Message
from ...delivery.post import post
from .card import as_teams_post


def send(message: Message, channel: Channel) -> str:
    """Give what Teams answered: 202 means accepted, and says nothing of its arrival."""
    assert channel.url is not None  # noqa: S101  # the settings insist on it
    body = as_teams_post(message)
    status = post("Teams", channel.url.value, body, {"Content-Type": "application/json"}, channel.timeout)
    return f"Teams answered {status}: accepted, look in the channel"
