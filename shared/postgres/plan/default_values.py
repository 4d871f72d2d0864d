"""The default of a new column, which the server computes at once: one that is too long or too large fails there."""

from ...model.plan import Access, Condition, Probe
from ..parse import Tree
from .called import routines_of
from .footprint import Footprint
from .type_changes import MODIFIED
from .volatility import is_volatile
from .writing import UnwrittenError, Writer

_LIMITED = ("character varying", "character")
_SMALL = ("smallint", "integer", "numeric")
_SMALLINT = 1 << 15


def unfit(footprint: Footprint, name: str, type_: str, default: Tree) -> Condition | None:
    """The condition that *default* does not fit *type_*; None where it certainly does, or where rows get others."""
    found = MODIFIED.fullmatch(type_)
    limited = found is not None and found[2] is not None
    if "isnull" in default.get("A_Const", {}) or is_volatile(default, footprint.before):
        return None
    if (not limited and type_ not in _SMALL) or _fits(default.get("A_Const", {}), type_):
        return None
    because = f"it fails where the default of {name} does not fit {type_}"
    try:
        value = Writer(footprint.before).write(default)
        if found is not None and limited and found[1] in _LIMITED:
            length = f"pg_catalog.char_length(pg_catalog.rtrim(CAST(({value}) AS text), ' '))"
            sqlstate, sql = "22001", f"SELECT WHERE {length} > {found[2]}"
        else:
            sqlstate, sql = "22003", f"SELECT WHERE pg_catalog.num_nulls(CAST(({value}) AS {type_})) < 0"
        return Condition(sqlstate, because, Probe(sql, (), Access.INDEX, routines_of(footprint.before, sql)))
    except (UnwrittenError, LookupError):
        return None


def _fits(constant: Tree, type_: str) -> bool:
    """Say whether a whole number as it is written certainly fits: the parser takes larger ones for numerics."""
    if "ival" not in constant:
        return False
    return type_ == "integer" or (type_ == "smallint" and abs(constant["ival"].get("ival", 0)) < _SMALLINT)
