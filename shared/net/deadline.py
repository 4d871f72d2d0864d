"""Until when something may take."""

import time
from datetime import timedelta

from ..model.value import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of *limit*, which messages show; *ends* is by the clock `time.monotonic`."""

    limit: timedelta
    ends: float

    @classmethod
    def after(cls, limit: timedelta) -> "Deadline":
        return cls(limit, time.monotonic() + limit.total_seconds())

    @property
    def seconds_left(self) -> float:
        return max(0.0, self.ends - time.monotonic())

    @property
    def left(self) -> timedelta:
        return timedelta(seconds=self.seconds_left)
