"""How much a probe may cost. It is decided before asking: a timeout spends the reads and says nothing."""

from datetime import timedelta

from ....model.value import dataclass

_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Bounds:
    """*bytes* of all tables of a probe that no index serves; *counted* rows in the way at most.

    *groups*: rows may be sorted or hashed, too.
    """

    statement_timeout: timedelta
    bytes: int
    counted: int
    groups: bool


ON_A_SCHEDULE = Bounds(timedelta(seconds=1), 256 * _MIB, counted=1, groups=False)
AROUND_A_DEPLOYMENT = Bounds(timedelta(seconds=5), 2048 * _MIB, counted=1_000, groups=True)
