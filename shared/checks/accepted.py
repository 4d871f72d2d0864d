"""Known drift that the settings accept: reviewed like code, counted in every report, and only until a day."""

from collections.abc import Iterable
from datetime import date

from ..model.finding import Finding
from ..model.settings import AcceptedDrift


def without_accepted(
    findings: Iterable[Finding], accepted: Iterable[AcceptedDrift], today: date
) -> tuple[list[Finding], frozenset[str]]:
    """Give the findings that are not accepted, and the keys of those that are. The last day still counts."""
    keys = {drift.key for drift in accepted if today <= drift.until}
    found = list(findings)
    kept = [finding for finding in found if finding.key not in keys]
    return kept, frozenset(finding.key for finding in found if finding.key in keys)
