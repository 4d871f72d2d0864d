"""What a client suffers from what watches over rows: checks, triggers, rules, row security, privileges."""

from collections.abc import Iterator, Mapping, Set

from ...model.clients import ClientEffect, Operation, Suffers
from ...model.schema import Check, Exclusion, Kind, Policy, RowSecurity, Rule, Subject, Trigger
from .mentioned import mentioned_columns
from .tables import Relation, Tables
from .types import READS

# Which columns of a table a role may still use, by role and privilege, where a statement took the whole away.
Taken = Mapping[tuple[str, str], Set[str]]
_OF_EVENT = {
    "insert": (Operation.CREATE, Operation.UPSERT),
    "update": (Operation.UPDATE, Operation.UPSERT),
    "delete": (Operation.DELETE,),
}
_WRITES = (Operation.CREATE, Operation.UPDATE)


def check_effects(table: Relation, subject: Subject, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    each = live.find(subject)
    if isinstance(each, Check) and each.enforced and not client.says(("checks", table, each.expression)):
        named = mentioned_columns(each.expression)
        if named and all(client.column(table, name) is None for name in named):
            return
        may = f"where {each.expression.sql} is false"
        yield ClientEffect(table, _WRITES, (), Suffers.FAILS, "P2039", "23514", certain=False, because=may)
    elif isinstance(each, Exclusion) and not client.says(("excludes", table, each.elements)):
        may = f"where another row conflicts by {subject.name[2]}"
        yield ClientEffect(table, _WRITES, (), Suffers.FAILS, "P2039", "23P01", certain=False, because=may)


def program_effects(table: Relation, subject: Subject, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    """Triggers and rules."""
    each = live.find(subject)
    if not isinstance(each, Trigger | Rule) or each.enabled == "disabled" or client.find(subject) == each:
        return
    if isinstance(each, Trigger):
        operations = dict.fromkeys(found for event in each.events for found in _OF_EVENT.get(event, ()))
        because = f"the trigger {subject.name[2]} runs {each.function}"
    else:
        operations = dict.fromkeys(_OF_EVENT.get(each.event, (Operation.READ,)))
        because = f"the rule {subject.name[2]} rewrites them"
    if operations:
        yield ClientEffect(table, tuple(operations), (), Suffers.UNKNOWN, certain=False, because=because)


def row_security_effects(table: Relation, _: None, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    now = _row_security(table, live)
    if now is None:
        return
    policies = _policies(table, live)
    if (now, policies) == (_row_security(table, client), _policies(table, client)):
        return
    role = "every role that row security applies to" if now.forced else "every role but the owner of the table"
    certain, because = not policies, "as its policies decide" if policies else ""
    yield ClientEffect(
        table, (Operation.READ,), (), Suffers.CHANGES, certain=certain, because=because or "no row is found", role=role
    )
    for operations, code, sqlstate in (
        ((Operation.CREATE, Operation.UPSERT), "P2039", "42501"),
        ((Operation.UPDATE, Operation.DELETE, Operation.CONNECT), "P2025", None),
    ):
        yield ClientEffect(table, operations, (), Suffers.FAILS, code, sqlstate, certain, because, role)


def _row_security(table: Relation, tables: Tables) -> RowSecurity | None:
    parts = (each for _, each in tables.parts(table, Kind.ROW_SECURITY))
    return next((each for each in parts if isinstance(each, RowSecurity) and each.enabled), None)


def _policies(table: Relation, tables: Tables) -> frozenset[Policy]:
    return frozenset(each for _, each in tables.parts(table, Kind.POLICY) if isinstance(each, Policy))


def privilege_effects(table: Relation, client: Tables, taken: Taken) -> Iterator[ClientEffect]:
    """What a role can no longer do; for PUBLIC as for any other role: it may have the privilege by another grant."""
    for (role, privilege), left in taken.items():
        columns = tuple(name for name in client.columns(table) if name not in left)
        for operations, named in _denied(privilege, columns, is_whole=not left):
            yield ClientEffect(table, operations, named, Suffers.FAILS, "P2039", "42501", role=f"the role {role}")


def _denied(
    privilege: str, columns: tuple[str, ...], *, is_whole: bool
) -> Iterator[tuple[tuple[Operation, ...], tuple[str, ...]]]:
    if privilege == "select":
        yield (READS, columns) if not is_whole else ((Operation.READ,), ())
    elif privilege == "insert":
        yield ((Operation.CREATE, Operation.UPSERT), ()) if is_whole else ((Operation.CREATE, Operation.WRITE), columns)
    elif privilege == "update":
        yield ((Operation.UPDATE, Operation.UPSERT), ()) if is_whole else ((Operation.WRITE,), columns)
    elif privilege == "delete":
        yield (Operation.DELETE,), ()
