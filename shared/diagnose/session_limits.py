"""What the limits of the deploying role's sessions do to a pending run, and what its SET statements make of them."""

from collections.abc import Sequence

from ..model.plan import Condition, Duration, Outcome, PlannedStatement
from ..model.session_limits import Limit, SessionLimits, SetFor
from ..model.value import dataclass, replace
from ..postgres.parse import UNREAD, Statement
from ..postgres.plan.durations import Span
from ..postgres.server_settings import seconds, time
from ..postgres.transactions import is_concurrent
from ..prisma.execution import Execution
from .set_for import alter, prevented, where
from .transactions import Transaction

_TIMES = ("statement_timeout", "lock_timeout", "transaction_timeout")
# What is left of them, stopped half-way, is an INVALID index.
_BUILDS = frozenset({"IndexStmt", "ReindexStmt"})
# Code that is not followed: where it names a setting, it may set it.
_MAY_SET = frozenset({"SelectStmt", "DoStmt", "CallStmt", "ExecuteStmt", UNREAD})


@dataclass(frozen=True, slots=True)
class _Set:
    """A limit that counts now. *by_line* is the line of the migration that set it; None: the session began with it."""

    limit: Limit
    by_line: int | None = None


class LimitsOfRun:
    """The limits as the files of a run change them, one after the other: all run in one session."""

    def __init__(self, given: SessionLimits) -> None:
        self._given = given
        self._read_only = given.read_only
        found = zip(_TIMES, (given.statement, given.lock, given.transaction), strict=True)
        self._at_start = {name: _Set(limit) for name, limit in found if limit is not None}
        self._session: dict[str, _Set] = dict(self._at_start)
        self._local: dict[str, _Set | None] = {}

    def of_file(
        self,
        statements: Sequence[Statement],
        planned: Sequence[PlannedStatement],
        together: Sequence[Span],
        runs: Execution,
    ) -> list[PlannedStatement]:
        """Give *planned* with what the limits may end, for the *statements* of one file.

        *together* says which of them are in one transaction.
        """
        transaction = Transaction(runs)
        found: list[PlannedStatement] = []
        total: float | None = 0.0
        for number, (statement, each) in enumerate(zip(statements, planned, strict=True)):
            transaction.enter(statement)
            self._follow(statement, in_block=transaction.in_block)
            total = None if total is None or each.took is None else total + each.took.high
            found.append(self._limited(statement, each, total))
            if together[number].perhaps == number:
                self._local.clear()
                total = 0.0
        return found

    def _limited(self, statement: Statement, planned: PlannedStatement, total: float | None) -> PlannedStatement:
        if self._read_only is not None:
            # Prisma's own first write fails already, so this is said once.
            set_for, self._read_only = self._read_only, None
            return self._refused(planned, set_for)
        own = planned.took.high if planned.took is not None else None
        for name, sqlstate, took, does in (
            ("statement_timeout", "57014", own, "the server cancels the statement"),
            ("transaction_timeout", "25P04", total, "the server ends the transaction and closes the connection"),
        ):
            limit = self._counting(name)
            if limit is not None and took is not None and took > limit.limit.seconds:
                whole = "" if name == "statement_timeout" else ", with the statements before it,"
                because = (
                    f"it may take {Duration(0, took)}{whole} and {does} ({sqlstate}) after {self._said(name, limit)}"
                )
                planned = _with(planned, Condition(sqlstate, because))
        limit = self._counting("lock_timeout")
        if limit is not None and statement.kind in _BUILDS and is_concurrent(statement):
            because = (
                "it waits for all older transactions of the database: it stops (55P03) and leaves an INVALID index "
                f"where one of them stays open for longer than {self._said('lock_timeout', limit)}"
            )
            planned = _with(planned, Condition("55P03", because))
        return planned

    def _refused(self, planned: PlannedStatement, set_for: SetFor) -> PlannedStatement:
        name = "default_transaction_read_only"
        statement, prevents = (each(self._given, name, "off", set_for) for each in (alter, prevented))
        failed = replace(
            planned.prediction,
            outcome=Outcome.FAILS,
            sqlstate="25006",
            because=(f"Prisma may not write: {name} is on ({where(self._given, set_for)}); {prevents}",),
            fix=("SET TRANSACTION READ WRITE;", f"{statement};")
            if statement is not None and self._given.role is not None
            else (),
        )
        return replace(planned, prediction=failed)

    def _counting(self, name: str) -> _Set | None:
        return self._local[name] if name in self._local else self._session.get(name)

    def _said(self, name: str, limit: _Set) -> str:
        value, set_for = f"{name} = {time(limit.limit.seconds)}", limit.limit.set_for
        if limit.by_line is not None:
            return f"{value} (line {limit.by_line})"
        return f"{value} ({where(self._given, set_for)}); {prevented(self._given, name, '0', set_for)}"

    def _follow(self, statement: Statement, *, in_block: bool | None) -> None:
        node = statement.node
        if statement.kind == "DiscardStmt" or (statement.kind == "VariableSetStmt" and node["kind"] == "VAR_RESET_ALL"):
            self._session, self._local = dict(self._at_start), {}
        elif statement.kind in _MAY_SET:
            for name in _TIMES:
                if name in statement.sql.lower():
                    self._session.pop(name, None)
                    self._local.pop(name, None)
        elif statement.kind == "VariableSetStmt" and node.get("name", "").lower() in _TIMES:
            self._set(node["name"].lower(), statement, in_block=in_block)

    def _set(self, name: str, statement: Statement, *, in_block: bool | None) -> None:
        node = statement.node
        if node["kind"] != "VAR_SET_VALUE":
            value = self._at_start.get(name)
        else:
            constant = node["args"][0].get("A_Const", {})
            written = constant.get("sval", {}).get("sval") or str(constant.get("ival", {}).get("ival", 0))
            took = seconds(written)
            value = _Set(Limit(took, SetFor.SERVER), statement.line) if took and took > 0 else None
        if node.get("is_local"):
            if in_block is not False:  # outside of a transaction it sets nothing
                self._local[name] = value if in_block else None
            return
        self._local.pop(name, None)
        if value is None:
            self._session.pop(name, None)
        else:
            self._session[name] = value


def _with(planned: PlannedStatement, condition: Condition) -> PlannedStatement:
    found = planned.prediction
    if found.outcome is Outcome.FAILS:
        return planned
    return replace(
        planned,
        prediction=replace(
            found,
            outcome=Outcome.DEPENDS if found.outcome is Outcome.OK else found.outcome,
            sqlstate=found.sqlstate or condition.sqlstate,
            because=(*found.because, condition.because),
            conditions=(*found.conditions, condition),
        ),
    )
