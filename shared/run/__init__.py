"""The whole walk: gather, diagnose, judge, report; once, or until nothing is left that heals by itself."""

from .broken import report_on_broken
from .settling import run_until_settled
from .walk import run

__all__ = ["report_on_broken", "run", "run_until_settled"]
