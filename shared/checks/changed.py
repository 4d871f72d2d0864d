"""When a difference came about and who did it, as a finding's evidence."""

from collections.abc import Mapping

from ..model.attribution import Actor, Before, Changed
from ..model.finding import Finding, Json
from ..model.value import replace
from .bounded import bounded

# Of findings whose changes are one transaction, so many are named; a transaction may make thousands.
_MOST = 20


def with_changed(finding: Finding, changed: Changed | None, keys: Mapping[str, str]) -> Finding:
    """Give *finding* with what is known of its change; *keys* are those of the findings, by their subjects."""
    if changed is None:
        return finding
    same = sorted(keys[each] for each in changed.same_transaction_as if each in keys)
    if changed.after is None and changed.before is None and changed.by is None and not same:
        return finding
    evidence: dict[str, Json] = {
        "after": None if changed.after is None else {"check": changed.after.isoformat()},
        "before": None if changed.before is None else _before(changed.before),
        "by": None if changed.by is None else _by(changed.by),
        **bounded("same_transaction_as", same, str, _MOST),
    }
    return replace(finding, evidence={**finding.evidence, "changed": evidence})


def _before(before: Before) -> Json:
    at = before.at.isoformat()
    return {before.kind: at} if before.migration is None else {"migration": before.migration, "finished_at": at}


def _by(by: Actor) -> Json:
    at = None if by.at is None else by.at.isoformat()
    return {"role": by.role, "how": by.how, "at": at, "statement": by.statement}
