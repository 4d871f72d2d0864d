"""Weigh each statement of a script against an error."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from ...model.recorded_error import RecordedError
from ..parse import Statement
from .acts import Act, Deed, acts_of
from .made import made_by
from .mentioned import names_in, quoted_in, raises, stands_in
from .position import at_position

_MEETS_ROWS = frozenset({Deed.TYPE, Deed.WRITE, Deed.RUN})
_WRITES = frozenset({Deed.WRITE, Deed.RUN})
_REWRITES = frozenset({Deed.NOT_NULL, Deed.CHECK, Deed.TYPE, Deed.VALIDATE, Deed.PARTITION, Deed.VALUE})
# Which acts can end in which error: no other statement can be the one that failed.
_ABLE = {
    "23502": _MEETS_ROWS | {Deed.NOT_NULL, Deed.DOMAIN},
    "23503": _WRITES | {Deed.FOREIGN_KEY, Deed.VALIDATE},
    "23505": _MEETS_ROWS | {Deed.UNIQUE, Deed.ENUM},
    "23514": _MEETS_ROWS | _REWRITES | {Deed.DOMAIN},
    "23P01": _MEETS_ROWS | {Deed.EXCLUSION},
    "2BP01": frozenset({Deed.DROP, Deed.REMOVE}),
    "42703": frozenset(Deed) - {Deed.DROP},
    "42P13": frozenset({Deed.DEFINE}),
    "P0001": _WRITES,
}
_MEETS_VALUES = _MEETS_ROWS | {Deed.VALUE, Deed.CHECK, Deed.VALIDATE, Deed.DOMAIN}
# Where a function of the server's raises it, only some of these can have called it.
_BY_ROUTINE = {
    "_bt_check_unique": _WRITES,
    "ExecConstraints": _WRITES,
    "ReportNotNullViolationError": _WRITES,
    "ExecPartitionCheckEmitError": _WRITES,
    "ATRewriteTable": _REWRITES,
    "comparetup_index_btree": frozenset({Deed.UNIQUE, Deed.TYPE, Deed.RUN}),
    "comparetup_index_btree_tiebreak": frozenset({Deed.UNIQUE, Deed.TYPE, Deed.RUN}),
    "check_default_partition_contents": frozenset({Deed.PARTITION}),
    "validateDomainConstraint": frozenset({Deed.DOMAIN}),
    "validateDomainCheckConstraint": frozenset({Deed.DOMAIN}),
    "validateDomainNotNullConstraint": frozenset({Deed.DOMAIN}),
    "AlterDomainNotNull": frozenset({Deed.DOMAIN}),
    "heap_truncate_check_FKs": _WRITES,
    "AddEnumLabel": frozenset({Deed.ENUM}),
    "RenameEnumLabel": frozenset({Deed.ENUM}),
    "MergeAttributesIntoExisting": frozenset({Deed.PARTITION}),
    "ATPrepAlterColumnType": frozenset({Deed.TYPE}),
    "ATExecAlterColumnType": frozenset({Deed.TYPE}),
    "RememberAllDependentForRebuilding": frozenset({Deed.TYPE}),
}
_DATA_EXCEPTIONS, _OF_SETTINGS = "22", "22023"
_OF_CONSTRAINTS = {"23502", "23503", "23505", "23514", "23P01"}
_OF_COLUMNS = {"23502": Deed.NOT_NULL, "42804": Deed.TYPE}
_EXISTS_ALREADY = {"42701", "42710", "42723", "42P06", "42P07"}
_DOES_NOT_EXIST = {"3F000", "42703", "42704", "42883", "42P01"}
# Their messages name objects without quotation marks; so that the message's own words are not taken for names, only
# where they stand as objects do.
_BARE = {"2BP01": "{}", "42501": "{}", "42703": ".{}", "42883": "{}("}
_MAY_BE, _IS_SAID = 1, 2


class _Weight(NamedTuple):
    """How well a statement accounts for an error; certain signs come first."""

    source: int = 0  # the text of a function or a RAISE that was recorded is its own
    maker: int = 0  # it makes just what the error is about
    place: int = 0  # the position lies in it
    names: int = 0
    bare: int = 0
    detail: int = 0
    types: int = 0  # those of values stand in messages as they are
    able: int = 0


def failing_statements(
    script: bytes, statements: Sequence[Statement], error: RecordedError, present: Collection[int] = ()
) -> tuple[int, ...]:
    """Give the numbers, from 0, of the statements of *script* that *error* may come from, in order.

    One where the error points to it, several where it fits them alike, none where it says nothing of them (a lock
    that was not to be had, a connection that broke). A statement that is *present* is left out where others fit as
    well; one that is the only one to fit was then run by hand since.
    """
    at = at_position(script, statements, error)
    quoted = quoted_in(error.message)
    weights = [_weight(statement, error, quoted, is_at=number in at) for number, statement in enumerate(statements)]
    typed = any(weight.types > _MAY_BE for weight in weights)
    weights = [weight._replace(types=int(typed and weight.types > 0)) for weight in weights]
    best = max(weights, default=_Weight())
    if best == _Weight():
        return ()
    found = [number for number, weight in enumerate(weights) if weight == best]
    if error.sqlstate in _DOES_NOT_EXIST and not best.place:
        found = list(_first_to_miss(found, statements, quoted))
    left = [number for number in found if number not in present]
    return tuple(left or found)


def _weight(statement: Statement, error: RecordedError, quoted: frozenset[str], *, is_at: bool) -> _Weight:
    code = error.sqlstate or ""
    acts = acts_of(statement)
    able = _able(error)
    if able is not None and not is_at:
        acts = [act for act in acts if act.deed in able and not _is_of_another(act, error)]
        if not acts:
            return _Weight()
    names = names_in(statement) - (_may_miss(statement) if code in _DOES_NOT_EXIST else frozenset())
    reported = {error.table, error.column, error.datatype, error.constraint} - {None}
    if _is_of_values(code):
        quoted = frozenset()  # values, which a row may hold as well as a statement
    mentioned = (quoted | reported) & (names | _names_made(acts))
    if code in _DOES_NOT_EXIST and not mentioned - made_by(statement):
        mentioned = frozenset()
    if code == "23502" and statement.kind == "InsertStmt":
        mentioned |= {error.column}  # what it does not name gets a null
    return _Weight(
        source=_is_source(statement, error),
        maker=_exists(statement, code, quoted) or max(_makes(act, error, quoted) for act in acts),
        place=int(is_at),
        names=len(mentioned - {None}),
        bare=_bare(names, error, code),
        detail=len(quoted_in(error.detail or "") & names) if error.routine in _BY_ROUTINE else 0,
        types=_types(acts, error) if _is_of_values(code) else 0,
        able=int(able is not None),
    )


def _is_of_values(code: str) -> bool:
    return code.startswith(_DATA_EXCEPTIONS) and code != _OF_SETTINGS


def _able(error: RecordedError) -> frozenset[Deed] | None:
    """Give the acts that can end in *error*; None where any can."""
    code = error.sqlstate or ""
    if _is_of_values(code):
        able: frozenset[Deed] | None = _MEETS_VALUES
    else:
        able = _ABLE.get(code)
    if code == "23505" and (error.constraint or "").startswith("pg_"):
        able = frozenset({Deed.ENUM})  # the server's own catalog
    if code == "2BP01" and error.routine and not error.detail:
        able = frozenset({Deed.DROP})  # of an index that a constraint needs: nothing else is said without a list
    called = _BY_ROUTINE.get(error.routine or "")
    if called is None:
        return able
    return called if able is None else (able & called or able)


def _names_made(acts: Iterable[Act]) -> frozenset[str]:
    return frozenset(name for act in acts for name in act.names)


def _is_source(statement: Statement, error: RecordedError) -> int:
    if error.internal_query and " ".join(error.internal_query.split()) in " ".join(statement.sql.split()):
        return 1
    return int(error.sqlstate == "P0001" and raises(statement, error.message))


def _makes(act: Act, error: RecordedError, quoted: frozenset[str]) -> int:
    """How closely *act* fits the error: by the name of what it makes, by its table and column."""
    named = quoted | ({error.constraint} if error.constraint else set())
    of_table = act.table is not None and act.table in (quoted | {error.table})
    if error.sqlstate in _OF_CONSTRAINTS and _is_any(act.names, named):
        return 4 if of_table else 3
    of_column = not quoted.isdisjoint(act.columns) or error.column in act.columns
    return 2 if of_table and of_column and act.deed is _OF_COLUMNS.get(error.sqlstate or "") else 0


def _is_of_another(act: Act, error: RecordedError) -> bool:
    """Say whether *act* makes or validates another constraint than the one that the server reported."""
    return error.constraint is not None and bool(act.names) and not _is_any(act.names, {error.constraint})


def _is_any(names: Iterable[str], named: Collection[str]) -> bool:
    return any(_is_called(name, named) for name in names)


def _is_called(name: str, named: Collection[str]) -> bool:
    """Say whether *name* is among them, or one of them is it with the number that a taken name is given."""
    return any(each == name or (each.startswith(name) and each[len(name) :].isdigit()) for each in named)


def _may_miss(statement: Statement) -> frozenset[str]:
    """The names after IF EXISTS."""
    if not statement.node.get("missing_ok"):
        return frozenset()
    relation = statement.node.get("relation")
    return frozenset({relation["relname"]}) if relation else names_in(statement)


def _exists(statement: Statement, code: str, quoted: frozenset[str]) -> int:
    return int(code in _EXISTS_ALREADY and not quoted.isdisjoint(made_by(statement)))


def _bare(names: Iterable[str], error: RecordedError, code: str) -> int:
    """How many names of the statement the message says without quotation marks."""
    as_said = _BARE.get(code)
    return sum(stands_in(name, error.message, as_said) for name in names) if as_said else 0


def _types(acts: Iterable[Act], error: RecordedError) -> int:
    """Say whether the message names a type of the statement; what is written has types that are not known here."""
    if any(stands_in(each, error.message) for act in acts for each in act.types):
        return _IS_SAID
    return _MAY_BE if any(act.deed in _WRITES or (act.deed is Deed.VALUE and not act.types) for act in acts) else 0


def _first_to_miss(found: Sequence[int], statements: Sequence[Statement], quoted: frozenset[str]) -> Iterator[int]:
    """What misses an object stops at the first statement that needs it, but for those after one that takes it away."""
    taken = min((n for n, each in enumerate(statements) if _takes_away(each, quoted)), default=len(statements))
    yield from (number for place, number in enumerate(found) if place == 0 or number > taken)


def _takes_away(statement: Statement, quoted: frozenset[str]) -> bool:
    if statement.kind == "VariableSetStmt":
        return True  # names may mean other objects from here on
    takes = any(act.deed in {Deed.DROP, Deed.REMOVE, Deed.RENAME} for act in acts_of(statement))
    return takes and not quoted.isdisjoint(names_in(statement))
