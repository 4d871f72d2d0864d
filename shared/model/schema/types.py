"""Types that columns can have."""

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
