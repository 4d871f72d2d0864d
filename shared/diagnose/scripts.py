"""The statements of migrations' scripts, each script parsed once a run."""

from collections.abc import Iterator
from dataclasses import replace

from shared.model.knowledge import NotKnownError, Unavailable
from shared.postgres.parse import UNREAD, MalformedError, Statement, read
from shared.prisma.script import runnable


class Scripts:
    """Statements of the scripts that are looked at more than once: those that the history does not call applied.

    What cannot be parsed of them says so, and in which file it is.
    """

    def __init__(self) -> None:
        self._read: dict[tuple[str, bytes], tuple[Statement, ...] | MalformedError] = {}

    def of(self, name: str, script: bytes) -> tuple[Statement, ...]:
        """The statements of the migration *name*. Raises MalformedError where they cannot be told apart."""
        key = name, script
        if key not in self._read:
            try:
                self._read[key] = tuple(_statements(name, script))
            except MalformedError as error:
                self._read[key] = error
        found = self._read[key]
        if isinstance(found, MalformedError):
            raise found
        return found

    def known(self, name: str, script: bytes) -> tuple[Statement, ...]:
        """The statements of the migration *name*. Raises NotKnownError where they cannot be told apart."""
        try:
            return self.of(name, script)
        except MalformedError as error:
            raise _unknown(name, error) from None


def known_statements(name: str, script: bytes) -> Iterator[Statement]:
    """The statements of one that is looked at once, parsed as they are asked for. Raises NotKnownError."""
    try:
        yield from _statements(name, script)
    except MalformedError as error:
        raise _unknown(name, error) from None


def _statements(name: str, script: bytes) -> Iterator[Statement]:
    return (_naming(each, name) for each in read(runnable(script)))


def _unknown(name: str, error: MalformedError) -> NotKnownError:
    return NotKnownError(Unavailable(f"PostgreSQL cannot parse {name}/migration.sql, {error}", lasting=True))


def _naming(statement: Statement, name: str) -> Statement:
    """Say in which migration a statement is that cannot be parsed."""
    if (node := statement.tree.get(UNREAD)) is None:
        return statement
    because = f"this monitor cannot parse line {node['line']} of {name}/migration.sql: {node['message']}"
    return replace(statement, tree={UNREAD: {**node, "because": because}})
