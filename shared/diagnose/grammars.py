"""This monitor's grammar beside the server's: what only one of them understands.

The server is asked about statements of migrations that are to be run, and about no others. Its own word is final.
"""

import re
from collections.abc import Iterable, Iterator

from ..model.database import DatabaseReading
from ..model.question import Accepted, Answer, Answers, Question, Refused
from ..model.value import dataclass
from ..postgres.library import GRAMMAR
from ..postgres.nesting import top_level_words
from ..postgres.parse import BeyondLimitsError, ParseError, Statement, unread

_SYNTAX_ERROR = "42601"
# A refused question stands in the server's log. So many are asked at most, and those that cannot be parsed here first.
_MOST_ASKED = 200
# Of these the server looks at the grammar alone. Of a query it would also look up names and read literals, which may
# run code of the database's own: the CHECK of a domain.
_COMMANDS = frozenset({b"CREATE", b"ALTER", b"DROP", b"COMMENT", b"GRANT", b"REVOKE"})

_MAY_HOLD_QUERY = frozenset({b"TABLE", b"UNLOGGED", b"TEMP", b"TEMPORARY", b"GLOBAL", b"LOCAL", b"MATERIALIZED"})


@dataclass(frozen=True, slots=True)
class Grammars:
    """What the server of *version* answered to earlier questions. *schema* is the watched one."""

    version: str
    schema: str
    answers: Answers

    @classmethod
    def of(cls, database: DatabaseReading, answers: Answers) -> "Grammars":
        return cls(database.server_version, database.schema, answers)

    def refusal(self, statement: Statement) -> str | None:
        """Why the server would not take *statement*, in its own words; None where it takes it or was not asked."""
        answer = self._answer(statement)
        if not isinstance(answer, Refused) or answer.sqlstate != _SYNTAX_ERROR:
            return None
        newer = "" if unread(statement) else f" (PostgreSQL {GRAMMAR} can)"
        return f"PostgreSQL {self.version} cannot parse line {statement.line} of it: {answer.message}{newer}"

    def because(self, statement: Statement, name: str, error: ParseError) -> str:
        """Why nothing is known of a *statement* of the migration *name* that could not be parsed here."""
        where = f"line {error.line} of {name}/migration.sql"
        if isinstance(error, BeyondLimitsError):
            return f"this monitor cannot parse {where}: {error.message}"
        if self.is_understood(statement):
            return f"this server understands {where}, this monitor's grammar (PostgreSQL {GRAMMAR}) does not"
        return f"this monitor's grammar (PostgreSQL {GRAMMAR}) cannot parse {where}: {error.message}"

    def is_understood(self, statement: Statement) -> bool:
        """Say whether the server was asked about *statement* and its grammar takes it."""
        answer = self._answer(statement)
        if isinstance(answer, Refused):  # for another reason: an object that does not exist yet
            return answer.sqlstate != _SYNTAX_ERROR
        return isinstance(answer, Accepted)

    def questions(self, statements: Iterable[Statement]) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
        """What to ask about *statements*: of those that cannot be parsed here, and of those that can.

        The latter only of a server that is older than the grammar, and there to find what it will refuse.
        """
        unknown, known = list[Question](), list[Question]()
        is_older = self._major() < GRAMMAR
        for statement in statements:
            error = unread(statement)
            if isinstance(error, BeyondLimitsError) or (error is None and not is_older):
                continue
            question = self._question(statement)
            if question is not None and question not in self.answers:
                (known if error is None else unknown).append(question)
        return tuple(unknown[:_MOST_ASKED]), tuple(known[: max(_MOST_ASKED - len(unknown), 0)])

    def _major(self) -> int:
        major = re.match(r"\d+", self.version)
        return int(major[0]) if major else GRAMMAR

    def _answer(self, statement: Statement) -> Answer | None:
        question = self._question(statement) if self.answers else None
        return None if question is None else self.answers.get(question)

    def _question(self, statement: Statement) -> Question | None:
        sql = statement.sql
        return Question(sql, (self.schema,)) if _is_command(sql.encode()) else None


def _is_command(sql: bytes) -> bool:
    """Say whether a statement is a command, and none that holds a query for the server to look into."""
    words = top_level_words(sql)
    first, second = next(words, b""), next(words, b"")
    if first not in _COMMANDS:
        return False
    if first != b"CREATE" or second not in _MAY_HOLD_QUERY:
        return True
    # CREATE MATERIALIZED VIEW, and CREATE … TABLE … AS.
    return second != b"MATERIALIZED" and b"AS" not in words


def refused(answers: Answers) -> Iterator[Question]:
    """The questions that the server's grammar refuses."""
    for question, answer in answers.items():
        if isinstance(answer, Refused) and answer.sqlstate == _SYNTAX_ERROR:
            yield question
