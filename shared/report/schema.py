"""A schema printed: for people a line an object, for machines every attribute."""

from collections import Counter
from dataclasses import is_dataclass
from typing import Any

from ..model.finding import Json
from ..model.schema import Definition, Expression, Schema, Subject
from ..model.value import compared_fields
from ..postgres.difference.words import described
from .json import dumps
from .wording import printable

# Longer words than these say no more at a glance.
_WIDEST = 160


def schema_as_text(schema: Schema) -> str:
    """First how many objects there are and what is opaque, then each object, tables with what is theirs beneath."""
    lines = [summary(schema), *(f"opaque: {subject}: {because}" for subject, because in _unknown(schema))]
    for subject in sorted(schema.objects, key=_place):
        indent = "  " if subject.kind.is_in_relation else ""
        words = described(subject, schema.objects[subject])
        line = f"{indent}{subject}: {words}"
        lines.append(line if len(line) <= _WIDEST else f"{line[:_WIDEST]}…")
    return "".join(f"{printable(line)}\n" for line in lines)


def summary(schema: Schema) -> str:
    """``611 objects: 410 columns, 103 tables, …; nothing opaque``."""
    kinds = Counter(subject.kind.value for subject in schema.objects)
    largest_first = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
    counted = ", ".join(f"{count} {_plural(kind) if count > 1 else kind}" for kind, count in largest_first)
    unknown = len(_unknown(schema))
    opaque = f"{unknown} opaque" if unknown else "nothing opaque"
    return f"{len(schema.objects)} objects{f': {counted}' if counted else ''}; {opaque}"


def _unknown(schema: Schema) -> list[tuple[Subject, str]]:
    """The objects that are not known, or only in part, and why."""
    in_part = {subject: str(doubt) for subject, doubt in schema.doubts.items()}
    return sorted({**in_part, **schema.opaque}.items())


def _plural(kind: str) -> str:
    if kind.endswith("x"):
        return f"{kind}es"
    return f"{kind[:-1]}ies" if kind.endswith("y") and not kind.endswith("key") else f"{kind}s"


def schema_as_json(schema: Schema) -> str:
    objects: list[Json] = [_object(subject, schema.objects[subject]) for subject in sorted(schema.objects, key=_place)]
    opaque: list[Json] = [{"subject": str(subject), "because": because} for subject, because in _unknown(schema)]
    return dumps({"version": 1, "objects": objects, "opaque": opaque}, indent=2) + "\n"


def _place(subject: Subject) -> tuple[tuple[str, ...], bool, str, tuple[str, ...]]:
    """By relation: a table first, then what is inside it."""
    return subject.name[:2], subject.kind.is_in_relation, subject.kind, subject.name


def _object(subject: Subject, definition: Definition) -> Json:
    attributes = {name: _plain(getattr(definition, name)) for name in compared_fields(type(definition))}
    return {"subject": str(subject), "kind": subject.kind.value, "name": list(subject.name), **attributes}


def _plain(value: Any) -> Json:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Expression):
        return value.sql
    if isinstance(value, Subject):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return {name: _plain(getattr(value, name)) for name in compared_fields(type(value))}
    raise TypeError(f"no JSON for {type(value).__name__}")
