"""What a client suffers from what watches over rows: checks, triggers, rules, row security, privileges."""

from collections.abc import Iterator, Mapping, Set

from shared.model.clients import ClientEffect, Operation, Suffers
from shared.model.schema import Check, Exclusion, Policy, RowSecurity, Rule, Trigger
from shared.prisma.clients.mentioned import mentioned_columns
from shared.prisma.clients.tables import Relation, Tables
from shared.prisma.clients.types import READS

# Which columns of a table a role may still use, by role and privilege, where a statement took the whole away.
Taken = Mapping[tuple[str, str], Set[str]]
_OF_EVENT = {
    "insert": (Operation.CREATE, Operation.UPSERT),
    "update": (Operation.UPDATE, Operation.UPSERT),
    "delete": (Operation.DELETE,),
}
_WRITES = (Operation.CREATE, Operation.UPDATE)


def guard_effects(table: Relation, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    yield from _checks(table, client, live)
    yield from _programs(table, client, live)
    yield from _row_security(table, client, live)


def _checks(table: Relation, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    known = {each.expression for _, each in client.parts(table) if isinstance(each, Check) and each.enforced}
    excluded = {each.elements for _, each in client.parts(table) if isinstance(each, Exclusion)}
    columns = client.columns(table).keys()
    for subject, each in live.parts(table):
        if isinstance(each, Check) and each.enforced and each.expression not in known:
            named = mentioned_columns(each.expression)
            if named and columns.isdisjoint(named):
                continue
            may = f"where {each.expression.sql} is false"
            yield ClientEffect(table, _WRITES, (), Suffers.FAILS, "P2039", "23514", certain=False, because=may)
        elif isinstance(each, Exclusion) and each.elements not in excluded:
            may = f"where another row conflicts by {subject.name[2]}"
            yield ClientEffect(table, _WRITES, (), Suffers.FAILS, "P2039", "23P01", certain=False, because=may)


def _programs(table: Relation, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    known = {subject: each for subject, each in client.parts(table) if isinstance(each, Trigger | Rule)}
    for subject, each in live.parts(table):
        if not isinstance(each, Trigger | Rule) or each.enabled == "disabled" or known.get(subject) == each:
            continue
        if isinstance(each, Trigger):
            operations = dict.fromkeys(found for event in each.events for found in _OF_EVENT.get(event, ()))
            because = f"the trigger {subject.name[2]} runs {each.function}"
        else:
            operations = dict.fromkeys(_OF_EVENT.get(each.event, (Operation.READ,)))
            because = f"the rule {subject.name[2]} rewrites them"
        if operations:
            yield ClientEffect(table, tuple(operations), (), Suffers.UNKNOWN, certain=False, because=because)


def _row_security(table: Relation, client: Tables, live: Tables) -> Iterator[ClientEffect]:
    now, policies = _security(table, live)
    if now is None or (now, policies) == _security(table, client):
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


def _security(table: Relation, tables: Tables) -> tuple[RowSecurity | None, frozenset[Policy]]:
    parts = [each for _, each in tables.parts(table)]
    found = next((each for each in parts if isinstance(each, RowSecurity) and each.enabled), None)
    return found, frozenset(each for each in parts if isinstance(each, Policy))


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
