"""What was counted and timed: each seed and endpoint with what is expected, its value, and how that went before."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...model.memory import Memory, Series
from ...model.value import dataclass

WIDTH, HEIGHT = 120, 24


@dataclass(frozen=True, slots=True)
class Measured:
    """*line* are the points of a polyline in a box of `WIDTH` times `HEIGHT`; empty where there are too few."""

    kind: str
    name: str
    expected: str
    value: str
    tone: str
    because: str | None
    line: str
    trend: str


def measured_of(document: Any, memory: Memory | None) -> Sequence[Measured]:
    series = memory.series if memory is not None else {}
    return [_measured(each, series) for each in document or ()]


def _measured(each: Mapping[str, Any], series: Mapping[str, Series]) -> Measured:
    found = series.get(f"{each['kind']} {each['name']}")
    values = [point.value for point in found.points if point.value is not None] if found is not None else []
    value, unit = each["value"], each["unit"]
    return Measured(
        each["kind"],
        each["name"],
        each["expected"],
        "not known" if value is None else f"{value:,.0f} {unit}",
        each["verdict"],
        # Where there is a value, the finding says what is wrong with it.
        each["because"] if value is None else None,
        polyline(values),
        "" if len(values) < 2 else f"{min(values):,.0f} to {max(values):,.0f} {unit} in {len(values)} runs",
    )


def polyline(values: Sequence[float]) -> str:
    """``0,12 60,3 120,20``: the *values* from left to right, the greatest on top."""
    if len(values) < 2:
        return ""
    least, most = min(values), max(values)
    # A line that does not move runs through the middle.
    height = (HEIGHT - 4) / (most - least) if most > least else 0
    step = WIDTH / (len(values) - 1)
    middle = HEIGHT / 2
    points = (
        (number * step, HEIGHT - 2 - (value - least) * height if height else middle)
        for number, value in enumerate(values)
    )
    return " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
