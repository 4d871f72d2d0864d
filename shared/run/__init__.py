"""The whole walk: gather, diagnose, judge, report; once, or until nothing is left that heals by itself."""

from shared.run.broken import report_on_broken
from shared.run.settling import run_until_settled
from shared.run.walk import run

__all__ = ["report_on_broken", "run", "run_until_settled"]
