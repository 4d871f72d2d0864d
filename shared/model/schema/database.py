"""What is of the whole database, and in no schema."""

from dataclasses import field
from typing import Literal

from ..value import dataclass
from .definition import Definition, Expression
from .subjects import Subject


@dataclass(frozen=True, slots=True)
class Namespace(Definition):
    """A schema other than ``public`` and the system's."""


@dataclass(frozen=True, slots=True)
class Extension(Definition):
    version: str | None = None  # None: not said, not compared
    schema: str | None = None  # None: not said, not compared


Operation = Literal["insert", "update", "delete", "truncate"]


@dataclass(frozen=True, slots=True)
class PublishedTable:
    table: Subject
    columns: tuple[str, ...] = ()  # sorted; none: all of them
    where: Expression | None = None


@dataclass(frozen=True, slots=True)
class Publication(Definition):
    """Which tables, columns and rows are sent to subscribers, and at which operations."""

    all_tables: bool = False
    tables: tuple[PublishedTable, ...] = ()  # in the order of the tables' names
    schemas: tuple[str, ...] = ()  # sorted; all tables in them, PostgreSQL 15 and later
    operations: tuple[Operation, ...] = ("insert", "update", "delete", "truncate")  # in this order
    via_root: bool = False  # changes of partitions are sent as those of the partitioned table
    generated_columns: bool = False  # PostgreSQL 18 and later


@dataclass(frozen=True, slots=True)
class Subscription(Definition):
    """What this database receives of another one. Of the connection to that nothing is kept: it holds a password."""

    publications: tuple[str, ...]  # sorted; of the other server
    enabled: bool = True
    slot: str | None = None  # the replication slot there


@dataclass(frozen=True, slots=True)
class EventTrigger(Definition):
    """Calls a function at commands of DDL; it may refuse them."""

    event: str  # `ddl_command_end`
    function: str  # qualified and quoted as needed: `public.note_ddl`
    tags: tuple[str, ...] = ()  # sorted, in capitals: `CREATE TABLE`; none: all commands
    enabled: Literal["origin", "disabled", "replica", "always"] = "origin"


ALL_ROLES = "all"  # ALTER ROLE ALL
IN_THIS_DATABASE = "this database"  # between the role and the name of what is set for it in this database alone
ANY_ROLE = "current_user"  # a role whose name only the server knows


def role_word(name: str) -> str:
    """The role *name* in a subject: in quotes where it reads as one of the two above, or begins with a quote itself."""
    return f'"{name}"' if name in (ALL_ROLES, ANY_ROLE) or name.startswith('"') else name


def role_of_word(word: str) -> str:
    return word[1:-1] if word.startswith('"') else word


@dataclass(frozen=True, slots=True)
class Setting(Definition):
    """With what sessions begin: of this database, or of a role, there or everywhere.

    The value of a setting that an application named (``app.key``) may be a secret: only its digest is kept.
    """

    value: str
    matters: bool = field(default=True, compare=False)  # False: of a role that neither owns tables nor writes to them
    database: str | None = field(default=None, compare=False)  # as a migration names it; None: this one, or none
