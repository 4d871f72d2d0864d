"""Progress: which statements of scripts that the history does not call applied are in a live schema.

Every such script is put in its place among the applied ones, and compared with what the live schema is in the end: what
a later script changed, renamed or dropped again is followed. Nothing is guessed. A statement is called present or
absent only if every way in which the statements can have run agrees on it, be it in order or with gaps.
"""

from .fitting import fitting_prefix
from .following import Followed, follow
from .steps import OF_SESSION, TRACELESS, Script

__all__ = ["OF_SESSION", "TRACELESS", "Followed", "Script", "fitting_prefix", "follow"]
