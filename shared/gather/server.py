"""The PostgreSQL flexible server as Azure sees it: the one file that knows azure-mgmt-rdbms.

That library is declared deprecated, in favour of azure-mgmt-postgresqlflexibleservers.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, TypeVar

from ..azure.credential import credential_of, forget_token
from ..azure.error import AzureError
from ..azure.libraries import import_in_order
from ..model.azure import Identity
from ..model.moment import moment_of
from ..model.server import PRELOADED, FirewallRule, Server, ServerExpectation, ServerReading
from .arm import SCOPE, URL, Arm, error_code, number_at, refused, text_at
from .attempt import GatherError, InBackground

if TYPE_CHECKING:
    from azure.mgmt.rdbms.postgresql_flexibleservers import PostgreSQLManagementClient

T = TypeVar("T")

_NEEDS = "the role Reader on the server"
_CONNECT_SECONDS, _READ_SECONDS = 5, 10
# Three, the pages of two lists, and what is tried again.
_MOST_REQUESTS = 50


def read_server(expectation: ServerExpectation, identity: Identity, within: timedelta) -> ServerReading:
    """Ask for the server, its firewall rules and its parameters, all at once: three requests, and pages of lists.

    Each can fail for itself. Raises `GatherError` where *identity* gets no token.
    """
    try:
        import_in_order()
    except AzureError as error:
        raise GatherError(error.because, lasting=error.lasting) from None
    from azure.mgmt.rdbms.postgresql_flexibleservers import PostgreSQLManagementClient  # noqa: PLC0415  # heavy

    arm = Arm.within(identity, within)
    # Once, before three ask for one.
    bearer = arm.token()
    limit = arm.left
    # /subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/…/flexibleServers/NAME
    _, _, subscription, _, group, *_, name = expectation.resource_id.split("/")
    client = PostgreSQLManagementClient(
        credential_of(identity),
        subscription,
        api_version=expectation.api_version,
        policies=_policies(arm),
        connection_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
    )
    asking = partial(_asked, identity, bearer)
    # Entered, its connections are there before three threads ask for them.
    with client:
        server = InBackground(partial(asking, f"the server {name}", partial(_server, client, group, name)))
        rules = InBackground(partial(asking, f"the firewall rules of {name}", partial(_rules, client, group, name)))
        parameters = InBackground(
            partial(
                asking,
                f"the parameters of {name}",
                partial(_parameters, client, group, name, frozenset(expectation.parameters)),
            )
        )
        return ServerReading(server.within(limit).fact, rules.within(limit).fact, parameters.within(limit).fact)


class _Bounds:
    """Lets no request go anywhere but to Azure, nor any more once the time is over or a list has no end."""

    def __init__(self, arm: Arm) -> None:
        self._arm = arm
        self._number = 0

    def __call__(self, request: Any) -> None:
        self._number += 1
        if self._number > _MOST_REQUESTS or not self._arm.left or not request.http_request.url.startswith(f"{URL}/"):
            raise GatherError("Azure's list goes on for too long, or elsewhere")


def _policies(arm: Arm) -> list[Any]:
    """Give the client's own steps, without those that follow redirects, log URLs, or register providers.

    The last would write to the subscription; and no wait that a `Retry-After` asks for would end in time.
    """
    from azure.core.pipeline import policies  # noqa: PLC0415  # heavy

    return [
        policies.HeadersPolicy(),
        policies.UserAgentPolicy("migration-monitor"),
        policies.ProxyPolicy(),
        policies.ContentDecodePolicy(),
        policies.RetryPolicy(retry_connect=1, retry_read=0, retry_status=0, retry_backoff_factor=0.2),
        policies.CustomHookPolicy(raw_request_hook=_Bounds(arm)),
        policies.BearerTokenCredentialPolicy(credential_of(arm.identity), SCOPE),
    ]


def _asked(identity: Identity, bearer: str, what: str, read: Callable[[], T]) -> T:
    from azure.core import exceptions  # noqa: PLC0415  # heavy

    try:
        return read()
    except AzureError as error:
        failure = GatherError(error.because, lasting=error.lasting)
    except exceptions.IncompleteReadError as error:
        failure = _unreachable(what, error)
    except (exceptions.DecodeError, ValueError, TypeError, AttributeError):
        # What the library, or what reads its answer, made of a document of another shape.
        failure = GatherError(f"{what}: what Azure answered is not what its interface promises")
    except exceptions.HttpResponseError as error:
        if error.status_code == HTTPStatus.UNAUTHORIZED:
            forget_token(identity, bearer)  # it may have been revoked: the next run asks with a fresh one
        failure = refused(what, error.status_code or 0, _code(error), identity, _NEEDS)
    except exceptions.AzureError as error:
        failure = _unreachable(what, error)
    # Here, where no exception is at hand any more whose text may have more than ours.
    raise failure


def _unreachable(what: str, error: Any) -> GatherError:
    """Give why there was no answer; the exception of the library's own transport says what was the matter."""
    from ..net.failure import no_answer_because  # noqa: PLC0415  # heavy

    inner = error.inner_exception
    because = no_answer_because(inner if isinstance(inner, Exception) else error, URL)
    return GatherError(f"{what}: {because or 'Azure did not answer in time'}")


def _code(error: Any) -> str | None:
    return error_code({"code": getattr(error.error, "code", None)})


def _server(client: "PostgreSQLManagementClient", group: str, name: str) -> Server:
    # The library's models drop what is newer than they are: the document itself is read.
    document: Any = client.servers.get(
        group, name, cls=lambda response, _model, _headers: response.http_response.json()
    )
    state = text_at(document, "properties", "state")
    if state is None:
        raise ValueError
    properties = document["properties"]
    delegated = text_at(properties, "network", "delegatedSubnetResourceId")
    geo_backup = text_at(properties, "backup", "geoRedundantBackup")
    return Server(
        name=name,
        state=state,
        version=text_at(properties, "version"),
        high_availability=text_at(properties, "highAvailability", "mode"),
        backup_days=number_at(properties, "backup", "backupRetentionDays"),
        geo_backup=None if geo_backup is None else geo_backup == "Enabled",
        public=delegated is None and text_at(properties, "network", "publicNetworkAccess") != "Disabled",
        earliest_restore=moment_of(text_at(properties, "backup", "earliestRestoreDate")),
    )


def _rules(client: "PostgreSQLManagementClient", group: str, name: str) -> tuple[FirewallRule, ...]:
    rules = [
        FirewallRule(rule.name, IPv4Address(rule.start_ip_address), IPv4Address(rule.end_ip_address))
        for rule in client.firewall_rules.list_by_server(group, name)
        if rule.name
    ]
    return tuple(sorted(rules, key=lambda rule: rule.name))


def _parameters(
    client: "PostgreSQLManagementClient", group: str, name: str, wanted: frozenset[str]
) -> Mapping[str, str]:
    """Give those of the server's hundreds of parameters that are *wanted*, and what it has loaded since it started."""
    if not wanted:
        return {}
    found: dict[str, str] = {}
    for each in client.configurations.list_by_server(group, name):
        is_loaded = each.name == PRELOADED and not each.is_config_pending_restart
        if each.name in wanted or (each.name is not None and is_loaded):
            found[each.name] = each.value or ""
    return found
