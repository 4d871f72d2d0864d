"""The release, from whichever source the settings name."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from ..model.knowledge import Unavailable
from ..model.release import Release, Stale
from ..model.release_settings import ReleaseSettings
from ..model.value import dataclass, replace
from ..net.deadline import Deadline
from ..prisma.release import MigrationsNotFoundError, read_migrations
from .attempt import GatherError, InBackground
from .earlier import earlier_files, keep_earlier_files
from .last_good import keep_last_good, last_good
from .running_schema import keep_schema
from .sources import IS_REMOTE, LONGEST, read_artifact
from .sources.cache import Cache
from .sources.down import SourceDownError

_NOT_IN_IMAGE = "its Dockerfile must COPY the folder (prisma/migrations) into the image that runs"


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a source gave nothing; *is_down* if it may have what it had before."""

    because: str
    lasting: bool
    is_down: bool


def read_release(
    sources: Sequence[ReleaseSettings], release: str | None = None, within: timedelta = LONGEST
) -> Release:
    """Read the migrations of the first of *sources* that answers, of the version *release* where one is asked for.

    Each has its share of the time. Where none answers, what one that is down gave before stands in for
    it, if that was of the same version. Raises `GatherError` with the reasons of all of them.
    """
    deadline, failures = Deadline.after(within), list[_Failure]()
    for number, settings in enumerate(sources):
        share = deadline.left / (len(sources) - number)
        outcome = InBackground(partial(_attempt, settings, release, share)).within(share).fact
        if isinstance(outcome, Release):
            return replace(outcome, instead_of=tuple(failure.because for failure in failures))
        failures.append(_too_late(settings, outcome) if isinstance(outcome, Unavailable) else outcome)
    because = "; ".join(failure.because for failure in failures)
    down = [settings for settings, failure in zip(sources, failures, strict=True) if failure.is_down]
    cache = Cache.here()
    stale = _stale(cache, down, release, because)
    if stale is None:
        missed = f"; {cache.problem}" if down and cache.problem is not None else ""
        raise GatherError(because + missed, lasting=all(failure.lasting for failure in failures))
    return stale


def _attempt(settings: ReleaseSettings, release: str | None, within: timedelta) -> Release | _Failure:
    try:
        return _read(settings, release, within)
    except GatherError as error:
        return _Failure(str(error), error.lasting, isinstance(error, SourceDownError))


def _too_late(settings: ReleaseSettings, late: Unavailable) -> _Failure:
    return _Failure(f"the release of {settings.place}: {late.because}", late.lasting, settings.source in IS_REMOTE)


def _read(settings: ReleaseSettings, release: str | None, within: timedelta) -> Release:
    artifact = read_artifact(settings, release, within)
    try:
        folder = read_migrations(artifact.files, artifact.folders, settings.migrations)
    except MigrationsNotFoundError as error:
        advice = f": {_NOT_IN_IMAGE}" if settings.source == "image" else ""
        raise GatherError(f"the release {settings.place}: {error}{advice}") from None
    read = Release(
        artifact.version,
        artifact.source,
        folder.digest,
        folder.provider,
        folder.migrations,
        settings.place,
        artifact.origin,
        schema_sql=folder.schema_sql,
        mistakes=folder.mistakes,
        folder=folder.folder,
    )
    if settings.source not in IS_REMOTE:
        return read
    cache = Cache.here()
    keep_earlier_files(cache, settings, read)
    keep_last_good(cache, settings, release, read, datetime.now(UTC))
    keep_schema(cache, settings, read)
    return replace(read, earlier=earlier_files(cache, settings))


def _stale(cache: Cache, sources: Iterable[ReleaseSettings], release: str | None, because: str) -> Release | None:
    for settings in sources:
        kept = last_good(cache, settings, release)
        if kept is not None:
            return replace(kept[0], stale=Stale(kept[1], because), earlier=earlier_files(cache, settings))
    return None
