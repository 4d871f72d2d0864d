"""Why a statement was refused, in a sentence for people."""

import psycopg
from psycopg import errors

from ...model.knowledge import Unavailable


class OwnTimeoutError(errors.QueryCanceled):
    """The monitor's role has a time limit of its own, which ended a statement before the monitor's limits were set."""


_REASONS: tuple[tuple[tuple[type[psycopg.Error], ...], str], ...] = (
    (
        (OwnTimeoutError,),
        "the statement_timeout of the monitor's own role ended it (ALTER ROLE … RESET statement_timeout)",
    ),
    (
        (errors.lookup("25P04"),),
        "the transaction_timeout of the monitor's own role ended it (ALTER ROLE … RESET transaction_timeout)",
    ),
    ((errors.QueryCanceled,), "it took longer than the time allowed for it"),
    ((errors.SerializationFailure,), "the standby had to replay what the primary changed; the next check tries again"),
    ((errors.LockNotAvailable,), "the table is locked: the database is busy, probably migrating"),
    (
        (errors.CharacterNotInRepertoire, errors.UntranslatableCharacter),
        "it holds text whose bytes are not what the database's encoding allows",
    ),
    ((errors.AdminShutdown, errors.CrashShutdown, errors.CannotConnectNow), "the server ended the connection"),
)

# What PostgreSQL itself says of a statement before it looks at any row; the text names things of the catalog only.
_OF_THE_STATEMENT = (
    errors.SyntaxError, errors.InsufficientPrivilege, errors.CannotCoerce, errors.GroupingError, errors.WindowingError,
    errors.DatatypeMismatch, errors.IndeterminateDatatype, errors.IndeterminateCollation, errors.CollationMismatch,
    errors.WrongObjectType, errors.AmbiguousColumn, errors.AmbiguousFunction, errors.AmbiguousParameter,
    errors.AmbiguousAlias, errors.UndefinedColumn, errors.UndefinedFunction, errors.UndefinedTable,
    errors.UndefinedParameter, errors.UndefinedObject, errors.InvalidColumnReference, errors.InvalidRecursion,
    errors.InvalidSchemaName,
)  # fmt: skip
# Neither a grant nor a better condition comes by waiting.
_LASTING = (errors.SyntaxError, errors.InsufficientPrivilege)


def refused(attempted: str, error: psycopg.Error, fix: str = "") -> Unavailable:
    """Give *attempted*, why it was refused, and how to fix it."""
    return Unavailable(f"{attempted}: {refusal(error)}{fix}", lasting=isinstance(error, _LASTING))


def concerns_the_statement(error: psycopg.Error) -> bool:
    """Say whether *error* is PostgreSQL's own word on the statement.

    A function that the statement calls may RAISE any text, a row's content too, under any code: it
    shows in the context.
    """
    return isinstance(error, _OF_THE_STATEMENT) and error.diag.context is None


def refusal(error: psycopg.Error) -> str:
    """Give what PostgreSQL's *error* means to the reader; its text is repeated only where that cannot quote a row."""
    for kinds, reason in _REASONS:
        if isinstance(error, kinds):
            return reason
    if error.sqlstate is None:
        lost = isinstance(error, psycopg.OperationalError)
        return "the connection was lost" if lost else f"its answer could not be read ({type(error).__name__})"
    if concerns_the_statement(error):
        return f"PostgreSQL says: {error.diag.message_primary}"
    return f"PostgreSQL refused with SQLSTATE {error.sqlstate} ({type(error).__name__})"
