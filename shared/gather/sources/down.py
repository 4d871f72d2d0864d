"""A source that cannot be seen at the moment, as against one that says that there is no such release."""

from ..attempt import GatherError


class SourceDownError(GatherError):
    """The source does not answer, or does not let the monitor in: what it gave before may stand in for it."""
