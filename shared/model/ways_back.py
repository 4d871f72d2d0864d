"""Whether the app of an earlier release runs on the schema of production."""

from .clients import ClientEffect
from .value import dataclass


@dataclass(frozen=True, slots=True)
class WayBack:
    """The app of the earlier *release* on production's schema: *runs_today*, and *runs_after* the pending migrations.

    Both are None where that cannot be predicted. *release* is None for the one of before the pending migrations, where
    its version is not known. *effects* are those for which it does not run, or may not: on today's schema where it does
    not run on that, else on the schema after the deployment. *ended_by* is the pending migration from which on it no
    longer runs. *because* is why nothing is predicted at all. *assumed*: what its client uses is not known, and taken
    to be all that its migrations made.
    """

    release: str | None
    runs_today: bool | None
    runs_after: bool | None
    effects: tuple[ClientEffect, ...] = ()
    ended_by: str | None = None
    because: str | None = None
    assumed: bool = False
