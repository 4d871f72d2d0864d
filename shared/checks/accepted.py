"""Known drift that the settings accept: reviewed like code, counted in every report, and only until a day."""

from collections.abc import Iterable
from datetime import date

from ..model.finding import Finding
from ..model.settings import AcceptedDrift


def without_accepted(
    findings: Iterable[Finding], accepted: Iterable[AcceptedDrift], today: date
) -> tuple[list[Finding], int]:
    """Give the findings that are not accepted, and how many are. The last day still counts."""
    keys = {drift.key for drift in accepted if today <= drift.until}
    found = list(findings)
    kept = [finding for finding in found if finding.key not in keys]
    return kept, len(found) - len(kept)
