"""Is the release that is judged against the one that its source has now?"""

from collections.abc import Iterator
from datetime import UTC

from ..model.facts import Facts
from ..model.finding import Finding, Severity, Step
from ..model.knowledge import Unavailable
from ..model.phrases import span


def judge_stale(facts: Facts) -> Iterator[Finding]:
    """Yield that the source is down and what was kept of it stands in: a newer release would go unseen."""
    release = facts.release
    if isinstance(release, Unavailable) or release.stale is None:
        return
    since = release.stale.since
    read = "what was read" if release.version is None else f"{release.version}, as read"
    yield Finding(
        "release-stale",
        release.place,
        Severity.WARNING,
        f"The release cannot be read: {release.stale.because}. Production is held against {read} "
        f"{span(facts.started_at - since)} ago; a newer one would go unseen.",
        expected="a release that was read in this run",
        actual=f"as of {since.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        remedy=(Step(f"Let the monitor read {release.place} again; nothing is wrong with production by this alone."),),
        evidence={"since": since.isoformat(timespec="seconds")},
    )
