"""Extended statistics, collations, casts, operators and aggregates."""

from collections.abc import Iterator
from typing import Any, Literal

from ...model import schema as model
from ...model.schema import Kind, Subject
from .. import canonical
from ..canonical import Argument
from ..parse import parse
from .reading import ARGUMENT_MODES, NAMES, PARALLEL, Described, Row, named, operator_named, type_of

_KINDS: tuple[tuple[str, Literal["ndistinct", "dependencies", "mcv"]], ...] = (
    ("d", "ndistinct"), ("f", "dependencies"), ("m", "mcv"),
)  # fmt: skip
_RELATIONS = {"m": Kind.MATERIALIZED_VIEW, "f": Kind.FOREIGN_TABLE}
# A relation's kind, or that of a type without one.
_TYPES = {
    "r": Kind.TABLE, "p": Kind.TABLE, "v": Kind.VIEW, "c": Kind.COMPOSITE_TYPE, **_RELATIONS,
    "type e": Kind.ENUM, "type d": Kind.DOMAIN, "type r": Kind.RANGE,
}  # fmt: skip
_PROVIDERS: dict[str, Literal["libc", "icu", "builtin"]] = {"c": "libc", "i": "icu", "b": "builtin"}
_FORMS: dict[str, Literal["normal", "ordered set", "hypothetical set"]] = {
    "n": "normal", "o": "ordered set", "h": "hypothetical set",
}  # fmt: skip
_METHODS: dict[str, Literal["function", "inout", "binary"]] = {"f": "function", "i": "inout", "b": "binary"}
_CONTEXTS: dict[str, Literal["explicit", "assignment", "implicit"]] = {
    "e": "explicit", "a": "assignment", "i": "implicit",
}  # fmt: skip
_MODIFY = {"r": "read_only", "s": "shareable", "w": "read_write"}


def statistics(row: Row) -> Described:
    table = Subject(_RELATIONS.get(row["relation"], Kind.TABLE), (row["table_schema"], row["table"]))
    elements = [each["StatsElem"] for each in parse(row["definition"])[0].node["exprs"]]
    columns = sorted(each["name"] for each in elements if "name" in each)
    target = row.get("target", -1)
    yield (
        Subject(Kind.STATISTICS, (row["schema"], row["name"])),
        model.Statistics(
            table=table,
            kinds=tuple(kind for mark, kind in _KINDS if mark in row["kinds"]),
            columns=tuple(columns),
            expressions=tuple(canonical.expression(each["expr"], NAMES) for each in elements if "expr" in each),
            target=target if target >= 0 else None,  # before 17, none is -1
            hangs_on=(table, *(Subject(Kind.COLUMN, (*table.name, each)) for each in columns)),
        ),
    )


def collation(row: Row) -> Described:
    provider, locale = _PROVIDERS.get(row["provider"]), row.get("locale")
    yield (
        Subject(Kind.COLLATION, (row["schema"], row["name"])),
        model.Collation(
            provider,
            canonical.icu_locale(locale) if provider == "icu" and locale is not None else locale,
            ctype=row.get("ctype"),
            deterministic=not row.get("not_deterministic", False),
            rules=row.get("rules"),
        ),
    )


def cast(row: Row) -> Described:
    source, target = (type_of(row[each], modified=False) for each in ("source", "target"))
    yield (
        Subject(Kind.CAST, (f"{source} as {target}",)),
        model.Cast(
            source,
            target,
            _METHODS[row["method"]],
            _CONTEXTS[row["context"]],
            named(row.get("function")),
            hangs_on=tuple(_needed_by_cast(row)),
        ),
    )


def _needed_by_cast(row: Row) -> Iterator[Subject]:
    """Its own types, and its function."""
    for kind, schema, name in row.get("types", ()):
        if kind in _TYPES:
            yield Subject(_TYPES[kind], (schema, name))
    if "function" in row and row["function"][0] != "pg_catalog":
        schema, name = row["function"]
        types = ", ".join(type_of(each, modified=False) for each in row["inputs"])
        yield Subject(Kind.FUNCTION, (schema, f"{name}({types})"))


def operator(row: Row) -> Described:
    left, right = (type_of(row[each], modified=False) if each in row else None for each in ("left", "right"))
    yield (
        Subject(Kind.OPERATOR, (row["schema"], canonical.operator_signature(row["name"], left, right))),
        model.Operator(
            left=left,
            right=right,
            function=named(row["function"]) or "",
            commutator=operator_named(row.get("commutator")),
            negator=operator_named(row.get("negator")),
            restrict=named(row.get("restrict")),
            join=named(row.get("join")),
            hashes=row.get("hashes", False),
            merges=row.get("merges", False),
        ),
    )


def aggregate(row: Row) -> Described:
    types = row.get("inputs") or []
    modes = row.get("modes") or ["i"] * len(types)
    names = row.get("names") or [""] * len(types)
    arguments = [
        Argument(ARGUMENT_MODES[mode], name, type_of(type_name, modified=False))
        for mode, name, type_name in zip(modes, names, types, strict=True)
    ]
    first, second = (_MODIFY[each] for each in row["modify"])
    yield (
        Subject(Kind.AGGREGATE, (row["schema"], canonical.routine_name(row["name"], arguments))),
        model.Aggregate(
            arguments=canonical.routine_arguments(arguments),
            functions=tuple(_support(*each) for each in row["functions"]),
            state_type=type_of(row["state_type"], modified=False),
            initial=row.get("initial"),
            moving_type=type_of(row["moving_type"], modified=False) if "moving_type" in row else None,
            moving_initial=row.get("moving_initial"),
            form=_FORMS[row["form"]],
            direct=row["direct"],
            extra=(row["extra"][0], row["extra"][1]),
            modify=(first, second),
            sort_operator=row.get("sort_operator"),
            parallel=PARALLEL[row["parallel"]],  # type: ignore[arg-type]  # one of three words
        ),
    )


def _support(role: Any, schema: str, function: str) -> model.Support:
    return model.Support(role, canonical.spelled((function,) if schema == "pg_catalog" else (schema, function)))
