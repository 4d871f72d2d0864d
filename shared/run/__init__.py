"""The pipeline: gather, diagnose, check, report; once, or until no finding is left that may resolve itself."""

from .broken import report_on_broken
from .pipeline import run
from .settling import run_until_settled

__all__ = ["report_on_broken", "run", "run_until_settled"]
