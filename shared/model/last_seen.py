"""What a run saw that means something only in comparison with the next one."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta

from .attribution import Changed, OwnRuns
from .question import AnsweredColumn, Refused
from .value import dataclass


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A row of ``_prisma_migrations``: Prisma never deletes one, nor gives it another id."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Analysed:
    """What the server's analyser answered, by the question's digest: the columns of a result, or a refusal.

    *of* is a digest of all that an answer depends on beside the question: which database it is, the server's version,
    and the history, since migrations make the functions and types that questions name.
    """

    of: str
    columns: Mapping[str, tuple[AnsweredColumn, ...]] = field(default_factory=dict)
    refused: Mapping[str, Refused] = field(default_factory=dict)


# Rows change: what they answered on a schedule is not asked again for so long, and forgotten then.
ROWS_ANSWER_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RowsAnswer:
    """What the rows answered to a probe at the moment *at*, in one of three ways.

    *rows* of them are in the way (*more*: there are others), the probe failed with *sqlstate*, or they were not read,
    *because*.
    """

    at: datetime
    rows: int = 0
    more: bool = False
    sqlstate: str | None = None
    because: str | None = None


@dataclass(frozen=True, slots=True)
class SeenRelease:
    """A release, the one of that *number* that was read; *digest* as in a Release, *files* the short digest of each."""

    number: int
    digest: str
    files: str


@dataclass(frozen=True, slots=True)
class LastSeen:
    """*history* is None where no history was seen.

    *seeds* are counts by the expectation's subject, *first_seen* times by what was seen (``release
    sha256:…``, ``firewall rule all``; its first word is its kind). *deployed* is the digest of the release
    that was last verified after its deployment, *server* the system identifier of the PostgreSQL server.
    """

    history: tuple[SeenRow, ...] | None = None
    seeds: Mapping[str, int] = field(default_factory=dict)
    first_seen: Mapping[str, datetime] = field(default_factory=dict)
    deployed: str | None = None
    server: str | None = None
    # What need not be asked again, also by another process.
    analysed: Analysed | None = None
    # By a digest of the probe, the files of its tables, and the server.
    rows: Mapping[str, RowsAnswer] = field(default_factory=dict)
    # By version.
    releases: Mapping[str, SeenRelease] = field(default_factory=dict)
    # The checks of the server's present line, and what is known of the differences of the last one by their digests;
    # None where that check could not attribute any.
    own_runs: OwnRuns | None = None
    attributed: Mapping[str, Changed] | None = None
    # What is known of the firewall rules that findings are about, by their digests.
    rules: Mapping[str, Changed] = field(default_factory=dict)


def shared_start(one: str, other: str) -> int:
    """Give with how many of the same characters both begin."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        half = (least + most + 1) // 2
        least, most = (half, most) if one.startswith(other[:half]) else (least, half - 1)
    return least


NOTHING_SEEN = LastSeen()
# That the rules were read, even if there are none.
FIREWALL_RULES = "firewall rules"


def firewall_rule(name: str) -> str:
    """Give what a firewall rule is called among what was seen."""
    return f"firewall rule {name}"
