"""What a status page is made of, and the page of it: of one target, or of all."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ...model.finding import Json
from ...model.memory import Memory
from ...model.schema_change import SchemaChange
from ...model.settings import AcceptedDrift
from ...model.value import dataclass

if TYPE_CHECKING:
    from ..brief import Brief


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is remembered of the target *name*: the JSON document of its last *report*, and its *memory*.

    *report* may be None (no run yet, or it cannot be read), and what is not for everybody is left out of it already.
    *memory* is None where the page is made of one report alone. *broken* says why the settings of a target cannot be
    used, or why nothing can be read of it.
    """

    name: str
    report: Mapping[str, Json] | None
    memory: Memory | None = None
    broken: str | None = None
    # What changed in the database's schema, the newest first.
    changes: Sequence[SchemaChange] = ()
    # The drift that the settings accept.
    accepted: Sequence[AcceptedDrift] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A form of the page: it posts *fields*, which are hidden in it, to the URL *action*."""

    action: str
    fields: Mapping[str, str]


# What the field `for` of a silence may say.
SILENCE_FOR = ("1h", "4h", "tomorrow")


@dataclass(frozen=True, slots=True)
class Access:
    """What the reader of a page may do, and where links lead: None for what is not for them, or missing.

    *target* is the address of another target's page with ``{}`` for its name.

    *silence* is posted with what its reader fills in besides: `incident` (its name; empty for all that is open), `for`
    (one of `SILENCE_FOR`), `why`, and `who` unless *reader* is known. *check_now* and *seen* have a button alone;
    *seen* is "I see this", which a link of the weekly message leads to. *notice* says what such a form has just done.
    """

    silence: Form | None = None
    check_now: Form | None = None
    seen: Form | None = None
    fleet: str | None = None
    target: str | None = None
    report: str | None = None
    # Who is known to be reading: the name that a silence then bears.
    reader: str | None = None
    notice: str | None = None


READ_ONLY = Access()


def target_page(state: Remembered, now: datetime, access: Access = READ_ONLY, others: Sequence[Remembered] = ()) -> str:
    """Give the page of one target as HTML; of *others*, those with the same migrations stand beside it."""
    from .rendering import rendered  # noqa: PLC0415  # it brings Jinja2
    from .target import view_of  # noqa: PLC0415  # as above

    return rendered("target.html", page=view_of(state, now, others), access=access, now=now)


def fleet_page(briefs: "Sequence[Brief]", now: datetime, access: Access = READ_ONLY) -> str:
    """Give the page of all targets as HTML, the worst first."""
    from .fleet import view_of  # noqa: PLC0415  # as above
    from .rendering import rendered  # noqa: PLC0415  # as above

    return rendered("fleet.html", page=view_of(briefs, now), each=(), access=access, now=now)


def whole_page(states: Sequence[Remembered], now: datetime) -> str:
    """Give one page with all of every target: for a file, which has no other page to link to."""
    from ..brief import brief_of  # noqa: PLC0415  # as above
    from .fleet import view_of  # noqa: PLC0415  # as above
    from .rendering import rendered  # noqa: PLC0415  # as above
    from .target import view_of as one  # noqa: PLC0415  # as above

    if len(states) == 1:
        return target_page(states[0], now)
    each = [one(state, now, states, named=False) for state in states]
    return rendered("fleet.html", page=view_of(list(map(brief_of, states)), now), each=each, access=READ_ONLY, now=now)
