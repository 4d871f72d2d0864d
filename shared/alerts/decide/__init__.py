"""Whether people are notified, on which channels and why: what was found, compared with what people know. Pure."""

from .decide import Outcome, decide, rules_of
from .route import channels_of, routed
from .week import week_due, with_readers

__all__ = ["Outcome", "channels_of", "decide", "routed", "rules_of", "week_due", "with_readers"]
