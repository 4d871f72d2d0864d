"""SQL that removes what one statement created: only where that removes nothing else."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from ...model.progress import Undo
from ...model.schema import ON_A_TABLE, SETTINGS, Cast, Definition, Kind, PrimaryKey, Schema, Subject
from ..canonical.sql import identifier
from ..difference.fragments import named, qualified
from .evidence import Live, above
from .ground import Effect, is_conditional
from .steps import Step


def hanging_on(subjects: Iterable[Subject], live: Schema) -> Mapping[Subject, list[Subject]]:
    """What goes, live, with each of *subjects*."""
    wanted, found = set(subjects), defaultdict(list)
    for subject in live.objects if wanted else ():
        for parent in live.parents(subject):
            if parent in wanted:
                found[parent].append(subject)
    return found


def undo(
    step: Step, effect: Effect, live: Live, dependents: Mapping[Subject, list[Subject]], undone: Collection[Subject]
) -> Undo | None:
    """What takes *step* back, or None: nothing that stood before, was changed since or has *dependents* is removed.

    *undone* is what later statements made and their own undoing removes first. DROP without CASCADE is the last guard.
    """
    own = {
        subject: after for subject, (before, after) in effect.objects.items() if before is None and after is not None
    }
    if not own or len(own) < len(effect.objects) or is_conditional(step.statement):
        return None
    if not all(live.agrees(subject, definition, None) for subject, definition in own.items()):
        return None
    if any(each not in own and each not in undone for subject in own for each in dependents.get(subject, ())):
        return None
    roots = [subject for subject, definition in own.items() if own.keys().isdisjoint(above(subject, definition))]
    sql = _joined([(subject, *_written(subject, own[subject])) for subject in roots])
    return None if sql is None else Undo(sql, tuple(dict.fromkeys(_with_rows(roots))))


# An extension or a setting may have been there before, a subscription has a slot on another server; without the others
# rows are seen, not sent, or unsorted.
_KEPT = frozenset(
    {Kind.EXTENSION, Kind.SUBSCRIPTION, Kind.ROW_SECURITY, Kind.REPLICA_IDENTITY, Kind.CLUSTER_MARK, *SETTINGS}
)


def _written(subject: Subject, definition: Definition) -> tuple[str, str]:
    """The statement's beginning and what it drops; parts of a table share their beginning. Empty: not to be undone."""
    kind, name = subject.kind, subject.name
    if kind in _KEPT:
        return "", ""
    if isinstance(definition, Cast):
        return "DROP CAST ", f"({definition.source} AS {definition.target})"
    if kind in ON_A_TABLE:
        return f"DROP {kind.word} ", f"{identifier(name[2])} ON {qualified(name[:2])}"
    if kind.is_in_relation:
        part = definition.name if isinstance(definition, PrimaryKey) else name[2]
        return f"ALTER TABLE {qualified(name[:2])} ", f"DROP {kind.word} {identifier(part)}"
    return f"DROP {kind.word} ", named(subject)


def _joined(written: list[tuple[Subject, str, str]]) -> str | None:
    if not all(beginning for _, beginning, _ in written):
        return None
    tables: dict[str, list[str]] = defaultdict(list)
    statements = []
    for _, beginning, dropped in written:
        if beginning.startswith("ALTER"):
            tables[beginning].append(dropped)
        else:
            statements.append(f"{beginning}{dropped};")
    statements += (f"{beginning}{', '.join(dropped)};" for beginning, dropped in tables.items())
    return "\n".join(statements)


def _with_rows(roots: Iterable[Subject]) -> Iterator[Subject]:
    for subject in roots:
        if subject.kind is Kind.TABLE:
            yield subject
        elif subject.kind is Kind.COLUMN:
            yield Subject(Kind.TABLE, subject.name[:2])
