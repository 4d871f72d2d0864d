"""Values of a column that its new type does not take, and those for which USING cannot be computed."""
# SQL is what this module writes; names are quoted, all else is written from trees

from collections.abc import Iterator

from ...model.plan import Condition, Relation
from ...model.schema import Column, Domain, Enum, Index, Kind, PrimaryKey, Subject, Unique
from ..canonical.sql import literal
from ..offending_rows import OffendingRows, longer
from ..parse import Tree
from ..patterns import RANGES
from .assignment import NUMBERS
from .constraints import unique
from .expressions import columns_in, is_columns_text
from .footprint import Footprint, Stage
from .new_values import source
from .probed_rows import Rows
from .probing import condition
from .type_changes import domain_of, is_free, longest, may_refuse
from .writing import quoted


def convert(footprint: Footprint, table: Relation, command: Tree) -> None:
    """Values that have no form of the new type, and those for which USING cannot be computed."""
    name = command["name"]
    subject = Subject(Kind.COLUMN, (*table, name))
    before = footprint.before.objects.get(subject)
    after = footprint.column(table, name)
    if not isinstance(before, Column) or after is None:
        return
    using = command["def"]["ColumnDef"].get("raw_default")
    is_plain = using is None or is_columns_text(using, name)
    if is_plain and is_free(before.type, after.type, footprint.before, footprint.circumstances.time_zone):
        return
    if using is None and not may_refuse(before.type, after.type):
        return
    _rebuilt(footprint, table, command, before, after)
    family = tuple(footprint.before.family(table))
    for found in _conversions(footprint, table, command, before, after):
        footprint.condition(found, Stage.VALUE, *family)


def _rebuilt(footprint: Footprint, table: Relation, command: Tree, before: Column, after: Column) -> None:
    """A unique index of the column is rebuilt: values that were different may have become the same."""
    name = command["name"]
    using = command["def"]["ColumnDef"].get("raw_default")
    if is_columns_text(using, name) and not _is_lossy(before.type, after.type):
        return
    for subject, part in footprint.before.parts(table):
        if subject in footprint.changed and footprint.changed[subject][1] is None:
            continue
        if isinstance(part, PrimaryKey | Unique) and name in part.columns:
            unique(footprint, table, part.columns)
        elif isinstance(part, Index) and part.unique and part.predicate is None:
            keys = [key.column for key in part.keys if key.column is not None]
            if len(keys) == len(part.keys) and name in keys:
                unique(footprint, table, keys, nulls_distinct=not part.nulls_not_distinct)


def _is_lossy(before: str, after: str) -> bool:
    """Say whether different values may become the same: fractions, times and lengths are cut off, texts are read."""
    source, target = before.partition("(")[0], after.partition("(")[0]
    if target in ("text", "character varying") and target == after:
        return source.startswith(("timestamp", "time", "double", "real", "character"))
    if source in RANGES:
        return target not in (*RANGES, "numeric", "character varying")
    return True


def _conversions(
    footprint: Footprint, table: Relation, command: Tree, before: Column, after: Column
) -> Iterator[Condition]:
    because = f"it fails where a value of {command['name']} does not convert to {after.type}"
    using = command["def"]["ColumnDef"].get("raw_default")
    uses = list(columns_in(using)) if using is not None else [command["name"]]
    old = Rows(footprint, table)
    sqlstate = _refusal(before.type, after.type)
    most = longest(after.type)
    domain = domain_of(after.type, footprint.before)
    labels = footprint.definition(found) if (found := footprint.type(after.type)) is not None else None
    through_text = is_columns_text(using, command["name"])
    column, keys = quoted(command["name"]), tuple(map(quoted, uses))

    def source_of() -> str:
        return source(footprint, table, command)

    if isinstance(labels, Enum) and through_text and not after.type.endswith("[]"):
        listed = ", ".join(map(literal, labels.values)) or "NULL"
        yield condition(
            old, "22P02", because, uses,
            lambda _: OffendingRows(old.of_family(uses), f"CAST({column} AS text) NOT IN ({listed})", keys),
        )  # fmt: skip
    elif most is not None and not _is_cast_to(using, command):
        length = most
        yield condition(
            old, "22001", because, uses,
            lambda _: OffendingRows(old.of_family(uses), longer(f"CAST(({source_of()}) AS text)", length), keys),
        )  # fmt: skip
    elif using is None and after.type in RANGES and before.type in RANGES:
        low, high = RANGES[after.type]
        yield condition(
            old, "22003", because, uses,
            lambda _: OffendingRows(old.of_family(uses), f"{column} NOT BETWEEN {low} AND {high}", keys),
        )  # fmt: skip
    else:
        _insist = domain is None or _checks_alone(domain)
        new = Rows(footprint, table, {"~": footprint.new_columns.get(command["name"]) if _insist else None})
        yield condition(
            new, sqlstate, because, ["~", *uses],
            lambda _: OffendingRows(new.of_family(["~"]), having='pg_catalog.count("~") < 0'),
        )  # fmt: skip


def _checks_alone(domain: Domain) -> bool:
    """Say whether the domain's checks call nothing but the system's own functions."""
    return all("call" not in each.expression.meaning or "." not in each.expression.sql for each in domain.checks)


def _is_cast_to(using: Tree | None, command: Tree) -> bool:
    """Say whether USING ends with a cast to the very type: that cuts in silence what an assignment refuses."""
    cast = (using or {}).get("TypeCast")
    wanted = {**command["def"]["ColumnDef"]["typeName"], "location": 0}
    return cast is not None and {**cast["typeName"], "location": 0} == wanted


def _refusal(before: str, after: str) -> str:
    """The likely SQLSTATE: too long, out of range, or no such value."""
    if after.startswith("character") and before.startswith(("character", "text")):
        return "22001"
    return "22003" if before.startswith(NUMBERS) and after.startswith(NUMBERS) else "22P02"
