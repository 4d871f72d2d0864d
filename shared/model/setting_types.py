"""What settings are written in: durations, secrets by name, and how the file's keys are spelled."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any, ClassVar

_SINGULAR = {"targets": "target", "seeds": "seed", "endpoints": "endpoint", "expectations": "expect"}


def toml_key(attribute: str) -> str:
    """Give the key under which *attribute* stands in the file: TOML's arrays of tables read best in the singular."""
    return _SINGULAR.get(attribute, attribute)


# Read by pydantic where it validates these classes; named here so that the model needs no import of it.
STRICT: dict[str, Any] = {"extra": "forbid", "alias_generator": toml_key, "str_min_length": 1}


class Duration:
    """Marks a timedelta that people write as ``90s``, ``15m``, ``1h`` or ``2d``."""

    UNITS: ClassVar = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

    @classmethod
    def parse(cls, text: object) -> timedelta:
        match = re.fullmatch(r"(\d{1,9})(ms|[smhd])", text) if isinstance(text, str) else None
        if match is None:
            raise ValueError("write a number and a unit: 500ms, 90s, 15m, 1h or 2d")
        return timedelta(**{cls.UNITS[match[2]]: int(match[1])})

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> Any:
        from pydantic_core import core_schema  # noqa: PLC0415  # only where settings are read from a file

        return core_schema.no_info_plain_validator_function(
            cls.parse, json_schema_input_schema=core_schema.str_schema(pattern=r"^\d{1,9}(ms|[smhd])$")
        )


Timespan = Annotated[timedelta, Duration]


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that the settings only name: *name* (``env:DATABASE_URL``) may be shown, *value* never."""

    name: str
    value: str = field(repr=False)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> Any:
        from pydantic_core import core_schema  # noqa: PLC0415  # as above

        def named(value: object) -> Secret:
            if isinstance(value, Secret):
                return value
            raise ValueError('name the secret, do not write it here: "env:NAME"')

        return core_schema.no_info_plain_validator_function(
            named, json_schema_input_schema=core_schema.str_schema(pattern=r"^env:[A-Za-z_][A-Za-z0-9_]*$")
        )
