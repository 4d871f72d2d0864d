"""Which part of a column is NULL, as the statistics of the server say."""

from collections import defaultdict

import psycopg

from ...model.plan import Relation
from ...model.production_facts import NullFractions
from ...model.value import dataclass
from .query import Query, from_file


@dataclass(frozen=True, slots=True)
class _Fraction:
    schema: str
    name: str
    column: str
    fraction: float


def ask_null_fractions() -> Query[_Fraction]:
    return from_file("null_fractions", _Fraction)


def null_fractions(query: Query[_Fraction]) -> NullFractions:
    """Give those that the role may see; none where they cannot be read."""
    try:
        rows = query.rows()
    except psycopg.Error:
        return {}
    found: defaultdict[Relation, dict[str, float]] = defaultdict(dict)
    for each in rows:
        found[each.schema, each.name][each.column] = min(max(each.fraction, 0.0), 1.0)
    return dict(found)
