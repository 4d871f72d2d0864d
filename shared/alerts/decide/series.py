"""What the runs measured of each seed and endpoint, for the small charts of the status page."""

from collections.abc import Mapping, Sequence

from ...model.memory import Point, Series
from ...model.report import Report, Verdict

# So many of the last runs, and of older ones the last of each day.
_LATEST, _DAYS = 24, 30
# Of a target with more, those that come first in the settings.
_MOST = 60
_LONGEST_NAME = 100


def series_after(before: Mapping[str, Series], report: Report) -> dict[str, Series]:
    """Give *before* with what *report* measured. What a run did not ask for, as before a deployment, stays."""
    at = report.started_at.replace(microsecond=0)
    new = {
        f"{each.kind} {each.name}": Point(at, each.value)
        for each in report.measured
        if each.verdict is not Verdict.SKIPPED and len(each.name) <= _LONGEST_NAME
    }
    known = {name: Series(thinned((*before[name].points, new[name]))) for name in new if name in before}
    unseen = {name: series for name, series in before.items() if name not in new}
    begun = {name: Series((point,)) for name, point in new.items() if name not in before}
    # What the settings name no more gives way first.
    return dict([*known.items(), *begun.items(), *unseen.items()][:_MOST])


def thinned(points: Sequence[Point]) -> tuple[Point, ...]:
    """Give them in order: the last as they are, of older ones the last of each day. Their age takes none away."""
    points = sorted({point.at: point for point in points}.values(), key=lambda point: point.at)
    older, latest = points[:-_LATEST], points[-_LATEST:]
    days = {point.at.date(): point for point in older}
    return (*list(days.values())[-_DAYS:], *latest)
