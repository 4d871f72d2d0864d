"""What of a schema Prisma's schema language can say; all else is left out."""

from collections.abc import Collection, Iterator, Mapping

from ...model.schema import (
    Column,
    Definition,
    Enum,
    Extension,
    ForeignKey,
    Index,
    IndexKey,
    Kind,
    Namespace,
    PrimaryKey,
    Subject,
    Table,
    Unique,
)
from ...model.value import replace
from .columns import seen_column, seen_pair
from .same import without_same

Objects = Mapping[Subject, Definition]
_HISTORY = "_prisma_migrations"
# Prisma takes tables of these names, in whatever case, for those of PostGIS.
_POSTGIS = frozenset({"spatial_ref_sys", "geometry_columns", "geography_columns", "raster_columns", "raster_overviews"})


def compared_by_prisma(lowered: Objects, made: Objects, watched: str) -> tuple[Objects, Objects]:
    """Give both as far as Prisma compares them: *lowered* from ``schema.prisma``, and *made* by migrations.

    *watched* is the schema in which unqualified names are. Others count where *lowered* names them.
    """
    schemas = {watched} | {subject.schema for subject in lowered if subject.schema is not None}
    if len(schemas) > 1 and not any(_is_in(subject, watched) for subject in lowered):
        schemas.discard(watched)
    # Without the preview feature that has them, Prisma ignores the condition of a partial index, and drops none.
    partial = any(isinstance(each, Index) and each.predicate is not None for each in lowered.values())
    expected = dict(_Seen(lowered, schemas))
    indexes = frozenset(each for each in expected.values() if isinstance(each, Index))
    actual = dict(_Seen(made, schemas, None if partial else indexes))
    for subject, definition in list(actual.items()):
        wanted = expected.get(subject)
        if isinstance(definition, Namespace | Extension) and wanted is None:
            # It may be there for more than Prisma.
            del actual[subject]
        elif isinstance(definition, Column) and isinstance(wanted, Column):
            actual[subject] = seen_pair(wanted, definition)
    return without_same(expected, actual)


def _is_in(subject: Subject, schema: str) -> bool:
    return subject.schema == schema


class _Seen:
    """The objects of one side in Prisma's view, as pairs.

    *wanted* are the indexes for which a partial one will do; None where conditions count.
    """

    def __init__(self, objects: Objects, schemas: Collection[str], wanted: Collection[Index] | None = None) -> None:
        self._objects = objects
        self._schemas = schemas
        self._wanted = wanted
        self._tables = frozenset(
            subject
            for subject, definition in objects.items()
            if isinstance(definition, Table) and definition.partition_of is None and self._has(subject)
        )

    def _has(self, table: Subject) -> bool:
        schema, name = table.name
        return schema in self._schemas and name != _HISTORY and name.lower() not in _POSTGIS

    def __iter__(self) -> Iterator[tuple[Subject, Definition]]:
        for subject, definition in self._objects.items():
            yield from self._seen(subject, definition)

    def _seen(self, subject: Subject, definition: Definition) -> Iterator[tuple[Subject, Definition]]:
        table = Subject(Kind.TABLE, subject.name[:2])
        match definition:
            case Table() if subject in self._tables:
                yield subject, Table()
            case Column() if table in self._tables:
                yield subject, seen_column(definition, self._objects)
            case PrimaryKey() if table in self._tables:
                yield subject, PrimaryKey(definition.name, definition.columns)
            case ForeignKey() if {table, definition.referenced_table} <= self._tables:
                yield subject, _foreign_key(definition)
            case Unique() if table in self._tables:
                keys = tuple(IndexKey(column) for column in (*definition.columns, *definition.include))
                yield _index_of(subject), Index(table, "btree", keys, unique=True)
            case Index() if definition.table in self._tables:
                yield from ((subject, each) for each in self._index(definition))
            case Enum() if subject.name[0] in self._schemas:
                # Their order is not compared.
                yield subject, Enum(tuple(sorted(definition.values)))
            case Namespace():
                yield subject, Namespace()
            case Extension():
                yield subject, Extension()

    def _index(self, index: Index) -> Iterator[Index]:
        """The *index*, unless it is of expressions, or a partial one where no index of its columns is wanted."""
        if any(key.column is None for key in index.keys):
            return
        seen = _index(index)
        if seen.predicate is None or self._wanted is None:
            yield seen
        elif (bare := replace(seen, predicate=None)) in self._wanted:
            yield bare


def _index_of(unique: Subject) -> Subject:
    """The index of a unique constraint, which is all that Prisma sees of one."""
    schema, _, name = unique.name
    return Subject(Kind.INDEX, (schema, name))


def _index(index: Index) -> Index:
    """Prisma's query takes columns of INCLUDE for further keys."""
    keys = (
        *(IndexKey(key.column, descending=key.descending, operator_class=key.operator_class) for key in index.keys),
        *(IndexKey(column) for column in index.include),
    )
    return Index(index.table, index.method, keys, predicate=index.predicate, unique=index.unique)


def _foreign_key(key: ForeignKey) -> ForeignKey:
    return ForeignKey(
        key.columns,
        key.referenced_table,
        key.referenced_columns,
        on_update=key.on_update,
        on_delete=key.on_delete,
    )
