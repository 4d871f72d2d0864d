"""How many rows a seeded table must hold, and how many it does."""

from dataclasses import dataclass
from typing import ClassVar

from shared.model.knowledge import Unavailable
from shared.model.setting_types import STRICT


@dataclass(frozen=True, slots=True)
class SeedExpectation:
    """How many rows *table* (``users`` or ``app.users``, as stored) must hold; *where* is an SQL condition."""

    table: str
    exact: int | None = None
    min: int | None = None
    max: int | None = None
    where: str | None = None
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        bounds = [bound for bound in (self.exact, self.min, self.max) if bound is not None]
        if not bounds or (self.exact is not None and len(bounds) > 1):
            raise ValueError("say either `exact`, or `min`, `max` or both")
        if any(bound < 0 for bound in bounds):
            raise ValueError("a table cannot hold fewer than 0 rows")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("`min` is above `max`")

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
        return f"at least {self.min}" if self.min is not None else f"at most {self.max}"


@dataclass(frozen=True, slots=True)
class Uncountable:
    """The table or column that an expectation names does not exist: *because* says which."""

    because: str


@dataclass(frozen=True, slots=True)
class SeedCount:
    expectation: SeedExpectation
    count: int | Uncountable | Unavailable
