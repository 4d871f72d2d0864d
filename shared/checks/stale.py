"""Is the release in use the one that its source has now?"""

from collections.abc import Iterator
from datetime import UTC

from ..model.facts import Facts
from ..model.finding import Finding, Severity, Step
from ..model.knowledge import Unavailable
from ..model.phrases import span


def check_stale(facts: Facts) -> Iterator[Finding]:
    """Yield that the source is down and its last release is used instead: a newer release is not noticed."""
    release = facts.release
    if isinstance(release, Unavailable) or release.stale is None:
        return
    since = release.stale.since
    read = "what was read" if release.version is None else f"{release.version}, as read"
    yield Finding(
        "release-stale",
        release.place,
        Severity.WARNING,
        f"The release cannot be read: {release.stale.because}. The database is compared with {read} "
        f"{span(facts.started_at - since)} ago; a newer release is not noticed.",
        expected="a release that was read in this run",
        actual=f"as of {since.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        remedy=(Step(f"Make {release.place} readable for the monitor again; the database itself is not affected."),),
        evidence={"since": since.isoformat(timespec="seconds")},
    )
