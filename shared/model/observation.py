"""What a statement of a plan did on a scratch server, where it was run."""

from collections.abc import Mapping

from .plan import LockMode, Relation
from .value import dataclass


@dataclass(frozen=True, slots=True)
class Observation:
    """A statement that ran, or failed with *sqlstate* and the *error* of the server.

    *taken* are the locks that it took on relations that were there before it, each with its strongest mode, and *held*
    those that its transaction held afterwards; both are None where it cannot run in a transaction, at whose end they
    are gone. *rewrites* are tables that got another file. *of_server*: it failed for what this server lacks (a right,
    a role, an extension), which says nothing of another one.
    """

    sqlstate: str | None = None
    error: str | None = None
    taken: Mapping[Relation, LockMode] | None = None
    held: Mapping[Relation, LockMode] | None = None
    rewrites: frozenset[Relation] = frozenset()
    of_server: bool = False

    @property
    def fails(self) -> bool:
        """It fails wherever the schema is this one."""
        return self.sqlstate is not None and not self.of_server
