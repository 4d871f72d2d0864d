"""What a running deployment does at this moment: the statement and its file, its blockers, and who waits behind it."""

from .files import File, files_of, opening_texts
from .watched import Limits, watched

__all__ = ["File", "Limits", "files_of", "opening_texts", "watched"]
