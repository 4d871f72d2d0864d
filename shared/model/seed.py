"""How many rows a seeded table must hold, and how many it does."""

import re
from typing import ClassVar

from .knowledge import Unavailable
from .setting_types import STRICT, Whole, YesNo, insist
from .value import dataclass


@dataclass(frozen=True, slots=True)
class SeedExpectation:
    """How many rows *table* (``users`` or ``app.users``, as stored) must hold; *where* is an SQL condition.

    *max_drop* is how many of a hundred rows may be gone since the last run. *view* allows to count what runs code of
    its owner: a view, a foreign table, functions in an index, in a partition key or in *where*.
    """

    table: str
    exact: Whole | None = None
    min: Whole | None = None
    max: Whole | None = None
    where: str | None = None
    max_drop: Whole | None = None
    view: YesNo = False
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        bounds = [bound for bound in (self.exact, self.min, self.max) if bound is not None]
        insist(
            (
                all(self.table.split(".")) and self.table.count(".") <= 1,
                "`table` must be a table's name, or schema.table, as PostgreSQL stores it",
            ),
            (
                bool(bounds) or self.max_drop is not None,
                "say how many rows: `exact`, or `min`, `max` or both; or `max_drop`",
            ),
            (self.max_drop is None or 1 <= self.max_drop <= 100, "`max_drop` must be 1 to 100: percent of the rows"),
            (self.exact is None or len(bounds) < 2, "`exact` excludes `min` and `max`"),
            (all(bound >= 0 for bound in bounds), "a table cannot hold fewer than 0 rows"),
            (self.min is None or self.max is None or self.min <= self.max, "`min` is above `max`"),
        )

    @property
    def subject(self) -> str:
        return self.table if self.where is None else f"{self.table} where {self.where}"

    @property
    def least(self) -> int:
        return self.exact if self.exact is not None else self.min or 0

    @property
    def most(self) -> int | None:
        return self.exact if self.exact is not None else self.max

    def __str__(self) -> str:
        """``exactly 6``, ``at least 1``, ``at most 3``, ``2 to 4``."""
        if self.exact is not None:
            return f"exactly {self.exact}"
        if self.min is not None and self.max is not None:
            return f"{self.min} to {self.max}"
        if self.min is None and self.max is None:
            return f"no more than {self.max_drop} % fewer than before"
        return f"at least {self.min}" if self.min is not None else f"at most {self.max}"


def seed_from_option(text: str) -> SeedExpectation:
    """Read ``users=6``, ``rules>=1``, ``app.users<=3``; a ValueError says what was expected instead."""
    match = re.fullmatch(r"\s*(.*?[^<>=!\s])\s*(>=|<=|=)\s*([0-9]{1,18})\s*", text)
    if match is None:
        raise ValueError(f"{text!r}: write TABLE=6, 'TABLE>=1' or 'TABLE<=3'")
    exact, least, most = (int(match[3]) if match[2] == relation else None for relation in ("=", ">=", "<="))
    try:
        return SeedExpectation(match[1], exact, least, most)
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}") from None


@dataclass(frozen=True, slots=True)
class Uncountable:
    """The table or column that an expectation names does not exist: *because* says which."""

    because: str


@dataclass(frozen=True, slots=True)
class SeedCount:
    expectation: SeedExpectation
    count: int | Uncountable | Unavailable
