"""Tables in the settings that exist nowhere: most likely a mistake in the settings."""

from collections.abc import Iterable, Iterator, Set
from difflib import get_close_matches

from ..model.diagnosis import Comparison, UnknownTable
from ..model.facts import Facts
from ..model.knowledge import Unavailable
from ..model.release import Release
from ..model.schema import RELATIONS, Schema
from .schema import schema_of_release

Name = tuple[str, ...]


def unknown_tables(
    facts: Facts, release: Release, comparison: Comparison | Unavailable, schema: str
) -> tuple[UnknownTable, ...]:
    """Give the tables of seeds and endpoints that neither the database nor any migration of the *release* has."""
    if isinstance(comparison, Unavailable):
        return ()
    named = dict.fromkeys(_named(facts))
    of_others = {subject.name for subject in comparison.left_out if subject.kind in RELATIONS}
    there = _relations(comparison.expected) | _relations(comparison.actual) | of_others
    missing = [name for name in named if _split(name, schema) not in there]
    if not missing:
        return ()
    released = schema_of_release(release, schema, facts.unread)
    if isinstance(released, Unavailable):
        return ()
    there |= _relations(released)
    return tuple(
        UnknownTable(
            name,
            _meant(_split(name, schema), there, schema),
            tuple(endpoint.name for endpoint in facts.target.endpoints if name in endpoint.tables),
        )
        for name in missing
        if _split(name, schema) not in there
    )


def _named(facts: Facts) -> Iterator[str]:
    yield from (seed.table for seed in facts.target.seeds)
    for endpoint in facts.target.endpoints:
        yield from endpoint.tables


def _relations(schema: Schema) -> set[Name]:
    """Every table and view, what was not compared included."""
    return {subject.name for subject in (*schema.objects, *schema.opaque) if subject.kind in RELATIONS}


def _split(name: str, schema: str) -> Name:
    before, dot, table = name.partition(".")
    return (before, table) if dot else (schema, name)


def _meant(name: Name, there: Set[Name], schema: str) -> str | None:
    """The relation whose name is most like *name*: but for case, a plural or underscores, else a close spelling."""
    own = sorted(there, key=lambda each: (each[0] != name[0], each))
    key = _key(name[-1])
    alike = next((each for each in own if _key(each[-1]) == key), None)
    if alike is None:
        by_key = {_key(each[-1]): each for each in reversed(own)}
        close = get_close_matches(key, by_key, n=1, cutoff=0.75)
        alike = by_key[close[0]] if close else None
    return None if alike is None else _written(alike, schema)


def _key(table: str) -> str:
    """What ``Users`` and ``user``, ``categories`` and ``Category``, ``AssetAliases`` and ``asset_alias`` share."""
    word = table.casefold().replace("_", "").replace("-", "")
    if word.endswith("ies"):
        return word.removesuffix("ies") + "y"
    return word.rstrip("s").removesuffix("e") if word.endswith("s") else word.removesuffix("e")


def _written(name: Iterable[str], schema: str) -> str:
    own, table = name
    return table if own == schema else f"{own}.{table}"
