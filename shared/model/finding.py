"""What is wrong, how severe it is, why, and how to fix it."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from .codes import row_of
from .value import dataclass

# What a machine may read of a finding: anything that JSON can say.
Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


class Severity(StrEnum):
    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a remedy: what to do, what must still be true, and a command to paste where there is one.

    *choice* marks what belongs to another way than the steps before it: a person has to choose.
    *asks*: the command is only to be run if a person has found to be so what the text says.
    *prepares*: it only prepares the shell for the steps after it.
    """

    text: str
    command: str | None = None
    choice: bool = False
    asks: bool = False
    prepares: bool = False


@dataclass(frozen=True, slots=True)
class Cause:
    """Another finding that brought this one about: *certain*, or only probable."""

    key: str
    certain: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    *code* and *subject* are public and never change meaning; *summary* is one sentence that
    someone on call can act on; *evidence* holds the facts for machines.
    """

    code: str
    subject: str
    severity: Severity
    summary: str
    expected: str | None = None
    actual: str | None = None
    remedy: tuple[Step, ...] = ()
    because: tuple[Cause, ...] = ()
    evidence: Mapping[str, Json] = field(default_factory=dict)
    # Silenced until then: it stays in every report, and no message is sent.
    silenced_until: datetime | None = None

    @property
    def key(self) -> str:
        return f"{self.code}:{self.subject}"

    @property
    def incident(self) -> str:
        """What people follow over time: failed, rolled back, applied is one story of a migration, not three."""
        row = row_of(self.code)
        return f"migration {self.subject}" if row.of_migration and not row.apart else self.key
