"""The four numbers of 30 days, each a sum and a small chart by the day."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from ...model.memory import Memory
from ...model.value import dataclass
from ..figures import Figures, figures, total

# Of each bar and of a whole chart; a bar has a gap of one beside it.
STEP, HEIGHT = 5, 32


@dataclass(frozen=True, slots=True)
class Bar:
    x: int
    y: float
    height: float
    text: str


@dataclass(frozen=True, slots=True)
class Number:
    """*bars* are in a box of `HEIGHT`, `STEP` for each day; a day on which it is zero has none."""

    title: str
    sum: str
    bars: tuple[Bar, ...]
    width: int


def numbers_of(memory: Memory | None, now: datetime) -> Sequence[Number]:
    if memory is None:
        return ()
    days = figures(memory, now)
    sums = total(days.values())
    seconds = f"{sums.execution_seconds:,.1f} s"
    return (
        _number("Migration execution time", seconds, days, lambda day: day.execution_seconds, "{:,.1f} s"),
        _number("Failed migrations", str(sums.failed_migrations), days, lambda day: day.failed_migrations),
        _number("Drift incidents", str(sums.drift_incidents), days, lambda day: day.drift_incidents),
        _number("Connection failures", str(sums.connection_failures), days, lambda day: day.connection_failures),
    )


def _number(
    title: str, said: str, days: Mapping[date, Figures], of: Callable[[Figures], float], form: str = "{}"
) -> Number:
    values = {day: of(found) for day, found in days.items()}
    most = max(values.values(), default=0)
    bars = tuple(
        Bar(
            place * STEP,
            # What is not zero can be seen.
            round(HEIGHT - max(2, value / most * HEIGHT), 1),
            round(max(2, value / most * HEIGHT), 1),
            f"{day:%Y-%m-%d}: {form.format(value)}",
        )
        for place, (day, value) in enumerate(values.items())
        if value
    )
    return Number(title, said, bars, len(values) * STEP)
