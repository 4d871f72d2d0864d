"""What the plan of a pull request needs to know of a production, without its database: never a value of a row.

`shared.run.production_facts` reads them, `shared.report.production_facts` writes them, and
`shared.diagnose.facts_plan` plans with them.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import datetime
from typing import Literal

from .disk import ReplicationSlot, Storage
from .plan import Relation, Sizes, TableSize
from .session_limits import Limit, SessionLimits
from .setting_types import PrismaVersion, insist
from .value import dataclass

# By the name of a column, the part of its values that were NULL when the table was last analysed: 0 to 1.
NullFractions = Mapping[Relation, Mapping[str, float]]

_LARGEST = 2**63 - 1
_LONGEST_NAME = 255
# As quote_ident writes a name: it is printed in statements.
_QUOTED = re.compile(r'[a-z_][a-z0-9_]{0,62}|"(?:[^"\x00]|""){1,126}"')
_SERVER_VERSION = re.compile(r"(1[3-9]|[2-9]\d)\b[^\x00-\x1f]{0,100}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_LONGEST_TIME = 366 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class TableFacts:
    """Bytes and counts as in `TableSize`; *null_fractions* of the columns that may be NULL, where they are readable."""

    schema: str
    name: str
    bytes: int
    rows: int | None = None
    index_bytes: int = 0
    toast_bytes: int = 0
    counted_bytes: int = 0
    fillfactor: int = 100
    null_fractions: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        counted = {name: getattr(self, name) for name in ("bytes", "index_bytes", "toast_bytes", "counted_bytes")}
        insist(
            *(
                (0 <= each <= _LARGEST, f"`{name}` must be a whole number, 0 to {_LARGEST}")
                for name, each in counted.items()
            ),
            (self.rows is None or 0 <= self.rows <= _LARGEST, f"`rows` must be a whole number, 0 to {_LARGEST}"),
            (10 <= self.fillfactor <= 100, "`fillfactor` must be 10 to 100"),
            (all(0 <= each <= 1 for each in self.null_fractions.values()), "`null_fractions` must be 0 to 1"),
            (_are_names((self.schema,)), "`schema` must be a name"),
            (_are_names((self.name,)), "`name` must be a name"),
            (_are_names(self.null_fractions), "`null_fractions` must be by names of columns"),
        )

    @property
    def size(self) -> TableSize:
        return TableSize(
            self.rows,
            self.bytes,
            self.index_bytes,
            toast_bytes=self.toast_bytes,
            counted_bytes=self.counted_bytes,
            fillfactor=self.fillfactor,
        )


@dataclass(frozen=True, slots=True)
class AppliedMigration:
    """A migration that is finished by the history, and the *seconds* that it took, where they are known."""

    name: str
    seconds: float | None = None

    def __post_init__(self) -> None:
        insist(
            (_are_names((self.name,)), "`name` must be a name"),
            (self.seconds is None or 0 <= self.seconds <= _LARGEST, "`seconds` must be 0 or more"),
        )


@dataclass(frozen=True, slots=True)
class ProductionFacts:
    """The facts of *target* at the moment *read_at*.

    *catalog* is the digest of its catalog (`shared.postgres.catalog_digest`), None where that was not readable.
    *unfinished* are the migrations that have begun and neither ended nor were resolved. Of *tables* the smallest,
    *tables_left_out* of them, are left out of a document that would be too long. *max_block* is in seconds.
    *deploying_role* is the role that is known to deploy.
    """

    version: Literal[1]
    target: str
    read_at: datetime
    schema: str
    server_version: str
    applied: tuple[AppliedMigration, ...]
    unfinished: tuple[str, ...] = ()
    catalog: str | None = None
    extensions: tuple[str, ...] = ()
    tables: tuple[TableFacts, ...] = ()
    tables_left_out: int = 0
    limits: SessionLimits = SessionLimits()
    deploying_role: str | None = None
    prisma: PrismaVersion | None = None
    policy: Literal["migrate-first", "deploy-migrates"] = "migrate-first"
    most_replicas: int | None = None
    max_block: float = 5.0
    slot: ReplicationSlot | None = None
    storage: Storage | None = None

    def __post_init__(self) -> None:
        insist(
            (0 < len(self.target) <= _LONGEST_NAME, "`target` must be a name"),
            (self.read_at.tzinfo is not None, "`read_at` must have a timezone, as in 2026-12-06T04:00:00Z"),
            (_are_names((self.schema,)), "`schema` must be a name"),
            (
                _SERVER_VERSION.fullmatch(self.server_version) is not None,
                "`server_version` must be that of PostgreSQL 13 or newer, such as 16.4",
            ),
            (_are_names(self.unfinished), "`unfinished` must be names"),
            (
                self.catalog is None or _DIGEST.fullmatch(self.catalog) is not None,
                "`catalog` must be like sha256:…, with 64 digits",
            ),
            (_are_names(self.extensions), "`extensions` must be names"),
            (self.tables_left_out >= 0, "`tables_left_out` must be 0 or more"),
            (
                self.deploying_role is None or _are_names((self.deploying_role,)),
                "`deploying_role` must be a name",
            ),
            (self.most_replicas is None or 0 <= self.most_replicas <= 10_000, "`most_replicas` must be 0 to 10000"),
            (0 < self.max_block <= 3600, "`max_block` must be more than 0, 3600 at most"),
            *_rules_of_limits(self.limits),
            (self.slot is None or 0 <= self.slot.held <= _LARGEST, "`slot.held` must be 0 or more"),
            (
                self.storage is None or (0 <= self.storage.free <= _LARGEST and 0 <= self.storage.percent <= 100),
                "`storage` must have `free`, 0 or more, and `percent`, 0 to 100",
            ),
            (
                self.storage is None or self.storage.at.tzinfo is not None,
                "`storage.at` must have a timezone, as in 2026-12-06T04:00:00Z",
            ),
        )

    @property
    def sizes(self) -> Sizes:
        return {(each.schema, each.name): each.size for each in self.tables}

    @property
    def null_fractions(self) -> NullFractions:
        return {(each.schema, each.name): each.null_fractions for each in self.tables if each.null_fractions}


def _rules_of_limits(limits: SessionLimits) -> Iterator[tuple[bool, str]]:
    for name in ("role", "database"):
        value: str | None = getattr(limits, name)
        yield value is None or _QUOTED.fullmatch(value) is not None, f"`limits.{name}` must be a name as SQL quotes it"
    for name in ("statement", "lock", "transaction"):
        limit: Limit | None = getattr(limits, name)
        is_time = limit is None or (math.isfinite(limit.seconds) and 0 < limit.seconds <= _LONGEST_TIME)
        yield is_time, f"`limits.{name}` must have `seconds`, more than 0"
    path, zone = limits.search_path, limits.time_zone
    yield path is None or _are_names(path.schemas), "`limits.search_path.schemas` must be names"
    yield zone is None or _are_names((zone.name,)), "`limits.time_zone.name` must be a name"


def _are_names(names: Iterable[str]) -> bool:
    return all(0 < len(each) <= _LONGEST_NAME and "\0" not in each for each in names)
