"""Queries for the rows in the way of a statement, each in two forms: a probe of the monitor's, and a list for a person.

Their pieces are SQL. A plan writes them with every name and operator qualified, since the monitor runs them; for a
recorded error they are as in the script, since a person runs them in the schema of the deployment.
"""

from collections.abc import Container, Iterable, Sequence

from ..model.schema import Index
from ..model.value import dataclass
from .canonical.sql import identifier

# How many rows a group of a probe has.
COUNT = "pg_catalog.count(*)"
# Values of these cannot be compared, nor grouped.
_UNEQUAL = frozenset({"json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle", "jsonpath"})


@dataclass(frozen=True, slots=True)
class OffendingRows:
    """The rows of *source*, which is a FROM item, that meet *condition*.

    A person sees them by their *keys*, or else only how many they are. *shared*: only keys that several rows have are
    in the way. *having*, of all rows, is of a probe that finds none, and may fail.
    """

    source: str
    condition: str = ""
    keys: tuple[str, ...] = ()
    shared: bool = False
    having: str = ""

    @property
    def _found(self) -> str:
        return f"FROM {self.source}{' WHERE ' if self.condition else ''}{self.condition}"

    @property
    def probe(self) -> str:
        """A row for each row, or key, in the way, and no value of any."""
        grouped = f" GROUP BY {', '.join(self.keys)} HAVING {COUNT} > 1" if self.shared else ""
        return f"SELECT {self._found}{grouped}{' HAVING ' if self.having else ''}{self.having}"

    def listing(self, unequal: Iterable[str] = ()) -> str:
        """The keys, each with the number of its rows, most first; *unequal* ones, which cannot be grouped, as text."""
        if not self.keys:
            return f"SELECT count(*) {self._found};"
        texts = frozenset(unequal)
        listed = ", ".join(f"{each}::text" if each in texts else each for each in self.keys)
        several = " HAVING count(*) > 1" if self.shared else ""
        return f"SELECT {listed}, count(*) {self._found} GROUP BY {listed}{several} ORDER BY count(*) DESC;"


def is_unequal(type_: str) -> bool:
    """Say whether values of *type_*, one of the server's own without a length, cannot be grouped."""
    return type_.removesuffix("[]") in _UNEQUAL


def nulls(source: str, column: str) -> OffendingRows:
    return OffendingRows(source, f"{column} IS NULL")


def duplicates(
    source: str, keys: Sequence[str], *, predicate: str | None = None, nulls_distinct: bool = True
) -> OffendingRows:
    """Groups of rows that agree in all *keys*, among those for which *predicate* holds."""
    conditions = [f"{key} IS NOT NULL" for key in keys] if nulls_distinct else []
    conditions += [f"({predicate})"] if predicate is not None else []
    return OffendingRows(source, " AND ".join(conditions), tuple(keys), shared=True)


def of_index(index: Index) -> OffendingRows:
    """What is in the way of a unique *index* of a catalog."""
    keys = [
        identifier(each.column or "") if each.expression is None else f"({each.expression.sql})" for each in index.keys
    ]
    predicate = None if index.predicate is None else index.predicate.sql
    table = ".".join(map(identifier, index.table.name))
    return duplicates(table, keys, predicate=predicate, nulls_distinct=not index.nulls_not_distinct)


def orphans(
    source: str, keys: Sequence[str], other: str, referenced: Sequence[str], *, equal: str = "=", full: bool = False
) -> OffendingRows:
    """Rows that refer by *keys* to no row of *other*, whose columns are *referenced*. *full*: or by a part of them."""
    same = " AND ".join(f"{their} {equal} {our}" for their, our in zip(referenced, keys, strict=True))
    given = " AND ".join(f"{each} IS NOT NULL" for each in keys)
    refers = f"{given} AND NOT EXISTS (SELECT FROM {other} WHERE {same})"
    if full and len(keys) > 1:
        some = " OR ".join(f"{each} IS NOT NULL" for each in keys)
        refers = f"({refers}) OR (({some}) AND NOT ({given}))"
    return OffendingRows(source, refers, tuple(keys))


def breaking(source: str, condition: str, keys: Sequence[str]) -> OffendingRows:
    """Rows for which the *condition* of a CHECK is false."""
    return OffendingRows(source, f"NOT ({condition})", tuple(keys))


def excluding(
    table: str, elements: Sequence[tuple[str, str]], predicate: str | None, unequal: Container[str] = ()
) -> OffendingRows:
    """Rows that another row excludes: each of *elements*, a value and its operator, holds between the two."""
    names = [value if "(" not in value else f"key_{number}" for number, (value, _) in enumerate(elements, 1)]
    signs = [sign for _, sign in elements]
    listed = ", ".join(
        value if value == name else f"{value} AS {name}" for name, (value, _) in zip(names, elements, strict=True)
    )
    where = "" if predicate is None else f" WHERE {predicate}"
    rows = f"(SELECT ctid, {listed} FROM {table}{where})"  # noqa: S608  # printed, for a person to run
    meets = "".join(f" AND a.{name} {sign} b.{name}" for name, sign in zip(names, signs, strict=True))
    # The type of an expression is not known, and may be one that cannot be grouped.
    are_text = [name in unequal or name != value for name, (value, _) in zip(names, elements, strict=True)]
    keys = [f"a.{name}::text" if is_text else f"a.{name}" for name, is_text in zip(names, are_text, strict=True)]
    return OffendingRows(f"{rows} AS a", f"EXISTS (SELECT FROM {rows} AS b WHERE a.ctid <> b.ctid{meets})", tuple(keys))


def longer(value: str, most: int) -> str:
    """Say in SQL that a text is longer than *most* without the blanks at its end, which are cut in silence."""
    return f"pg_catalog.char_length(pg_catalog.rtrim({value}, ' ')) > {most}"
