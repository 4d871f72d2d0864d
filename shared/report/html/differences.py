"""The schema's differences, a table at a time, as a diff reads: expected and actual."""

from collections.abc import Sequence

from ...model.finding import Finding, Severity
from ...model.value import dataclass

_SIGNS = {"schema-missing": "missing", "schema-unexpected": "unexpected", "schema-changed": "changed"}


@dataclass(frozen=True, slots=True)
class Line:
    """One difference: *what* is ``column email``, *change* one of three words or that of another code."""

    what: str
    change: str
    severity: Severity
    expected: str | None
    actual: str | None
    incident: str


@dataclass(frozen=True, slots=True)
class Differing:
    """The differences of one *object*: ``public.users``, or ``enum public.role``."""

    object: str
    lines: tuple[Line, ...]


def differences_of(findings: Sequence[Finding]) -> Sequence[Differing]:
    """Give the differences by object, in the order of the report."""
    found: dict[str, list[Line]] = {}
    for finding in findings:
        owner, what = _place(finding.subject)
        line = Line(
            what,
            _SIGNS.get(finding.code, finding.code.replace("-", " ")),
            finding.severity,
            finding.expected,
            finding.actual,
            finding.incident,
        )
        found.setdefault(owner, []).append(line)
    return [Differing(name, tuple(lines)) for name, lines in found.items()]


# Kinds whose subject is a table's name and then their own.
_OF_A_TABLE = ("column", "unique", "foreign key", "check", "exclusion", "trigger", "policy", "rule")
_THE_TABLE_S_OWN = ("table", "primary key", "row security")


def _place(subject: str) -> tuple[str, str]:
    """``column public.users.email`` → ``table public.users``, ``column email``.

    A name with a dot in it is not split rightly: it then stands under a name that is too long, and is readable.
    """
    for kind in _THE_TABLE_S_OWN:
        if subject.startswith(f"{kind} "):
            return f"table {subject[len(kind) + 1 :]}", kind
    for kind in _OF_A_TABLE:
        if subject.startswith(f"{kind} "):
            table, dot, name = subject[len(kind) + 1 :].rpartition(".")
            return (f"table {table}", f"{kind} {name}") if dot else (subject, kind)
    return subject, ""
