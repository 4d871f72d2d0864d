"""Why a statement was refused, in a sentence for people."""

import psycopg
from psycopg import errors

_REASONS: tuple[tuple[tuple[type[psycopg.Error], ...], str], ...] = (
    ((errors.QueryCanceled,), "it took longer than the time allowed for it"),
    ((errors.LockNotAvailable,), "the table is locked: the database is busy, probably migrating"),
    (
        (errors.CharacterNotInRepertoire, errors.UntranslatableCharacter),
        "it holds text whose bytes are not what the database's encoding allows",
    ),
    ((errors.AdminShutdown, errors.CrashShutdown, errors.CannotConnectNow), "the server ended the connection"),
)


def refusal(error: psycopg.Error) -> str:
    """Give what PostgreSQL's *error* means to the reader.

    Its text is repeated only where it speaks of the statement (class 42): elsewhere it may quote a row.
    """
    for kinds, reason in _REASONS:
        if isinstance(error, kinds):
            return reason
    if error.sqlstate is None:
        lost = isinstance(error, psycopg.OperationalError)
        return "the connection was lost" if lost else f"its answer could not be read ({type(error).__name__})"
    if error.sqlstate.startswith("42"):
        return f"PostgreSQL says: {error.diag.message_primary}"
    return f"PostgreSQL refused with SQLSTATE {error.sqlstate} ({type(error).__name__})"
