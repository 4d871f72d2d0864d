"""The targets, the channels and the secrets of a settings file, and what each target leaves unwatched."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from ...model.alerts import AlertSettings, Channel
from ...model.mistake import Mistake
from ...model.release_settings import ReleaseSettings
from ...model.secrets import secrets_in
from ...model.setting_types import Duration, Secret
from ...model.settings import DatabaseSettings, Settings, Target
from ...model.value import dataclass
from .unwatched import Unwatched, unwatched


@dataclass(frozen=True, slots=True)
class NamedSecret:
    """A secret by its *name*, and the *vault* it is in; *users* are the targets and channels that need it.

    *readable* is None where nobody has asked; where it is false, *because* says why.
    """

    name: str
    vault: str | None
    users: tuple[str, ...]
    readable: bool | None
    because: str | None = None


@dataclass(frozen=True, slots=True)
class TargetOverview:
    """A target that can be checked: its release, its database, who is notified, and what is not watched."""

    name: str
    releases: tuple[str, ...]
    database: str
    policy: str
    interval: str
    channels: tuple[str, ...]
    not_watched: tuple[Unwatched, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """All of the *file*. With *mistakes*, or a secret that cannot be read, it is not valid. *broken* are targets."""

    file: str
    targets: tuple[TargetOverview, ...] = ()
    broken: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    secrets: tuple[NamedSecret, ...] = ()
    mistakes: tuple[Mistake, ...] = ()

    @property
    def is_valid(self) -> bool:
        return not self.mistakes and all(secret.readable is not False for secret in self.secrets)


def overview(
    file: str,
    settings: Settings,
    refusals: Mapping[Secret, str | None],
    more_mistakes: Iterable[Mistake],
    now: datetime,
) -> Overview:
    """Give what *settings* say. *refusals* has each secret that was asked for: None, or why it cannot be read."""
    mistakes = [mistake for target in settings.broken for mistake in target.mistakes]
    return Overview(
        file,
        tuple(_target(target, settings.alerts, now) for target in settings.targets),
        tuple(target.name for target in settings.broken),
        settings.alerts.channels,
        tuple(_secrets(settings, refusals)),
        (*mistakes, *more_mistakes),
    )


def _target(target: Target, alerts: AlertSettings, now: datetime) -> TargetOverview:
    only = target.alerts.only_channels
    channels = tuple(channel.name for channel in alerts.channels if not only or channel.name in only)
    return TargetOverview(
        target.name,
        tuple(_release(release) for release in target.releases),
        _database(target.database),
        target.policy,
        Duration.text(target.interval),
        channels,
        tuple(unwatched(target, channels, now)),
    )


def _release(release: ReleaseSettings) -> str:
    where = release.path or release.repository or release.container or release.image or release.container_app or ""
    which = release.tag or release.ref
    return f"{release.source} {where}{f' at {which}' if which else ''}"


def _database(database: DatabaseSettings) -> str:
    place = f"{database.name} at {database.host}" if database.url is None else database.url.name
    return place if database.schema is None else f"{place}, schema {database.schema}"


def _secrets(settings: Settings, refusals: Mapping[Secret, str | None]) -> Iterator[NamedSecret]:
    shapes: list[tuple[str, object]] = [(target.name, target) for target in settings.targets]
    shapes += [(f"channel {channel.name}", channel) for channel in settings.alerts.channels]
    shapes += [(f"[alerts] {key}", getattr(settings.alerts, key)) for key in ("heartbeat", "viewer_key", "link_key")]
    users: dict[Secret, list[str]] = {}
    for user, shape in shapes:
        for secret in secrets_in(shape):
            users.setdefault(secret, []).append(user)
    for secret, of_it in users.items():
        vault = None if secret.vault is None else secret.vault.url
        asked = secret.is_at_hand or secret in refusals
        because = refusals.get(secret)
        yield NamedSecret(secret.name, vault, tuple(dict.fromkeys(of_it)), because is None if asked else None, because)
