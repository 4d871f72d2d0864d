"""What a safer way is made of."""

from ....model.value import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """Statements that commit together, as a migration of their own; *does* says what for.

    *locks*: they block others, if only for a moment, so that a limit of waiting for the lock helps. *alone*: they run
    outside of a transaction. *makes* is the index that a failed build leaves behind as INVALID.
    """

    does: str
    sql: tuple[str, ...]
    locks: bool = True
    alone: bool = False
    makes: str | None = None


# A text is a step for people: what the application, or a script beside it, does in between.
Way = tuple[Part | str, ...]
