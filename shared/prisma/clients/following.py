"""A client beside a run of statements: what it suffers from each of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from shared.model.clients import ClientEffect, Grant, Operation, Suffers
from shared.model.schema import Definition, Kind, Subject
from shared.prisma.clients.effects import effects_on, link_effects
from shared.prisma.clients.guards import privilege_effects
from shared.prisma.clients.tables import Changed, Relation, Tables, own_tables

_TYPES = frozenset({Kind.ENUM, Kind.DOMAIN})
_ROUTINES = frozenset({Kind.FUNCTION, Kind.PROCEDURE})
# A change of these may say something of the tables at the other end of a foreign key.
_LINKED = frozenset({Kind.TABLE, Kind.COLUMN, Kind.FOREIGN_KEY})


class Client:
    """A client that knows the schema *known*, on a database that is *live*; None: it knows all that is there now."""

    def __init__(self, known: Mapping[Subject, Definition] | None, live: Mapping[Subject, Definition]) -> None:
        self._is_assumed = known is None
        self._live = Tables(live)
        self._client = self._live.copy() if known is None else Tables(known)
        self._names = frozenset(self._client.names())
        self._taken: defaultdict[Relation, dict[tuple[str, str], set[str]]] = defaultdict(dict)
        self._vague: dict[Relation, str] = {}
        self._suffered: dict[Relation, tuple[ClientEffect, ...]] = {}
        self._suffered_by_links: dict[Relation, tuple[ClientEffect, ...]] = {}
        # What it suffers already is no matter of the statements.
        for table in () if known is None else self._names:
            self._suffered[table] = tuple(self._on(table))
            self._suffered_by_links[table] = tuple(link_effects(table, self._client, self._live))

    def suffers(self) -> Iterator[ClientEffect]:
        """All that it suffers now."""
        for table in sorted(self._names):
            yield from self._marked(self._on(table))
            yield from self._marked(link_effects(table, self._client, self._live))

    def follow(
        self, changed: Changed, opaque: Mapping[Subject, str], grants: Iterable[Grant] = ()
    ) -> tuple[tuple[ClientEffect, ...], tuple[ClientEffect, ...]]:
        """Take in one statement: what the client suffers from it, and what it no longer suffers."""
        tables = set(self._concerned(changed))
        linked = set(self._neighbours(changed))
        self._live.apply(changed)
        tables.update(self._concerned(changed))
        linked.update(self._neighbours(changed))
        for subject, because in opaque.items():
            if len(subject.name) > 1 and (subject.name[0], subject.name[1]) in self._names:
                self._vague[subject.name[0], subject.name[1]] = because
                tables.add((subject.name[0], subject.name[1]))
        for grant in grants:
            self._take_in(grant)
            tables.add(grant.table)
        begun: list[ClientEffect] = []
        ended: list[ClientEffect] = []
        for table in sorted((tables | linked) & self._names):
            before = (*self._suffered.get(table, ()), *self._suffered_by_links.get(table, ()))
            if table in tables:
                self._suffered[table] = tuple(dict.fromkeys(self._on(table)))
            self._suffered_by_links[table] = tuple(link_effects(table, self._client, self._live))
            now = (*self._suffered.get(table, ()), *self._suffered_by_links[table])
            if now != before:
                begun += (each for each in now if each not in before)
                ended += (each for each in before if each not in now)
        programs = self._programs(changed)
        return (*self._marked(begun), *self._marked(programs)), tuple(self._marked(ended))

    def _marked(self, effects: Iterable[ClientEffect]) -> Iterator[ClientEffect]:
        return (replace(each, assumed=True) for each in effects) if self._is_assumed else iter(effects)

    def _on(self, table: Relation) -> Iterator[ClientEffect]:
        yield from effects_on(table, self._client, self._live)
        if table in self._taken:
            yield from privilege_effects(table, self._client, self._taken[table])
        if table in self._vague:
            because = self._vague[table]
            yield ClientEffect(
                table, (Operation.EVERYTHING,), (), Suffers.UNKNOWN, certain=False, because=f"what {because}"
            )

    def _concerned(self, changed: Changed) -> Iterator[Relation]:
        """The tables that the changes are part of, and those with columns of a changed type."""
        for subject, (before, after) in changed.items():
            for definition in (before, after):
                if definition is None:
                    continue
                yield from own_tables(subject, definition)
            if subject.kind in _TYPES:
                yield from self._client.of_type(subject)
                yield from self._live.of_type(subject)

    def _neighbours(self, changed: Changed) -> Iterator[Relation]:
        """The tables at the other ends of foreign keys of what is changed."""
        for table in dict.fromkeys((each.name[0], each.name[1]) for each in changed if each.kind in _LINKED):
            for tables in (self._client, self._live):
                yield from (relation for relation, _ in tables.referencing(table))
                for each in tables.foreign_keys(table):
                    yield each.referenced_table.name[0], each.referenced_table.name[1]

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
