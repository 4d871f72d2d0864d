"""The report on a target whose settings are wrong, so that no check can run."""

from datetime import UTC, datetime, timedelta

from ..model.knowledge import Unavailable
from ..model.report import Report, Trigger
from ..model.settings import BrokenTarget


def report_on_broken(target: BrokenTarget, trigger: Trigger) -> Report:
    """Give the report of a target whose settings are wrong: everything about it is unknown."""
    from ..checks.registry import CHECKS, conclude  # noqa: PLC0415  # see pipeline.py

    because = "its settings are wrong: " + "; ".join(str(mistake) for mistake in target.mistakes)
    return Report(
        target=target.name,
        trigger=trigger,
        phase=None,
        started_at=datetime.now(UTC),
        took=timedelta(0),
        release=None,
        database=None,
        checks=tuple(conclude(check.name, [], Unavailable(because, lasting=True), timedelta(0)) for check in CHECKS),
        migrations=(),
        coverage=None,
    )
