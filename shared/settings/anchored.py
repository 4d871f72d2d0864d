"""Settings resolved for their target: paths, the Azure identity, and the vault of each secret."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from ..model.alerts import AlertSettings
from ..model.app import DATABASE_VARIABLE, AppExpectation
from ..model.azure import DEFAULT, Identity, Vault
from ..model.endpoint import EndpointExpectation
from ..model.release_settings import ReleaseSettings
from ..model.secrets import with_secrets_as
from ..model.setting_types import Secret
from ..model.settings import DatabaseSettings, Settings, Target
from ..model.value import replace
from .environment import own_identity, ssl_root_cert
from .file import SettingsFile

T = TypeVar("T")


def anchored(file: SettingsFile, folder: Path, environ: Mapping[str, str], vault_of_alerts: str | None) -> Settings:
    """Give the settings of *file*, which lies in *folder*: its paths start there.

    Who is asked for in Azure, and which vault, is said for all in ``[azure]``, and by the environment
    where it is not; a target may say otherwise.
    """
    identity = file.azure.identity if file.azure.identity != DEFAULT else own_identity(environ)
    root_cert = ssl_root_cert(environ)
    targets = tuple(_target(target, file.azure.vault, identity, folder, root_cert) for target in file.targets)
    memory = replace(
        file.memory, folder=str(folder / file.memory.folder), identity=_identity(file.memory.identity, identity)
    )
    return Settings(targets, _alerts(file.alerts.alerts(), vault_of_alerts, identity, folder), memory)


def _target(target: Target, vault: str | None, identity: Identity, folder: Path, root_cert: str | None) -> Target:
    vault, identity = target.vault or vault, _identity(target.identity, identity)
    anchored = replace(
        target,
        vault=vault,
        identity=identity,
        releases=tuple(_source(source, target.app, identity, folder) for source in target.releases),
        ahead=tuple(_source(source, target.app, identity, folder) for source in target.ahead),
        database=_database(target.database, identity, folder, root_cert),
        endpoints=tuple(_endpoint(endpoint, identity) for endpoint in target.endpoints),
    )
    return _with_vault(anchored, vault, identity)


def _source(source: ReleaseSettings, app: AppExpectation | None, identity: Identity, folder: Path) -> ReleaseSettings:
    return replace(
        source if app is None else _of_app(source, app),
        path=_from(folder, source.path),
        identity=_identity(source.identity, identity) if source.source in {"blob", "image"} else DEFAULT,
    )


def _of_app(source: ReleaseSettings, app: AppExpectation) -> ReleaseSettings:
    """Give *source*; where it is the image that runs in the target's own *app*, with what is said of that."""
    if source.source != "image" or source.image is not None:
        return source
    where = source.container_app or app.resource_id
    is_own = where.casefold() == app.resource_id.casefold() and source.database_variable == DATABASE_VARIABLE
    variable = app.database_variable if is_own else source.database_variable
    return replace(source, container_app=where, database_variable=variable)


def _database(database: DatabaseSettings, identity: Identity, folder: Path, root_cert: str | None) -> DatabaseSettings:
    return replace(
        database,
        ssl_root_cert=_from(folder, database.ssl_root_cert) or root_cert,
        identity=None if database.identity is None else _identity(database.identity, identity),
    )


def _endpoint(endpoint: EndpointExpectation, identity: Identity) -> EndpointExpectation:
    return endpoint if endpoint.audience is None else replace(endpoint, identity=_identity(endpoint.identity, identity))


def _alerts(alerts: AlertSettings, vault: str | None, identity: Identity, folder: Path) -> AlertSettings:
    channels = tuple(
        each.placed(lambda path: _from(folder, path), lambda own: _identity(own, identity)) for each in alerts.channels
    )
    return _with_vault(replace(alerts, channels=channels), vault, identity)


def _identity(own: Identity, for_all: Identity) -> Identity:
    return for_all if own == DEFAULT else own


def _with_vault(shape: T, url: str | None, identity: Identity) -> T:
    """Say of each secret that is yet to be fetched in which vault it is; without one there is none such."""

    def placed(secret: Secret) -> Secret:
        if secret.is_at_hand or url is None:
            return secret
        return replace(secret, vault=Vault(url.rstrip("/"), identity))

    return with_secrets_as(shape, placed)


def _from(folder: Path, path: str | None) -> str | None:
    return None if path is None else str(folder / path)
