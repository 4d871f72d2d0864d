"""The text of every message: the same in Teams, by mail and on a terminal."""

from shared.report.message.compose import word
from shared.report.message.own import crash, jumped, poisoned, refusing, sample, unsaved
from shared.report.message.parts import discreet
from shared.report.message.weekly import weekly_card

__all__ = ["crash", "discreet", "jumped", "poisoned", "refusing", "sample", "unsaved", "weekly_card", "word"]
