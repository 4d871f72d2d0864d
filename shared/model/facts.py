"""Everything that was gathered for one run; each fact or the reason it could not be had."""

from dataclasses import dataclass
from datetime import datetime

from shared.model.database import DatabaseReading
from shared.model.endpoint import Probe
from shared.model.knowledge import Unavailable
from shared.model.release import Release
from shared.model.settings import Target


@dataclass(frozen=True, slots=True)
class Facts:
    target: Target
    release: Release | Unavailable
    database: DatabaseReading | Unavailable
    endpoints: tuple[Probe | Unavailable, ...]
    started_at: datetime
