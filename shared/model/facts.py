"""Everything that was gathered for one run; each fact or the reason it could not be had."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from .app import AppReading, AppStart
from .attribution import Attribution
from .database import DatabaseReading
from .disk import Storage
from .endpoint import Probe
from .knowledge import Unavailable
from .last_seen import LastSeen
from .question import Answers
from .release import PastRelease, Release
from .report import Phase
from .server import ServerReading
from .settings import Target
from .value import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """*ahead* holds what production may have before the release does; None where no source is named for that.

    So it is with *server* and *app*. *sleeps_until* is set where the target sleeps: then only its server
    was checked. *deploying*: somebody deploys now, or is about to and reads this.
    """

    target: Target
    release: Release | Unavailable
    ahead: Release | Unavailable | None
    database: DatabaseReading | Unavailable
    endpoints: tuple[Probe | Unavailable, ...]
    started_at: datetime
    # What the run before saw; nothing where nothing is remembered.
    last_seen: LastSeen = field(default_factory=LastSeen)
    # ``before`` or ``after`` a deployment, where a pipeline asks.
    phase: Phase | None = None
    server: ServerReading | Unavailable | None = None
    app: AppReading | Unavailable | None = None
    sleeps_until: datetime | None = None
    deploying: bool = False
    # A deployment that may be running is watched: what runs is planned as what is pending.
    watching: bool = False
    # What the server's analyser answered to the questions of an earlier diagnosis of these facts.
    answers: Answers = field(default_factory=dict)
    # Migrations whose scripts are not read, by name, and why in a sentence of its own.
    unread: Mapping[str, str] = field(default_factory=dict)
    # What the client of the running release knows, as its ``schema.sql``; None where that is not at hand.
    running_schema: bytes | None = None
    # The releases before this one, newest first, where they were read.
    past_releases: tuple[PastRelease, ...] = ()
    # So many replicas of the running release may run at once; None where that is not known.
    most_replicas: int | None = None
    # How the running release starts; None where no app is named, or it could not be read.
    start: AppStart | None = None
    # The server's disk; None where no server is named, or nothing is planned.
    storage: Storage | Unavailable | None = None
    # Who wrote the firewall rules that findings are about, by their names.
    rules: Attribution = field(default_factory=Attribution)

    @property
    def unseen_ahead(self) -> Unavailable | None:
        """Why what is not found ahead may be there all the same: that source is down, whatever it gave before."""
        if isinstance(self.ahead, Release):
            return None if self.ahead.stale is None else Unavailable(self.ahead.stale.because)
        return self.ahead
