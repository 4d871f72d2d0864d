"""A real application's migrations as the corpus: a state is made of the ones that come after some point of its history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from random import Random

from shared.postgres.parse import ParseError, parse
from tests.remedies.law.corpus import Line, Script

_POINTS = 6
_AFTER = 8


@dataclass
class Folder:
    """The migrations of *path*, in order; states start at one of a few points; each point is deployed once."""

    path: Path
    points: dict[int, int] = field(default_factory=dict)

    @cached_property
    def scripts(self) -> Mapping[str, Script]:
        names = sorted(file.parent.name for file in self.path.glob("*/migration.sql"))
        return {name: _script((self.path / name / "migration.sql").read_text()) for name in names}

    def point(self, random: Random) -> int:
        """How many migrations are deployed before anything happens."""
        last = len(self.scripts) - _AFTER
        return random.choice([max(1, last * each // _POINTS) for each in range(1, _POINTS + 1)])

    def before(self, point: int) -> Sequence[tuple[str, Script]]:
        return list(self.scripts.items())[:point]

    def after(self, point: int) -> list[tuple[str, Script]]:
        return list(self.scripts.items())[point:]


def _script(text: str) -> Script:
    try:
        return Script(tuple(Line(f"{statement.sql};") for statement in parse(text.removeprefix("\ufeff"))), "real")
    except ParseError as error:
        raise ValueError(f"PostgreSQL does not know this either: {error}") from None
