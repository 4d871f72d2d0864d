"""How far a script got: which of its statements show in a live schema, and from what that is known."""

from enum import StrEnum

from .schema import Subject
from .value import dataclass


class StatementState(StrEnum):
    PRESENT = "present"
    ABSENT = "absent"
    INVALID = "invalid"  # it left a broken index
    NO_TRACE = "no-trace"  # whether it ran shows in nothing that is compared
    UNKNOWN = "cannot-tell"  # it would leave a trace, but the catalog fits neither case, or both


# The object of a statement exists, as it makes it or broken.
THERE = frozenset({StatementState.PRESENT, StatementState.INVALID})


class Ran(StrEnum):
    """Whether a statement ran: by its trace, or by what the history proves of one that leaves none."""

    RAN = "yes"
    NOT_RUN = "no"
    OPEN = "not known"  # nothing proves either: only a person can find out


class Effects(StrEnum):
    """How much of a script is there, by the statements that leave a trace."""

    ALL = "all"
    SOME = "some"  # at least one is there, and not all are known to be
    NONE = "none"
    UNKNOWN = "cannot-tell"  # none leaves a trace; or none is known to be there, and not all are absent


@dataclass(frozen=True, slots=True)
class Undo:
    """SQL that removes what one statement created and nothing else; the rows of *tables* go with it."""

    sql: str
    tables: tuple[Subject, ...] = ()


@dataclass(frozen=True, slots=True)
class Removal:
    """A script makes *subject* and removes it, by its statements *made* and *removed*: both ran, or neither."""

    subject: Subject
    made: int
    removed: int


@dataclass(frozen=True, slots=True)
class StatementProgress:
    """One statement of a script: *start* and *end* are its bytes in it, *because* is what its state was inferred from.

    *undo* is None unless the statement is present (or invalid) and taking it back removes nothing else. *ran* is what
    follows from its state, and from the history where the state says nothing. *superseded*: it is not to be run any
    more, whether it ran or not, since later statements have replaced or removed what it makes. *part* is the SQL of
    what is left of it where these have replaced the rest. *person* is why it cannot be run as it stands, though
    something of it may be due. *by_hand*: Prisma did not run it, so that only somebody who ran it by hand can have,
    which nothing would show. Not *parsed*: only its text is known. *of_session* are the temporary tables, prepared
    statements and cursors that it is about, if it is about nothing else: they end with their session. *removal* is of
    something that it uses, or removes, and without which it cannot run.
    """

    sql: str
    line: int
    start: int
    end: int
    state: StatementState
    because: str
    undo: Undo | None = None
    ran: Ran = Ran.OPEN
    superseded: bool = False
    by_hand: bool = False
    parsed: bool = True
    part: str = ""
    person: str = ""
    of_session: frozenset[str] = frozenset()
    removal: Removal | None = None

    @property
    def due(self) -> str:
        """The SQL that runs what is left of it."""
        return self.part or self.sql

    @property
    def word(self) -> str:
        """Its first word, in capitals: ``CREATE``."""
        return self.sql.split(None, 1)[0].upper().rstrip(";")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one script got. *prefixes*: every k for which "just the first k ran" contradicts nothing seen."""

    statements: tuple[StatementProgress, ...]
    prefixes: tuple[int, ...]

    @property
    def effects(self) -> Effects:
        states = {each.state for each in self.statements} - {StatementState.NO_TRACE}
        if states == {StatementState.PRESENT}:
            return Effects.ALL
        if states & THERE:
            return Effects.SOME
        return Effects.NONE if states == {StatementState.ABSENT} else Effects.UNKNOWN

    @property
    def undo(self) -> tuple[Undo, ...] | None:
        """What undoes the script, last statement first; None if that is impossible or unknown for a part of it."""
        there = [each for each in self.statements if each.state not in (StatementState.ABSENT, StatementState.NO_TRACE)]
        steps = tuple(each.undo for each in reversed(there) if each.undo is not None)
        return steps if len(steps) == len(there) else None
