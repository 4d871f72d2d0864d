"""docs/decisions/exit-azure-mgmt-rdbms.md: one file imports the library, and its three requests give the same without it."""

import ast
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from shared.gather.arm import Arm
from shared.gather.server import _parameters, _rules, _server, read_server
from shared.model.server import ServerExpectation, ServerReading
from tests.cloud.arm import SERVER, FakeArm, parameter, rule
from tests.cloud.cloud import Cloud
from tests.patience import LONG

ROOT = Path(__file__).parents[2]
PRODUCT = [*(ROOT / "shared").rglob("*.py"), *(ROOT / "action").rglob("*.py"), *ROOT.glob("*.py")]
NEEDS = "the role Reader on the server"


def imported(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)) if "azure" in text else ():
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_one_file_imports_it() -> None:
    files = {
        path.relative_to(ROOT).as_posix() for path in PRODUCT if any("azure.mgmt" in name for name in imported(path))
    }
    assert files == {"shared/gather/server.py"}


class ByArm:
    """What `server.py` asks of the library's client, asked of Azure Resource Manager by `Arm`."""

    def __init__(self, arm: Arm, expectation: ServerExpectation) -> None:
        self._arm, self._path, self._version = arm, expectation.resource_id, expectation.api_version
        self.servers = SimpleNamespace(get=self._get)
        self.firewall_rules = SimpleNamespace(list_by_server=self._list("firewallRules"))
        self.configurations = SimpleNamespace(list_by_server=self._list("configurations"))

    def _get(self, _group: str, _name: str, cls: Callable[..., Any]) -> Any:
        document = self._arm.get(self._path, self._version, "the server", NEEDS)
        return cls(SimpleNamespace(http_response=SimpleNamespace(json=lambda: document)), None, None)

    def _list(self, what: str) -> Callable[[str, str], list[Any]]:
        def listed(_group: str, _name: str) -> list[Any]:
            items = self._arm.get_all(f"{self._path}/{what}", self._version, what, NEEDS)
            return [SimpleNamespace(name=each["name"], **_snake(each["properties"])) for each in items]

        return listed


def _snake(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "start_ip_address": properties.get("startIpAddress"),
        "end_ip_address": properties.get("endIpAddress"),
        "value": properties.get("value"),
        "is_config_pending_restart": properties.get("isConfigPendingRestart"),
    }


def test_without_it_the_same_is_read(cloud: Cloud, arm: FakeArm) -> None:
    arm.page = 2
    arm.things[f"{SERVER}/firewallRules"] = [rule(f"r{n}", f"203.0.113.{n}") for n in range(5)]
    arm.things[f"{SERVER}/configurations"] = [
        parameter("require_secure_transport", "off"),
        parameter("shared_preload_libraries", "pg_cron"),
        parameter("array_nulls", "on"),
    ]
    expectation = ServerExpectation(SERVER)
    client: Any = ByArm(Arm.within(cloud.identity, LONG), expectation)
    without = ServerReading(
        _server(client, "usasset", "usasset-db"),
        _rules(client, "usasset", "usasset-db"),
        _parameters(client, "usasset", "usasset-db", frozenset(expectation.parameters)),
    )
    assert without == read_server(expectation, cloud.identity, timedelta(minutes=5))
    assert isinstance(without.rules, tuple)
    assert len(without.rules) == 5
