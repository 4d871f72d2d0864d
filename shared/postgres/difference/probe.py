"""What spells an object of a server, and the one that is wanted: SQL for both, to be compared as text.

The wanted object is made on a sample, an empty temporary copy of its table, so that the same server spells both.
"""

from collections.abc import Callable
from typing import Any

from ...model import schema as model
from ...model.schema import Definition
from ...model.value import dataclass
from ..canonical.sql import literal
from .fragments import qualified

SAMPLE = "pg_temp.corrective_sample"
# Where the name of the object goes, or of what it is in: no name holds it.
PLACE = "\0"
# The table of an index.
OWNER = "\1"
INVALID = " INVALID"
# A default that is one constant. Behind it the server writes its type, or none, by how it was written.
_LONE_CONSTANT = r"^'((?:[^']|'')*)'(?:::[\w\". ,()]+)?$"
_KEPT = r"'\1"
_NUMBER = r"^'?[-+]?\d+(\.\d*)?(e[-+]?\d+)?$"
_NUMBERS = "{smallint,integer,bigint,numeric,real,double precision}"
# The server writes them behind a constant, or not, by how it was written.
_CASTS = r"'::(text|character varying|bpchar)(\(\d+\))?(\[\])?"
_AROUND_ELEMENTS = r"""::[\w". ]+|ARRAY|[][{}()'" ]"""
Sample = tuple[list[str], str]


@dataclass(frozen=True, slots=True)
class Probe:
    """*text* is SQL that spells the object *real*, NULL where there is none.

    *sample* gives the statements that make a definition on a sample, and the one that drops it; there it is *sampled*.
    *constant*, instead, spells a definition by itself.
    """

    text: str
    real: str
    sample: Callable[[Any], Sample] | None = None
    constant: Callable[[Any], str] | None = None
    sampled: str = SAMPLE

    @property
    def present(self) -> str:
        return self.text.replace(PLACE, literal(self.real)).replace(OWNER, "x.indrelid")

    def spelling(self, definition: Definition, variable: str) -> list[str]:
        """Statements that put into *variable* how the server spells *definition*."""
        if self.constant is not None:
            return [f"{variable} := {self.constant(definition)};"]
        assert self.sample is not None  # noqa: S101  # a probe has one of both
        made, dropped = self.sample(definition)
        text = self.text.replace(PLACE, literal(self.sampled))
        if isinstance(definition, model.Index):
            text = text.replace(OWNER, f"{literal(qualified(definition.table.name))}::regclass::oid")
            text += "" if definition.valid else f" || {literal(INVALID)}"
        return [*made, f"{variable} := {text};", dropped]


def columns_of(relation: str) -> str:
    return (
        "(SELECT string_agg(row(a.attname, format_type(a.atttypid, a.atttypmod), a.attcollation, a.attnotnull, "
        f"a.attidentity, a.attgenerated, {default()})::text, ', ' ORDER BY a.attname) "
        "FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
        f"WHERE a.attrelid = {relation} AND a.attnum > 0 AND NOT a.attisdropped)"
    )


def plain(text: str) -> str:
    """A definition without the casts of constants, and with one name for the time of the transaction."""
    quote = literal("'")
    plain = f"regexp_replace({text}, {literal(_CASTS)}, {quote}, 'g')"
    return f"replace({plain}, 'now()', 'CURRENT_TIMESTAMP')"


def default() -> str:
    """The default of a column: of one constant its value counts, whatever its spelling.

    An array's may be ``ARRAY['a'::text]`` or ``'{a}'::text[]``: what is in it counts.
    """
    expression = "pg_get_expr(d.adbin, d.adrelid)"
    within = f"regexp_replace({expression}, {literal(_AROUND_ELEMENTS)}, '', 'g')"
    lone = f"regexp_replace({plain(expression)}, {literal(_LONE_CONSTANT)}, {literal(_KEPT)})"
    quote = literal("'")
    value = f"trim_scale(ltrim({lone}, {quote})::numeric)::text"
    is_number = f"a.atttypid = ANY ({literal(_NUMBERS)}::regtype[]) AND {lone} ~ {literal(_NUMBER)}"
    is_array = "format_type(a.atttypid, -1) LIKE '%[]'"
    return f"CASE WHEN {is_array} THEN {within} WHEN {is_number} THEN {value} ELSE {lone} END"
