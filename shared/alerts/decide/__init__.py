"""Speak or be silent, to whom and why: what was found and what people believe, compared. Pure."""

from .decide import Outcome, decide, rules_of
from .route import channels_of, routed
from .week import week_to_tell

__all__ = ["Outcome", "channels_of", "decide", "routed", "rules_of", "week_to_tell"]
