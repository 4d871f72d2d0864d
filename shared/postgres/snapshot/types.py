"""Types and sequences, schemas and extensions."""

from ...model import schema as model
from ...model.labels import labels
from ...model.schema import ALL_ROLES, IN_THIS_DATABASE, Kind, Subject, role_word
from ..server_settings import kept_text
from .reading import Described, Row, collation, default, expression, named, options, type_of


def schema(row: Row) -> Described:
    yield Subject(Kind.SCHEMA, (row["name"],)), model.Namespace()


def enum(row: Row) -> Described:
    yield Subject(Kind.ENUM, (row["schema"], row["name"])), model.Enum(labels(row["values"] or ()))


def domain(row: Row) -> Described:
    type_name = type_of(row["type"])
    checks = (
        model.DomainCheck(check["name"], expression(check["expression"]), validated=not check["not_valid"])
        for check in row.get("checks", ())
    )
    yield (
        Subject(Kind.DOMAIN, (row["schema"], row["name"])),
        model.Domain(
            type=type_name,
            nullable=not row.get("not_null", False),
            default=default(row.get("default"), type_name),
            collation=collation(row),
            checks=tuple(checks),
        ),
    )


def composite(row: Row) -> Described:
    attributes = (
        model.Attribute(attribute["name"], type_of(attribute["type"]), collation(attribute))
        for attribute in row.get("attributes", ())
    )
    yield Subject(Kind.COMPOSITE_TYPE, (row["schema"], row["name"])), model.CompositeType(tuple(attributes))


def range_type(row: Row) -> Described:
    yield (
        Subject(Kind.RANGE, (row["schema"], row["name"])),
        model.RangeType(
            subtype=type_of(row["subtype"], modified=False),
            operator_class=row.get("operator_class"),
            collation=collation(row),
            canonical=named(row.get("canonical")),
            subtype_diff=named(row.get("subtype_diff")),
            multirange=named(row.get("multirange")),
        ),
    )


def sequence(row: Row) -> Described:
    owner = Subject(Kind.COLUMN, tuple(row["owner"])) if "owner" in row else None
    yield (
        Subject(Kind.SEQUENCE, (row["schema"], row["name"])),
        model.Sequence(options(row["options"]), owner, hangs_on=(owner,) if owner else ()),
    )


def extension(row: Row) -> Described:
    yield Subject(Kind.EXTENSION, (row["name"],)), model.Extension(version=row["version"], schema=row["schema"])


def other(row: Row) -> model.OtherObject:
    """A type that takes a name besides those of the model's own kinds, or may give one to a multirange."""
    schema, name, multirange = row["schema"], row["name"], row.get("multirange")
    return model.OtherObject((schema, name), (multirange[0], multirange[1]) if multirange is not None else None)


def setting(row: Row) -> Described:
    """What a role's sessions begin with, or all those of the database where there is no role."""
    here = (IN_THIS_DATABASE,) if row.get("here") else ()
    role = role_word(row["role"]) if "role" in row else ALL_ROLES if "all_roles" in row else None
    name = (row["name"],) if role is None else (role, *here, row["name"])
    kind = Kind.DATABASE_SETTING if role is None else Kind.ROLE_SETTING
    yield Subject(kind, name), model.Setting(kept_text(row["name"], row["value"]), matters=row.get("matters", False))
