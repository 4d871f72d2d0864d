"""What holds queries or code: views, routines, triggers, policies and rules."""

from dataclasses import field
from typing import Literal

from ..value import dataclass
from .definition import Deferral, Definition, Expression
from .subjects import Subject


@dataclass(frozen=True, slots=True)
class View(Definition):
    """A view or a materialized view."""

    columns: tuple[str, ...]  # in their order
    body: Expression | None = None  # None: could not be brought to canonical form; then it is not compared
    options: tuple[str, ...] = ()  # sorted `name=value`: check_option, security_barrier, security_invoker
    # Relations and columns that it reads, as the catalog says; of a release `hangs_on` says it.
    uses: tuple[Subject, ...] = field(default=(), compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Routine(Definition):
    """A function or a procedure. Window functions are not modelled."""

    arguments: str  # all of them, with mode, name and type, without defaults: `a integer, OUT b text`
    result: str | None  # `SETOF app.users`, `TABLE(id integer)`, `trigger`; None for a procedure
    language: str
    body_digest: str  # of prosrc, UTF-8; it is empty for a body in the SQL standard's form
    volatility: Literal["immutable", "stable", "volatile"] = "volatile"
    strict: bool = False
    security_definer: bool = False
    leakproof: bool = False
    parallel: Literal["safe", "restricted", "unsafe"] = "unsafe"
    defaults: tuple[Expression, ...] = ()  # of the last input arguments
    settings: tuple[str, ...] = ()  # sorted `name=value` of SET clauses
    body: Expression | None = None  # in the SQL standard's form (BEGIN ATOMIC, RETURN); None as with View


@dataclass(frozen=True, slots=True)
class Support:
    """A function that an aggregate calls, and what for."""

    role: Literal["state", "final", "combine", "serial", "deserial", "moving state", "moving inverse", "moving final"]
    function: str  # qualified and quoted as needed


@dataclass(frozen=True, slots=True)
class Aggregate(Definition):
    arguments: str
    functions: tuple[Support, ...]  # in the order of the roles above
    state_type: str
    initial: str | None = None
    moving_type: str | None = None
    moving_initial: str | None = None
    form: Literal["normal", "ordered set", "hypothetical set"] = "normal"
    direct: int = 0  # how many of the arguments stand before ORDER BY
    extra: tuple[bool, bool] = (False, False)  # FINALFUNC_EXTRA, MFINALFUNC_EXTRA
    modify: tuple[str, str] = ("read_only", "read_only")  # FINALFUNC_MODIFY, MFINALFUNC_MODIFY
    sort_operator: str | None = None  # last name only
    parallel: Literal["safe", "restricted", "unsafe"] = "unsafe"


@dataclass(frozen=True, slots=True)
class Trigger(Definition):
    timing: Literal["before", "after", "instead of"]
    events: tuple[str, ...]  # of insert, update, delete, truncate, in this order
    function: str  # qualified and quoted as needed: `public.touch`
    arguments: tuple[str, ...] = ()
    for_each: Literal["row", "statement"] = "statement"
    update_of: tuple[str, ...] = ()  # sorted
    when: Expression | None = None
    enabled: Literal["origin", "disabled", "replica", "always"] = "origin"
    constraint: bool = False  # CREATE CONSTRAINT TRIGGER
    deferral: Deferral = Deferral.NOT_DEFERRABLE
    old_table: str | None = None
    new_table: str | None = None


@dataclass(frozen=True, slots=True)
class Policy(Definition):
    command: Literal["all", "select", "insert", "update", "delete"] = "all"
    permissive: bool = True
    roles: tuple[str, ...] = ("public",)  # sorted
    using: Expression | None = None
    with_check: Expression | None = None


@dataclass(frozen=True, slots=True)
class RowSecurity(Definition):
    """Stands only for a table where it is enabled or forced."""

    enabled: bool = True
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Rule(Definition):
    """A rewrite rule other than a view's own ``_RETURN``."""

    event: Literal["select", "insert", "update", "delete"]
    instead: bool = False
    enabled: Literal["origin", "disabled", "replica", "always"] = "origin"
    acts: bool = False  # False: DO INSTEAD NOTHING
    body: Expression | None = None  # condition and actions; None as with View
