"""Migrations run on a scratch database as Prisma runs them, and what each pending statement does there."""

from collections.abc import Mapping, Sequence

import psycopg
from psycopg.pq import TransactionStatus

from ...model.observation import Observation
from ...model.plan import LockMode, Relation
from ...model.release import Migration
from ...model.value import dataclass
from ...postgres.parse import MalformedError, Statement, read
from ...prisma.execution import Execution, Version, execution
from ...prisma.script import runnable
from ..attempt import GatherError
from ..database.query import text_of

# CREATE INDEX CONCURRENTLY, VACUUM and the like: not within a transaction.
_NO_BLOCK = "25001"
_UNSAFE_NEW_VALUE = "55P04"
# What another server may have: rights, files of extensions, memory, time, a connection that lasts.
_OF_SERVER = ("42501", "58", "53", "54", "55P03", "57", "08")
_UNDEFINED_OBJECT = "42704"
# The connection itself ended.
_NO_SQLSTATE = "08006"
_MODES: Mapping[str, LockMode] = {f"{mode}Lock": mode for mode in LockMode}


@dataclass(frozen=True, slots=True)
class _File:
    """A relation, and the number of the *file* that its rows are in: None for one that only has parts."""

    name: Relation
    is_index: bool
    file: int | None


# A statement with what it did.
_Ran = tuple[Statement, Observation]
# By migration, line and text.
Observations = dict[tuple[str, int, str], Observation]


def make(connection: psycopg.Connection, migrations: Sequence[Migration], prisma: Version | None) -> None:
    """Run *migrations*, which have run before elsewhere. Raises `GatherError` for the first that fails here."""
    for migration in migrations:
        for _, observation in _run(connection, migration, prisma):
            if observation.sqlstate is not None:
                because = f"{migration.name} fails on the scratch server: {observation.error} ({observation.sqlstate})"
                raise GatherError(because, lasting=True)


def observe(connection: psycopg.Connection, migrations: Sequence[Migration], prisma: Version | None) -> Observations:
    """Run *migrations* up to the first that fails: Prisma runs no further either."""
    found: Observations = {}
    for migration in migrations:
        for statement, observation in _run(connection, migration, prisma):
            found[migration.name, statement.line, statement.sql] = observation
            if observation.sqlstate is not None:
                return found
    return found


def _run(connection: psycopg.Connection, migration: Migration, prisma: Version | None) -> Sequence[_Ran]:
    """Run one file as Prisma does; where its way is not known, as a whole if that works, else by statements."""
    try:
        statements = () if migration.script is None else tuple(read(runnable(migration.script)))
    except MalformedError as error:
        raise GatherError(f"{migration.name}/migration.sql cannot be parsed: {error}", lasting=True) from None
    way = execution((each.tree for each in statements), prisma)
    ran = _file(connection, statements, in_block=way is not Execution.SPLIT)
    if way is Execution.EITHER and ran[-1][1].sqlstate in {_NO_BLOCK, _UNSAFE_NEW_VALUE}:
        return _file(connection, statements, in_block=False)
    return ran


def _file(connection: psycopg.Connection, statements: Sequence[Statement], *, in_block: bool) -> list[_Ran]:
    """Run the statements of one file up to the first that fails; *in_block*: as one transaction."""
    ran: list[_Ran] = []
    for statement in statements:
        if in_block and _is_idle(connection):
            connection.execute("BEGIN")
        ran.append((statement, _observed(connection, statement)))
        if ran[-1][1].sqlstate is not None:
            break
    if not (connection.closed or _is_idle(connection)):
        ran[-1] = (ran[-1][0], _ended(connection, *ran[-1]))
    return ran


def _observed(connection: psycopg.Connection, statement: Statement) -> Observation:
    """Run *statement* in the transaction that is open, else in one of its own if it can run in one."""
    if not _is_idle(connection) or statement.kind == "TransactionStmt":
        return _executed(connection, statement)
    connection.execute("BEGIN")
    observation = _ended(connection, statement, _executed(connection, statement))
    return _executed(connection, statement) if observation.sqlstate == _NO_BLOCK else observation


def _ended(connection: psycopg.Connection, statement: Statement, observation: Observation) -> Observation:
    """End the transaction after *statement*; what is checked only then may still fail."""
    if connection.closed:
        return observation
    if observation.sqlstate is not None:
        connection.execute("ROLLBACK")
        return observation
    try:
        connection.execute("COMMIT")
    except psycopg.Error as error:
        return _failed(error, statement)
    return observation


def _executed(connection: psycopg.Connection, statement: Statement) -> Observation:
    files = _files(connection)
    before = {} if _is_idle(connection) else _locks(connection, files)
    try:
        connection.execute(statement.sql.encode())
    except psycopg.Error as error:
        return _failed(error, statement)
    after = _files(connection)
    rewrites = frozenset(
        each.name for oid, each in files.items() if oid in after and after[oid].file != each.file and not each.is_index
    )
    if _is_idle(connection):
        return Observation(rewrites=rewrites)
    held = _locks(connection, files)
    taken = {each: mode for each, mode in held.items() if before.get(each) != mode}
    return Observation(taken=taken, held=held, rewrites=rewrites)


def _failed(error: psycopg.Error, statement: Statement) -> Observation:
    sqlstate = error.sqlstate or _NO_SQLSTATE
    is_of_server = (
        statement.kind == "CreateExtensionStmt"
        or sqlstate.startswith(_OF_SERVER)
        or (sqlstate == _UNDEFINED_OBJECT and _names_role(statement.tree))
    )
    return Observation(sqlstate, error.diag.message_primary or type(error).__name__, of_server=is_of_server)


def _names_role(node: object) -> bool:
    """Say whether a syntax tree names a role: as an owner, of a policy, of a grant."""
    if isinstance(node, list):
        return any(map(_names_role, node))
    return isinstance(node, dict) and ("roletype" in node or any(map(_names_role, node.values())))


def _is_idle(connection: psycopg.Connection) -> bool:
    if connection.closed:
        raise GatherError("the scratch server closed the connection")
    return connection.info.transaction_status == TransactionStatus.IDLE


def _files(connection: psycopg.Connection) -> dict[int, _File]:
    rows = connection.execute(text_of("scratch_files")).fetchall()
    return {oid: _File((schema, name), is_index, file) for oid, schema, name, is_index, file in rows}


def _locks(connection: psycopg.Connection, files: Mapping[int, _File]) -> dict[Relation, LockMode]:
    """The strongest lock on each relation of *files*."""
    strongest: dict[Relation, LockMode] = {}
    for oid, mode in connection.execute(text_of("scratch_locks")).fetchall():
        if oid in files:
            name = files[oid].name
            strongest[name] = max(strongest.get(name, LockMode.ACCESS_SHARE), _MODES[mode])
    return strongest
