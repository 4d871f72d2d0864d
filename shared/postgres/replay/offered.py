"""What the items of a FROM clause offer to a query: columns, by name and type."""

from collections.abc import Iterator, Sequence

from ...model.value import dataclass
from ..parse import Tree
from . import records
from .names import Names
from .records import Oid, TypeRef


@dataclass(frozen=True, slots=True)
class Source:
    """A column that a FROM item offers."""

    name: str
    oid: Oid | None = None
    type: TypeRef | None = None
    view: tuple[Oid, int] | None = None  # the column of a view, as those have no oids


@dataclass(frozen=True, slots=True)
class FromItem:
    """*columns* is None where they are not known (a function of an extension). *label*: its alias in the bound tree.

    Labels are unlike each other in all of a query, as aliases need not be.
    """

    alias: str
    columns: tuple[Source, ...] | None
    label: str = ""
    hidden: frozenset[str] = frozenset()  # merged by USING into an earlier item's
    table: Oid | None = None  # the relation, unless it has an alias
    labelled: bool = True  # False: the label is the table's name, whatever that is
    guessed: bool = False  # a function's columns, which may be more and otherwise called


Offer = tuple[FromItem, Source]


def built_in_type(name: str) -> TypeRef:
    return TypeRef({"names": [{"String": {"sval": "pg_catalog"}}, {"String": {"sval": name}}], "typemod": -1})


def columns_of(names: Names, relation: Oid) -> Iterator[Source]:
    """What a relation offers to a query, in its order."""
    record = names.catalog[relation]
    if isinstance(record, records.View):
        for at, column in enumerate(record.columns):
            yield Source(column.name, type=column.type, view=(relation, at))
    elif isinstance(record, records.Composite):
        yield from (Source(name, type=type_) for name, type_, _ in record.attributes)
    elif isinstance(record, records.Sequence):
        yield from (Source(name) for name in ("last_value", "log_cnt", "is_called"))
    else:
        yield from (Source(column.name, oid, column.type) for oid, column in names.catalog.columns(relation))


def renamed(columns: tuple[Source, ...], names: Sequence[str]) -> tuple[Source, ...]:
    """Columns under an alias's own names, as many as it gives. Such a column's own renames no longer show."""
    return tuple(
        Source(names[at], None, column.type) if at < len(names) else column for at, column in enumerate(columns)
    )


def labelled(node: Tree, label: str, columns: tuple[Source, ...]) -> Tree:
    """A FROM item under its label. An alias that names some of its columns names all, as the server prints it."""
    names = list(node.get("alias", {}).get("colnames", ()))
    if names:
        names += [{"String": {"sval": column.name}} for column in columns[len(names) :]]
    return {**node, "alias": {"aliasname": label, **({"colnames": names} if names else {})}}
