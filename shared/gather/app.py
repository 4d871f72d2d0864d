"""The application as a Container App: its revisions, what runs in them, and where it looks for its database."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from ..azure.error import AzureError
from ..azure.vault import secret_value
from ..model.app import AppExpectation, AppReading, Image, Place, Revision, StartLimit, serving
from ..model.azure import Identity, Vault
from ..model.knowledge import Unavailable
from ..model.moment import moment_of
from ..prisma.connection_url import parse_connection_url
from .arm import Arm, at, number_at, objects_at, text_at
from .attempt import GatherError, InBackground, attempt
from .containers import NEEDED, containers_of, knowing, revisions_of, variable_of

_NEEDS_SECRETS = "the right Microsoft.App/containerApps/listSecrets/action on the app"
# What Container Apps adds (Microsoft's documentation, "Health probes"): after 1 s, every second, 240 times.
DEFAULT_START = StartLimit(241, is_default=True)
# Of a probe that does not say.
_USUAL_PERIOD, _USUAL_FAILURES = 10, 3
# Logs of containers can be in it.
_LONGEST_ERROR = 300
# The newest version of a secret in a vault of Azure's: our token goes to no other.
_IN_VAULT = re.compile(r"(https://[A-Za-z0-9-]{3,24}\.vault\.azure\.net)/secrets/([A-Za-z0-9-]{1,127})/?")


def read_app(expectation: AppExpectation, identity: Identity, within: timedelta) -> AppReading:
    """Ask for the app and its revisions at once, then where its database is, which may take a request more.

    Revisions and database can fail for themselves. Raises `GatherError` where the app cannot be read.
    """
    arm = Arm.within(identity, within)
    path, version = expectation.resource_id, expectation.api_version
    name = path.rpartition("/")[2]
    arm.token()
    limit = arm.left
    listing = InBackground(partial(revisions_of, path, version, arm))
    app = arm.get(path, version, f"the app {name}", NEEDED)
    listed = listing.within(limit).fact
    properties = at(app, "properties")
    if not isinstance(properties, dict):
        raise GatherError(f"the app {name}: what Azure answered is not what its interface promises")
    revisions = listed if isinstance(listed, Unavailable) else tuple(_revision(each, expectation) for each in listed)
    met = _serving(revisions, listed) or properties
    return AppReading(
        name=name,
        hosts=tuple(_hosts(properties)),
        running=text_at(properties, "runningStatus"),
        one_at_a_time=(text_at(properties, "configuration", "activeRevisionsMode") or "Single").lower() == "single",
        newest=text_at(properties, "latestRevisionName"),
        ready=text_at(properties, "latestReadyRevisionName"),
        revisions=revisions,
        database=attempt(
            lambda: _place(_database_url(met, properties, arm, expectation), expectation.database_variable)
        ),
        most_replicas=number_at(met, "template", "scale", "maxReplicas"),
        start_limit=_start_limit(
            _container(met, expectation.database_variable),
            has_ingress=isinstance(at(properties, "configuration", "ingress"), dict),
        ),
    )


def _start_limit(container: dict[str, Any], *, has_ingress: bool) -> StartLimit | None:
    """Give how long a start may take. With an ingress, a container without a startup probe has the platform's own."""
    probes = {(text_at(each, "type") or "").lower(): each for each in objects_at(container, "probes")}
    if "startup" not in probes and has_ingress:
        return DEFAULT_START
    # Without a startup probe, the one for liveness counts from the beginning.
    probe = probes.get("startup", probes.get("liveness"))
    if probe is None:
        return None
    delay, period, failures = (
        number_at(probe, name) for name in ("initialDelaySeconds", "periodSeconds", "failureThreshold")
    )
    return StartLimit((delay or 0) + (period or _USUAL_PERIOD) * (failures or _USUAL_FAILURES))


def _serving(
    revisions: Sequence[Revision] | Unavailable, listed: Sequence[dict[str, Any]] | Unavailable
) -> dict[str, Any] | None:
    """Give the properties of the revision that most people meet."""
    if isinstance(listed, Unavailable) or isinstance(revisions, Unavailable):
        return None
    ordered = serving(revisions)
    properties = next(
        (at(each, "properties") for each in listed if ordered and each.get("name") == ordered[0].name), None
    )
    return properties if isinstance(properties, dict) else None


def _hosts(properties: dict[str, Any]) -> Iterator[str]:
    ingress = at(properties, "configuration", "ingress")
    names = [text_at(ingress, "fqdn"), *(text_at(each, "name") for each in objects_at(ingress, "customDomains"))]
    yield from (name.lower() for name in names if name is not None)


def _revision(document: dict[str, Any], expectation: AppExpectation) -> Revision:
    properties = at(document, "properties")
    container = _container(properties, expectation.database_variable)
    return Revision(
        name=text_at(document, "name") or "?",
        image=Image.parse(text_at(container, "image") or "?"),
        active=at(properties, "active") is True,
        traffic=number_at(properties, "trafficWeight") or 0,
        health=text_at(properties, "healthState"),
        running=text_at(properties, "runningState"),
        provisioning=text_at(properties, "provisioningState"),
        error=(text_at(properties, "provisioningError") or "")[:_LONGEST_ERROR] or None,
        created_at=moment_of(text_at(properties, "createdTime")),
    )


def _container(properties: object, variable: str) -> dict[str, Any]:
    """Give the container that is the app and no sidecar: the one that knows the database, else the first."""
    containers = containers_of(properties)
    return next(iter([*knowing(containers, variable), *containers]), {})


def _database_url(serving: dict[str, Any], app: dict[str, Any], arm: Arm, expectation: AppExpectation) -> str:
    """Give the URL itself, which holds a password; raises `GatherError` where it cannot be had."""
    name = expectation.database_variable
    variable = variable_of(_container(serving, name), name)
    if variable is None:
        raise GatherError(f"its container has no variable {name}")
    value, reference = text_at(variable, "value"), text_at(variable, "secretRef")
    if value is not None:
        return value
    if reference is None:
        raise GatherError(f"its variable {name} is empty")
    secret = next((s for s in objects_at(app, "configuration", "secrets") if s.get("name") == reference), {})
    in_vault = text_at(secret, "keyVaultUrl")
    if in_vault is not None:
        return _of_vault(in_vault, arm, name)
    listed = arm.post(f"{expectation.resource_id}/listSecrets", expectation.api_version, "its secrets", _NEEDS_SECRETS)
    for each in objects_at(listed, "value"):
        if each.get("name") == reference and (found := text_at(each, "value")) is not None:
            return found
    raise GatherError(f"Azure does not show the secret behind its variable {name}")


def _of_vault(url: str, arm: Arm, name: str) -> str:
    found = _IN_VAULT.fullmatch(url)
    if found is None:
        raise GatherError(f"the secret behind its variable {name} is not simply the newest version in a Key Vault")
    try:
        return secret_value(Vault(found[1], arm.identity), found[2], arm.left)
    except AzureError as error:
        because, lasting = error.because, error.lasting
    raise GatherError(f"the secret behind its variable {name}: {because}", lasting=lasting)


def _place(url: str, variable: str) -> Place:
    try:
        parsed = parse_connection_url(url)
    except ValueError as error:
        complaint = str(error)
    else:
        return Place(parsed.host, parsed.database)
    raise GatherError(f"its variable {variable}: {complaint}")
