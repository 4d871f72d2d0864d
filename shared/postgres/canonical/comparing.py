"""Do two constants have one value? One that depends on the session's settings is compared under all possible ones."""

from collections.abc import Collection, Iterable, Iterator
from itertools import product, zip_longest
from typing import Any, TypeVar

from ...model.session import USUAL, DateOrder, Session, Sessions
from ...model.value import dataclass
from . import arrays, literals
from .constants import Form, cast, session_of
from .names import AsWritten, names_agree

T = TypeVar("T")

_NAMES = AsWritten()
# Every offset from UTC that a time zone has, in steps of a quarter of an hour.
_OFFSETS = [f"{sign}{quarters // 4:02}:{quarters % 4 * 15:02}" for sign in "+-" for quarters in range(15 * 4)]
_ORDERS: tuple[DateOrder, ...] = ("MDY", "DMY", "YMD")
# Of a type that is not PostgreSQL's own, constants are as they are written.
_WRITTEN_ALIKE = frozenset({"citext"})


@dataclass(frozen=True, slots=True)
class Server:
    """What is known of the server whose constants are compared: *enums* are its types whose constants are words."""

    sessions: Sessions = Sessions()
    enums: frozenset[str] | None = None  # None: every type that is not PostgreSQL's own


def same_constant(expected: Form, actual: Form, server: Server) -> bool | None:
    """Say whether *expected* (the release's) became *actual* on *server*; None: unknown."""
    if expected[1] == actual[1]:
        return True
    ours, theirs = (literals.plain(form[2]) for form in (expected, actual))
    if theirs in literals.OBJECT_NAMES or ours in literals.OBJECT_NAMES:
        return _one_object(expected, actual, theirs or ours)
    if theirs.endswith("[]") and ours in {"", theirs}:
        return _bounded_arrays(expected, actual, theirs.removesuffix("[]"), server)
    type_name = theirs if literals.is_known(theirs) or not ours or not literals.is_known(ours) else ours
    if not literals.is_known(type_name):
        return _of_another_type(type_name, server)
    if ours and ours != theirs and literals.is_known(ours) and not {ours, theirs} <= literals.NUMBERS:
        return False if theirs else _one_value(expected, actual, ours, server)
    return _one_value(expected, actual, type_name, server)


def _one_object(expected: Form, actual: Form, type_name: str) -> bool | None:
    ours, theirs = (cast(["const", form[1], form[2]], type_name, _NAMES)[1] for form in (expected, actual))
    if ours.strip('"').isdigit() != theirs.strip('"').isdigit():
        return None  # one by its number
    return names_agree(ours, theirs)


def _bounded_arrays(expected: Form, actual: Form, element_type: str, server: Server) -> bool | None:
    """Of arrays with bounds of their own, which canonical forms leave as they are written."""
    (bounds, text), (other_bounds, other_text) = (arrays.bounds_and_elements(form[1]) for form in (expected, actual))
    ours, theirs = (arrays.elements(each, arrays.delimiter(element_type)) for each in (text, other_text))
    if ours is None or theirs is None:
        return None
    if bounds != other_bounds:
        return False
    pairs = list(zip_longest(_flat(ours), _flat(theirs), fillvalue=...))
    if any((one is None) != (other is None) or ... in (one, other) for one, other in pairs):
        return False
    answers = [
        same_constant(["const", one, "", *expected[3:]], ["const", other, element_type], server)
        for one, other in pairs
        if one is not None
    ]
    return False if False in answers else None if None in answers else True


def _flat(elements: list[Any]) -> Iterator[Any]:
    for each in elements:
        if isinstance(each, list):
            yield from _flat(each)
        else:
            yield each


def _of_another_type(type_name: str, server: Server) -> bool | None:
    if not type_name or server.enums is None or type_name in server.enums:
        return False
    return False if type_name.rpartition(".")[2] in _WRITTEN_ALIKE else None


def _one_value(expected: Form, actual: Form, type_name: str, server: Server) -> bool | None:
    theirs = literals.read(actual[1], type_name, literals.PRINTED)
    if theirs is None:
        return None
    if literals.is_moment(type_name) and expected[1].strip().lower() in literals.MOMENTS:
        return True
    ours = {literals.read(expected[1], type_name, session) for session in _sessions(expected, server)}
    if theirs in ours:
        return True
    if None in ours:
        return None
    # A setting that is not the usual one may have been made, or changed, after the migration ran.
    others = (literals.read(expected[1], type_name, session) for session in _other_sessions(expected, server))
    return None if theirs in others else False


def _sessions(constant: Form, server: Server) -> Iterator[Session]:
    """What may have been set when *constant* was read: what its script had set, else what the server has."""
    said = session_of(constant)
    for each in server.sessions.possible:
        yield Session(
            said.time_zone or each.time_zone,
            said.date_order or each.date_order,
            each.sql_intervals if said.sql_intervals is None else said.sql_intervals,
            said.money or each.money,
        )


def _other_sessions(constant: Form, server: Server) -> Iterator[Session]:
    """Whatever else may have been set of what is not as usual, and was not set by the script of *constant*."""
    said, possible = session_of(constant), server.sessions.possible
    zones = _others(said.time_zone, USUAL.time_zone, {each.time_zone for each in possible}, _OFFSETS)
    orders = _others(said.date_order, USUAL.date_order, {each.date_order for each in possible}, _ORDERS)
    are_sql = any(each.sql_intervals for each in possible)
    if len(zones) > 1 or len(orders) > 1 or are_sql:
        for zone, order, sql in product(
            zones, orders, (False, True) if are_sql and said.sql_intervals is None else (said.sql_intervals,)
        ):
            yield Session(zone, order, sql, USUAL.money)


def _others(said: T | None, usual: T | None, possible: Collection[T | None], every: Iterable[T]) -> list[T | None]:
    if said is not None:
        return [said]
    return [usual] if all(each == usual for each in possible) else list(every)


def elements_of(constant: Form, element_type: str) -> list[Any] | None:
    return arrays.elements(constant[1], arrays.delimiter(element_type))
