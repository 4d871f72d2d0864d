"""The text of every message: the same in Teams, by mail and on a terminal."""

from .acknowledged import acknowledgement
from .compose import compose
from .discreet import discreet, discreet_document, discreet_memory
from .own import accepting, crash, jumped, poisoned, refusing, sample, unsaved
from .weekly import weekly_card

__all__ = [
    "accepting", "acknowledgement", "compose", "crash", "discreet", "discreet_document", "discreet_memory", "jumped",
    "poisoned", "refusing", "sample", "unsaved", "weekly_card",
]  # fmt: skip
