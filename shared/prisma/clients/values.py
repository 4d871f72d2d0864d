"""Which values of a row a client writes by itself, and which the database supplies."""

import json

from ...model.schema import Column, Domain

_BY_CLIENT = ('["const",', '["array"', '["call","now",[]]')
_OF_SEQUENCE = '["call","nextval",'


def is_always_written(column: Column) -> bool:
    """Say whether every create writes it: it must be given, or the client writes the default itself.

    The client does that for all defaults but ``autoincrement()`` and ``dbgenerated(…)``, also for ``now()``.
    """
    if column.identity is not None or column.generated is not None:
        return False
    if column.default is None:
        return not column.nullable
    return column.default.meaning.startswith(_BY_CLIENT)


def is_from_sequence(column: Column) -> bool:
    by_default = column.default is not None and column.default.meaning.startswith(_OF_SEQUENCE)
    return by_default or column.identity is not None


def has_default_of_database(column: Column) -> bool:
    """A default that the client leaves to the database."""
    if column.identity is not None:
        return True
    return column.default is not None and not column.default.meaning.startswith(_BY_CLIENT)


def must_be_given(column: Column, domain: Domain | None) -> bool:
    """Say whether an INSERT without it fails."""
    required = not column.nullable or (domain is not None and not domain.nullable)
    supplied = column.default is not None or column.identity is not None or column.generated is not None
    return required and not supplied and (domain is None or domain.default is None)


def default_value(column: Column) -> str | None:
    """The constant that is its default."""
    if column.default is None or not column.default.meaning.startswith('["const",'):
        return None
    value = json.loads(column.default.meaning)[1]
    return value if isinstance(value, str) else None
