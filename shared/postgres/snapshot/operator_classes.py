"""Operator classes and families."""

from ...model import schema as model
from ...model.schema import Kind, Subject
from ..canonical import with_method
from .reading import Described, Row, named, operator_named, type_of


def family(row: Row) -> Described:
    yield (
        Subject(Kind.OPERATOR_FAMILY, (row["schema"], with_method(row["name"], row["method"]))),
        model.OperatorFamily(
            row["method"],
            operators=model.members_in_order(
                _member(each, operator_named(each["member"])) for each in row.get("operators", ())
            ),
            functions=model.members_in_order(_member(each, named(each["member"])) for each in row.get("functions", ())),
        ),
    )


def _member(row: Row, member: str | None) -> model.FamilyMember:
    return model.FamilyMember(
        number=row["number"],
        left=type_of(row["left"], modified=False),
        right=type_of(row["right"], modified=False),
        member=member or "",
        arguments=_types(row["arguments"]) if "arguments" in row else None,
        sort_family=named(row.get("sort_family")),
    )


def _types(each: list[str]) -> str:
    return ", ".join(type_of(type_, modified=False) for type_ in each)


def operator_class(row: Row) -> Described:
    schema, name = row["family"]
    family_of = Subject(Kind.OPERATOR_FAMILY, (schema, with_method(name, row["method"])))
    yield (
        Subject(Kind.OPERATOR_CLASS, (row["schema"], with_method(row["name"], row["method"]))),
        model.OperatorClass(
            row["method"],
            type=type_of(row["type"], modified=False),
            family=named(row["family"]) or "",
            default=row.get("default", False),
            storage=type_of(row["storage"], modified=False) if "storage" in row else None,
            hangs_on=() if schema == "pg_catalog" else (family_of,),
        ),
    )
