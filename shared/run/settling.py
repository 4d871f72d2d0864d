"""A run that is made again until the target has settled."""

import time
from collections.abc import Callable
from datetime import timedelta

from ..checks.healing import is_worth_waiting_for
from ..model.attribution import SeenBefore
from ..model.last_seen import NOTHING_SEEN, LastSeen
from ..model.report import Phase, Report, Trigger
from ..model.settings import Target
from .pipeline import run

# Between two checks while waiting: short against a deployment, long against the load of a check.
_PAUSE = timedelta(seconds=5)


def run_until_settled(
    target: Target,
    trigger: Trigger,
    wait: timedelta,
    *,
    release: str | None = None,
    phase: Phase | None = None,
    last_seen: LastSeen = NOTHING_SEEN,
    deploying: bool | None = None,
    read_seen_before: Callable[[], SeenBefore | None] = lambda: None,
    on_report: Callable[[Report], None] = lambda _report: None,
) -> Report:
    """Run again and again until nothing is left that heals by itself, or until *wait* is over; give the last report.

    *on_report* gets every report after which it waits.
    """
    deadline = time.monotonic() + wait.total_seconds()
    while True:
        report = run(
            target,
            trigger,
            release=release,
            phase=phase,
            last_seen=last_seen,
            deploying=deploying,
            read_seen_before=read_seen_before,
        )
        left = deadline - time.monotonic()
        if left <= 0 or not is_worth_waiting_for(report):
            return report
        on_report(report)
        time.sleep(min(_PAUSE.total_seconds(), left))
