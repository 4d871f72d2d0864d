"""Could the monitor change what it watches? Have the roles of its targets what they are to have?"""

from collections.abc import Iterator

from ..model.database import Privileges
from ..model.diagnosis import Diagnosis
from ..model.facts import Facts
from ..model.finding import Finding, Severity, Step
from ..model.knowledge import Unavailable, known
from .rights import check_rights

_SERVER_POWERS = {
    "pg_execute_server_program": "may run programs on the server",
    "pg_write_server_files": "may write files on the server",
}
_SUPERUSER = "is a superuser"


def check_privileges(facts: Facts, diagnosis: Diagnosis | Unavailable) -> Iterator[Finding | Unavailable]:
    """Yield whether the monitor itself may write, and what its targets' roles lack or have beyond the migrations."""
    if facts.target.privileges:
        own = known(facts.database).privileges
        yield from (own,) if isinstance(own, Unavailable) else _own(own)
    if facts.target.compare_privileges:
        yield from check_rights(facts, diagnosis)


def _own(privileges: Privileges) -> Iterator[Finding]:
    if powers := powers_of(privileges):
        yield Finding(
            "monitor-can-write",
            privileges.role,
            Severity.WARNING,
            f"The monitor's role {privileges.role} {powers}; it only needs to read.",
            expected="read only",
            actual=powers,
            remedy=(Step("Give the monitor a role of its own that may connect and read, and nothing else."),),
            evidence={
                "superuser": privileges.superuser,
                "creates_in_schema": privileges.creates_in_schema,
                "writable_tables": privileges.writable_count,
                "server_powers": list(privileges.server_powers),
            },
        )


def server_powers(privileges: Privileges) -> str | None:
    """Say what the role could do to the server itself, beyond this database; None where nothing."""
    powers = [_SUPERUSER] if privileges.superuser else [_SERVER_POWERS[power] for power in privileges.server_powers]
    return " and ".join(powers) or None


def powers_of(privileges: Privileges) -> str:
    """Say what the role could change: ``is a superuser``, ``may write to public.users``; empty where it only reads."""
    if privileges.superuser:
        return _SUPERUSER
    powers = list(filter(None, [server_powers(privileges)]))
    if privileges.creates_in_schema:
        powers.append("may create objects in the schema")
    if privileges.writable_count:
        more = privileges.writable_count - len(privileges.writable)
        powers.append(f"may write to {', '.join(privileges.writable)}" + (f" and {more} more tables" if more else ""))
    return " and ".join(powers)
