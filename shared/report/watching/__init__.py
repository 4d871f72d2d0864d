"""A running deployment for a terminal, which is redrawn, and as lines of JSON."""

from .json import as_conclusion, as_json_line
from .text import as_screen

__all__ = ["as_conclusion", "as_json_line", "as_screen"]
