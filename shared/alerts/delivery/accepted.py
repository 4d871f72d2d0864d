"""What a channel gives that took a message."""

from collections.abc import Mapping
from dataclasses import field

from ...model.value import dataclass


@dataclass(frozen=True, slots=True)
class Accepted:
    """*said* is a sentence for people, without secrets.

    *handles* are the channel's own names for what it made of a thread, by thread: later messages of it need them.
    """

    said: str
    handles: Mapping[str, str] = field(default_factory=dict)
