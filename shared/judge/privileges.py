"""Could the monitor change what it watches?"""

from collections.abc import Iterator

from shared.model.database import Privileges
from shared.model.diagnosis import Diagnosis
from shared.model.facts import Facts
from shared.model.finding import Finding, Severity, Step
from shared.model.knowledge import Unavailable, known


def judge_privileges(facts: Facts, _diagnosis: Diagnosis | Unavailable) -> Iterator[Finding]:
    privileges = known(known(facts.database).privileges)
    if privileges.superuser or privileges.creates_in_schema or privileges.writable_count:
        yield Finding(
            "monitor-can-write",
            privileges.role,
            Severity.WARNING,
            f"The monitor's role {privileges.role} {_powers(privileges)}; reading is all it needs.",
            expected="read only",
            actual=_powers(privileges),
            remedy=(Step("Give the monitor a role of its own that may connect and read, and nothing else."),),
            evidence={
                "superuser": privileges.superuser,
                "creates_in_schema": privileges.creates_in_schema,
                "writable_tables": privileges.writable_count,
            },
        )


def _powers(privileges: Privileges) -> str:
    if privileges.superuser:
        return "is a superuser"
    powers = ["may create objects in the schema"] if privileges.creates_in_schema else []
    if privileges.writable_count:
        more = privileges.writable_count - len(privileges.writable)
        powers.append(f"may write to {', '.join(privileges.writable)}" + (f" and {more} more tables" if more else ""))
    return " and ".join(powers)
