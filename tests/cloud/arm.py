"""Azure Resource Manager with one PostgreSQL server and one Container App, as the published REST examples have them."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from tests.cloud.identity import IdentityEndpoint, json_reply
from tests.gather.servers import Reply, Request

HOST = "management.azure.com"
RESOURCE = f"https://{HOST}"
GROUP = "/subscriptions/ffffffff-0000-0000-0000-ffffffffffff/resourceGroups/usasset/providers"
SERVER = f"{GROUP}/Microsoft.DBforPostgreSQL/flexibleServers/usasset-db"
METRICS = f"{SERVER}/providers/Microsoft.Insights/metrics"
LOGS = f"{SERVER}/providers/microsoft.insights/logs"
WORKSPACE = f"{GROUP}/Microsoft.OperationalInsights/workspaces/usasset-logs"
EVENTS = "/subscriptions/ffffffff-0000-0000-0000-ffffffffffff/providers/Microsoft.Insights/eventtypes/management/values"
APP = f"{GROUP}/Microsoft.App/containerApps/usasset-api"
DIGEST = f"sha256:{'4e' * 32}"


class FakeArm:
    """Answers for what *things* holds: documents by their path, and lists, page by page.

    One that is a function gets the query. *instead* has the answers that come instead, by path; *asked* the paths in order, *queries* those of the logs.
    """

    def __init__(self, identity: IdentityEndpoint) -> None:
        self.things: dict[str, object] = {
            SERVER: server(),
            f"{SERVER}/firewallRules": [rule("office", "203.0.113.7")],
            f"{SERVER}/configurations": [parameter("array_nulls", "on"), parameter("require_secure_transport", "on")],
            METRICS: metrics(20 * 2**30, 37.5),
            EVENTS: [],
            APP: app(),
            f"{APP}/revisions": [revision()],
            f"{APP}/listSecrets": [{"name": "database-url", "value": "postgresql://api:hunter2@db.example.com:5432/usasset"}],
        }  # fmt: skip
        self.instead: dict[str, Reply] = {}
        self.page = 100
        self.asked: list[str] = []
        self.versions: set[str] = set()
        self.queries: list[str] = []
        self._identity = identity

    def reply(self, request: Request) -> Reply:
        url = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        assert url.path != METRICS or query["metricnames"] == "storage_free,storage_percent"
        self.asked.append(url.path)
        self.versions.add(query["api-version"])
        self.queries += [query["query"]] if "query" in query else []
        if not self._identity.accepts(request, RESOURCE):
            return error(401, "InvalidAuthenticationToken")
        assert request.method == ("POST" if url.path.endswith("/listSecrets") else "GET")
        if url.path in self.instead:
            return self.instead[url.path]
        thing = self.things.get(url.path)
        if url.path == EVENTS and isinstance(thing, list):
            thing = _of_resource(thing, query["$filter"])
        if callable(thing):
            thing = thing(query["query"])
        if thing is None:
            return error(404, "ResourceNotFound")
        return json_reply(thing if not isinstance(thing, list) else self._page(thing, url.path, query))

    def _page(self, items: list[object], path: str, query: Mapping[str, str]) -> dict[str, object]:
        start = int(query.get("$skiptoken", 0))
        end = start + self.page
        following = f"{RESOURCE}{path}?{urlencode({**query, '$skiptoken': end}, quote_via=quote)}"
        return {"value": items[start:end], "nextLink": following if end < len(items) else None}


def error(status: int, code: str, **headers: str) -> Reply:
    message = f"The client 'somebody@example.com' with object id '1' does not like it: {code}."
    return json_reply({"error": {"code": code, "message": message}}, status, headers)


def garbage(document: object) -> Reply:
    body = document.encode() if isinstance(document, str) else json.dumps(document).encode()
    return Reply(200, body, {"Content-Type": "application/json"})


def server(**properties: Any) -> dict[str, object]:
    return {
        "sku": {"name": "Standard_B1ms", "tier": "Burstable"},
        "properties": {
            "fullyQualifiedDomainName": "usasset-db.postgres.database.azure.com",
            "version": "16",
            "minorVersion": "4",
            "administratorLogin": "usassetadmin",
            "state": "Ready",
            "availabilityZone": "1",
            "storage": {"storageSizeGB": 32},
            "authConfig": {"activeDirectoryAuth": "Enabled", "passwordAuth": "Enabled"},
            "backup": {
                "backupRetentionDays": 7,
                "geoRedundantBackup": "Disabled",
                "earliestRestoreDate": "2026-11-15T23:07:25.8166567+00:00",
            },
            "network": {"publicNetworkAccess": "Enabled"},
            "highAvailability": {"mode": "Disabled", "state": "NotEnabled"},
            "maintenanceWindow": {"customWindow": "Disabled", "dayOfWeek": 0, "startHour": 0, "startMinute": 0},
            **properties,
        },
        "location": "westeurope",
        "tags": {"application": "usasset"},
        "id": SERVER,
        "name": "usasset-db",
        "type": "Microsoft.DBforPostgreSQL/flexibleServers",
    }


def rule(name: str, first: str, last: str | None = None) -> dict[str, object]:
    return {
        "id": f"{SERVER}/firewallRules/{name}",
        "name": name,
        "type": "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules",
        "systemData": None,
        "properties": {"startIpAddress": first, "endIpAddress": last or first},
    }


def parameter(name: str, value: str) -> dict[str, object]:
    return {
        "properties": {
            "value": value,
            "description": "What it is for.",
            "defaultValue": "on",
            "dataType": "Boolean",
            "allowedValues": "on,off",
            "source": "system-default",
        },
        "id": f"{SERVER}/configurations/{name}",
        "name": name,
        "type": "Microsoft.DBforPostgreSQL/flexibleServers/configurations",
    }


def event(
    resource: str, caller: str | None, at: str, action: str = "write", status: str = "Succeeded"
) -> dict[str, object]:
    """An event of the activity log, without most of what it says."""
    operation = f"Microsoft.DBforPostgreSQL/flexibleServers/firewallRules/{action}"
    return {
        "authorization": {"action": operation, "scope": resource},
        "caller": caller,
        "claims": {"ipaddr": "203.0.113.9", "name": "hunter2"},
        "eventTimestamp": at,
        "operationName": {"value": operation, "localizedValue": "Create or update firewall rule"},
        "resourceId": resource,
        "status": {"value": status, "localizedValue": status},
    }


def _of_resource(events: list[object], given: str) -> list[object]:
    """Those of one resource: the only form of a filter here, of those that the interface takes."""
    moment = r"'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ'"
    form = rf"eventTimestamp ge {moment} and eventTimestamp le {moment} and resourceUri eq '([^']+)'"
    found = re.fullmatch(form, given)
    assert found is not None
    return [each for each in events if isinstance(each, dict) and str(each["resourceId"]).lower() == found[1].lower()]


def logs(*rows: tuple[str, str]) -> dict[str, object]:
    """What Log Analytics answers: a table of moments and messages."""
    columns = [{"name": "TimeGenerated", "type": "datetime"}, {"name": "Message", "type": "string"}]
    return {"tables": [{"name": "PrimaryResult", "columns": columns, "rows": [list(row) for row in rows]}]}


def metrics(free: float, percent: float) -> dict[str, object]:
    """The disk of the server, minute by minute; the newest minute is not measured yet."""

    def metric(name: str, unit: str, value: float) -> dict[str, object]:
        data = [
            {"timeStamp": "2026-11-22T09:03:00Z", "average": value * 0.9},
            {"timeStamp": "2026-11-22T09:04:00Z", "average": value},
            {"timeStamp": "2026-11-22T09:05:00Z"},
        ]
        return {
            "id": f"{METRICS}/{name}",
            "type": "Microsoft.Insights/metrics",
            "name": {"value": name, "localizedValue": name.replace("_", " ").title()},
            "displayDescription": "What it measures.",
            "unit": unit,
            "timeseries": [{"metadatavalues": [], "data": data}],
            "errorCode": "Success",
        }

    return {
        "cost": 118,
        "timespan": "2026-11-22T08:06:00Z/2026-11-22T09:06:00Z",
        "interval": "PT1M",
        "value": [metric("storage_percent", "Percent", percent), metric("storage_free", "Bytes", free)],
        "namespace": "Microsoft.DBforPostgreSQL/flexibleServers",
        "resourceregion": "westeurope",
    }


IN_THE_APP = ({"name": "database-url"},)
BY_SECRET = ({"name": "PORT", "value": "3000"}, {"name": "DATABASE_URL", "secretRef": "database-url"})


def template(image: str, env: tuple[dict[str, str], ...] = BY_SECRET) -> dict[str, object]:
    return {
        "containers": [
            {"image": "proxy:2", "name": "sidecar", "resources": {"cpu": 0.25, "memory": "0.5Gi"}},
            {"image": image, "name": "api", "env": list(env), "resources": {"cpu": 0.5, "memory": "1Gi"}},
        ],
        "scale": {"minReplicas": 1, "maxReplicas": 5},
    }


def app(secrets: tuple[dict[str, str], ...] = IN_THE_APP, mode: str = "Single", **properties: Any) -> dict[str, object]:
    return {
        "id": APP,
        "name": "usasset-api",
        "type": "Microsoft.App/containerApps",
        "location": "West Europe",
        "properties": {
            "provisioningState": "Succeeded",
            "runningStatus": "Running",
            "latestRevisionName": "usasset-api--0000007",
            "latestReadyRevisionName": "usasset-api--0000007",
            "configuration": {
                "secrets": list(secrets),
                "activeRevisionsMode": mode,
                "ingress": {
                    "fqdn": "usasset-api.politehill-ab123456.westeurope.azurecontainerapps.io",
                    "external": True,
                    "targetPort": 3000,
                    "customDomains": [{"name": "API.example.com", "bindingType": "SniEnabled"}],
                    "traffic": [{"weight": 100, "latestRevision": True}],
                },
            },
            "template": template("usasset.azurecr.io/api:v1.42.0"),
            **properties,
        },
    }


def revision(
    number: int = 7, image: str = f"usasset.azurecr.io/api:v1.42.0@{DIGEST}", **properties: Any
) -> dict[str, object]:
    name = f"usasset-api--{number:07}"
    return {
        "id": f"{APP}/revisions/{name}",
        "name": name,
        "type": "Microsoft.App/containerApps/revisions",
        "properties": {
            "createdTime": "2026-11-21T21:24:22+00:00",
            "lastActiveTime": "2026-11-21T21:24:22+00:00",
            "fqdn": f"{name}.politehill-ab123456.westeurope.azurecontainerapps.io",
            "template": template(image),
            "active": True,
            "replicas": 1,
            "trafficWeight": 100,
            "healthState": "Healthy",
            "provisioningState": "Provisioned",
            "runningState": "Running",
            **properties,
        },
    }
