"""The statements of migrations' scripts, each script parsed once a run."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ..model.knowledge import NotKnownError, Unavailable
from ..model.question import NO_ANSWERS, Answer, Answers, Question
from ..model.release import Migration
from ..model.value import dataclass, replace
from ..postgres.parse import UNREAD, MalformedError, Statement, read, read_nothing, unread
from ..prisma.script import runnable
from .grammars import Grammars

# What has run was understood by the server that ran it.
UNASKED = Grammars("", "", NO_ANSWERS)
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Scripts:
    """Statements of the scripts that are used more than once: those that the history does not call applied.

    What cannot be parsed of them says so, and in which file it is. *not_read* names those that are not parsed, and why.
    """

    def __init__(self, grammars: Grammars, not_read: Mapping[str, str] = _NOTHING) -> None:
        self._grammars = grammars
        self.not_read = not_read
        self._to_run: list[Statement] = []
        self._read: dict[tuple[str, bytes], tuple[Statement, ...] | MalformedError] = {}

    def of(self, name: str, script: bytes) -> tuple[Statement, ...]:
        """The statements of the migration *name*. Raises MalformedError where they cannot be separated."""
        key = name, script
        if key not in self._read:
            try:
                self._read[key] = tuple(_statements(name, script, self._grammars, self.not_read.get(name)))
            except MalformedError as error:
                self._read[key] = error
        found = self._read[key]
        if isinstance(found, MalformedError):
            raise found
        return found

    def fault(self, name: str, script: bytes) -> str | None:
        """Why the migration *name*, which is to be run, cannot be: by its quotes and comments, and by the server."""
        try:
            statements = self.of(name, script)
        except MalformedError as error:
            return f"PostgreSQL cannot parse its migration.sql, {error}"
        self._to_run += statements
        return next((why for each in statements if (why := self._grammars.refusal(each)) is not None), None)

    def reasons(self, migration: Migration) -> tuple[str, ...]:
        """Why statements of *migration* are not known, one each."""
        try:
            statements = () if migration.script is None else self.of(migration.name, migration.script)
        except MalformedError:
            return ()
        return tuple(dict.fromkeys(each.tree[UNREAD]["because"] for each in statements if each.kind == UNREAD))

    def questions(self) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
        """As `Grammars.questions`, of what is to be run."""
        return self._grammars.questions(self._to_run)

    def known(self, name: str, script: bytes) -> tuple[Statement, ...]:
        """The statements of the migration *name*. Raises NotKnownError where they cannot be separated."""
        try:
            return self.of(name, script)
        except MalformedError as error:
            raise _unknown(name, error) from None


def known_statements(name: str, script: bytes, not_read: str | None = None) -> Iterator[Statement]:
    """The statements of a script that is used once, parsed one after the other. Raises NotKnownError."""
    try:
        yield from _statements(name, script, UNASKED, not_read)
    except MalformedError as error:
        raise _unknown(name, error) from None


def _statements(name: str, script: bytes, grammars: Grammars, not_read: str | None) -> Iterator[Statement]:
    if not_read is not None:
        return read_nothing(runnable(script), not_read)
    return (_explained(each, name, grammars) for each in read(runnable(script)))


def _unknown(name: str, error: MalformedError) -> NotKnownError:
    return NotKnownError(Unavailable(f"PostgreSQL cannot parse {name}/migration.sql, {error}", lasting=True))


def _explained(statement: Statement, name: str, grammars: Grammars) -> Statement:
    """Say of a statement that cannot be parsed in which migration it is, and why."""
    if (error := unread(statement)) is None:
        return statement
    because = grammars.because(statement, name, error)
    return replace(statement, tree={UNREAD: {**statement.tree[UNREAD], "because": because}})


@dataclass(frozen=True, slots=True)
class UnparsedScript(Sequence[Statement]):
    """A script that is parsed when it runs, once: all syntax trees together are much larger than the schema."""

    name: str
    script: bytes
    not_read: str | None = None

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, place: Any) -> Any:
        return tuple(iter(self))[place]  # an iterator has no length to compute first

    def __iter__(self) -> Iterator[Statement]:
        return known_statements(self.name, self.script, self.not_read)


def hashable(answers: Answers) -> tuple[tuple[Question, Answer], ...]:
    return tuple(sorted(answers.items(), key=lambda each: each[0].sql))


def script_to_run(migration: Migration) -> bytes:
    """What a deployment runs of *migration*. Raises NotKnownError where it has no ``migration.sql``."""
    if migration.script is None:
        because = f"{migration.name} has no migration.sql: prisma migrate deploy would stop there (P3015)"
        raise NotKnownError(Unavailable(because, lasting=True))
    return migration.script
