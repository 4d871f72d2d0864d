"""The kinds of channels, each in a folder of its name.

In the folder, ``settings.py`` has `CHANNEL`, its settings as a subclass of `shared.model.alerts.Channel`.
``deliver.py`` has ``send``, and ``preview``, which gives what would be sent as files. Nothing else names a kind.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from ...model.alerts import Channel
from ...model.finding import Json
from ...model.message import Message
from ..delivery.accepted import Accepted

# A line a kind.
KINDS = (
    "teams",
    "email",
    "webhook",
    "slack",
    "pagerduty",
)


def channel_class(kind: str) -> type[Channel]:
    """Give the settings of *kind*."""
    found: type[Channel] = _module(kind, "settings").CHANNEL
    return found


def send(message: Message, channel: Channel, report: Mapping[str, Json] | None) -> Accepted:
    """Send *message* by one exchange; raises `DeliveryError`. *report* is for channels that pass it on to machines."""
    sending: Callable[..., Accepted] = _module(channel.kind, "deliver").send
    return sending(message, channel, report)


def previews(message: Message) -> Mapping[str, str]:
    """Give what each kind would be sent, by the name of a file."""
    files: dict[str, str] = {}
    for kind in KINDS:
        files |= _module(kind, "deliver").preview(message)
    return files


def _module(kind: str, name: str) -> Any:
    """Import it where it is needed: each kind brings libraries of its own."""
    if kind not in KINDS:
        raise LookupError(f"there is no kind of channel {kind!r}")
    return import_module(f".{kind}.{name}", __package__)
