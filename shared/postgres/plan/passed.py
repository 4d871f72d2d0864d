"""What earlier statements of the run change for later ones: rows, columns and names that were there.

`shared.postgres.plan.following_rows.follow` keeps it up to date.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from ...model.plan import Relation
from ..parse import Statement
from ..progress.steps import words
from .row_states import Live, State, joined

ALL = "*"
# Each statement that changes the rows of a table is a query around the one before, or around those that it reads.
_DEEPEST = 16


class Passed:
    """What it says is of the database as it is now, before the run."""

    def __init__(self) -> None:
        self.anything: str | None = None  # why nothing is known of any row
        self.role: str | None = None
        self.role_changed = False
        self.brings_extension = False
        # The relations whose rows have changed; who follows a single statement empties it.
        self.left: set[Relation] = set()
        self._open: defaultdict[Relation, dict[str, str]] = defaultdict(dict)
        self._states: dict[Relation, State] = {}
        self._texts: defaultdict[Relation, set[str]] = defaultdict(set)
        self._names: set[str] = set()
        self._types: set[tuple[str, ...]] = set()
        # The schemas of the relations that are gone, by the relations' own names.
        self._gone: defaultdict[str, set[str]] = defaultdict(set)

    # Rows

    def state(self, relation: Relation) -> State:
        """The rows of *relation* itself, without those below it."""
        return self._states.get(relation, Live(relation))

    def changed(self, relations: Iterable[Relation]) -> frozenset[Relation]:
        """Those of *relations* whose rows are not the live ones any more."""
        return frozenset(each for each in relations if each in self._states)

    def rows(self, family: Iterable[Relation]) -> State | None:
        """The rows of all of *family*, a table and all below it; None where they are the live ones."""
        found = list(family)
        if not any(each in self._states for each in found):
            return None
        return joined(map(self.state, found))

    def leave(self, relation: Relation, state: State, new: Iterable[str] = ()) -> None:
        """The rows are *state* from here on, all of them with known values in the columns *new*."""
        if state.depth > _DEEPEST:
            self.open(relation, ALL, "too many statements of the run change these rows first")
            return
        self._states[relation] = state
        self.left.add(relation)
        for each in new:
            self._open[relation].pop(each, None)

    def open(self, relation: Relation, column: str, because: str) -> None:
        """From here on nobody can say what rows have in *column*; in none, where it is ALL."""
        self._open[relation].setdefault(column, because)

    def begin(self, relation: Relation, state: State) -> None:
        """*relation* is new."""
        self.forget(relation)
        self._states[relation] = state
        self.left.add(relation)

    def forget(self, relation: Relation) -> None:
        self._states.pop(relation, None)
        self._open.pop(relation, None)
        self._texts.pop(relation, None)

    def rename(self, old: Relation, new: Relation) -> None:
        """A table has another name: its rows are those of the old one."""
        self._states[new] = self.state(old)
        self._open[new] = self._open.pop(old, {})
        self._texts[new] = self._texts.pop(old, set())
        self._states.pop(old, None)

    def rename_column(self, relation: Relation, old: str, new: str) -> None:
        if old in self._open[relation]:
            self._open[relation][new] = self._open[relation].pop(old)
        if old in self._texts[relation]:
            self._texts[relation] ^= {old, new}

    def spell(self, relation: Relation, column: str, *, as_text: bool) -> None:
        """The state has the *column* as text, since its type is only pending; or not any more."""
        (self._texts[relation].add if as_text else self._texts[relation].discard)(column)

    def is_text(self, relation: Relation, columns: Iterable[str]) -> bool:
        return not self._texts[relation].isdisjoint(columns) if relation in self._texts else False

    def unsettled(self, relations: Iterable[Relation], columns: Iterable[str]) -> str | None:
        """Why rows of now say nothing of those that the statement will meet; None where they do."""
        if self.anything is not None:
            return self.anything
        wanted = [ALL, *columns]
        for relation in relations:
            found = self._open.get(relation, {})
            for column in wanted:
                if column in found:
                    return found[column]
        return None

    # Names

    def make(self, relation: Relation) -> None:
        """The run makes a relation of this name."""
        schema, name = relation
        if name in self._gone:
            self._gone[name].discard(schema)

    def name(self, names: Iterable[str]) -> None:
        self._names |= {each.casefold() for each in names}

    def name_type(self, name: tuple[str, ...]) -> None:
        self._types.add(name)

    def drop(self, relation: Relation) -> None:
        """The run drops or renames a relation of this name."""
        schema, name = relation
        self._gone[name].add(schema)

    @property
    def has_dropped(self) -> bool:
        """Whether the run has dropped or renamed any relation or type."""
        return bool(self._gone)

    def is_gone(self, words: Sequence[str]) -> bool:
        """Say whether the run has dropped or renamed what *words* named, in any schema where none is named."""
        schemas = self._gone.get(words[-1], set())
        return bool(schemas) and (len(words) == 1 or not schemas.isdisjoint(words[:-1]))

    def is_pending_type(self, name: Iterable[str]) -> bool:
        return tuple(name) in self._types

    def is_pending(self, names: Iterable[str]) -> bool:
        """Say whether the run has made or changed something of one of these names."""
        return any(each.casefold() in self._names for each in names)

    def may_touch(self, statement: Statement) -> bool:
        """Say whether the run has changed or made what *statement* names: then the server does not know that yet."""
        return bool(self._names) and not self._names.isdisjoint(words(statement))


NOTHING = Passed()


def live_tables(states: Iterable[State | None]) -> Iterator[Relation]:
    """The tables that the queries of *states* read."""
    return (table for each in states if each is not None for table in each.tables)
