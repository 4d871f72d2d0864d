"""Types that columns can have."""

from dataclasses import field
from typing import Literal

from ..labels import Labels
from ..value import dataclass
from .definition import Definition, Expression


@dataclass(frozen=True, slots=True)
class Enum(Definition):
    values: tuple[str, ...] | Labels  # in their order


@dataclass(frozen=True, slots=True)
class DomainCheck:
    name: str
    expression: Expression
    validated: bool = True


@dataclass(frozen=True, slots=True)
class Domain(Definition):
    type: str
    nullable: bool = True
    default: Expression | None = None
    collation: str | None = None
    checks: tuple[DomainCheck, ...] = ()  # by name


@dataclass(frozen=True, slots=True)
class Attribute:
    name: str
    type: str
    collation: str | None = None


@dataclass(frozen=True, slots=True)
class CompositeType(Definition):
    attributes: tuple[Attribute, ...]  # in their order


@dataclass(frozen=True, slots=True)
class RangeType(Definition):
    """Names are qualified and quoted as needed; None is what the subtype has by itself, or none at all."""

    subtype: str
    operator_class: str | None = None  # last name only
    collation: str | None = None
    canonical: str | None = None
    subtype_diff: str | None = None
    multirange: str | None = None  # None: the server is older than 14


@dataclass(frozen=True, slots=True)
class Cast(Definition):
    """The types are in the subject, too."""

    source: str = field(compare=False)
    target: str = field(compare=False)
    method: Literal["function", "inout", "binary"]
    context: Literal["explicit", "assignment", "implicit"]
    function: str | None = None


@dataclass(frozen=True, slots=True)
class Collation(Definition):
    """*provider* and *locale* are None where a release does not say them: those of a collation that it copies."""

    provider: Literal["libc", "icu", "builtin"] | None
    locale: str | None  # of ICU as `shared.postgres.canonical.icu_locale` writes it
    ctype: str | None = None  # of libc, where it is another one than *locale*
    deterministic: bool = True
    rules: str | None = None
