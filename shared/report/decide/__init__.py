"""Speak or be silent, to whom and why: what was found and what people believe, compared. Pure."""

from shared.report.decide.decide import Outcome, decide, rules_of
from shared.report.decide.route import channels_of, routed
from shared.report.decide.week import week_to_tell

__all__ = ["Outcome", "channels_of", "decide", "routed", "rules_of", "week_to_tell"]
