"""What a running Prisma client does about findings: for every form of a report, and for messages."""

import re
from collections.abc import Iterable

from ..checks.clients import concerns_clients
from ..model.finding import Finding
from ..model.phrases import counted, listed

_END = re.compile(r" (?:(?:may )?(?:fail:|answer differently)|cannot be predicted).*", re.DOTALL)
# So many operations are named where there is not space for all.
_MOST = 4


def clients_of(finding: Finding) -> list[str] | None:
    """Give what a running client suffers, a sentence an operation; None where that is not known."""
    found = finding.evidence.get("clients")
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else None


def left_out(findings: Iterable[Finding], name: str) -> int:
    """Say how many are left out of the list *name* in the evidence of *findings*: it has an end."""
    found = (finding.evidence.get(f"{name}_left_out") for finding in findings)
    return sum(each for each in found if isinstance(each, int))


def failing_tables(findings: Iterable[Finding]) -> list[str]:
    """Give the tables on which an operation of a running client certainly fails."""
    found = (finding.evidence.get("failing_tables") for finding in findings)
    return list(dict.fromkeys(str(table) for tables in found if isinstance(tables, list) for table in tables))


def impact(findings: Iterable[Finding], *, most: int = _MOST) -> str | None:
    """``2 Prisma operations are affected: reads of whole User records fail: P2022; …``; None where nothing is known.

    Where it is known of all *findings* that nobody suffers, that is said.
    """
    concerned = [finding for finding in findings if concerns_clients(finding)]
    known = [clients_of(finding) for finding in concerned]
    every = list(dict.fromkeys(each for found in known for each in found or ()))
    if not every and (not known or None in known):
        return None
    if not every:
        return "No operation of a running Prisma client is affected."
    count = counted(len(every), "Prisma operation is affected", "Prisma operations are affected")
    # Two findings may leave out the same.
    at_least = "At least " if left_out(concerned, "clients") else ""
    shown = _together(every)
    more = f"; and {len(shown) - most} more in the report" if len(shown) > most else ""
    return f"{at_least}{count}: {'; '.join(shown[:most])}{more}."


def _together(sentences: Iterable[str]) -> list[str]:
    """Say once how operations end that end alike: ``reads of whole User records and creates of User fail: P2022``."""
    operations: dict[str, list[str]] = {}
    for each in sentences:
        end = _END.search(each)
        operations.setdefault(end[0] if end else "", []).append(each[: end.start()] if end else each)
    return [f"{listed(found)}{end}" for end, found in operations.items()]
