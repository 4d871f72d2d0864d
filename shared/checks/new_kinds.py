"""What this version compares and the one before it did not: info until a target has had a clean week with it.

A rule that is wrong about somebody's database shows itself in its first week: until then it wakes nobody. A week is
clean where each run that compared found nothing new in it; what is info in any case, or what the settings accept, does
not count. From then on the kind has its own severity, in this target, for good. Without a memory, as at a terminal, no
week is known of.
"""

from collections.abc import Iterator, Mapping, Set
from datetime import datetime, timedelta

from ..model.difference import Change, Difference
from ..model.finding import Finding, Severity
from ..model.last_seen import LastSeen
from ..model.schema import NEW_ATTRIBUTES, NEW_KINDS, Kind
from ..model.value import dataclass, replace
from .schema_severity import severity

CLEAN_WEEK = timedelta(days=7)
_WORDS = "New in this version: info until a clean week."
# Among what was seen, by the word that all of it begins with: that there was a comparison, and of each new thing since
# when it is clean, or that it has had its week.
_COMPARED = "compared kinds"
_CLEAN, _TRUSTED = "compared clean ", "compared trusted "


@dataclass(frozen=True, slots=True)
class New:
    """The kinds that are compared since this version, and the attributes of older kinds."""

    kinds: frozenset[Kind]
    attributes: Mapping[Kind, frozenset[str]]

    @property
    def names(self) -> Iterator[str]:
        yield from sorted(self.kinds)
        for kind, attributes in sorted(self.attributes.items()):
            yield from (f"{kind}.{each}" for each in sorted(attributes))

    def names_of(self, difference: Difference) -> Set[str]:
        """What is new of *difference*; nothing where the version before would have found it, too."""
        kind = difference.subject.kind
        if kind in self.kinds:
            return {kind.value}
        attributes = set(difference.attributes)
        is_new = difference.change is Change.CHANGED and attributes and attributes <= self.attributes.get(kind, set())
        return {f"{kind}.{each}" for each in attributes} if is_new else set()


NEW = New(NEW_KINDS, NEW_ATTRIBUTES)


def until_a_clean_week(
    finding: Finding, difference: Difference, last_seen: LastSeen, now: datetime, new: New = NEW
) -> Finding:
    """Give *finding* as info, and with the reason, where what is new of *difference* has not had its week."""
    names = new.names_of(difference)
    if not names or finding.severity is Severity.INFO or all(_is_trusted(each, last_seen, now) for each in names):
        return finding
    return replace(finding, severity=Severity.INFO, summary=f"{finding.summary} {_WORDS}")


def seen_of_new(
    differences: tuple[Difference, ...], accepted: Set[str], last_seen: LastSeen, now: datetime, new: New = NEW
) -> Mapping[str, datetime]:
    """Give what is remembered of a run that compared, to be kept from when it was first seen; it ends with a finding.

    *accepted* are the keys of the findings that the settings accept.
    """
    found = {
        name
        for difference in differences
        if f"schema-{difference.change}:{difference.subject}" not in accepted
        # What platforms add and is info in any case says nothing against the rest of its kind.
        if severity(difference) is not Severity.INFO
        for name in new.names_of(difference)
    }
    trusted = {name for name in new.names if _is_trusted(name, last_seen, now)}
    clean = (name for name in new.names if name not in found and name not in trusted)
    return dict.fromkeys(
        [_COMPARED, *(_TRUSTED + each for each in sorted(trusted)), *(_CLEAN + each for each in clean)], now
    )


def _is_trusted(name: str, last_seen: LastSeen, now: datetime) -> bool:
    clean_since = last_seen.first_seen.get(f"{_CLEAN}{name}", now)
    return f"{_TRUSTED}{name}" in last_seen.first_seen or now - clean_since >= CLEAN_WEEK
