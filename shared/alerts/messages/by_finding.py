"""The findings of a message in groups: under the name of each its cause or problem, its impact, and its own steps."""

from collections.abc import Callable, Iterator, Sequence

from ...model.codes import row_of
from ...model.finding import Finding, Step
from ...model.phrases import listed
from ...model.value import dataclass
from ...report.wording import Story, problem

_MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings that the same *steps* fix: the *main* ones, and *below* them what they certainly bring about.

    What they only possibly bring about is *related*: where it has steps it has a group of its own.
    """

    main: tuple[Story, ...]
    below: tuple[Story, ...]
    related: tuple[Finding, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of the group, the main ones first."""
        return tuple(finding for story in (*self.main, *self.below) for finding in findings_of(story))

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.main[0].finding.remedy

    @property
    def is_cause(self) -> bool:
        return bool(self.below or self.related)

    @property
    def name(self) -> str:
        """``migration 2025_x failed``, ``seed rows missing (rules and users)``."""
        found = [finding for story in self.main for finding in findings_of(story)]
        row = row_of(found[0].code)
        if len(found) == 1:
            return problem(found[0])
        if row.of_migration or any(each.code != row.name for each in found):
            return f"{problem(found[0])}, and {len(found) - 1} more"
        return f"{row.short} ({listed([each.subject for each in found], _MOST_NAMES)})"


def findings_of(story: Story) -> tuple[Finding, ...]:
    """Give the finding of *story* and those that are alike and not listed, without its consequences."""
    return (story.finding, *story.more)


def groups_of(stories: Sequence[Story], is_new: Callable[[Finding], bool]) -> list[FindingGroup]:
    """Give the groups: those with something new first, then the worst; of these, first what causes something."""
    found: dict[object, FindingGroup] = {}
    for story in _apart(stories):
        below, related = _parted(story)
        # What has no steps shares them with nothing.
        key = story.finding.remedy or story.finding.key
        before = found.get(key, FindingGroup((), (), ()))
        found[key] = FindingGroup(
            (*before.main, story),
            (*before.below, *below),
            (*before.related, *(each.finding for each in related)),
        )

    def order(group: FindingGroup) -> tuple[bool, int, bool]:
        worst = min(story.finding.severity.rank for story in group.main)
        return not any(map(is_new, group.findings)), worst, not group.is_cause

    return sorted(found.values(), key=order)


def _apart(stories: Sequence[Story]) -> Iterator[Story]:
    """Give what has a group of its own, a cause before what is related to it."""
    for story in stories:
        yield story
        yield from _apart(_parted(story)[1])


def _parted(story: Story) -> tuple[list[Story], list[Story]]:
    """Give the consequences that go with *story*, however deep, and those with steps that are only possibly its own."""
    below, related = list[Story](), list[Story]()
    for each in story.consequences:
        if each.cause is not None and not each.cause.certain and each.finding.remedy:
            related.append(each)
            continue
        deeper, apart = _parted(each)
        below += [each, *deeper]
        related += apart
    return below, related
