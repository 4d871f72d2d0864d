"""What settings are written in: durations, secrets by name, and how the file's keys are spelled."""

import re
from collections.abc import Callable
from dataclasses import field
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, TypeVar

from .azure import Vault
from .value import dataclass

# TOML's arrays of tables read best in the singular.
_SINGULAR = {
    "targets": "target", "releases": "release", "seeds": "seed", "endpoints": "endpoint", "expectations": "expect",
    "channels": "channel",
}  # fmt: skip
# ``from`` is a word of Python's own.
_WRITTEN = {"sender": "from", "recipients": "to", "begins": "from", "ends": "to", "only_channels": "channels"}

# What a pattern of `[[target.elsewhere]]` leaves out of the comparison, and the pattern with that.
Leaves = Literal["tables", "schemas", "publications", "subscriptions"]
Pattern = tuple[Leaves, str]


def toml_key(attribute: str) -> str:
    """Give the key under which *attribute* stands in the file."""
    return _SINGULAR.get(attribute) or _WRITTEN.get(attribute, attribute)


# Read by pydantic where it validates these classes; named here so that the model needs no import of it.
STRICT: dict[str, Any] = {"extra": "forbid", "alias_generator": toml_key, "str_min_length": 1}


def insist(*rules: tuple[bool, str]) -> None:
    """Raise a ValueError with the sentence of every rule that does not hold, a line each.

    A sentence opens with the key that it is about (```url` must …``), so that the loader can point
    at it, and repeats no value: it may have come from the environment.
    """
    broken = [sentence for holds, sentence in rules if not holds]
    if broken:
        raise ValueError("\n".join(broken))


class Exactly:
    """Marks a number or a yes/no that must be one in the file too: ``"6"`` is text, and 1 is not true."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: Callable[[object], dict[str, Any]]) -> Any:
        return {**handler(source), "strict": True}


Whole = Annotated[int, Exactly]
YesNo = Annotated[bool, Exactly]


class Duration:
    """Marks a timedelta that people write as ``90s``, ``15m``, ``1h`` or ``2d``."""

    UNITS: ClassVar = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds", "ms": "milliseconds"}

    @classmethod
    def parse(cls, text: object) -> timedelta:
        match = re.fullmatch(r"([0-9]{1,9})(ms|[smhd])", text) if isinstance(text, str) else None
        if match is None:
            raise ValueError("write a number and a unit: 500ms, 90s, 15m, 1h or 2d")
        return timedelta(**{cls.UNITS[match[2]]: int(match[1])})

    @classmethod
    def text(cls, duration: timedelta) -> str:
        """Write *duration* as a person would in the file: in the largest unit that gives a whole number."""
        for unit, name in cls.UNITS.items():
            number, rest = divmod(duration, timedelta(**{name: 1}))
            if number and not rest:
                return f"{number}{unit}"
        return "0s"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> Any:
        from pydantic_core import core_schema  # noqa: PLC0415  # only where settings are read from a file

        return core_schema.no_info_plain_validator_function(
            cls.parse, json_schema_input_schema=core_schema.str_schema(pattern=r"^[0-9]{1,9}(ms|[smhd])$")
        )


Timespan = Annotated[timedelta, Duration]
_VERSION = r"^[0-9]{1,3}\.[0-9]{1,3}(\.[0-9]{1,5})?$"


class PrismaVersion(NamedTuple):
    """A version of Prisma, written ``7.10`` or ``7.10.1``: what follows the minor version decides nothing."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: object) -> "PrismaVersion":
        if not isinstance(text, str) or re.fullmatch(_VERSION, text) is None:
            raise ValueError('write the major and the minor version as text, as "7.10"')
        major, minor, *_ = map(int, text.split("."))
        return cls(major, minor)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> Any:
        from pydantic_core import core_schema  # noqa: PLC0415  # as above

        return core_schema.no_info_plain_validator_function(
            cls.parse, json_schema_input_schema=core_schema.str_schema(pattern=_VERSION)
        )


class FromEnvironment(str):
    """The value of a variable where the file says ``env:NAME``; *written* is what it says, and all that is shown."""

    __slots__ = ("written",)
    written: str

    def __new__(cls, value: str, written: str) -> "FromEnvironment":
        text = super().__new__(cls, value)
        text.written = written
        return text

    def __repr__(self) -> str:
        return self.written


class InVault:
    """What the file names ``vault:NAME``; *written* is what it says. It is no text: only a secret may stand so."""

    __slots__ = ("written",)

    def __init__(self, written: str) -> None:
        self.written = written

    def __repr__(self) -> str:
        return self.written


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that the settings only name: *name* (``env:DATABASE_URL``, ``vault:database-url``) may be shown.

    *given* is None until it has been fetched from the *vault*, which the loader fills in.
    """

    name: str
    given: str | None = field(default=None, repr=False)
    vault: Vault | None = None

    @property
    def is_at_hand(self) -> bool:
        return self.given is not None

    @property
    def value(self) -> str:
        """The value itself; to ask for one that was not fetched is a bug, and raises LookupError."""
        if self.given is None:
            raise LookupError(f"{self.name} has not been fetched")
        return self.given

    @classmethod
    def named_by(cls, value: object) -> "Secret":
        if isinstance(value, FromEnvironment):
            # str.__str__ because a slice of a str subclass would still carry the class.
            return cls(value.written, str.__str__(value))
        if isinstance(value, InVault):
            return cls(value.written)
        raise ValueError('name the secret, do not write it here: "env:NAME" or "vault:NAME"')

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> Any:
        from pydantic_core import core_schema  # noqa: PLC0415  # as above

        named = r"^(env:[A-Za-z_][A-Za-z0-9_]*|vault:[A-Za-z0-9-]{1,127})$"
        return core_schema.no_info_plain_validator_function(
            cls.named_by, json_schema_input_schema=core_schema.str_schema(pattern=named)
        )


class _TextOrSecret:
    @classmethod
    def parse(cls, value: object) -> str | Secret:
        if isinstance(value, FromEnvironment | InVault):
            return Secret.named_by(value)
        if isinstance(value, str):
            return value
        raise ValueError('expected text or the name of a secret, "env:NAME" or "vault:NAME"')

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> Any:
        from pydantic_core import core_schema  # noqa: PLC0415  # as above

        return core_schema.no_info_plain_validator_function(
            cls.parse, json_schema_input_schema=core_schema.str_schema()
        )


class _OneOrMore:
    """Marks a list of tables; a single one may be written as ``[target.release]`` instead."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: Callable[[object], Any]) -> Any:
        from pydantic_core import core_schema  # noqa: PLC0415  # as above

        return core_schema.no_info_before_validator_function(
            lambda value: [value] if isinstance(value, dict) else value, handler(source)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        many = handler(core)
        return {"anyOf": [many["items"], many]}


# A value written as `env:NAME` stays a secret; a literal value is none.
TextOrSecret = Annotated[str | Secret, _TextOrSecret]
_Several = TypeVar("_Several")
OneOrMore = Annotated[tuple[_Several, ...], _OneOrMore]
ONE_WILL_DO: dict[str, Any] = {"one": True}
