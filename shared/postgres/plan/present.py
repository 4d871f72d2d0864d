"""The schema before a pending run as it is in the live catalog, hand-made objects included."""

from collections.abc import Iterable, Iterator

from ...model.diagnosis import Comparison
from ...model.difference import Difference
from ...model.plan import Relation
from ...model.schema import SETTINGS, Column, Definition, Kind, OtherObject, Schema, Subject, View
from ...model.value import dataclass, replace
from ..difference import compare
from ..difference.remaking import remade
from ..parse import ParseError, parse
from ..replay import Replay
from ..unknown_names import with_unknown_names
from .known import Known, not_null_name
from .writing import qualified, quoted

# What is dropped takes others along, which are made again in the next round.
_ROUNDS = 3
_BODIES = frozenset({"body", "body_digest"})


@dataclass(frozen=True, slots=True)
class Present:
    """What is *known* to exist, and the relations that are known only in part.

    *is_as_made*: the replay was brought to it by nothing that the migrations do not do.
    """

    known: Known
    vague: frozenset[Relation]
    is_as_made: bool = True


def as_made(replay: Replay) -> Present:
    """What *replay* has made, which nobody has changed by hand."""
    made = replay.freeze()
    replay.changes()
    return Present(Known(made.objects), frozenset(relations_of((*made.opaque, *made.doubts))))


def present(replay: Replay, live: Schema, held: Comparison | None = None) -> Present:
    """Bring *replay* to what *live* is, as far as that can be said by statements; and say what exists.

    Definitions are those of the replay, which knows what depends on what, unless they differ from the live ones.
    What was *held* against the live schema before is not compared again.
    """
    is_as_made = not _make_others(replay, live)
    made = _with_names(replay.freeze(), live)
    is_held = held is not None and held.actual is live and held.expected == made
    found = held if held is not None and is_held else compare(made, live)
    for _ in range(_ROUNDS):
        if not any(map(_matters, found.differences)):
            break
        is_as_made = False
        for sql in remade(filter(_matters, found.differences), made, live):
            _run(replay, sql)
        made = _with_names(replay.freeze(), live)
        found = compare(made, live)
    renames = list(_names_of_not_null(made, live))
    for sql in renames:
        _run(replay, sql)
    if renames:
        made = _with_names(replay.freeze(), live)
    replay.changes()
    left = {
        subject
        for each in found.differences
        for subject in (each.subject, each.found_as, *each.folded)
        if subject is not None and _matters(each)
    }
    differing = left | {each.subject for each in found.differences}
    objects = {
        subject: _as_made(made.objects[subject], definition)
        if subject in made.objects and subject not in differing
        else _as_read(definition)
        for subject, definition in live.objects.items()
    }
    vague = relations_of((*left, *found.unsure, *made.opaque, *made.doubts))
    return Present(Known(objects), frozenset(vague), is_as_made)


def _make_others(replay: Replay, live: Schema) -> bool:
    """Bring the names that no object of the model has to what they are; say whether they were others."""
    there = dict(replay.others())
    wanted = {name: each for each in live.others for name in (each.name, each.multirange) if name is not None}
    gone = [f"DROP {word} IF EXISTS {qualified(name)}" for name, word in there.items() if name not in wanted]
    new = [_as_statement(name, each) for name, each in wanted.items() if name not in there]
    for sql in (*gone, *new):
        _run(replay, sql)
    return bool(gone or new)


def _as_statement(name: tuple[str, str], other: OtherObject) -> str:
    """A statement that gives *other* its name, or its multirange, and what others may refer to in it."""
    if name == other.name and other.multirange is not None:
        multirange = qualified(other.multirange)
        return f"CREATE TYPE {qualified(name)} AS RANGE (subtype = text, multirange_type_name = {multirange})"
    return f"CREATE TYPE {qualified(name)}"


def relations_of(subjects: Iterable[Subject]) -> set[Relation]:
    return {(subject.name[0], subject.name[1]) for subject in subjects if len(subject.name) > 1}


def _with_names(made: Schema, live: Schema) -> Schema:
    return with_unknown_names(made, live.objects)


def _matters(difference: Difference) -> bool:
    """The body of a view or a routine is not followed: what it needs is known. What is set bears on no statement."""
    if difference.subject.kind in SETTINGS:
        return False
    return not set(difference.attributes) or not _BODIES.issuperset(difference.attributes)


def _as_made(made: Definition, live: Definition) -> Definition:
    """What the migrations make; a default and a name as the server keeps them, which are no differences."""
    if not isinstance(made, Column) or not isinstance(live, Column):
        return made
    if (made.default_type, made.not_null_name) == (live.default_type, live.not_null_name):
        return made
    return replace(made, default_type=live.default_type, not_null_name=live.not_null_name)


def _names_of_not_null(made: Schema, live: Schema) -> Iterator[str]:
    """Statements that give each NOT NULL the name that it has on the server: an upgraded one has names of its own."""
    checks = {each.name for schema in (made, live) for each in schema.objects if each.kind is Kind.CHECK}
    for subject, definition in live.objects.items():
        ours = made.objects.get(subject)
        if not isinstance(definition, Column) or not isinstance(ours, Column) or definition.nullable or ours.nullable:
            continue
        if definition.not_null_name != ours.not_null_name:
            schema, table, name = subject.name
            old, new = (not_null_name((schema, table), name, each) for each in (ours, definition))
            if checks.isdisjoint(((schema, table, old), (schema, table, new))):
                yield f"ALTER TABLE {quoted(schema)}.{quoted(table)} RENAME CONSTRAINT {quoted(old)} TO {quoted(new)}"


def _as_read(definition: Definition) -> Definition:
    return replace(definition, hangs_on=definition.uses) if isinstance(definition, View) else definition


def _run(replay: Replay, sql: str) -> None:
    """What the parser does not take stays a difference."""
    try:
        statements = parse(sql)
    except ParseError:
        return
    for statement in statements:
        replay.run(statement)
