"""A client beside a run of statements: what it suffers from each of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set

from ...model.clients import ClientEffect, Grant, Operation, Suffers
from ...model.schema import RELATIONS, Column, Definition, ForeignKey, Kind, Subject, Table
from ...model.value import replace
from .effects import TOPICS, Piece, concerned, concerned_by_name, pieces, whole_effects
from .guards import privilege_effects
from .tables import Changed, Relation, Tables, own_tables

_RELATIONS = frozenset(RELATIONS)
_ROUTINES = frozenset({Kind.FUNCTION, Kind.PROCEDURE})
_RANK = {topic: rank for rank, topic in enumerate(TOPICS)}


class Client:
    """A client that knows the schema *known*, on a database that is *live*; None: it knows all that is there now.

    Before the first statement it suffers only from tables in *differing* (None: from any).
    """

    def __init__(
        self,
        known: Mapping[Subject, Definition] | None,
        live: Mapping[Subject, Definition] | Tables,
        differing: Set[Relation] | None = None,
    ) -> None:
        self._is_assumed = known is None
        self._live = live if isinstance(live, Tables) else Tables(live)
        self._client = self._live.copy() if known is None or known is live else Tables(known)
        self._names = frozenset(self._client.names())
        self._taken: defaultdict[Relation, dict[tuple[str, str], set[str]]] = defaultdict(dict)
        self._vague: dict[Relation, str] = {}
        self._suffered: defaultdict[Relation, dict[Piece, tuple[ClientEffect, ...]]] = defaultdict(dict)
        # How many pieces have an effect: they may say the same.
        self._times: defaultdict[Relation, Counter[ClientEffect]] = defaultdict(Counter)
        # What it suffers already is no matter of the statements.
        if known is not None and known is not live:
            for table in self._names if differing is None else self._names & differing:
                self._look(table, pieces(table, self._client, self._live))

    def renewed(self) -> "Client":
        """Another one that knows all that is there now. This one can follow no further."""
        del self._client  # it takes as much memory as that of the new one
        return Client(None, self._live)

    def suffers(self) -> Iterator[ClientEffect]:
        """All that it suffers now."""
        for table in sorted(self._suffered):
            yield from self._marked(effect for found in self._suffered[table].values() for effect in found)

    def follow(
        self, changed: Changed, opaque: Mapping[Subject, str], grants: Iterable[Grant] = ()
    ) -> tuple[tuple[ClientEffect, ...], tuple[ClientEffect, ...]]:
        """Take in one statement: what the client suffers from it, and what it no longer suffers."""
        again: defaultdict[Relation, dict[Piece, None]] = defaultdict(dict)
        dropped = _dropped(changed)
        unused = _Unused(self._names, self._client, self._live, dropped)
        for subject, (before, after) in changed.items():
            # The pieces of a column that stays are the same after the statement.
            stays = isinstance(before, Column) and isinstance(after, Column)
            if before is not None and not stays and not unused.includes(subject, before):
                self._note(again, subject, before)
        self._live.apply(changed)
        unused = _Unused(self._names, self._client, self._live, dropped)
        for subject, (before, after) in changed.items():
            if after is not None and not unused.includes(subject, after):
                self._note(again, subject, after)
            if subject.kind in _RELATIONS and not (isinstance(before, Table) and isinstance(after, Table)):
                self._note_whole(again, subject.relation)
        for subject, because in opaque.items():
            if len(subject.name) > 1 and (subject.name[0], subject.name[1]) in self._names:
                self._vague[subject.name[0], subject.name[1]] = because
                again[subject.name[0], subject.name[1]][self._of_vague, None] = None
        for grant in grants:
            self._take_in(grant)
            again[grant.table][self._of_privileges, None] = None
        begun: list[ClientEffect] = []
        ended: list[ClientEffect] = []
        for table in sorted(each for each in again if each in self._names):
            new, gone = self._look(table, sorted(again[table], key=_rank))
            begun += new
            ended += gone
        programs = self._programs(changed)
        return (*self._marked(begun), *self._marked(programs)), tuple(self._marked(ended))

    def _note(self, again: dict[Relation, dict[Piece, None]], subject: Subject, definition: Definition) -> None:
        for table, piece in concerned(subject, definition, self._client, self._live):
            if table in self._names:
                again[table][piece] = None

    def _note_whole(self, again: dict[Relation, dict[Piece, None]], table: Relation) -> None:
        if table in self._names:
            # Where one side has no table, there is no other effect.
            found = pieces(table, self._client, self._live) if self._is_table(table) else [(whole_effects, None)]
            again[table] |= dict.fromkeys((*self._suffered[table], *found))
        for other, piece in concerned_by_name(table, self._client, self._live):
            again[other][piece] = None

    def _look(self, table: Relation, again: Iterable[Piece]) -> tuple[list[ClientEffect], list[ClientEffect]]:
        """Look at these pieces of *table* again: the effects that are new, and those that are gone."""
        suffered, times = self._suffered[table], self._times[table]
        before: dict[ClientEffect, bool] = {}
        touched: list[tuple[ClientEffect, ...]] = []
        for piece in again:
            was, now = suffered.pop(piece, ()), tuple(dict.fromkeys(self._of(table, piece)))
            if now:
                suffered[piece] = now
            if now == was:
                continue
            touched.append((*was, *now))
            for each in touched[-1]:
                before.setdefault(each, times[each] > 0)
            for each in was:
                times[each] -= 1
            for each in now:
                times[each] += 1
        # Those of the last piece come first.
        effects = dict.fromkeys(each for several in reversed(touched) for each in several)
        gone = [each for each in effects if before[each] and times[each] <= 0]
        return [each for each in effects if not before[each] and times[each] > 0], gone

    def _of(self, table: Relation, piece: Piece) -> Iterator[ClientEffect]:
        topic, key = piece
        if topic is whole_effects or topic not in _RANK or self._is_table(table):
            yield from topic(table, key, self._client, self._live)

    def _is_table(self, table: Relation) -> bool:
        """Say whether it is a table on both sides."""
        return self._client.kind(table) is self._live.kind(table) is Kind.TABLE

    def _marked(self, effects: Iterable[ClientEffect]) -> Iterator[ClientEffect]:
        return (replace(each, assumed=True) for each in effects) if self._is_assumed else iter(effects)

    def _of_privileges(self, table: Relation, _: None, client: Tables, __: Tables) -> Iterator[ClientEffect]:
        return privilege_effects(table, client, self._taken[table])

    def _of_vague(self, table: Relation, _: None, __: Tables, ___: Tables) -> Iterator[ClientEffect]:
        because = f"what {self._vague[table]}"
        yield ClientEffect(table, (Operation.EVERYTHING,), (), Suffers.UNKNOWN, certain=False, because=because)

    def _programs(self, changed: Changed) -> Iterator[ClientEffect]:
        """A function that was replaced, where a trigger of a table that the client knows runs it."""
        for subject, (before, after) in changed.items():
            if subject.kind in _ROUTINES and before is not None and after is not None:
                for table in dict.fromkeys(self._live.with_trigger_of(subject)):
                    if table in self._names:
                        because = f"a trigger runs {subject.name[-1]}, which is another one now"
                        operations = (Operation.CREATE, Operation.UPDATE, Operation.DELETE)
                        yield ClientEffect(table, operations, (), Suffers.UNKNOWN, certain=False, because=because)

    def _take_in(self, grant: Grant) -> None:
        taken, key = self._taken[grant.table], (grant.role, grant.privilege)
        if not grant.given and not grant.columns:
            taken[key] = set()
        elif not grant.given and key in taken:
            taken[key] -= set(grant.columns)
        elif not grant.given:
            taken[key] = set(self._client.columns(grant.table)) - set(grant.columns)
        elif not grant.columns:
            taken.pop(key, None)
        elif key in taken:
            taken[key] |= set(grant.columns)


class _Unused:
    """Parts that change nothing for a client: those of tables that it does not know, and of tables that are *dropped*.

    It holds for *live* as it is: what was found of a table is kept.
    """

    def __init__(self, names: Set[Relation], client: Tables, live: Tables, dropped: Set[Relation]) -> None:
        self._names = names
        self._client = client
        self._live = live
        self._dropped = dropped
        self._found: dict[Relation, bool] = {}

    def includes(self, subject: Subject, definition: Definition) -> bool:
        """Say whether no piece depends on *subject*, which is or was *definition*."""
        tables = own_tables(subject, definition)
        for table in tables:
            found = self._found.get(table)
            if found is None:
                found = self._found[table] = self._is_unused(table)
            if not found:
                return False
        return bool(tables) and not isinstance(definition, ForeignKey)

    def _is_unused(self, table: Relation) -> bool:
        is_used = table in self._names and table not in self._dropped
        return not (is_used or self._client.is_referred_to(table) or self._live.has_foreign_keys(table))


def _dropped(changed: Changed) -> set[Relation]:
    """The relations that are gone, under whatever kind."""
    relations = [(subject.relation, after) for subject, (_, after) in changed.items() if subject.kind in _RELATIONS]
    return {name for name, after in relations if after is None}.difference(
        name for name, after in relations if after is not None
    )


def _rank(piece: Piece) -> int:
    """Rights, and what is not known, come last."""
    return _RANK.get(piece[0], len(_RANK))
