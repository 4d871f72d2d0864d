"""Keys that cannot be made: no unique key to refer to, types that cannot be compared, a second one, a column twice."""

from collections.abc import Iterable, Iterator, Sequence

from ....model.plan import Relation
from ....model.schema import Deferral, Index, Kind, PrimaryKey, Subject, Unique
from ...parse import Tree
from ..assignment import is_comparable
from ..footprint import Failure, Footprint

_SETS = ("n", "d")  # ON DELETE SET NULL, SET DEFAULT


def foreign_key(footprint: Footprint, table: Relation, constraint: Tree, columns: Sequence[str]) -> Iterator[Failure]:
    """A foreign key of *columns* of *table*, as they are behind the statement."""
    is_own = _is_same(footprint, table, constraint["pktable"])
    other = table if is_own else footprint.before.find(constraint["pktable"])
    if other is None:
        named = constraint["pktable"]
        words = [*([named["schemaname"]] if "schemaname" in named else []), named["relname"]]
        if footprint.circumstances.passed.is_gone(words):
            yield Failure("42P01", f"the run drops or renames {named['relname']} before")
        return
    kind = footprint.before.kind(other)
    if not is_own and kind in (Kind.VIEW, Kind.MATERIALIZED_VIEW, Kind.SEQUENCE, Kind.INDEX):
        yield Failure("42809", f"{other[1]} is a {kind}, and no table")
    elif not {other, table} & footprint.circumstances.vague:
        yield from _of_known(footprint, table, other, constraint, columns)


def _of_known(
    footprint: Footprint, table: Relation, other: Relation, constraint: Tree, columns: Sequence[str]
) -> Iterator[Failure]:
    yield from _lacking(footprint, table, columns)
    named = [each["String"]["sval"] for each in constraint.get("pk_attrs", ())]
    primary = footprint.definition(Subject(Kind.PRIMARY_KEY, other))
    if not named and not isinstance(primary, PrimaryKey):
        yield Failure("42704", f"{other[1]} has no primary key to refer to")
        return
    if not named and isinstance(primary, PrimaryKey):
        named = list(primary.columns)
    yield from _lacking(footprint, other, named)
    if len(named) != len(columns):
        yield Failure("42830", "the foreign key has another number of columns than it refers to")
    elif set(named) not in list(_keys(footprint, other)) or len(set(named)) < len(named):
        yield Failure("42830", f"no unique constraint of {other[1]} is of the columns that the foreign key refers to")
    else:
        yield from _generated(footprint, table, constraint, columns)
        yield from _by_type(footprint, table, other, columns, named)


def _lacking(footprint: Footprint, table: Relation, columns: Sequence[str]) -> Iterator[Failure]:
    for name in columns:
        if footprint.column(table, name) is None:
            yield Failure("42703", f'column "{name}" of {table[1]} in the foreign key does not exist')


def _by_type(
    footprint: Footprint, table: Relation, other: Relation, columns: Sequence[str], named: Sequence[str]
) -> Iterator[Failure]:
    for ours, theirs in zip(columns, named, strict=True):
        one, two = footprint.column(table, ours), footprint.column(other, theirs)
        if one is not None and two is not None and is_comparable(one.type, two.type, footprint.definition) is False:
            yield Failure(
                "42804", f"{ours} is {one.type} and {other[1]}.{theirs} is {two.type}: they cannot be compared"
            )


def _generated(footprint: Footprint, table: Relation, constraint: Tree, columns: Sequence[str]) -> Iterator[Failure]:
    acts = constraint.get("fk_del_action") in _SETS or constraint.get("fk_upd_action") in (*_SETS, "c")
    found = (footprint.column(table, name) for name in columns)
    if acts and any(each is not None and each.generated is not None for each in found):
        yield Failure("42601", "a foreign key of a generated column cannot change it")


def _is_same(footprint: Footprint, table: Relation, range_var: Tree) -> bool:
    schema = range_var.get("schemaname")
    if range_var["relname"] != table[1]:
        return False
    return schema == table[0] or (schema is None and footprint.before.find(range_var) in (None, table))


def _keys(footprint: Footprint, table: Relation) -> Iterator[set[str]]:
    """The sets of columns that a unique constraint or a unique index of *table* is of."""
    parts = dict(footprint.before.parts(table, Kind.PRIMARY_KEY, Kind.UNIQUE, Kind.INDEX))
    for subject, (_, now) in footprint.changed.items():
        if now is None:
            parts.pop(subject, None)
        elif subject.name[:2] == table or (isinstance(now, Index) and now.table.name == table):
            parts[subject] = now
    for definition in parts.values():
        if isinstance(definition, PrimaryKey | Unique):
            if definition.deferral is Deferral.NOT_DEFERRABLE:
                yield set(definition.columns)
        elif isinstance(definition, Index) and definition.unique and definition.predicate is None and definition.valid:
            names = [key.column for key in definition.keys]
            if None not in names and len(set(names)) == len(names):
                yield {name for name in names if name is not None}


def repeated(columns: Iterable[str | None]) -> str | None:
    """The first column that stands twice in a key."""
    seen: set[str] = set()
    for each in columns:
        if each is not None and each in seen:
            return each
        seen.add(each or "")
    return None


def twice(constraint: Tree) -> Iterator[Failure]:
    """A column may stand twice in the key of an index, and not in that of a constraint."""
    if constraint["contype"] not in ("CONSTR_PRIMARY", "CONSTR_UNIQUE"):
        return
    if (name := repeated(each["String"]["sval"] for each in constraint.get("keys", ()))) is not None:
        yield Failure("42701", f"column {name} appears twice in the constraint")


def second_key(footprint: Footprint, table: Relation) -> Iterator[Failure]:
    """A table has one primary key; it may be dropped by the same statement."""
    before = footprint.before.objects.get(Subject(Kind.PRIMARY_KEY, table))
    if isinstance(before, PrimaryKey) and before.name not in footprint.dropped:
        yield Failure("42P16", f"{table[1]} has a primary key already")
