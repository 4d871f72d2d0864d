"""Replay: what a database is after a script has run, statement by statement, without a database.

A small PostgreSQL that knows no rows: names are looked up as there, unnamed objects named as there, drops cascade and
renames are followed as there. What it cannot model makes just its objects opaque.
"""

from collections.abc import Iterable, Iterator, Sequence

from ...model.privileges import ExpectedRights
from ...model.question import NO_ANSWERS, Answers
from ...model.schema import Definition, Kind, Schema, Subject
from ...model.session import Session
from ...model.value import dataclass, replace
from ..parse import Statement, Tree
from . import blocks, records, rights, statements
from .catalog import UnknownError
from .names import TEMPORARY
from .rights import RightsOf
from .show import Changes, Show
from .state import ExistsError, SessionState, State

Mark = tuple[int, SessionState, int | None, tuple[int, int, int] | None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a server would have refused a statement: *what* exists already (*exists*), or does not exist."""

    what: str
    exists: bool

    @property
    def is_of_type(self) -> bool:
        """Say whether a type is in the way, or missing: what is made may be no type itself."""
        return self.what.startswith("type ")


class Replay:
    """A database without rows. *schema* is the watched one: what an unqualified name means.

    *answers* are the server's, to questions that an earlier replay of the same statements asked. Owners and privileges
    are followed only from *rights_of* on.
    """

    def __init__(
        self, schema: str = "public", answers: Answers = NO_ANSWERS, rights_of: RightsOf | None = None
    ) -> None:
        self._state = State(schema, answers)
        if rights_of is not None:
            rights.begin(self._state, rights_of)
        self._show = Show(self._state.names)

    def run(self, statement: Statement | Tree) -> Refusal | None:
        """Run one statement. It never fails: what a server would refuse changes nothing here, and it returns why."""
        tree = statement.tree if isinstance(statement, Statement) else statement
        self._state.text = statement.sql if isinstance(statement, Statement) else None
        self._state.unread = None
        # What was asked stays asked, also where the statement is refused: the answer may be what it lacked.
        mark = (self._state.catalog.mark(), self._state.session_state, None, None)
        try:
            if "DoStmt" in tree:
                blocks.run(self._state, statement.sql if isinstance(statement, Statement) else "", tree)
            else:
                statements.run(self._state, tree)
                blocks.run_calls(self._state, tree, {})
        except ExistsError as error:
            self.undo(mark)
            self._forget_doubtful(tree)
            return Refusal(str(error), exists=True)
        except UnknownError as error:
            self.undo(mark)
            self._refuse(tree, f"refers to {error}, which no migration makes")
            return Refusal(str(error), exists=False)
        except RecursionError:
            self.undo(mark)
            self._refuse(tree, "has an expression nested too deeply to be followed")
        return None

    def run_all(self, script: Iterable[Statement]) -> None:
        """Run a script in a session of its own, as every migration has. Up to its end nothing can be undone then."""
        self.start_session()
        for statement in script:
            self.run(statement)
        self._state.catalog.settle()

    def run_doubtfully(self, script: Iterable[Statement]) -> None:
        """Run a script that may have run in part: what it grants and revokes is in doubt."""
        rights.doubting(self._state, lambda: self.run_all(script))

    def run_baseline(self, script: Iterable[Statement]) -> None:
        """Run a script that says how privileges are, whatever was in doubt before it."""
        rights.settle(self._state)
        self.run_all(script)

    def rights(self) -> ExpectedRights:
        """Owners and privileges as they are now."""
        return rights.shown(self._state)

    def run_up_to_answers(self, scripts: Iterable[Iterable[Statement]]) -> "tuple[int, Replay] | None":
        """Run *scripts* as `run_all` does; say at which one answers first have a bearing, and what it met.

        None: there is no such script. What it met is a replay of its own, for `go_on_with`.
        """
        found = None
        for place, script in enumerate(scripts):
            journal, noted = self._state.catalog.mark(), self._state.noted
            was_independent = self._state.is_independent
            self.start_session()
            for statement in script:
                self.run(statement)
            if was_independent and not self._state.is_independent:
                found = place, self._before(journal, noted)
            self._state.catalog.settle()
        return found

    def _before(self, journal: int, noted: tuple[int, int, int]) -> "Replay":
        """Give another one as it was at this mark of the *journal*, and when so much was *noted*."""
        before = Replay(self._state.names.watched)
        before._state = self._state.copy(NO_ANSWERS)
        before._show = Show(before._state.names)
        before._state.catalog.undo(journal)
        before._state.forget_since(noted)
        before._state.is_independent = True
        return before

    def go_on_with(self, answers: Answers) -> None:
        """From here on the server's *answers* are these."""
        self._state.answers = answers

    def start_session(self, path: Sequence[str] | None = None) -> None:
        """Forget temporary tables and what was set. *path* is where names lead; None: the watched schema, then public.

        Of *path* the schemas count that exist now.
        """
        self._state.start_session(None if path is None else [*filter(self.has_schema, path)])

    def has_schema(self, name: str) -> bool:
        return self._state.catalog.find("schema", 0, name) is not None

    @property
    def watched(self) -> str:
        return self._state.names.watched

    @property
    def unread(self) -> str | None:
        """Why something of the last statement could not be parsed: its bounds are the names in it. None if all was."""
        return self._state.unread

    @property
    def search_path(self) -> tuple[str, ...]:
        """Where the session looks for names, but for its temporary tables."""
        return tuple(name for name in self._state.session_state[0] if name != TEMPORARY)

    @property
    def session(self) -> Session:
        """What the session has set."""
        return self._state.session_state[1]

    def mark(self) -> Mark:
        """A point to come back to: cheap if everything was shown before the point and since."""
        return self._state.catalog.mark(), self._state.session_state, self._show.mark(), self._state.noted

    def undo(self, mark: Mark) -> None:
        """Undo all statements since *mark*."""
        journal, self._state.session_state, shown, noted = mark
        self._state.catalog.undo(journal)
        if noted is not None:
            self._state.forget_since(noted)
        if shown is not None:
            self._show.undo(shown)

    def freeze(self) -> Schema:
        """The schema as it is now. Costs what has changed since the last time, and a copy of one mapping."""
        schema, state = self._show.schema(), self._state
        questions = state.questions.keys() - state.answers.keys()
        if not questions and not state.mentioned:
            return schema
        return replace(
            schema,
            mentioned=tuple(state.mentioned.items()),
            questions=tuple(sorted(questions, key=lambda each: each.sql)),
        )

    def changes(self) -> Changes:
        """What has changed since the last refresh, or since the mark that was come back to. Costs what has changed."""
        return self._show.changes()

    def current(self, subject: Subject) -> Definition | None:
        """The definition of *subject* at the last refresh."""
        return self._show.current(subject)

    def others(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Ranges, multiranges, and types that are no objects of the schema, each with the word of its kind."""
        catalog, name = self._state.catalog, self._state.names.full_name
        for oid, each in catalog.of_kind(records.Type):
            of_extension = isinstance(each, records.OtherType) and each.holder is not None
            if isinstance(each, records.OtherType | records.Range | records.Multirange) and not of_extension:
                yield name(oid), "TYPE"

    def _forget_doubtful(self, tree: Tree) -> None:
        """What may have been dropped and is made again may be either from here on."""
        dropped = self._state.perhaps_dropped
        for subject in statements.subjects(self._state, tree) if dropped else ():
            if subject in dropped:
                self._state.opaque(subject, dropped[subject])

    def _refuse(self, tree: Tree, because: str) -> None:
        """Make opaque what a statement would have made or changed, had the replay known all it refers to."""
        for subject in statements.subjects(self._state, tree):
            self._state.opaque(subject, because)


__all__ = ["Changes", "Kind", "Mark", "Refusal", "Replay", "RightsOf", "Subject", "records"]
