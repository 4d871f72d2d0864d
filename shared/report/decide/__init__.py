"""Speak or be silent, to whom and why: what was found and what people believe, compared. Pure."""

from shared.report.decide.decide import Outcome, decide

__all__ = ["Outcome", "decide"]
