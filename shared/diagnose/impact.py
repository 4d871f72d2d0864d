"""What a running Prisma client suffers now: from differences of the schema, and from migrations that have not run."""

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import TypeVar

from ..model.clients import ClientEffect, Grant
from ..model.diagnosis import Comparison
from ..model.difference import Difference
from ..model.schema import RELATIONS, ROUTINES, Column, Definition, ForeignKey, Subject
from ..model.value import replace
from ..postgres.parse import UNREAD, Statement
from ..postgres.progress.ground import Effect
from ..prisma.clients.following import Client
from ..prisma.clients.tables import Changed, Relation, own_tables
from .clients import KnownSchema
from .runs_on import lasting_effects

K = TypeVar("K")
Suffered = tuple[ClientEffect, ...]
# They may change rows alone: what a client reads is then another answer, which no definition shows.
_OF_ROWS = frozenset(
    {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "CopyStmt", "CallStmt", "DoStmt", "SelectStmt", UNREAD}
)


def of_differences(comparison: Comparison, known: KnownSchema | None) -> Mapping[Subject, Suffered]:
    """What a client suffers from each difference, by its subject; nothing is said of what it does not suffer from.

    *known* is what the client of the running release knows; None: it knows what the applied migrations make.
    """
    changes = {each.subject: dict(_changed(each, comparison)) for each in comparison.differences}
    if not changes:
        return {}
    client = client_near(known, comparison.expected.objects, changes.values())
    return _suffered(client, changes)


class Changes:
    """What one migration of a run changes, of rights too. *in_doubt*: not all of it is known."""

    def __init__(self) -> None:
        self.objects: dict[Subject, tuple[Definition | None, Definition | None]] = {}
        self.opaque: dict[Subject, str] = {}
        self.grants: list[Grant] = []
        self.in_doubt = False


class Lacking:
    """What each migration of a run changes, and so what is lacking while that migration has not run."""

    def __init__(self) -> None:
        self.changes: dict[str, Changes] = {}

    def take_in(self, migration: str, statement: Statement, effect: Effect, given: Iterable[Grant]) -> None:
        changes = self.changes.setdefault(migration, Changes())
        if effect.refusal is not None or effect.opaque or statement.kind in _OF_ROWS:
            changes.in_doubt = True
        changes.opaque.update(effect.opaque)
        changes.grants.extend(given)
        for subject, (before, after) in effect.objects.items():
            first = changes.objects[subject][0] if subject in changes.objects else before
            changes.objects[subject] = (first, after)

    def suffered(self, client: Client) -> Mapping[str, Suffered]:
        """What *client* suffers while a migration has not run, by its name, on the schema after all of them.

        A migration from which the client suffers nothing is left out where not all of its statements are known.
        """
        # The newest is undone first.
        undone = {
            migration: {subject: (now, before) for subject, (before, now) in changes.objects.items()}
            for migration, changes in reversed(self.changes.items())
        }
        suffered = _suffered(client, undone)
        return {name: found for name, found in suffered.items() if found or not self.changes[name].in_doubt}


def _changed(
    difference: Difference, comparison: Comparison
) -> Iterator[tuple[Subject, tuple[Definition | None, Definition | None]]]:
    expected, actual = comparison.expected.objects, comparison.actual.objects
    for subject in (difference.subject, difference.found_as, *difference.folded):
        if subject is not None:
            yield subject, (expected.get(subject), actual.get(subject))


def client_near(
    known: KnownSchema | None, live: KnownSchema, changes: Iterable[Changed], differences: Changed | None = None
) -> Client:
    """A client on the part of *live* on which the *changes* have a bearing, and the *differences* of *known* from it.

    Without these all of *known* is compared with it.
    """
    if differences is not None and not differences:
        known = live
    changed = {subject: definitions for each in changes for subject, definitions in each.items()}
    # A foreign key that one side alone has puts its table beside the touched ones on both.
    sides = [live] if known is None or known is live else [known, live]
    near = _near(changed | dict(differences or {}), live, sides)
    if near is None:
        return Client(known, live)
    part = _only(live, near)
    if known is None or known is live:
        return Client(None if known is None else part, part)
    return Client(_only(known, near), part, None if differences is None else _near(differences, live, sides))


def _near(changed: Changed, live: KnownSchema, sides: Iterable[KnownSchema]) -> Set[Relation] | None:
    """The tables on which what is *changed* may have a bearing; None: all of them."""
    if any(subject.kind in ROUTINES for subject in changed):
        return None  # triggers of any table may run them
    touched = {
        table
        for subject, definitions in changed.items()
        for definition in definitions
        if definition is not None
        for table in own_tables(subject, definition)
    }
    for subject, definition in live.items():
        if isinstance(definition, Column) and any(each in changed for each in definition.hangs_on):
            touched.add(subject.relation)
    return touched.union(*(_beside(each, touched) for each in sides))


def _beside(objects: KnownSchema, touched: Set[Relation]) -> set[Relation]:
    """The tables that foreign keys put beside the *touched* ones."""
    keys = ((subject, each) for subject, each in objects.items() if isinstance(each, ForeignKey))
    ends = ({subject.relation, each.referenced_table.relation} for subject, each in keys)
    return set().union(*(each for each in ends if each & touched))


def _only(objects: KnownSchema, near: Set[Relation]) -> KnownSchema:
    """All relations, the parts of those that are *near*, and all that is no part of a relation."""
    kept = {}
    for subject, definition in objects.items():
        tables = own_tables(subject, definition)
        if subject.kind in RELATIONS or not tables or not near.isdisjoint(tables):
            kept[subject] = definition
    return kept


def _suffered(client: Client, changes: Mapping[K, Changed]) -> dict[K, Suffered]:
    """What *client* suffers from each of the *changes*, one after the other, and still does after the last of them.

    A change is left out if a later one hides all its effects: a column says nothing where its table is gone.
    """
    suffered: dict[K, dict[ClientEffect, None]] = {}
    by_effect: dict[ClientEffect, K] = {}
    hidden: set[K] = set()
    for key, changed in changes.items():
        begun, ended = client.follow(changed, {})
        for effect in ended:
            if (since := by_effect.pop(effect, None)) is not None:
                suffered[since].pop(effect, None)
                hidden.add(since)
        lasting = lasting_effects(begun)
        suffered[key] = dict.fromkeys(lasting)
        by_effect |= dict.fromkeys(lasting, key)
    return {
        key: tuple(replace(each, assumed=False) for each in effects)
        for key, effects in suffered.items()
        if effects or key not in hidden
    }
