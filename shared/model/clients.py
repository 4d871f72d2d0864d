"""What a Prisma client suffers on a database that is not as its release knows it."""

from enum import StrEnum

from .value import dataclass


class Operation(StrEnum):
    """What a client does with a table, in words for people; ``{columns}`` is replaced by the columns concerned."""

    EVERYTHING = "all operations on {table} and those that include it"
    READ = "reads of whole {table} records or {columns}"
    WHERE = "filters by {columns}"
    ORDER = "sorting by {columns}"
    GROUP = "grouping by {columns}"
    AGGREGATE = "aggregates of {columns}"
    INCLUDE = "includes over {table}.{columns}"
    CREATE = "creates of {table}"
    CREATE_WITHOUT = "creates of {table} that leave out {columns}"
    WRITE = "creates and updates of {table} that write {columns}"
    WRITE_NULL = "creates and updates of {table} that write null to {columns}"
    UPDATE = "updates of {table}"
    DELETE = "deletes of {table}"
    UPSERT = "upserts of {table}"
    UPSERT_ON = "upserts of {table} by {columns}"
    CONNECT = "connects to a {table}"


class Suffers(StrEnum):
    """An operation raises an error, or answers otherwise without one, or nobody can say which."""

    FAILS = "fails"
    CHANGES = "changes"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ClientEffect:
    """*operations* on *columns* of the *table* suffer; of READ to AGGREGATE, no *columns* means all of the table.

    *code* is Prisma's (``P2022``) and *sqlstate* the server's of those that fail. *certain*: whatever is written or
    read. *because* is the condition of what is not certain, or what else is to be said. *role*: for that database role
    alone. *until* is the place of the statement that ends it. *assumed*: what the client knows is not known, it is
    taken to know all that was there.
    """

    table: tuple[str, str]
    operations: tuple[Operation, ...]
    columns: tuple[str, ...]
    outcome: Suffers
    code: str = ""
    sqlstate: str | None = None
    certain: bool = True
    because: str = ""
    role: str | None = None
    until: str | None = None
    assumed: bool = False

    def __hash__(self) -> int:
        """Of what effects differ in: thousands are counted and looked up, several times each."""
        return hash((self.table, self.columns, self.because))


@dataclass(frozen=True, slots=True)
class Grant:
    """One privilege on a table that a statement gives to, or takes from, a role; no *columns*: on the whole table."""

    table: tuple[str, str]
    privilege: str  # select, insert, update, delete
    columns: tuple[str, ...]
    role: str
    given: bool
